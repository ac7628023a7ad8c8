//! Who may import whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::house::{Breach, Room};
use crate::plan::{self, Floor};

/// Every breach of the plan in the direct imports of the workspace.
pub(crate) fn breaches(house: &[Room]) -> Vec<Breach> {
    let rules = [without_a_floor, upwards, through_a_wall, engines, runtimes_below, programs, never_shipped];
    rules.iter().flat_map(|rule| rule(house)).collect()
}

/// A crate the plan does not know, or a place in the plan where nothing stands.
fn without_a_floor(house: &[Room]) -> Vec<Breach> {
    let unknown = house.iter().filter(|room| plan::floor(&room.name).is_none());
    let mut found: Vec<_> = unknown.map(|room| format!("{} has no floor in the plan", room.name)).collect();
    for (name, _) in plan::FLOORS {
        if !house.iter().any(|room| room.name == *name) {
            found.push(format!("the plan has a floor for {name}, which is not in the workspace"));
        }
    }
    found
}

/// An import of the same or a higher floor.
fn upwards(house: &[Room]) -> Vec<Breach> {
    let mut found = Vec::new();
    for (room, import) in own_imports(house) {
        let (Some(here), Some(there)) = (plan::floor(&room.name), plan::floor(import)) else { continue };
        let meant = plan::MEANT.iter().any(|(who, what, _)| *who == room.name && *what == import);
        if there >= here && !meant {
            let why = if there == here && here == Floor::Level(4) {
                "the crates of floor 4 are strangers to each other"
            } else {
                "a crate imports only lower floors"
            };
            found.push(format!("{} ({here:?}) imports {import} ({there:?}): {why}", room.name));
        }
    }
    found
}

/// A wall that is crossed, directly or through another crate of the house.
fn through_a_wall(house: &[Room]) -> Vec<Breach> {
    let crossed = plan::WALLS.iter().filter(|wall| reach(house, wall.who).contains(wall.what));
    crossed.map(|wall| format!("{} reaches {}: {}", wall.who, wall.what, wall.why)).collect()
}

/// Every crate of the house that `from` reaches.
fn reach<'a>(house: &'a [Room], from: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for (room, import) in own_imports(house) {
            if room.name == name && seen.insert(import) {
                open.push(import);
            }
        }
    }
    seen
}

/// An engine outside its owner.
fn engines(house: &[Room]) -> Vec<Breach> {
    let mut found = Vec::new();
    for room in house {
        for (engine, owners) in plan::ENGINES {
            let named = room.imports.iter().find(|import| is_or_is_part_of(import, engine));
            if let Some(import) = named.filter(|_| !owners.contains(&room.name.as_str())) {
                found
                    .push(format!("{} imports {import}: only {} may name that engine", room.name, owners[0]));
            }
        }
    }
    found
}

/// A runtime or a source of randomness in the manifest of a pure crate.
fn runtimes_below(house: &[Room]) -> Vec<Breach> {
    let mut found = Vec::new();
    for room in house.iter().filter(|room| plan::is_pure(&room.name)) {
        let banned = |import: &&String| {
            let runtime = plan::RUNTIMES.iter().any(|runtime| is_or_is_part_of(import, runtime));
            runtime || plan::RANDOMNESS.contains(&import.as_str())
        };
        for import in room.imports.iter().filter(banned) {
            found.push(format!(
                "{} imports {import}: below the line there is no IO, clock, task or global randomness",
                room.name
            ));
        }
    }
    found
}

/// A runtime that a pure crate reaches through its libraries.
pub(crate) fn reached_engines(reached: &BTreeMap<String, BTreeSet<String>>) -> Vec<Breach> {
    let mut found = Vec::new();
    if let Some((missing, _)) =
        plan::FLOORS.iter().find(|(name, _)| plan::is_pure(name) && !reached.contains_key(*name))
    {
        found.push(format!(
            "{missing} is missing from the resolved graph, so nothing is known of what it reaches"
        ));
    }
    for (name, all) in reached {
        for library in all
            .iter()
            .filter(|library| plan::RUNTIMES.iter().any(|runtime| is_or_is_part_of(library, runtime)))
        {
            found.push(format!(
                "{name} is linked with {library}: below the line there is no runtime, not even a library's"
            ));
        }
    }
    found
}

/// A program that imports more of the house than it may.
fn programs(house: &[Room]) -> Vec<Breach> {
    let mut found = Vec::new();
    for (room, import) in own_imports(house) {
        let allowed =
            plan::PROGRAMS.iter().find(|(program, _)| *program == room.name).map(|(_, allowed)| *allowed);
        if allowed.is_some_and(|allowed| !allowed.contains(&import)) {
            found.push(format!("{} imports {import}: a program parses words and prints answers", room.name));
        }
    }
    found
}

/// A shipped crate that needs one which is never shipped.
fn never_shipped(house: &[Room]) -> Vec<Breach> {
    let shipped = own_imports(house).filter(|(room, import)| {
        !plan::NEVER_SHIPPED.contains(&room.name.as_str()) && plan::NEVER_SHIPPED.contains(import)
    });
    shipped.map(|(room, import)| format!("{} imports {import}, which is never shipped", room.name)).collect()
}

/// Imports of the house's own crates (for building and for testing alike).
fn own_imports(house: &[Room]) -> impl Iterator<Item = (&Room, &str)> {
    let all = house.iter().flat_map(|room| room.imports.iter().map(move |import| (room, import.as_str())));
    all.filter(|(room, import)| import.starts_with("bespeak") && room.name != *import)
}

/// `libp2p-gossipsub` is part of `libp2p`, `tokio_util` of `tokio`; `sledge` is not part of `sled`.
fn is_or_is_part_of(import: &str, engine: &str) -> bool {
    import.strip_prefix(engine).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::made_up;

    /// The one breach that `rule` finds in a made-up house.
    fn one(rule: fn(&[Room]) -> Vec<Breach>, rooms: &[(&str, &[&str])], says: &str) {
        let found = rule(&made_up(rooms));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(says), "{found:?} should say {says:?}");
    }

    #[test]
    fn a_crate_without_a_floor_is_found() {
        let mut rooms: Vec<(&str, &[&str])> =
            plan::FLOORS.iter().map(|(name, _)| (*name, &[] as &[&str])).collect();
        assert_eq!(breaches(&made_up(&rooms)), Vec::<Breach>::new());
        rooms.push(("bespeak-shed", &[]));
        one(without_a_floor, &rooms, "bespeak-shed has no floor");
        rooms.truncate(plan::FLOORS.len() - 1);
        one(without_a_floor, &rooms, "bespeak-tests, which is not in the workspace");
    }

    #[test]
    fn imports_go_down_only() {
        one(upwards, &[("bespeak-identity", &["bespeak-model"])], "only lower floors");
        one(upwards, &[("bespeak-match", &["bespeak-policy"])], "only lower floors");
        one(upwards, &[("bespeak-net", &["bespeak-store"])], "strangers");
        one(upwards, &[("bespeak-sim", &["bespeak-node"])], "only lower floors");
        one(upwards, &[("bespeak-agent", &["bespeak-tests"])], "only lower floors");
        let allowed =
            made_up(&[("bespeak-bench", &["bespeak-node"]), ("bespeak-agent", &["bespeak-policy", "serde"])]);
        assert_eq!(upwards(&allowed), Vec::<Breach>::new());
    }

    #[test]
    fn a_wall_is_not_walked_around() {
        one(through_a_wall, &[("bespeak-protocol", &["bespeak-policy"])], "the privacy wall");
        one(
            through_a_wall,
            &[("bespeak-protocol", &["bespeak-x"]), ("bespeak-x", &["bespeak-policy"])],
            "the privacy wall",
        );
        one(through_a_wall, &[("bespeak-net", &["bespeak-model"])], "the carrier");
        one(
            through_a_wall,
            &[("bespeak-store", &["bespeak-policy"]), ("bespeak-policy", &["bespeak-model"])],
            "as bytes",
        );
    }

    #[test]
    fn engines_stay_with_their_owners() {
        one(engines, &[("bespeak-node", &["libp2p"])], "only bespeak-net");
        one(engines, &[("bespeak-node", &["libp2p-gossipsub"])], "only bespeak-net");
        one(engines, &[("bespeak-catalogue", &["sled"])], "only bespeak-store");
        assert_eq!(
            engines(&made_up(&[("bespeak-net", &["libp2p"]), ("bespeak-node", &["sledge"])])),
            Vec::<Breach>::new()
        );
    }

    #[test]
    fn below_the_line_there_is_no_runtime() {
        for banned in ["tokio", "tokio-stream", "axum", "mio", "rand", "getrandom"] {
            one(runtimes_below, &[("bespeak-agent", &[banned])], banned);
            assert_eq!(runtimes_below(&made_up(&[("bespeak-node", &[banned])])), Vec::<Breach>::new());
        }
        assert_eq!(
            runtimes_below(&made_up(&[("bespeak-agent", &["rand_chacha", "rand_core"])])),
            Vec::<Breach>::new()
        );
    }

    #[test]
    fn a_runtime_is_found_behind_a_library() -> Result<(), crate::house::Failure> {
        let package = |name: &str| serde_json::json!({"id": name, "name": name});
        let dep = |name: &str, kind: serde_json::Value| serde_json::json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let mut packages: Vec<_> = plan::FLOORS.iter().map(|(name, _)| package(name)).collect();
        packages.extend([package("innocent"), package("tokio"), package("mio")]);
        let graph = serde_json::json!({"packages": packages, "resolve": {"nodes": [
            {"id": "bespeak-policy", "deps": [dep("innocent", serde_json::Value::Null)]},
            {"id": "innocent", "deps": [dep("tokio", serde_json::Value::Null), dep("mio", "dev".into())]},
        ]}});
        let found = reached_engines(&crate::house::reached(&graph)?);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("bespeak-policy is linked with tokio"), "{found:?}");
        assert!(reached_engines(&BTreeMap::new())[0].contains("missing from the resolved graph"));
        Ok(())
    }

    #[test]
    fn programs_and_shipped_crates_keep_to_their_own() {
        one(programs, &[("bespeak", &["bespeak-store", "bespeak-api", "clap"])], "bespeak-store");
        one(programs, &[("bespeak-relay", &["bespeak-api"])], "bespeak-api");
        one(never_shipped, &[("bespeak-api", &["bespeak-sim"])], "never shipped");
        assert_eq!(never_shipped(&made_up(&[("bespeak-tests", &["bespeak-sim"])])), Vec::<Breach>::new());
    }
}
