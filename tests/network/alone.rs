//! Nodes whose list of peers is worth nothing: they say that they are alone, and why.

use std::{io::Write, net::TcpListener};

use super::{
    cannot,
    node::{PATIENCE, Party, Relay, within},
    world::{Land, World},
};

/// Waits until a node says of itself what it should.
fn says(party: &Party, all: &[&str]) {
    let mut heard = String::new();
    let said = within(PATIENCE, || {
        heard = party.ask(&["status"])["heard"].as_str().unwrap_or_default().to_owned();
        all.iter().all(|words| heard.contains(words)).then_some(())
    });
    assert!(said.is_some(), "{} should say {all:?}; it says: {heard}", party.name);
}

#[test]
fn a_node_that_knows_only_hostile_and_unreachable_peers_says_that_it_is_alone() {
    if cannot("a node among hostile peers") {
        return;
    }
    let world = World::new();
    let hostile = world.public("hostile", Land::North);
    let listen = |port| hostile.host.enter(|| TcpListener::bind(("0.0.0.0", port))).expect("a port is free");
    // One takes connections and says nothing, the other speaks of something else.
    let (_silent, babbling) = (listen(1), listen(2));
    std::thread::spawn(move || {
        for mut caller in babbling.incoming().flatten() {
            // Who hangs up hears nothing.
            let _ = caller.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let place = |port: u16| format!("/ip4/{}/tcp/{port}", hostile.address);
    // Port 3 is closed, and at 203.0.113.250 there is no machine.
    let list = [place(1), place(2), place(3), "/ip4/203.0.113.250/udp/4001/quic-v1".to_owned()];
    for (number, address) in list.iter().enumerate() {
        let name = format!("alone-{number}");
        let party =
            Party::customer(&world, &name, world.public(&name, Land::South), std::slice::from_ref(address));
        says(&party, &["alone", address]);
    }
    let party = Party::vendor(&world, "alone-all", world.public("alone-all", Land::South), &list);
    says(&party, &["alone", "cannot be reached"]);
    assert_eq!(party.ask(&["status"])["peers"], 0);
}

#[test]
fn a_node_among_peers_of_another_network_says_which() {
    if cannot("a node on another network's relay") {
        return;
    }
    let world = World::new();
    let relay = Relay::start_on(&world, "other", Land::North, "elsewhere", &[]);
    let site = world.public("stray", Land::South);
    let party = Party::customer(&world, "stray", site, &[relay.address()]);
    says(&party, &["alone", "\"elsewhere\"", "\"test\""]);
}
