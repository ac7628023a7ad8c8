//! The configuration file: what may stand in it, and what is said about the line that cannot.

use std::{collections::BTreeMap, io::Read, net::SocketAddr, ops::Range, path::Path, path::PathBuf};

use bespeak_node::{LIMITS, NamedLimit, RelayLimits, model::network::Network};
use serde::Deserialize;
use toml::Spanned;

mod sample;

pub(crate) use sample::sample;

/// Longest configuration that is read, in bytes. Source: wild guess; the sample takes a twentieth of it.
const MOST: u64 = 64 * 1024;
/// How like the right name a misspelt one must be for it to be guessed; 1 is the same. Source: wild guess.
const MISSPELT: f64 = 0.7;

/// Where a relay listens when nothing is said: everywhere, over both wires, on a port that no registry has for us.
pub(crate) const LISTEN: [&str; 4] = [
    "/ip4/0.0.0.0/udp/7373/quic-v1",
    "/ip4/0.0.0.0/tcp/7373",
    "/ip6/::/udp/7373/quic-v1",
    "/ip6/::/tcp/7373",
];

/// Everything that can be set; `None` where nothing was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) home: Option<PathBuf>,
    pub(crate) network: Option<Network>,
    pub(crate) listen: Option<Vec<String>>,
    pub(crate) external: Option<Vec<String>>,
    pub(crate) upnp: Option<bool>,
    pub(crate) peers: Option<Vec<String>>,
    pub(crate) metrics: Option<Metrics>,
    pub(crate) metrics_anywhere: Option<bool>,
    pub(crate) limits: RelayLimits,
}

/// Where the metrics are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metrics {
    Off,
    At(SocketAddr),
}

impl std::str::FromStr for Metrics {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            _ => text.parse().map(Self::At).map_err(|_| {
                format!("{text:?} is no place for metrics; write \"off\", or an address such as \"127.0.0.1:9464\"")
            }),
        }
    }
}

/// Why a configuration cannot be used: a sentence that names the file and, where there is one, the line.
#[derive(Debug)]
pub(crate) struct ConfigError(pub(crate) String);

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    home: Option<PathBuf>,
    network: Option<Spanned<String>>,
    listen: Option<Vec<String>>,
    external: Option<Vec<String>>,
    upnp: Option<bool>,
    peers: Option<Vec<String>>,
    metrics: Option<Spanned<String>>,
    metrics_anywhere: Option<bool>,
    #[serde(default)]
    limits: BTreeMap<Spanned<String>, Spanned<i64>>,
}

/// Reads a configuration.
///
/// # Errors
/// When it cannot be read, is no configuration, or asks for what is absurd.
pub(crate) fn read(path: &Path) -> Result<Settings, ConfigError> {
    let failed = |why: String| ConfigError(format!("{}: {why}", path.display()));
    let file = std::fs::File::open(path)
        .map_err(|error| failed(format!("the configuration cannot be read: {error}")))?;
    let mut text = String::new();
    file.take(MOST + 1)
        .read_to_string(&mut text)
        .map_err(|error| failed(format!("the configuration cannot be read: {error}")))?;
    if text.len() as u64 > MOST {
        return Err(failed(format!("the configuration is longer than {MOST} bytes")));
    }
    understand(&text).map_err(|(line, why)| match line {
        Some(line) => ConfigError(format!("{}, line {line}: {why}", path.display())),
        None => failed(why),
    })
}

/// The line, where one can be told, and what is wrong with it.
type Wrong = (Option<usize>, String);

fn understand(text: &str) -> Result<Settings, Wrong> {
    let line =
        |span: Range<usize>| Some(text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
    let written: Written =
        toml::from_str(text).map_err(|error| (error.span().and_then(line), error.message().to_owned()))?;
    let network = written.network.map(|said| {
        let at = line(said.span());
        said.into_inner().parse().map_err(|error| (at, format!("the network: {error}")))
    });
    let metrics = written.metrics.map(|said| {
        let at = line(said.span());
        said.into_inner().parse().map_err(|why| (at, why))
    });
    let mut limits = RelayLimits::default();
    for (name, value) in &written.limits {
        let Some(limit) = NamedLimit::named(name.get_ref()) else {
            return Err((line(name.span()), unknown(name.get_ref())));
        };
        let set = limit.set(&mut limits, i128::from(*value.get_ref()));
        set.map_err(|error| (line(value.span()), error.to_string()))?;
    }
    limits.check().map_err(|error| (None, error.to_string()))?;
    let Written { home, listen, external, upnp, peers, metrics_anywhere, .. } = written;
    let (network, metrics) = (network.transpose()?, metrics.transpose()?);
    Ok(Settings { home, network, listen, external, upnp, peers, metrics, metrics_anywhere, limits })
}

fn unknown(name: &str) -> String {
    let near = |limit: &NamedLimit| strsim::jaro_winkler(limit.name, name);
    let guess = LIMITS.iter().max_by(|one, other| near(one).total_cmp(&near(other)));
    match guess.filter(|limit| near(limit) > MISSPELT) {
        Some(limit) => format!("there is no limit {name:?}; did you mean {:?}?", limit.name),
        None => format!("there is no limit {name:?}; `bespeak-relay config` prints all that there are"),
    }
}

#[cfg(test)]
mod tests;
