//! `config.toml`: what a person may read and change.

use std::{fs, io, path::Path};

use bespeak_model::{card::Name, network::Network};
use serde::{Deserialize, Serialize};

use super::{InitOptions, Role};

/// The format written and read here.
const VERSION: u32 = 1;

/// Longest settings file, in bytes. Source: wild guess, a hundred times what is written.
const MAX_CONFIG: u64 = 16 * 1024;

/// Why settings cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, or with other words than ours.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Of a later version of this software.
    #[error("has version {found}; this software reads version {VERSION}: use the newer one")]
    Newer {
        /// Its version.
        found: u32,
    },
    /// The file system refused.
    #[error(transparent)]
    Files(#[from] io::Error),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    version: u32,
    pub(super) role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Name>,
    pub(super) network: Network,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Config {
    pub(super) fn new(options: &InitOptions) -> Self {
        Self {
            version: VERSION,
            role: options.role,
            name: options.name.clone(),
            network: options.network.clone(),
        }
    }

    pub(super) fn to_text(&self) -> String {
        // Three short strings and a number: there is nothing in them that TOML cannot say.
        toml::to_string(self).unwrap_or_default()
    }
}

pub(super) fn read(path: &Path) -> Result<Config, ConfigError> {
    let length = fs::metadata(path)?.len();
    if length > MAX_CONFIG {
        return Err(ConfigError::Unreadable(format!("{length} bytes are too many")));
    }
    parse(&fs::read_to_string(path)?)
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    let unreadable = |error: toml::de::Error| ConfigError::Unreadable(error.message().to_owned());
    let Versioned { version } = toml::from_str(text).map_err(unreadable)?;
    if version != VERSION {
        return Err(ConfigError::Newer { found: version });
    }
    toml::from_str(text).map_err(unreadable)
}
