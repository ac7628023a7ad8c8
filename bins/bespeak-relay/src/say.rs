//! What the program prints, and nothing else does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use bespeak_node::Relay;
use serde_json::json;

/// One JSON document for programs, with the fields of `bespeak run`; a relay has no API, so two are null.
pub(crate) fn ready_json(relay: &Relay) {
    let ready = json!({
        "ready": true,
        "peer": relay.peer(),
        "listen": relay.listen_addresses(),
        "api": null,
        "socket": null,
        "role": "relay",
        "party": relay.party().to_string(),
        "network": relay.network(),
        "home": relay.home(),
    });
    println!("{ready}");
}

/// The same for people.
pub(crate) fn ready(relay: &Relay) {
    println!("A relay on the network {:?}, at home in {}.", relay.network().as_str(), relay.home().display());
    println!("Others reach it with --peer and one of these:");
    for address in relay.listen_addresses() {
        println!("  {address}");
    }
    println!("Ctrl-C ends it.");
}

/// A sentence about what went wrong.
pub(crate) fn error(sentence: &str) {
    eprintln!("bespeak-relay: {sentence}");
}
