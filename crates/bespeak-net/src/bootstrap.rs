//! Where a node with no acquaintances begins: addresses under a name in the DNS, and a list that is built in.

use std::time::Duration;

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
    let mut builder =
        hickory_resolver::TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::net::{IpAddr, Ipv4Addr};

    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ProtocolConfig, ResolverConfig};
    use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
    use hickory_resolver::proto::rr::{Record, rdata::TXT};
    use tokio::net::UdpSocket;

    use super::*;

    const PEER: &str = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

    /// A server of names on this machine that knows one name.
    async fn server(known: &'static str, texts: Vec<String>) -> Builder {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut bytes = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut bytes).await {
                let asked = Message::from_vec(&bytes[..length]).unwrap();
                let mut answer = asked.clone();
                answer.metadata.message_type = MessageType::Response;
                let query = asked.queries[0].clone();
                if query.name().to_string() == known {
                    for text in &texts {
                        let data = RData::TXT(TXT::new(vec![text.clone()]));
                        answer.answers.push(Record::from_rdata(query.name().clone(), 60, data));
                    }
                } else {
                    answer.metadata.response_code = ResponseCode::NXDomain;
                }
                socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
            }
        });
        let mut way = ConnectionConfig::new(ProtocolConfig::Udp);
        way.port = port;
        let server = NameServerConfig::new(IpAddr::V4(Ipv4Addr::LOCALHOST), true, vec![way]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        hickory_resolver::TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    }

    #[tokio::test]
    async fn relays_are_found_under_a_name_and_nonsense_is_passed_over() {
        let good = format!("/ip4/203.0.113.7/tcp/7373/p2p/{PEER}");
        let texts = vec![
            "v=spf1 -all".to_owned(),
            format!("dnsaddr={good}"),
            "dnsaddr=/ip4/203.0.113.8/tcp/7373".to_owned(),
            "dnsaddr=nonsense".to_owned(),
            format!("dnsaddr={good}/p2p-circuit/p2p/{PEER}"),
        ];
        let names = server("_dnsaddr.relays.example.", texts).await;
        assert_eq!(look_up(names, "relays.example").await.unwrap(), [good]);
    }

    #[tokio::test]
    async fn a_name_that_is_not_there_and_one_without_a_relay_are_told_apart() {
        let names = server("_dnsaddr.relays.example.", Vec::new()).await;
        let missing = look_up(names, "other.example").await.unwrap_err();
        assert!(matches!(missing, BootstrapError::Lookup { .. }), "{missing:?}");
        let names = server("_dnsaddr.relays.example.", vec!["hello".to_owned()]).await;
        let nothing = look_up(names, "relays.example").await.unwrap_err();
        assert_eq!(nothing, BootstrapError::Nothing { name: "relays.example".to_owned() });
    }
}
