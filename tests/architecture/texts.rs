//! What the project's words may not say, and what its indexes must hold.

use std::collections::BTreeSet;
use std::path::Path;

use crate::house::{self, Breach, Failure, File, Room};

/// Beginnings of paths that exist on one machine only. Put together here so that this file does not hold them.
const MACHINE: &[&str] = &[
    concat!("/", "root/"),
    concat!("/", "work/"),
    concat!("/", "home/"),
    concat!("/", "Users/"),
    concat!("C:", "\\Users"),
];

/// The folder of test material beside a checkout: named only by a test that says it is skipped without it, and by the
/// script that says which these are.
const BESIDE: &str = concat!("..", "/shared");
/// How a test says that it is skipped.
const SKIPPED: &str = "println!(\"skipped: ";
/// The script that runs all tests, and how it says what it did not run.
const RUN_BY: (&str, &str) = (".ci/run", "skip \"");

/// Every machine path in the project's text, and every gap in its indexes.
pub(crate) fn breaches(house: &[Room]) -> Result<Vec<Breach>, Failure> {
    let files = house::files(&[])?;
    let ours: Vec<_> = files.into_iter().filter(|file| file.path != "Cargo.lock").collect();
    let mut found: Vec<_> = ours.iter().flat_map(machine_paths).collect();
    let readme = ours.iter().find(|file| file.path == "README.md").ok_or("there is no README.md")?;
    found.extend(missing_from_map(readme, house));
    found.extend(dangling(&ours));
    Ok(found)
}

/// Lines that name a place on one machine.
fn machine_paths(file: &File) -> Vec<Breach> {
    let says = if file.path == RUN_BY.0 { RUN_BY.1 } else { SKIPPED };
    let skips = file.text.contains(says) && (file.path == RUN_BY.0 || file.path.ends_with(".rs"));
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let place = MACHINE.iter().find(|place| begins_a_path(line, place));
        let beside = Some(&BESIDE).filter(|beside| line.contains(**beside) && !skips);
        for place in place.into_iter().chain(beside) {
            found.push(format!("{}:{}: `{place}` is a place on one machine", file.path, index + 1));
        }
    }
    found
}

/// Whether `place` stands in `line` as the beginning of a path, not as its middle.
fn begins_a_path(line: &str, place: &str) -> bool {
    let middle =
        |before: &str| before.ends_with(|last: char| last.is_alphanumeric() || "._-*~>})$".contains(last));
    line.match_indices(place).any(|(at, _)| !middle(&line[..at]))
}

/// Crates that the README's map forgets, or names though they are gone.
fn missing_from_map(readme: &File, house: &[Room]) -> Vec<Breach> {
    let named: BTreeSet<&str> = readme.text.lines().filter_map(crate_of_row).collect();
    let built: BTreeSet<&str> = house.iter().map(|room| room.name.as_str()).collect();
    let gone = named
        .difference(&built)
        .map(|name| format!("README.md: {name} is on the map but not in the workspace"));
    built
        .difference(&named)
        .map(|name| format!("README.md: {name} is not on the map of crates"))
        .chain(gone)
        .collect()
}

/// The crate a row of the map is about: ``| `name` | …``.
fn crate_of_row(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix("| `")?.split_once('`')?;
    (name == "bespeak" || name.starts_with("bespeak-")).then_some(name)
}

/// Links of our documents to files that do not exist, and documents that the index of `docs/` forgets.
fn dangling(files: &[File]) -> Vec<Breach> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let exists =
        |path: &str| paths.contains(path) || paths.range(path..).next().is_some_and(|next| is_in(next, path));
    let mut found = Vec::new();
    let mut indexed = BTreeSet::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for link in links(&file.text) {
            let target = resolve(&file.path, link);
            if !exists(&target) {
                found.push(format!("{}: the link to {link} leads nowhere", file.path));
            }
            if file.path == "docs/README.md" {
                indexed.insert(target);
            }
        }
    }
    let documents = paths.iter().filter(|path| path.starts_with("docs/") && **path != "docs/README.md");
    found.extend(
        documents
            .filter(|path| !indexed.contains(**path))
            .map(|path| format!("docs/README.md does not name {path}")),
    );
    found
}

fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
}

/// The relative targets of a document's `[words](target)` links.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next());
    targets.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// A link of the document at `from`, as a path from the top of the house.
fn resolve(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> =
        Path::new(from).parent().and_then(Path::to_str).unwrap_or_default().split('/').collect();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_machine_path_is_found_in_code_and_prose() {
        for place in MACHINE {
            assert_eq!(machine_paths(&file("a.md", &format!("see {place}thing"))).len(), 1, "{place}");
            assert_eq!(
                machine_paths(&file("a.rs", &format!("let p = \"{place}thing\";"))).len(),
                1,
                "{place}"
            );
        }
        let middle = format!("https://example.org{}x and $DIR{}x", MACHINE[1], MACHINE[2]);
        assert_eq!(machine_paths(&file("a.md", &middle)), Vec::<Breach>::new());
    }

    #[test]
    fn the_folder_beside_is_named_only_where_its_absence_is_told() {
        let name = format!("concat!(\"/../../{BESIDE}\")\n");
        assert_eq!(machine_paths(&file("a.rs", &name)).len(), 1);
        assert_eq!(machine_paths(&file("a.rs", &format!("{name} // skip"))).len(), 1);
        assert_eq!(machine_paths(&file("a.md", &format!("{name} {SKIPPED}"))).len(), 1);
        assert_eq!(machine_paths(&file(RUN_BY.0, &name)).len(), 1);
        assert_eq!(machine_paths(&file(RUN_BY.0, &format!("{name} skip \"tests\""))), Vec::<Breach>::new());
        assert_eq!(
            machine_paths(&file("a.rs", &format!("{name} println!(\"skipped: absent\")"))),
            Vec::<Breach>::new()
        );
    }

    #[test]
    fn the_map_and_the_house_agree() {
        let house = house::made_up(&[("bespeak", &[]), ("bespeak-net", &[])]);
        let whole = file(
            "README.md",
            "| crate | what |\n| `bespeak` | the program |\n| `bespeak-net` | wires |\n| `cargo` | no |",
        );
        assert_eq!(missing_from_map(&whole, &house), Vec::<Breach>::new());
        let other = file("README.md", "| `bespeak` | the program |\n| `bespeak-gone` | x |");
        assert_eq!(missing_from_map(&other, &house).len(), 2);
    }

    #[test]
    fn links_lead_somewhere_and_the_index_is_whole() {
        let index =
            file("docs/README.md", "[a](a.md) [web](https://example.org/x) [up](../crates/x) [top](#top)");
        let good = [file("crates/x/lib.rs", ""), file("docs/a.md", "[back](README.md#top)"), index.clone()];
        assert_eq!(dangling(&good), Vec::<Breach>::new());
        let bad = [file("docs/b.md", "[gone](gone.md)"), index];
        let found = dangling(&bad);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.iter().any(|breach| breach == "docs/README.md does not name docs/b.md"));
    }
}
