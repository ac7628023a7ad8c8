//! The plan: which crate stands on which floor, and which walls stand between them. Change it with a reason.

/// Where a crate stands: a crate may import only crates of lower floors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Floor {
    /// Ground (0) to floor 6.
    Level(u8),
    /// The programs.
    Roof,
    /// Outside, looking at the whole house: the tests.
    Outside,
}

/// The last floor below the line: up to here no IO, no clock, no tasks, no global randomness.
pub(crate) const LAST_PURE: Floor = Floor::Level(3);

/// Every crate of the workspace and its floor.
pub(crate) const FLOORS: &[(&str, Floor)] = &[
    ("bespeak-identity", Floor::Level(0)),
    ("bespeak-model", Floor::Level(1)),
    ("bespeak-protocol", Floor::Level(2)),
    ("bespeak-policy", Floor::Level(2)),
    ("bespeak-match", Floor::Level(2)),
    ("bespeak-agent", Floor::Level(3)),
    ("bespeak-vault", Floor::Level(4)),
    ("bespeak-store", Floor::Level(4)),
    ("bespeak-net", Floor::Level(4)),
    ("bespeak-catalogue", Floor::Level(4)),
    ("bespeak-export", Floor::Level(4)),
    ("bespeak-leads", Floor::Level(4)),
    ("bespeak-node", Floor::Level(5)),
    ("bespeak-sim", Floor::Level(5)),
    ("bespeak-api", Floor::Level(6)),
    ("bespeak-bench", Floor::Level(6)),
    ("bespeak", Floor::Roof),
    ("bespeak-relay", Floor::Roof),
    ("bespeak-tests", Floor::Outside),
];

/// Crates that are never shipped: no other crate but the tests may import them.
pub(crate) const NEVER_SHIPPED: &[&str] = &["bespeak-sim", "bespeak-bench", "bespeak-tests"];

/// Imports on the same floor that are meant.
pub(crate) const MEANT: &[(&str, &str, &str)] =
    &[("bespeak-bench", "bespeak-api", "it asks running nodes as a program would, and is never shipped")];

/// A wall: `who` may not reach `what`, neither directly nor through another crate of the house.
pub(crate) struct Wall {
    pub(crate) who: &'static str,
    pub(crate) what: &'static str,
    pub(crate) why: &'static str,
}

/// The walls that a floor alone does not give.
pub(crate) const WALLS: &[Wall] = &[
    Wall {
        who: "bespeak-protocol",
        what: "bespeak-policy",
        why: "the privacy wall: no message can name what a person keeps private if its crate cannot see it",
    },
    Wall {
        who: "bespeak-protocol",
        what: "bespeak-match",
        why: "what is said does not depend on how it is judged",
    },
    Wall {
        who: "bespeak-net",
        what: "bespeak-model",
        why: "what is forwarded is decided by validation, not by the carrier of the bytes",
    },
    Wall {
        who: "bespeak-vault",
        what: "bespeak-identity",
        why: "it locks bytes away: what they say, and whose they are, is nothing to it",
    },
    Wall {
        who: "bespeak-leads",
        what: "bespeak-agent",
        why: "a lead is facts that the node has read off its agent: what leaves the house does not look into it",
    },
    Wall {
        who: "bespeak-store",
        what: "bespeak-protocol",
        why: "it keeps documents, not machines: start-up replays the documents through the same `handle`",
    },
    Wall {
        who: "bespeak-store",
        what: "bespeak-model",
        why: "it keeps documents as bytes: there is no second form of the state to migrate",
    },
];

/// What a program may import of the house: it parses words and prints answers.
pub(crate) const PROGRAMS: &[(&str, &[&str])] =
    &[("bespeak", &["bespeak-node", "bespeak-api"]), ("bespeak-relay", &["bespeak-node"])];

/// An engine and who may name it: engines can be replaced, the rest of the house is not written in their words.
/// Bench measures the bare engine beside ours in the same run; the tests speak it as a hostile peer would.
pub(crate) const ENGINES: &[(&str, &[&str])] = &[
    ("libp2p", &["bespeak-net", "bespeak-bench", "bespeak-tests"]),
    ("sled", &["bespeak-store", "bespeak-bench", "bespeak-tests"]),
];

/// What no crate below the line may import or reach: the whole market must run in one thread, under a virtual clock.
pub(crate) const RUNTIMES: &[&str] =
    &["tokio", "libp2p", "sled", "axum", "hyper", "mio", "async-std", "smol", "rayon"];

/// What no crate below the line may import itself (a library may hold one behind a function that is handed randomness).
pub(crate) const RANDOMNESS: &[&str] = &["rand", "getrandom", "fastrand", "oorandom"];

/// The floor of a crate, if the plan knows it.
pub(crate) fn floor(name: &str) -> Option<Floor> {
    FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor)
}

/// Whether a crate stands below the line.
pub(crate) fn is_pure(name: &str) -> bool {
    floor(name).is_some_and(|floor| floor <= LAST_PURE)
}
