//! What can be seen of a home when no node answers, without its passphrase.

use std::path::Path;

use bespeak_store::{HomeLock, OpenError};

use super::{
    Disk, Examination, Line, backup, clock, disk, home, is_open, newest_file, old_copy, permissions, vault,
    version,
    words::{count, quoted, sentence, size},
};
use crate::{
    clock::now,
    home::{self as homes, Folder, Home, HomeError, Role, Unlock},
};

/// Looks at a home without its node: nothing in it is opened that needs a passphrase, and nothing altered. Blocks.
pub fn examine(path: &Path) -> Examination {
    let mut lines = vec![version(None)];
    match homes::folder(path) {
        Ok(Folder::Missing) => lines.push(missing(path)),
        Ok(Folder::Ready) => lines.extend(ready(path)),
        Ok(Folder::Before) => lines.extend(before(path)),
        Err(error) => lines.push(unreadable(path, &error)),
    }
    Examination { lines }
}

fn missing(path: &Path) -> Line {
    let mend = "bespeak init --role customer";
    Line::broken("home", format!("There is no home at {}.", path.display()), mend)
}

fn unreadable(path: &Path, error: &HomeError) -> Line {
    let mend = format!("see that you may read it: `ls -ld {}`", quoted(path));
    Line::broken("home", sentence(error), mend)
}

fn ready(path: &Path) -> Vec<Line> {
    let slots = homes::slots(path);
    let open = is_open(&slots);
    let owner = open.then(|| Home::open(path, &Unlock::Open).ok()).flatten();
    let owner = owner.map(|home| (home.role(), home.party().to_string()));
    let role = owner.as_ref().map(|(role, _)| *role);
    let mut lines = vec![no_node(path, role)];
    lines.push(home(path, owner.as_ref().map(|(role, party)| (*role, party.as_str()))));
    lines.extend(permissions(path, open));
    lines.push(vault(slots.as_deref()));
    lines.extend(homes::old_copy(path).map(|copy| old_copy(Some(&copy))).unwrap_or_default());
    lines.extend(of_disk(path));
    if role != Some(Role::Relay) {
        lines.push(backup::unknown());
    }
    lines
}

/// A home of an earlier version: its settings lie in the clear.
fn before(path: &Path) -> Vec<Line> {
    let mut lines = vec![no_node(path, None)];
    lines.push(match homes::settings_before(path) {
        Ok(role) => Line::attention(
            "home",
            format!("{} is the home of a {role}, made by an earlier version.", path.display()),
            "start its node once, which gives it a vault: `bespeak run`",
        ),
        Err(error) => Line::broken(
            "home",
            sentence(&error),
            "put the file back as it was, from a copy of the folder; then `bespeak run`",
        ),
    });
    lines.extend(permissions(path, true));
    lines.extend(of_disk(path));
    lines
}

/// Why no node answers, as far as the home's lock tells.
fn no_node(path: &Path, role: Option<Role>) -> Line {
    let relay = role == Some(Role::Relay);
    match HomeLock::is_free(path) {
        Ok(()) if relay => {
            let mend = format!("bespeak-relay run --home {}", quoted(path));
            Line::attention("node", "The relay of this home is not running.", mend)
        }
        Ok(()) => Line::attention("node", "No node is running on this home.", "bespeak run"),
        Err(OpenError::Busy { pid }) if relay => {
            Line::fine("node", format!("A relay is at work in this home{}.", process(pid)))
        }
        Err(OpenError::Busy { pid }) => {
            let says = format!("Something is at work in this home{}, and does not answer yet.", process(pid));
            let look =
                pid.map_or_else(|| "look for it".to_owned(), |pid| format!("look at it: `ps -p {pid}`"));
            let mend = format!("a node that is starting answers soon; if this one does not, {look}");
            Line::attention("node", says, mend)
        }
        Err(error) => {
            let lock = path.join("lock");
            let mend = format!("see that it is yours: `ls -l {}`", quoted(&lock));
            Line::broken("node", sentence(&error), mend)
        }
    }
}

fn process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(", process {pid}")).unwrap_or_default()
}

fn of_disk(path: &Path) -> Vec<Line> {
    let newest = newest_file(path);
    vec![journal(path), disk(&Disk::of(path, None)), clock(now(), newest)]
}

fn journal(path: &Path) -> Line {
    let entries = std::fs::read_dir(path.join("journal")).into_iter().flatten().flatten();
    let lengths: Vec<u64> = entries.filter_map(|entry| Some(entry.metadata().ok()?.len())).collect();
    let says = match lengths.len() as u64 {
        0 => "Nothing was kept here yet.".to_owned(),
        files => format!(
            "The journal has {} with {}; whether all of it is whole is found when the node starts.",
            count(files, "file"),
            size(lengths.iter().sum())
        ),
    };
    Line::fine("journal", says)
}

#[cfg(test)]
mod tests;
