//! Whom a node can reach, and who hears it.

use std::time::Duration;

use bespeak_net::{Reach, Standing, Translation};

use super::{
    Line,
    words::{count, sentence, span},
};
use crate::home::Role;

/// What is known of the network.
pub(crate) struct Network {
    /// What the node is for.
    pub(crate) role: Role,
    /// Where it listens.
    pub(crate) listening: Vec<String>,
    /// How many peers are connected.
    pub(crate) connected: usize,
    /// How many it was told of.
    pub(crate) configured: usize,
    /// How many peers of the mesh get first what it publishes.
    pub(crate) mesh: usize,
    /// How it stands with peers, in a sentence.
    pub(crate) meeting: String,
    /// The peers it was told of, and the relays it found.
    pub(crate) peers: Vec<Relay>,
    /// Peers it dialled.
    pub(crate) out: u64,
    /// Peers that came to it.
    pub(crate) came: u64,
    /// In how many neighbourhoods of addresses all of them are.
    pub(crate) neighbourhoods: u64,
    /// How it stands toward the network.
    pub(crate) standing: Standing,
    /// Hosts where its mail waits.
    pub(crate) drops: Vec<DropHost>,
}

/// A host where mail for this node waits.
#[derive(Clone, Debug)]
pub(crate) struct DropHost {
    /// Its PeerId.
    pub(crate) host: String,
    /// Queues there.
    pub(crate) queues: u64,
    /// How long ago it last answered, in seconds; none when it never did since the start.
    pub(crate) answered: Option<u64>,
}

/// A peer that was named at the start, which may be a relay.
pub(crate) struct Relay {
    /// Its address.
    pub(crate) address: String,
    /// Whether it holds mail for others; none as long as it has not answered.
    pub(crate) holds_mail: Option<bool>,
    /// Whether it is connected now.
    pub(crate) connected: bool,
    /// Whether others reach this node through it.
    pub(crate) reserved: bool,
    /// The last round trip of a ping.
    pub(crate) round_trip: Option<Duration>,
}

const NAME_ONE: &str = "start it with the address of a relay: `bespeak run --relay ADDRESS`";

/// How long a host may be silent before its mail is said to wait, in seconds. Source: wild guess; a node asks it each half
/// minute, or is told at once.
const SILENT: u64 = 300;

/// How the network stands.
pub(crate) fn network(facts: &Network) -> Vec<Line> {
    let mut lines = listening(&facts.listening);
    lines.extend(nat(facts));
    lines.push(peers(facts));
    lines.extend(facts.peers.iter().filter_map(relay));
    lines.extend(no_relay(facts));
    lines.extend(facts.drops.iter().map(drops));
    lines.push(heard(facts));
    lines
}

fn listening(addresses: &[String]) -> Vec<Line> {
    if addresses.is_empty() {
        let says = "The node listens nowhere: nobody can reach it.";
        return vec![Line::broken("address", says, "end the node, and start it again with `bespeak run`")];
    }
    let line = |address: &String| Line::fine("address", format!("It listens at {address}."));
    addresses.iter().map(line).collect()
}

fn peers(facts: &Network) -> Line {
    let says = sentence(&facts.meeting);
    match (facts.connected, facts.configured) {
        (0, 0) => Line::attention("peers", says, NAME_ONE),
        (0, _) => Line::attention(
            "peers",
            says,
            "see that this machine is online and that the address is right: `bespeak run --relay ADDRESS`",
        ),
        _ => {
            let (out, came) = (facts.out, facts.came);
            let spread = count(facts.neighbourhoods, "neighbourhood");
            Line::fine(
                "peers",
                format!("{says} It dialled {out}, {came} came; they are in {spread} of addresses."),
            )
        }
    }
}

/// What lies between this node and others, and whether they get through.
fn nat(facts: &Network) -> Option<Line> {
    let Standing { reach, translation, external, .. } = &facts.standing;
    let kind = match translation {
        Translation::Unknown => "nobody has said yet at which address it is seen",
        Translation::None => "others see its own address",
        Translation::Present => "an address translator (NAT) stands before it",
        Translation::Stable => "a NAT with one mapping for all (a cone) stands before it",
        Translation::PerDestination => "a symmetric NAT stands before it",
    };
    let through = facts.peers.iter().filter(|relay| relay.reserved).count() as u64;
    if facts.role == Role::Customer {
        // Nobody is to dial her.
        return Some(Line::fine("nat", format!("Nobody needs to dial this node; {kind}.")));
    }
    let mend = "name a relay (`--relay`), forward a port and name it (`--external`), or let the router do it (`--upnp`)";
    Some(match (reach, through) {
        (Reach::Public, _) => {
            Line::fine("nat", format!("Others get through at {}; {kind}.", external.join(", ")))
        }
        (Reach::Private, 1..) => {
            let relays = count(through, "relay");
            Line::fine("nat", format!("Nobody gets through directly, but through {relays}; {kind}."))
        }
        (Reach::Private, 0) => {
            Line::attention("nat", format!("Nobody gets through to this node: {kind}."), mend)
        }
        (Reach::Unknown, 1..) => Line::fine(
            "nat",
            format!("Nobody has tried yet to dial it; it is reached through relays; {kind}."),
        ),
        (Reach::Unknown, 0) => {
            let says = format!("Nobody has tried yet whether others get through to this node; {kind}.");
            Line::attention("nat", says, "wait a minute after the first relay is connected")
        }
    })
}

/// Where mail waits, and whether it is fetched.
fn drops(drop: &DropHost) -> Line {
    let queues = count(drop.queues, "queue");
    let host = drop.host.get(drop.host.len().saturating_sub(8)..).unwrap_or(&drop.host);
    let wait = "it is tried again by itself; what the other host of a queue holds is fetched meanwhile";
    match drop.answered {
        Some(ago) if ago <= SILENT => {
            Line::fine("drops", format!("{queues} at the host …{host}, which answered {ago} seconds ago."))
        }
        Some(ago) => {
            let says = format!("{queues} at the host …{host}, which last answered {} ago.", span(ago));
            Line::attention("drops", says, wait)
        }
        None => {
            let says = format!("{queues} at the host …{host}, which has not answered since the start.");
            Line::attention("drops", says, wait)
        }
    }
}

/// A peer that is known to be no relay is told of among the peers.
fn relay(relay: &Relay) -> Option<Line> {
    let Relay { address, holds_mail, connected, reserved, round_trip } = relay;
    let trip = round_trip.map(|trip| format!(", {} ms away", trip.as_millis())).unwrap_or_default();
    let through = if *reserved { "; others reach this node through it" } else { "" };
    let wait = "it is tried again by itself; see that its address is right";
    match (holds_mail, connected) {
        (Some(true), true) => {
            Some(Line::fine("relay", format!("{address} is a relay, and is connected{trip}{through}.")))
        }
        (Some(true), false) => {
            Some(Line::attention("relay", format!("{address} is a relay, and is not connected now."), wait))
        }
        (Some(false), _) => None,
        (None, _) => {
            let says = format!("{address} has not answered yet whether it is a relay.");
            Some(Line::attention("relay", says, wait))
        }
    }
}

/// A customer's mail waits at a relay, or only here.
fn no_relay(facts: &Network) -> Option<Line> {
    let perhaps = |relay: &Relay| relay.holds_mail != Some(false);
    let needs = facts.role == Role::Customer && !facts.peers.iter().any(perhaps);
    needs.then(|| {
        let says =
            "No relay holds your mail: nothing can be cast, unless vendors may see your address (`--reveal`).";
        Line::attention("relay", says, NAME_ONE)
    })
}

fn heard(facts: &Network) -> Line {
    match facts.mesh as u64 {
        0 => Line::attention(
            "heard",
            "No peer passes on what this node says: nobody hears it now.",
            "wait a minute after the first peer; if it stays so, name another: `bespeak run --relay ADDRESS`",
        ),
        1 => Line::fine("heard", "1 peer passes on what this node says."),
        mesh => Line::fine("heard", format!("{} pass on what this node says.", count(mesh, "peer"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn facts() -> Network {
        let address = "/ip4/192.0.2.1/tcp/1".to_owned();
        Network {
            role: Role::Customer,
            listening: vec![address.clone()],
            connected: 2,
            configured: 1,
            mesh: 2,
            meeting: "Connected to 2 peers.".to_owned(),
            peers: vec![known(address, Some(true), true)],
            out: 1,
            came: 1,
            neighbourhoods: 2,
            standing: Standing::default(),
            drops: Vec::new(),
        }
    }

    fn relays(holds_mail: Option<bool>, connected: bool) -> Vec<Relay> {
        vec![known("R".to_owned(), holds_mail, connected)]
    }

    fn known(address: String, holds_mail: Option<bool>, connected: bool) -> Relay {
        Relay { address, holds_mail, connected, reserved: false, round_trip: None }
    }

    /// The states of the lines about something; what is not fine says how it is mended.
    fn states(facts: &Network, what: &str) -> Vec<State> {
        let lines = network(facts);
        assert!(lines.iter().all(|line| (line.state == State::Fine) == line.mend.is_none()), "{lines:?}");
        lines.iter().filter(|line| line.what == what).map(|line| line.state).collect()
    }

    #[test]
    fn a_node_among_others_is_fine() {
        for what in ["address", "peers", "relay", "heard"] {
            assert_eq!(states(&facts(), what), [State::Fine], "{what}");
        }
    }

    #[test]
    fn a_node_that_is_alone_is_told_so() {
        assert_eq!(states(&Network { listening: Vec::new(), ..facts() }, "address"), [State::Broken]);
        assert_eq!(states(&Network { connected: 0, ..facts() }, "peers"), [State::Attention]);
        assert_eq!(states(&Network { connected: 0, configured: 0, ..facts() }, "peers"), [State::Attention]);
        assert_eq!(states(&Network { mesh: 0, ..facts() }, "heard"), [State::Attention]);
        assert_eq!(states(&Network { mesh: 1, ..facts() }, "heard"), [State::Fine]);
    }

    #[test]
    fn a_vendor_is_told_whether_others_get_through() {
        let vendor = |reach, reserved| {
            let mut peers = relays(Some(true), true);
            peers[0].reserved = reserved;
            let standing = Standing { reach, ..Standing::default() };
            states(&Network { role: Role::Vendor, standing, peers, ..facts() }, "nat")
        };
        assert_eq!(vendor(Reach::Public, false), [State::Fine]);
        assert_eq!(vendor(Reach::Private, true), [State::Fine]);
        assert_eq!(vendor(Reach::Private, false), [State::Attention]);
        assert_eq!(vendor(Reach::Unknown, false), [State::Attention]);
        assert_eq!(states(&facts(), "nat"), [State::Fine], "nobody is to dial a customer");
    }

    #[test]
    fn mail_that_waits_where_nobody_answers_is_told() {
        let at = |answered| {
            let drops = vec![DropHost { host: "12D3KooWhost".to_owned(), queues: 2, answered }];
            states(&Network { drops, ..facts() }, "drops")
        };
        assert_eq!(at(Some(3)), [State::Fine]);
        assert_eq!(at(Some(SILENT + 1)), [State::Attention]);
        assert_eq!(at(None), [State::Attention]);
    }

    #[test]
    fn relays_that_are_away_and_customers_without_one_are_told() {
        let with = |role, peers| Network { role, peers, ..facts() };
        for role in [Role::Customer, Role::Vendor] {
            assert_eq!(states(&with(role, relays(Some(true), false)), "relay"), [State::Attention]);
            assert_eq!(states(&with(role, relays(None, true)), "relay"), [State::Attention]);
        }
        for peers in [Vec::new(), relays(Some(false), true)] {
            assert_eq!(states(&with(Role::Customer, peers), "relay"), [State::Attention]);
        }
        assert_eq!(states(&with(Role::Vendor, relays(Some(false), true)), "relay"), []);
    }
}
