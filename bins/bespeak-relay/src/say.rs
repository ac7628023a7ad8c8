//! What the program prints, and nothing else does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use bespeak_node::Relay;
use serde_json::json;

/// One JSON document for programs.
pub(crate) fn ready_json(relay: &Relay) {
    println!("{}", json!({ "ready": true, "peer": relay.peer(), "listen": relay.listen_addresses() }));
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
