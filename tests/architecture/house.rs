//! What is built: the workspace as cargo tells it, and the files it is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::plan;

/// One broken rule, told for a person.
pub(crate) type Breach = String;

/// Why the house could not be read, or what is wrong with it.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// A crate of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    pub(crate) name: String,
    /// Its folder, absolute.
    pub(crate) folder: PathBuf,
    /// The crates it names in its manifest, for building, testing or running.
    pub(crate) imports: BTreeSet<String>,
}

/// A text file of the project.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Relative to the top of the house, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The top of the house.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Every crate of the workspace with its direct imports.
pub(crate) fn read() -> Result<Vec<Room>, Failure> {
    rooms(&metadata(&["--no-deps"])?)
}

/// For each pure crate, everything that is linked into it (resolved for this machine).
pub(crate) fn reached_from_below_the_line() -> Result<BTreeMap<String, BTreeSet<String>>, Failure> {
    let host = host_triple()?;
    reached(&metadata(&["--filter-platform", &host])?)
}

fn metadata(arguments: &[&str]) -> Result<Value, Failure> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(arguments)
        .current_dir(top())
        .output()?;
    if !output.status.success() {
        return Err(format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn host_triple() -> Result<String, Failure> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output()?;
    let told = String::from_utf8(output.stdout)?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc -vV names no host")?.to_owned())
}

/// The workspace's crates of a `cargo metadata --no-deps` answer.
pub(crate) fn rooms(metadata: &Value) -> Result<Vec<Room>, Failure> {
    list(metadata, "packages")?.iter().map(room).collect()
}

fn room(package: &Value) -> Result<Room, Failure> {
    let imports = list(package, "dependencies")?.iter().map(|import| text(import, "name"));
    let manifest = PathBuf::from(text(package, "manifest_path")?);
    Ok(Room {
        name: text(package, "name")?,
        folder: manifest.parent().ok_or("a manifest without a folder")?.to_path_buf(),
        imports: imports.collect::<Result<_, _>>()?,
    })
}

/// Follows the resolved graph of a `cargo metadata` answer from each pure crate, leaving out what only tests and build
/// scripts use.
pub(crate) fn reached(metadata: &Value) -> Result<BTreeMap<String, BTreeSet<String>>, Failure> {
    let mut names = BTreeMap::new();
    for package in list(metadata, "packages")? {
        names.insert(text(package, "id")?, text(package, "name")?);
    }
    let mut links = BTreeMap::new();
    for node in list(metadata.get("resolve").ok_or("no resolved graph")?, "nodes")? {
        links.insert(text(node, "id")?, linked(node)?);
    }
    let pure = names.iter().filter(|(_, name)| plan::is_pure(name));
    Ok(pure.map(|(id, name)| (name.clone(), closure(id, &links, &names))).collect())
}

/// The ids that a node of the graph links for running.
fn linked(node: &Value) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for dep in list(node, "deps")? {
        let runs = list(dep, "dep_kinds")?.iter().any(|kind| kind.get("kind").is_none_or(Value::is_null));
        if runs {
            ids.push(text(dep, "pkg")?);
        }
    }
    Ok(ids)
}

fn closure(
    from: &str,
    links: &BTreeMap<String, Vec<String>>,
    names: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(id) = open.pop() {
        for next in links.get(&id).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen.iter().filter_map(|id| names.get(id).cloned()).collect()
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, Failure> {
    Ok(value
        .get(key)
        .and_then(Value::as_array)
        .ok_or_else(|| format!("cargo metadata without a list `{key}`"))?)
}

fn text(value: &Value, key: &str) -> Result<String, Failure> {
    let found = value.get(key).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("cargo metadata without a text `{key}`"))?.to_owned())
}

/// Every text file of the project whose name ends in one of `endings` (all files if there are none).
pub(crate) fn files(endings: &[&str]) -> Result<Vec<File>, Failure> {
    let (top, mut found) = (top(), Vec::new());
    collect(&top, &top, endings, &mut found)?;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// Whether a folder holds what git keeps or what is built (cargo marks its own folders), not the project's text.
fn is_not_ours(folder: &Path) -> bool {
    folder.ends_with(".git") || folder.ends_with("target") || folder.join("CACHEDIR.TAG").exists()
}

fn collect(top: &Path, folder: &Path, endings: &[&str], found: &mut Vec<File>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_symlink() || is_not_ours(&path) {
            continue;
        }
        if path.is_dir() {
            collect(top, &path, endings, found)?;
        } else if endings.is_empty() || endings.iter().any(|ending| name.ends_with(&format!(".{ending}"))) {
            found.extend(file(top, &path)?);
        }
    }
    Ok(())
}

/// The file's text, or nothing if it is not text.
fn file(top: &Path, path: &Path) -> Result<Option<File>, Failure> {
    let text = String::from_utf8(std::fs::read(path)?).ok();
    let path = path.strip_prefix(top)?.to_string_lossy().replace('\\', "/");
    Ok(text.map(|text| File { path, text }))
}

/// A house made up for trying a rule.
#[cfg(test)]
pub(crate) fn made_up(rooms: &[(&str, &[&str])]) -> Vec<Room> {
    let room = |(name, imports): &(&str, &[&str])| Room {
        name: (*name).to_owned(),
        folder: PathBuf::from("/nowhere").join(name),
        imports: imports.iter().map(|import| (*import).to_owned()).collect(),
    };
    rooms.iter().map(room).collect()
}
