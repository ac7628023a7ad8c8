//! Whom a node can reach, and who hears it.

use std::time::Duration;

use super::{
    Line,
    words::{count, sentence},
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
    /// The peers it was told of.
    pub(crate) peers: Vec<Relay>,
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

const NAME_ONE: &str = "start it with the address of a relay: `bespeak run --peer ADDRESS`";

/// How the network stands.
pub(crate) fn network(facts: &Network) -> Vec<Line> {
    let mut lines = listening(&facts.listening);
    lines.push(peers(facts));
    lines.extend(facts.peers.iter().filter_map(relay));
    lines.extend(no_relay(facts));
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
            "see that this machine is online and that the address is right: `bespeak run --peer ADDRESS`",
        ),
        _ => Line::fine("peers", says),
    }
}

/// A peer that is known to be no relay is told of among the peers.
fn relay(relay: &Relay) -> Option<Line> {
    let Relay { address, holds_mail, connected, .. } = relay;
    let wait = "it is tried again by itself; see that its address is right";
    match (holds_mail, connected) {
        (Some(true), true) => Some(Line::fine("relay", format!("{address} is a relay, and is connected."))),
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
            "No relay holds your mail: vendors see your address, and reach you only while this node runs.";
        Line::attention("relay", says, NAME_ONE)
    })
}

fn heard(facts: &Network) -> Line {
    match facts.mesh as u64 {
        0 => Line::attention(
            "heard",
            "No peer passes on what this node says: nobody hears it now.",
            "wait a minute after the first peer; if it stays so, name another: `bespeak run --peer ADDRESS`",
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
