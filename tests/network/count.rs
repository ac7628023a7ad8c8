//! Counts, in one room, the packets from and to the address of somebody else.

use serde_json::Value;

use super::{room::Room, world::Site};

/// Packets that were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// From there to here.
    pub(crate) from: u64,
    /// From here to there.
    pub(crate) to: u64,
}

impl Seen {
    /// None, either way.
    pub(crate) const NOTHING: Self = Self { from: 0, to: 0 };
}

/// Begins to count in a room, a host or the router before it, what comes from `other`'s address and goes there; `name`
/// tells counts apart. What a router then drops is counted too: it looks before everything else, and after it.
pub(crate) fn watch(room: &Room, name: &str, other: &Site) {
    let address = other.address;
    room.nft(&format!(
        "table inet count_{name} {{\n counter from {{ }}\n counter to {{ }}\n \
         chain in {{\n type filter hook prerouting priority -450; policy accept;\n ip saddr {address} counter name from\n }}\n \
         chain out {{\n type filter hook postrouting priority 450; policy accept;\n ip daddr {address} counter name to\n }}\n}}\n"
    ));
}

/// What was counted so far.
pub(crate) fn seen(room: &Room, name: &str) -> Seen {
    let list = room.nft_list(&["counters", "table", "inet", &format!("count_{name}")]);
    Seen { from: packets(&list, "from"), to: packets(&list, "to") }
}

/// How many packets the rule of [`Site::lose`] dropped.
pub(crate) fn lost(site: &Site) -> u64 {
    packets(&site.host.nft_list(&["counters", "table", "inet", "loss"]), "lost")
}

fn packets(list: &Value, name: &str) -> u64 {
    let entries = list["nftables"].as_array().expect("nft lists objects");
    let counter = entries.iter().map(|entry| &entry["counter"]).find(|counter| counter["name"] == name);
    counter.and_then(|counter| counter["packets"].as_u64()).expect("the counter is there")
}
