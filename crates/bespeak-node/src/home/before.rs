//! Homes as they were before there were vaults: a `key` file and a `config.toml`, in the clear. They are only read.

use std::path::Path;

use bespeak_identity::Seed;
use zeroize::Zeroizing;

use super::{HomeError, InitOptions};

pub(super) mod config;
pub(super) mod key;

/// Role, name and network.
pub(super) const CONFIG: &str = "config.toml";
/// The root seed.
pub(super) const KEY: &str = "key";

/// What such a home says of itself.
pub(super) struct Before {
    pub(super) seed: Zeroizing<[u8; 32]>,
    pub(super) options: InitOptions,
}

impl Before {
    pub(super) fn read(home: &Path) -> Result<Self, HomeError> {
        let path = home.join(KEY);
        let seed = key::read(&path).map_err(|source| HomeError::Key { path, source })?;
        let path = home.join(CONFIG);
        let config = config::read(&path).map_err(|source| HomeError::Config { path, source })?;
        let options = InitOptions { role: config.role, name: config.name, network: config.network };
        Ok(Self { seed, options })
    }

    pub(super) fn seed(&self) -> Seed {
        Seed::from_entropy(*self.seed)
    }
}
