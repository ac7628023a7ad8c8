//! Who else can get at the files of a home.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    Line,
    words::{count, quoted},
};

/// Files told one by one; the rest is counted. Source: a wild guess, what a person reads.
const TOLD: usize = 8;
/// Files and folders looked at. Source: a wild guess; the journal has one for each 64 MiB.
const MOST: usize = 10_000;
/// Where secrets lie in the clear beside the vault: the door's, and what an earlier version left.
const IN_THE_CLEAR: [&str; 3] = ["api-token", "api.sock", "before-vault"];

/// A file or folder, as far as others than its owner are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Facts {
    /// From the home on; empty for the home itself.
    name: PathBuf,
    /// The number of the user it belongs to.
    owner: u32,
    /// Its permissions; none for what has none of its own.
    mode: u32,
}

/// What was found in a home.
struct Found {
    home: PathBuf,
    /// The home itself first.
    files: Vec<Facts>,
    /// What could not be looked at.
    hidden: Vec<(PathBuf, io::Error)>,
    /// Whether the vault opens without a passphrase.
    open: bool,
    /// Who looks.
    user: u32,
}

/// Looks at the permissions of a home and all in it; `open` says that its vault opens without a passphrase. Blocks.
pub(crate) fn permissions(home: &Path, open: bool) -> Vec<Line> {
    look(home, open).map_or_else(
        || vec![Line::fine("files", "Permissions are not looked at on this system.")],
        |found| judge(&found),
    )
}

#[cfg(unix)]
fn look(home: &Path, open: bool) -> Option<Found> {
    let user = rustix::process::geteuid().as_raw();
    let mut found = Found { home: home.to_owned(), files: Vec::new(), hidden: Vec::new(), open, user };
    let mut waiting = vec![PathBuf::new()];
    while let Some(name) = waiting.pop().filter(|_| found.files.len() < MOST) {
        match look_at(home, &name) {
            Ok((facts, inside)) => {
                found.files.push(facts);
                waiting.extend(inside);
            }
            // Gone since its folder was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !found.files.is_empty() => {}
            Err(error) => found.hidden.push((name, error)),
        }
    }
    Some(found)
}

#[cfg(not(unix))]
fn look(_: &Path, _: bool) -> Option<Found> {
    None
}

/// One file or folder, and the names in it.
#[cfg(unix)]
fn look_at(home: &Path, name: &Path) -> io::Result<(Facts, Vec<PathBuf>)> {
    use std::os::unix::fs::MetadataExt;
    let itself = name.as_os_str().is_empty();
    let path = if itself { home.to_owned() } else { home.join(name) };
    // A home may be a link; what is linked to from inside lies elsewhere.
    let facts = if itself { std::fs::metadata(&path) } else { std::fs::symlink_metadata(&path) }?;
    let mode = if facts.is_symlink() { 0 } else { facts.mode() & 0o777 };
    let mut inside = Vec::new();
    if facts.is_dir() {
        for entry in std::fs::read_dir(&path)? {
            inside.push(name.join(entry?.file_name()));
        }
    }
    Ok((Facts { name: name.to_owned(), owner: facts.uid(), mode }, inside))
}

fn judge(found: &Found) -> Vec<Line> {
    let Found { home, files, hidden, .. } = found;
    let mut lines: Vec<Line> = whose(found).into_iter().collect();
    lines.extend(hidden.iter().map(|(name, error)| unseen(&home.join(name), error)));
    let mut wrong: Vec<Line> = files.iter().filter_map(|file| foreign(found, file)).collect();
    wrong.extend(files.iter().filter_map(|file| exposed(found, file)));
    let more = wrong.len().saturating_sub(TOLD) as u64;
    let worst = wrong.iter().skip(TOLD).map(|line| line.state).max();
    wrong.truncate(TOLD);
    lines.extend(wrong);
    lines.extend(worst.map(|state| {
        let says = format!("{} in the home are not yours alone.", count(more, "more file"));
        let mend = format!("chmod -R go-rwx {}", quoted(home));
        Line { state, ..Line::attention("files", says, mend) }
    }));
    if lines.is_empty() {
        let files =
            count(files.len() as u64, "file and folder").replace("file and folders", "files and folders");
        lines.push(Line::fine("files", format!("Only you can get at the home: {files}.")));
    }
    lines
}

/// A home that belongs to somebody else than who looks.
fn whose(found: &Found) -> Option<Line> {
    let owner = found.files.first()?.owner;
    if owner == found.user {
        return None;
    }
    let says = format!("The home belongs to {}, and this is {}.", user(owner), user(found.user));
    // So `sudo` takes a number.
    let name = user_name(owner).unwrap_or_else(|| format!("'#{owner}'"));
    let mend = format!("do it as its owner: `sudo -u {name} bespeak doctor --home {}`", quoted(&found.home));
    // Root can do everything in it, and what it makes there its owner cannot use.
    let line = if found.user == 0 { Line::attention } else { Line::broken };
    Some(line("files", says, mend))
}

fn unseen(path: &Path, error: &io::Error) -> Line {
    let says = format!("{} cannot be looked at: {error}.", path.display());
    Line::broken("files", says, format!("as its owner: `chmod -R u+rwX {}`", quoted(path)))
}

/// What belongs to somebody else than the home does: its node cannot use it, or that user can change it.
fn foreign(found: &Found, file: &Facts) -> Option<Line> {
    let owner = found.files.first()?.owner;
    (file.owner != owner).then(|| {
        let (theirs, ours) = (user(file.owner), user(owner));
        let says = format!("{} belongs to {theirs}, not to {ours} as the home does.", file.name.display());
        let name = user_name(owner).unwrap_or_else(|| owner.to_string());
        let mend = format!("sudo chown -R {name} {}", quoted(&found.home));
        Line::broken("files", says, mend)
    })
}

/// What others than its owner may get at. A folder that is closed keeps them from all in it.
fn exposed(found: &Found, file: &Facts) -> Option<Line> {
    if file.mode & 0o077 == 0 {
        return None;
    }
    let itself = file.name.as_os_str().is_empty();
    let closed = found.files.first().is_some_and(|home| home.mode & 0o077 == 0);
    let clear = IN_THE_CLEAR.iter().any(|name| file.name.starts_with(name));
    // The node refuses an open vault that others may read, whatever is around it.
    let broken = (found.open && (itself || file.name == Path::new("vault"))) || (clear && !closed);
    let what = if itself { "The home".to_owned() } else { file.name.display().to_string() };
    let around = if closed { "; for now the closed folder around it keeps them out" } else { "" };
    let says = format!("{what} is open to others: {} (mode {:03o}){around}.", who(file.mode), file.mode);
    let path = if itself { found.home.clone() } else { found.home.join(&file.name) };
    let mend = format!("chmod go-rwx {}", quoted(&path));
    Some(if broken { Line::broken("files", says, mend) } else { Line::attention("files", says, mend) })
}

/// Who may do what, in words.
fn who(mode: u32) -> String {
    let others = mode & 0o007;
    let (who, bits) =
        if others == 0 { ("its group", mode >> 3 & 0o007) } else { ("anybody on this machine", others) };
    let may = match (bits & 0o4 != 0, bits & 0o2 != 0) {
        (true, true) => "read and change it",
        (true, false) => "read it",
        (false, true) => "change it",
        (false, false) => "pass through it",
    };
    format!("{who} may {may}")
}

/// A user in a sentence.
fn user(user: u32) -> String {
    user_name(user).unwrap_or_else(|| format!("user {user}"))
}

/// The name of a user, where the file of the system has it.
fn user_name(user: u32) -> Option<String> {
    let all = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = |line: &str| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(user)).then(|| name.to_owned())
    };
    all.lines().find_map(named)
}

#[cfg(test)]
mod tests;
