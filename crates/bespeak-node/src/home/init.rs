//! Making a home.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use bespeak_identity::{PublicKey, Purpose};
use bespeak_model::{card::Name, network::Network};
use bespeak_store::HomeLock;
use bespeak_vault::{Guard, Vault, VaultError};
use zeroize::Zeroizing;

use super::{
    HomeError, Protection, Role, State, VAULT,
    before::{CONFIG, KEY},
    contents::{Contents, words_of},
    files, state,
};

/// The store's, and taken here too.
const LOCK: &str = "lock";

/// What is decided when a home is made.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// What the node is for.
    pub role: Role,
    /// What people call its owner; only a vendor's is ever told.
    pub name: Option<Name>,
    /// The network it joins.
    pub network: Network,
}

/// A home that was just made.
pub struct Initialised {
    /// The party's public key.
    pub party: PublicKey,
    /// What the node is for.
    pub role: Role,
    /// The folder.
    pub home: PathBuf,
    /// 24 words that restore the party: shown this once.
    pub recovery_phrase: Zeroizing<String>,
}

/// Without the words.
impl fmt::Debug for Initialised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { party, role, home, .. } = self;
        let mut out = f.debug_struct("Initialised");
        out.field("party", party).field("role", role).field("home", home).finish_non_exhaustive()
    }
}

/// Makes a home: a folder for its owner alone, and in it a vault with a fresh seed. With a passphrase this takes seconds.
///
/// # Errors
/// When there is a home already, the folder holds other things, the passphrase is too short, or the file system refuses.
pub fn init(path: &Path, options: &InitOptions, protection: &Protection) -> Result<Initialised, HomeError> {
    let path = std::path::absolute(path).map_err(HomeError::files(path))?;
    check_free(&path)?;
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| HomeError::NoRandomness)?;
    let contents = Contents::new(&bytes, options);
    let vault = make_vault(&contents, protection.guard()).map_err(HomeError::vault(&path.join(VAULT)))?;
    files::make_folder(&path)?;
    let _lock = HomeLock::take(&path).map_err(HomeError::store(&path))?;
    // Again, now that nobody else can make one.
    check_free(&path)?;
    files::replace(&path.join(VAULT), &vault.to_bytes())?;
    let seed = contents.seed();
    let party = seed.sign_key(Purpose::Party).public();
    Ok(Initialised { party, role: options.role, home: path, recovery_phrase: seed.phrase() })
}

/// A vault that a guard and the 24 words open.
pub(super) fn make_vault(contents: &Contents, guard: Guard<'_>) -> Result<Vault, VaultError> {
    // The fields are short texts and bytes; what cannot be written down is too large.
    let bytes = contents.to_bytes().map_err(|_| VaultError::TooLarge)?;
    let words = words_of(&contents.seed());
    Vault::create(&bytes, &[guard, Guard::Words(&words)]).map(|(vault, _)| vault)
}

/// Makes sure that a folder is not there, or empty but for what a crash while making a home leaves.
fn check_free(path: &Path) -> Result<(), HomeError> {
    if state(path)? != State::Missing {
        return Err(HomeError::Exists { path: path.to_owned() });
    }
    match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(HomeError::files(path)(error)),
        Ok(entries) => {
            let unfinished = files::unfinished(Path::new(VAULT));
            let leftovers = [Path::new(CONFIG), Path::new(KEY), Path::new(LOCK), &unfinished];
            let strange = entries
                .flatten()
                .any(|entry| leftovers.iter().all(|left| left.as_os_str() != entry.file_name()));
            if strange { Err(HomeError::NotEmpty { path: path.to_owned() }) } else { Ok(()) }
        }
    }
}
