//! The four ways in which a host stands to the internet, as nft rules of its router. `rooms_tests.rs` proves that
//! each is what it is called.

/// How a router maps and filters. Words: RFC 4787, and the older names that people know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nat {
    /// No router: a public address.
    None,
    /// Endpoint-independent mapping and filtering: whoever knows the mapped port comes in.
    FullCone,
    /// Endpoint-independent mapping, address- and port-dependent filtering: in comes who was spoken to.
    Restricted,
    /// A new random port for every destination, and the same filtering.
    Symmetric,
}

/// What every router does: nothing from outside is for the router itself. It is dropped before it makes an entry in
/// the table of connections, else it would take the port that an answer from inside needs.
const DOOR: &str = r#"
    chain door {
        type filter hook input priority filter; policy accept;
        iifname "wan" ct state new drop
    }
"#;

/// Linux keeps the inner port while it is free, and behind each router here there is one host: every destination
/// sees the same port. Connection tracking lets only answers in.
const KEEPS_THE_PORT: &str = r#"
    chain out {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan" masquerade
    }
"#;

/// Every connection, thus every destination, gets a port by chance.
const PORT_BY_CHANCE: &str = r#"
    chain out {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan" masquerade random,fully-random
    }
"#;

/// A port from which something was sent is open to all for a while. Source of the five minutes: RFC 4787, REQ-5.
const OPENS_TO_ALL: &str = r#"
    set open {
        type inet_proto . inet_service
        flags dynamic,timeout
        size 65535
        timeout 5m
    }
    chain opening {
        type filter hook forward priority filter; policy accept;
        iifname "lan" oifname "wan" update @open { meta l4proto . th sport }
    }
    chain in {
        type nat hook prerouting priority dstnat; policy accept;
        iifname "wan" meta l4proto . th dport @open dnat to 192.168.77.2
    }
"#;

impl Nat {
    /// All four.
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::FullCone, Self::Restricted, Self::Symmetric];

    /// The rules of a router whose outer link is `wan` and whose inner is `lan`; none where there is no router.
    pub(crate) fn rules(self) -> Option<String> {
        let parts: &[&str] = match self {
            Self::None => return None,
            Self::FullCone => &[DOOR, KEEPS_THE_PORT, OPENS_TO_ALL],
            Self::Restricted => &[DOOR, KEEPS_THE_PORT],
            Self::Symmetric => &[DOOR, PORT_BY_CHANCE],
        };
        Some(format!("table ip home {{\n{}\n}}\n", parts.concat()))
    }

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::FullCone => "full cone",
            Self::Restricted => "restricted",
            Self::Symmetric => "symmetric",
        }
    }

    /// Whether two hosts that both send to where the other was seen by a third come through, over UDP: not where one
    /// of them is seen elsewhere by everybody and the other lets in only whom it spoke to.
    pub(crate) fn can_meet(self, other: Self) -> bool {
        let strict = |nat| matches!(nat, Self::Restricted | Self::Symmetric);
        !(self == Self::Symmetric && strict(other) || other == Self::Symmetric && strict(self))
    }
}
