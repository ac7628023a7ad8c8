//! Proof in network namespaces: real programs behind real NATs, on lines that are cut, lossy or moved. It needs root,
//! `ip` and `nft`; where they are missing, every test says so.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::{fs::OpenOptions, io::Write};

#[path = "network/alone.rs"]
mod alone;
#[path = "network/apart.rs"]
mod apart;
#[path = "network/count.rs"]
mod count;
#[path = "network/matrix.rs"]
mod matrix;
#[path = "network/moved.rs"]
mod moved;
#[path = "network/nat.rs"]
mod nat;
#[path = "network/node.rs"]
mod node;
#[path = "network/partition.rs"]
mod partition;
#[path = "market/process.rs"]
mod process;
#[path = "network/room.rs"]
mod room;
#[path = "network/rooms_tests.rs"]
mod rooms_tests;
#[path = "network/trade.rs"]
mod trade;
#[path = "network/world.rs"]
mod world;

/// Whether there can be no rooms on this machine. Then it says, past the capture of a passing test's words, what was
/// not tried; `.ci/run` repeats it at its end.
fn cannot(what: &str) -> bool {
    let Some(obstacle) = room::obstacle() else { return false };
    let line = format!("network: {what}: no network namespaces ({obstacle})");
    let mut past_the_capture = std::io::stdout().lock();
    writeln!(past_the_capture, "NOT RUN: {line}").expect("stdout takes words");
    if let Some(list) = std::env::var_os("BESPEAK_NOT_RUN") {
        let mut list = OpenOptions::new().create(true).append(true).open(list).expect("the list is there");
        writeln!(list, "{line}").expect("the list takes words");
    }
    true
}
