//! `config.toml`: role, name and network.

use std::{fs, io, path::Path};

use bespeak_model::{card::Name, network::Network};
use serde::Deserialize;

use crate::home::Role;

/// The only format there was.
const VERSION: u32 = 1;

/// Longest settings file, in bytes. Source: wild guess, a hundred times what was written.
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
    /// It names another network than the intentions that are kept.
    #[error("names the network {says:?}, but what is kept here is of {kept:?}: put that name back")]
    Network {
        /// The network it names.
        says: String,
        /// The network of an intention.
        kept: String,
    },
    /// The file system refused.
    #[error(transparent)]
    Files(#[from] io::Error),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::home) struct Config {
    #[serde(rename = "version")]
    _version: u32,
    pub(in crate::home) role: Role,
    #[serde(default)]
    pub(in crate::home) name: Option<Name>,
    pub(in crate::home) network: Network,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

pub(in crate::home) fn read(path: &Path) -> Result<Config, ConfigError> {
    let length = fs::metadata(path)?.len();
    if length > MAX_CONFIG {
        return Err(ConfigError::Unreadable(format!("{length} bytes are too many")));
    }
    parse(&fs::read_to_string(path)?)
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    let unreadable = |error: toml::de::Error| {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map(|before| before.matches('\n').count() + 1);
        let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        ConfigError::Unreadable(format!("{place}{}", error.message()))
    };
    let Versioned { version } = toml::from_str(text).map_err(unreadable)?;
    if version != VERSION {
        return Err(ConfigError::Newer { found: version });
    }
    toml::from_str(text).map_err(unreadable)
}
