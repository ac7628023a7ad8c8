//! What the program prints, and nothing else does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{io::Write, net::SocketAddr};

use bespeak_node::Relay;
use serde_json::json;

/// One JSON document for programs, with the fields of `bespeak run`; a relay has no API, so two are null, and where its numbers are.
pub(crate) fn ready_json(relay: &Relay, metrics: Option<SocketAddr>) {
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
        "metrics": metrics.map(|address| address.to_string()),
    });
    println!("{ready}");
}

/// The same for people.
pub(crate) fn ready(relay: &Relay, metrics: Option<SocketAddr>) {
    println!("A relay on the network {:?}, at home in {}.", relay.network().as_str(), relay.home().display());
    println!("Others reach it with --relay and one of these:");
    for address in relay.listen_addresses() {
        println!("  {address}");
    }
    if let Some(address) = metrics {
        println!("Its numbers are at http://{address}/metrics.");
    }
    println!("Ctrl-C ends it.");
}

/// A text as it is; whether it could be written.
pub(crate) fn text(text: &str) -> bool {
    std::io::stdout().write_all(text.as_bytes()).is_ok()
}

/// A sentence about what went wrong.
pub(crate) fn error(sentence: &str) {
    eprintln!("bespeak-relay: {sentence}");
}
