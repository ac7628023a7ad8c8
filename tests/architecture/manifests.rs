//! What every manifest inherits, what every pure crate's clippy.toml says, and that no test file is left out silently.

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use crate::house::{self, Breach, Failure, Room};
use crate::plan;

/// Keys that each package takes from the workspace.
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

/// What each pure crate's clippy.toml must forbid at the least.
const FORBIDDEN: &[&str] = &[
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "jiff::Timestamp::now",
    "getrandom::fill",
    "rand::rng",
    "rand::random",
    "std::thread::spawn",
];

/// Every breach in the manifests and clippy files of the house.
pub(crate) fn breaches(house: &[Room]) -> Result<Vec<Breach>, Failure> {
    let shared = table(&house::top().join("clippy.toml"))?;
    let mut found = Vec::new();
    for room in house {
        let manifest = table(&room.folder.join("Cargo.toml"))?;
        found.extend(not_inherited(&room.name, &manifest));
        if room.name == "bespeak-tests" {
            found.extend(left_out(&manifest, &test_files(&room.folder)?));
        }
        let clippy = room.folder.join("clippy.toml");
        if clippy.exists() || plan::is_pure(&room.name) {
            found.extend(clippy_breaches(&room.name, &shared, &table(&clippy)?));
        }
    }
    Ok(found)
}

fn table(path: &Path) -> Result<Table, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.parse().map_err(|error| format!("{}: {error}", path.display()))?)
}

/// A package key or the lints that a crate sets for itself.
fn not_inherited(name: &str, manifest: &Table) -> Vec<Breach> {
    let inherits = |value: Option<&Value>| {
        value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
    };
    let package = manifest.get("package");
    let own = INHERITED.iter().filter(|key| !inherits(package.and_then(|package| package.get(**key))));
    let mut found: Vec<_> =
        own.map(|key| format!("{name}: `{key}` is not taken from the workspace")).collect();
    if !inherits(manifest.get("lints")) {
        found.push(format!("{name}: the lints are not taken from the workspace"));
    }
    found
}

/// A clippy.toml that lacks a shared key (it replaces the one at the top) or, below the line, a prohibition.
fn clippy_breaches(name: &str, shared: &Table, own: &Table) -> Vec<Breach> {
    let unlike = shared.iter().filter(|(key, value)| own.get(*key) != Some(value));
    let mut found: Vec<_> = unlike
        .map(|(key, value)| {
            format!("{name}: its clippy.toml replaces the top one and must repeat `{key} = {value}`")
        })
        .collect();
    if plan::is_pure(name) {
        let forbidden = disallowed(own);
        let missing = FORBIDDEN.iter().filter(|path| !forbidden.contains(**path));
        found.extend(
            missing.map(|path| format!("{name}: its clippy.toml does not forbid `{path}` with a reason")),
        );
    }
    found
}

/// The methods a clippy.toml forbids with a reason.
fn disallowed(clippy: &Table) -> BTreeSet<&str> {
    let entries = clippy.get("disallowed-methods").and_then(Value::as_array).into_iter().flatten();
    let reasoned = entries
        .filter(|entry| entry.get("reason").and_then(Value::as_str).is_some_and(|why| !why.is_empty()));
    reasoned.filter_map(|entry| entry.get("path")?.as_str()).collect()
}

/// The `.rs` files that lie directly in the tests' folder.
fn test_files(folder: &Path) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rs") {
            names.push(name);
        }
    }
    Ok(names)
}

/// A test file that no `[[test]]` entry names: cargo would ignore it without a word.
fn left_out(manifest: &Table, files: &[String]) -> Vec<Breach> {
    let entries = manifest.get("test").and_then(Value::as_array).into_iter().flatten();
    let named: BTreeSet<&str> = entries.filter_map(|entry| entry.get("path")?.as_str()).collect();
    let silent = files.iter().filter(|file| !named.contains(file.as_str()));
    silent.map(|file| format!("tests/{file} has no [[test]] entry: cargo ignores it silently")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_does_not_inherit_is_found() -> Result<(), Failure> {
        let whole = INHERITED.iter().map(|key| format!("{key}.workspace = true\n")).collect::<String>();
        let good: Table = format!("[package]\nname = \"x\"\n{whole}[lints]\nworkspace = true").parse()?;
        assert_eq!(not_inherited("x", &good), Vec::<Breach>::new());
        let bad: Table =
            format!("[package]\n{}", whole.replace("license.workspace = true", "license = \"GPL-3.0\""))
                .parse()?;
        let found = not_inherited("x", &bad);
        assert_eq!(
            found,
            ["x: `license` is not taken from the workspace", "x: the lints are not taken from the workspace"]
        );
        Ok(())
    }

    #[test]
    fn a_clippy_file_that_forgets_is_found() -> Result<(), Failure> {
        let shared: Table = "too-many-lines-threshold = 70".parse()?;
        let methods = FORBIDDEN
            .iter()
            .map(|path| format!("{{ path = \"{path}\", reason = \"r\" }},"))
            .collect::<String>();
        let good: Table =
            format!("too-many-lines-threshold = 70\ndisallowed-methods = [{methods}]").parse()?;
        assert_eq!(clippy_breaches("bespeak-agent", &shared, &good), Vec::<Breach>::new());
        let loose: Table =
            format!("too-many-lines-threshold = 90\ndisallowed-methods = [{methods}]").parse()?;
        assert!(
            clippy_breaches("bespeak-agent", &shared, &loose)[0].contains("too-many-lines-threshold = 70")
        );
        let silent: Table = format!(
            "too-many-lines-threshold = 70\ndisallowed-methods = [{}]",
            methods.replacen("\"r\"", "\"\"", 1)
        )
        .parse()?;
        assert_eq!(clippy_breaches("bespeak-agent", &shared, &silent).len(), 1);
        assert_eq!(clippy_breaches("bespeak-agent", &shared, &shared).len(), FORBIDDEN.len());
        assert_eq!(clippy_breaches("bespeak-node", &shared, &shared), Vec::<Breach>::new());
        Ok(())
    }

    #[test]
    fn a_test_file_without_an_entry_is_found() -> Result<(), Failure> {
        let manifest: Table = "[[test]]\nname = \"a\"\npath = \"a.rs\"".parse()?;
        assert_eq!(left_out(&manifest, &["a.rs".to_owned()]), Vec::<Breach>::new());
        assert_eq!(left_out(&manifest, &["b.rs".to_owned()]).len(), 1);
        Ok(())
    }
}
