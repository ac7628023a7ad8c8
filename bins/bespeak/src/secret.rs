//! Where secrets come from: files, a service manager's credential, the terminal. Never from an argument or the
//! environment, which other programs can see.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use bespeak_node::home::{HomeError, Needs, Passphrase, VaultError};
use bespeak_node::{Home, Protection, StartError, Unlock};
use zeroize::Zeroizing;

use crate::ask;
use crate::command::run::Ends;
use crate::failure::Failure;
use crate::print;
use crate::session::Session;
use crate::terminal::{self, Part};

/// The name under which systemd hands over the passphrase (`LoadCredential=`).
const CREDENTIAL: &str = "bespeak-passphrase";

/// How often is asked at the terminal. Source: habit; what `sudo` does.
const TRIES: usize = 3;

/// What opens a home, as the words of a command say it.
pub(crate) struct Given<'a> {
    /// The option that names a file with the passphrase.
    pub(crate) option: &'static str,
    /// The file with the passphrase.
    pub(crate) passphrase: Option<&'a Path>,
    /// The file with the 24 words.
    pub(crate) words: Option<&'a Path>,
    /// Another file with the passphrase, read when nothing is named.
    pub(crate) credential: Option<PathBuf>,
}

/// The passphrase that systemd hands over, where it does. Only the folder is named by the environment.
pub(crate) fn credential() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?);
    Some(folder.join(CREDENTIAL)).filter(|file| file.exists())
}

/// Opens the home of a session; with what is told too.
pub(crate) async fn open(
    given: Given<'_>,
    session: &Session,
    ends: &mut Ends,
) -> Result<(Home, Unlock), Failure> {
    if let Some(file) = given.words {
        return open_with(session, Unlock::Words(from_file(file, Part::Whole, ends).await?)).map_err(refused);
    }
    let needs = Home::needs(session.home()).map_err(refused)?;
    match (needs, given.passphrase, given.credential) {
        (Needs::Nothing, None, _) => open_with(session, Unlock::Open).map_err(refused),
        (Needs::Nothing, Some(_), _) => Err(Failure::usage(format!(
            "No passphrase protects {}; leave out {}, or set one with `bespeak passphrase change{}`.",
            session.home().display(),
            given.option,
            session.with_home()
        ))),
        (Needs::Passphrase, Some(file), _) => with_passphrase(session, file, ends).await,
        (Needs::Passphrase, None, Some(file)) => with_passphrase(session, &file, ends).await,
        (Needs::Passphrase, None, None) if ask::someone_is_there(session) => ask_for(session, ends).await,
        (Needs::Passphrase, None, None) => Err(Failure::usage(format!(
            "A passphrase protects {}: name a file that holds it with {} FILE (- for standard input), or one with the \
             24 words with --words-file FILE, or type it at a terminal, without --json.",
            session.home().display(),
            given.option
        ))),
    }
}

async fn with_passphrase(session: &Session, file: &Path, ends: &mut Ends) -> Result<(Home, Unlock), Failure> {
    let passphrase = passphrase(&from_file(file, Part::FirstLine, ends).await?)?;
    open_with(session, Unlock::Passphrase(passphrase)).map_err(refused)
}

async fn ask_for(session: &Session, ends: &mut Ends) -> Result<(Home, Unlock), Failure> {
    let question = format!("Passphrase of {}: ", session.home().display());
    let mut tries = 1;
    loop {
        let typed = passphrase(&terminal::ask(&question, ends).await?)?;
        match open_with(session, Unlock::Passphrase(typed)) {
            Err(error) if is_wrong(&error) && tries < TRIES => {
                print::error("That does not open it; try again.");
                tries += 1;
            }
            other => return other.map_err(refused),
        }
    }
}

fn open_with(session: &Session, with: Unlock) -> Result<(Home, Unlock), HomeError> {
    Ok((Home::open(session.home(), &with)?, with))
}

/// Whether what was given is wrong, and not the home.
fn is_wrong(error: &HomeError) -> bool {
    matches!(error, HomeError::Words(_) | HomeError::Vault { source: VaultError::Refused, .. })
}

/// A wrong secret has failed; what no further try can mend is a matter of the words.
fn refused(error: HomeError) -> Failure {
    if is_wrong(&error) {
        return Failure::failed(error);
    }
    let error = StartError::from(error);
    if error.is_usage() { Failure::usage(error) } else { Failure::failed(error) }
}

/// What shall protect a home: a file's first line, nothing, or what a person types twice. `None` when nothing was said and
/// nobody can be asked.
pub(crate) async fn protection(
    file: Option<&Path>,
    none: bool,
    session: &Session,
    ends: &mut Ends,
) -> Result<Option<Protection>, Failure> {
    if none {
        return Ok(Some(Protection::Open));
    }
    if let Some(file) = file {
        let chosen = chosen(&from_file(file, Part::FirstLine, ends).await?)?;
        return Ok(Some(Protection::passphrase(chosen)));
    }
    if !ask::someone_is_there(session) {
        return Ok(None);
    }
    choose(ends).await.map(Protection::passphrase).map(Some)
}

async fn choose(ends: &mut Ends) -> Result<Passphrase, Failure> {
    print::error(
        "A passphrase keeps others out, best one of several words. (For a try-out: --no-passphrase.)",
    );
    for _ in 0..TRIES {
        let typed = terminal::ask("New passphrase: ", ends).await?;
        let passphrase = match chosen(&typed) {
            Ok(passphrase) => passphrase,
            Err(failure) => {
                failure.show(false);
                continue;
            }
        };
        if terminal::ask("The same again: ", ends).await? == typed {
            return Ok(passphrase);
        }
        print::error("The two are not the same.");
    }
    Err(Failure::failed("No passphrase was chosen; nothing was done."))
}

/// What its owner should know of a home without a passphrase.
pub(crate) fn warn_of_open_home(session: &Session) {
    print::error(&format!(
        "bespeak: no passphrase protects {}: whoever can read its files can act as you. To set one: `bespeak passphrase change{}`.",
        session.home().display(),
        session.with_home()
    ));
}

fn passphrase(typed: &str) -> Result<Passphrase, Failure> {
    Passphrase::new(typed).map_err(Failure::failed)
}

fn chosen(typed: &str) -> Result<Passphrase, Failure> {
    let passphrase = passphrase(typed)?;
    passphrase.check_chosen().map_err(Failure::failed)?;
    Ok(passphrase)
}

/// Reads a secret from a file, or from standard input for `-`; where that is a terminal, unseen and on one line.
async fn from_file(file: &Path, part: Part, ends: &mut Ends) -> Result<Zeroizing<String>, Failure> {
    let what = if part == Part::Whole { "the 24 words" } else { "the passphrase on its first line" };
    let failed = |cause: io::Error| {
        Failure::failed(format!("{} cannot be read: {cause}; name a file with {what}", file.display()))
    };
    let source = if file == Path::new("-") {
        if io::stdin().is_terminal() {
            let question = if part == Part::Whole { "The 24 words: " } else { "Passphrase: " };
            return terminal::ask(question, ends).await;
        }
        terminal::keyboard().map_err(failed)?
    } else {
        let source = File::open(file).map_err(failed)?;
        warn_of_readers(&source, file);
        source
    };
    let secret = terminal::take(source, part, ends).await?.map_err(failed)?;
    if secret.trim().is_empty() {
        return Err(failed(io::Error::other("it is empty")));
    }
    Ok(secret)
}

/// Says so when others can get at a secret.
fn warn_of_readers(source: &File, file: &Path) {
    let Ok(facts) = source.metadata() else { return };
    let mode = facts.permissions().mode() & 0o777;
    // A credential is in a folder of the service's own.
    if facts.is_file() && mode & 0o077 != 0 && credential().is_none_or(|credential| credential != file) {
        print::error(&format!(
            "bespeak: others on this machine can get at {} (mode {mode:o}); make it yours alone with `chmod go-rwx`.",
            file.display()
        ));
    }
}
