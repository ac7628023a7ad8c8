//! A home: the folder in which one party lives on this machine.
//!
//! ```text
//! config.toml   role, name, network          0600
//! key           the root seed                0600; whoever has it is the party
//! journal/ index/ lock                       the store's
//! api.sock api-token                         the local API's
//! ```

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use bespeak_identity::{PublicKey, Purpose, Seed};
use bespeak_model::{card::Name, network::Network};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

mod config;
mod key;

pub use config::ConfigError;
pub use key::KeyFileError;

const CONFIG: &str = "config.toml";
const KEY: &str = "key";

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It wants things.
    Customer,
    /// It offers things.
    Vendor,
    /// It helps others meet and holds their sealed mail.
    Relay,
}

impl Role {
    /// The role in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Vendor => "vendor",
            Self::Relay => "relay",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no role a person can choose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a node is a customer or a vendor, not {0:?}")]
pub struct UnknownRole(String);

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        match text {
            "customer" => Ok(Self::Customer),
            "vendor" => Ok(Self::Vendor),
            _ => Err(UnknownRole(text.chars().take(40).collect())),
        }
    }
}

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
#[derive(Debug)]
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

/// Why a home could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is one already.
    #[error("{} is already a home; choose another folder, or remove this one if its keys are no longer needed", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds something else.
    #[error("{} is not empty; a home needs a folder of its own", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// There is none.
    #[error("{} is no home; make one with `init`", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The settings cannot be read.
    #[error("{}: {source}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ConfigError,
    },
    /// The key file cannot be used.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeyFileError,
    },
    /// The system gave no random numbers.
    #[error("the system gave no random numbers, so no key was made")]
    NoRandomness,
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

impl HomeError {
    /// Whether no further try can work before somebody changes the words of the command or the home they name.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Exists { .. } | Self::NotEmpty { .. } | Self::Missing { .. } => true,
            Self::Config { source, .. } => !matches!(source, ConfigError::Files(_)),
            Self::Key { source, .. } => !matches!(source, KeyFileError::Files(_)),
            Self::NoRandomness | Self::Files { .. } => false,
        }
    }
}

fn files(path: &Path) -> impl FnOnce(io::Error) -> HomeError {
    let path = path.to_owned();
    |source| HomeError::Files { path, source }
}

/// Makes a home: a folder for its owner alone, with settings and a fresh key.
///
/// # Errors
/// When there is a home already, the folder holds other things, or the file system refuses.
pub fn init(path: &Path, options: &InitOptions) -> Result<Initialised, HomeError> {
    let path = std::path::absolute(path).map_err(files(path))?;
    claim(&path)?;
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| HomeError::NoRandomness)?;
    let config = config::Config::new(options);
    write_new(&path.join(CONFIG), config.to_text().as_bytes(), true)?;
    // Last: only a folder with a key is a home, so a crash before this leaves nothing that must be kept.
    write_new(&path.join(KEY), key::to_text(&bytes).as_bytes(), false)?;
    fs::File::open(&path).and_then(|folder| folder.sync_all()).map_err(files(&path))?;
    let seed = Seed::from_entropy(*bytes);
    let party = seed.sign_key(Purpose::Party).public();
    Ok(Initialised { party, role: options.role, home: path, recovery_phrase: seed.phrase() })
}

/// Makes the folder, or makes sure that an existing one is free.
fn claim(path: &Path) -> Result<(), HomeError> {
    match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_folder(path).map_err(files(path)),
        Err(error) => Err(files(path)(error)),
        Ok(entries) => {
            let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
            if names.iter().any(|name| name == KEY) {
                return Err(HomeError::Exists { path: path.to_owned() });
            }
            if names.iter().any(|name| name != CONFIG) {
                return Err(HomeError::NotEmpty { path: path.to_owned() });
            }
            owner_only(path, 0o700).map_err(files(path))
        }
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    owner_only(path, 0o700)
}

#[cfg(unix)]
fn owner_only(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn owner_only(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8], replace: bool) -> Result<(), HomeError> {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || {
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(files(path))
}

/// An open home: its settings and its seed.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
    role: Role,
    name: Option<Name>,
    network: Network,
    seed: Zeroizing<[u8; 32]>,
}

impl Home {
    /// Whether there is a home in this folder, usable or not.
    pub fn is_in(path: &Path) -> bool {
        path.join(KEY).exists()
    }

    /// Opens a home. It is locked only when a node starts in it.
    ///
    /// # Errors
    /// When there is none, or its key can be read by others.
    pub fn open(path: &Path) -> Result<Self, HomeError> {
        let path = std::path::absolute(path).map_err(files(path))?;
        let key_path = path.join(KEY);
        if !key_path.try_exists().map_err(files(&key_path))? {
            return Err(HomeError::Missing { path });
        }
        let seed = key::read(&key_path).map_err(|source| HomeError::Key { path: key_path, source })?;
        let config_path = path.join(CONFIG);
        let config =
            config::read(&config_path).map_err(|source| HomeError::Config { path: config_path, source })?;
        Ok(Self { path, role: config.role, name: config.name, network: config.network, seed })
    }

    /// Opens a home, or makes it when there is none.
    ///
    /// # Errors
    /// As [`init`] and [`Home::open`].
    pub fn open_or_init(path: &Path, options: &InitOptions) -> Result<Self, HomeError> {
        match Self::open(path) {
            Err(HomeError::Missing { .. }) => {
                init(path, options)?;
                Self::open(path)
            }
            other => other,
        }
    }

    /// The folder, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the node is for.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What people call its owner.
    pub fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// The network it joins.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The party's public key.
    pub fn party(&self) -> PublicKey {
        self.seed().sign_key(Purpose::Party).public()
    }

    pub(crate) fn seed_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.seed.clone()
    }

    /// The root of every key.
    pub(crate) fn seed(&self) -> Seed {
        Seed::from_entropy(*self.seed)
    }
}

#[cfg(test)]
mod tests;
