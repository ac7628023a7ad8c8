//! Where a node with no acquaintances begins: addresses under a name in the DNS, and a list that is built in.

use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

use crate::address::Address;
use crate::swarm::names;

/// Relays that every copy of this program knows. There are none: nobody runs one for everybody, and whoever would stood
/// in the middle. Those one meets at are named by whom one trusts.
pub const BUILT_IN: [&str; 0] = [];

/// Addresses taken from one name. Wild guess: relays of one town, each over two wires.
const MOST: usize = 64;

/// How long a name may take to be looked up. Wild guess; a resolver gives up after about ten seconds itself.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why a name led nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BootstrapError {
    /// The DNS did not answer, or has no such name.
    #[error("{name} cannot be looked up: {reason}")]
    Lookup {
        /// As asked for.
        name: String,
        /// What happened.
        reason: String,
    },
    /// There is such a name, and no address of a relay under it.
    #[error("there is no `dnsaddr=` line with an address under {name}")]
    Nothing {
        /// As asked for.
        name: String,
    },
}

/// The addresses of relays in the TXT records of `_dnsaddr.NAME`, each after `dnsaddr=` as multiaddrs has it
/// (<https://github.com/multiformats/multiaddr/blob/master/protocols/DNSADDR.md>), with `/p2p/…`, at most 64. Whoever
/// answers for the name chooses whom this node meets, and no more.
///
/// # Errors
/// [`BootstrapError`].
pub async fn from_dns(name: &str) -> Result<Vec<String>, BootstrapError> {
    let (config, options) = names();
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options;
    look_up(builder, name).await
}

type Builder = hickory_resolver::ResolverBuilder<TokioRuntimeProvider>;

async fn look_up(builder: Builder, name: &str) -> Result<Vec<String>, BootstrapError> {
    let failed = |reason: String| BootstrapError::Lookup { name: name.to_owned(), reason };
    let resolver = builder.build().map_err(|error| failed(error.to_string()))?;
    // A full stop at the end: no search list makes another name of it.
    let asked = format!("_dnsaddr.{}.", name.trim_end_matches('.'));
    let found = tokio::time::timeout(PATIENCE, resolver.txt_lookup(asked)).await;
    let found = found.map_err(|_| failed("no answer in time".to_owned()))?;
    let found = found.map_err(|error| failed(error.to_string()))?;
    let texts = found.answers().iter().filter_map(|record| match &record.data {
        RData::TXT(text) => Some(text.to_string()),
        _ => None,
    });
    let addresses: Vec<String> = texts.filter_map(|text| address(&text)).take(MOST).collect();
    if addresses.is_empty() { Err(BootstrapError::Nothing { name: name.to_owned() }) } else { Ok(addresses) }
}

/// What one line names, if it is a peer that can be dialled.
fn address(text: &str) -> Option<String> {
    let address = Address::read(text.trim().strip_prefix("dnsaddr=")?).ok()?;
    (address.peer.is_some() && !address.is_circuit()).then(|| address.text())
}
