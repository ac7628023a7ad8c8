//! Giving a home of an earlier version a vault, without a moment in which anything is nowhere.
//!
//! Such a home has its seed in the file `key`, and its store is sealed with a key derived from that. It is copied to
//! `before-vault/`, then everything is written anew in `migrating/`; giving that the name `migrated/` decides. Before it
//! the old home is untouched and everything begins again after a crash; after it the new files are moved into place, which
//! can be repeated at any point.

use std::path::Path;

use bespeak_agent::document::Kept;
use bespeak_identity::{Purpose, Unverified};
use bespeak_model::intention::Intention;
use bespeak_store::{DamageKind, HomeLock, Options};
use bespeak_vault::Guard;

use super::{
    HomeError, State, VAULT,
    before::{Before, CONFIG, KEY, config::ConfigError},
    contents::Contents,
    files, init, state,
};
use crate::shelf::{CopyError, Shelf};

/// The copy of the old home.
pub(super) const OLD_COPY: &str = "before-vault";
/// In it: what could not be read, a line for each.
pub(super) const NOT_BROUGHT_OVER: &str = "not-brought-over.txt";
/// The new files while they are written.
const MIGRATING: &str = "migrating";
/// The new files once they are whole.
pub(super) const MIGRATED: &str = "migrated";
pub(super) const JOURNAL: &str = "journal";
pub(super) const INDEX: &str = "index";

/// What was just done; tests end the work there, as a crash would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Copied,
    Built,
    Decided,
    OldJournalGone,
    JournalMoved,
    VaultMoved,
    KeyGone,
    ConfigGone,
}

/// Told of each step; an error ends the work.
type Watch<'a> = &'a dyn Fn(Step) -> Result<(), HomeError>;

/// Brings a home of an earlier version up to date; does nothing to any other.
pub(super) fn bring_up_to_date(home: &Path) -> Result<(), HomeError> {
    watched(home, &|_| Ok(()))
}

pub(super) fn watched(home: &Path, watch: Watch<'_>) -> Result<(), HomeError> {
    if state(home)? == State::Before {
        check_alone(home)?;
        begin(home, watch)?;
    }
    if state(home)? == State::Decided {
        finish(home, watch)?;
    }
    Ok(())
}

/// The vault is to be an open one: nobody else may get at it.
fn check_alone(home: &Path) -> Result<(), HomeError> {
    let facts = std::fs::metadata(home).map_err(HomeError::files(home))?;
    match files::exposed(&facts) {
        Some(mode) => Err(HomeError::Exposed { path: home.to_owned(), mode }),
        None => Ok(()),
    }
}

fn begin(home: &Path, watch: Watch<'_>) -> Result<(), HomeError> {
    let before = Before::read(home)?;
    let secret = before.seed().derive(Purpose::Store);
    // Holds the home's lock, so that nobody writes what would then not be copied.
    let (old, report) = Shelf::open(home, &secret, quiet()).map_err(HomeError::store(home))?;
    check_network(home, &before, &old)?;
    copy_old(home)?;
    watch(Step::Copied)?;
    // Of a header there are two copies: with one of them nothing is lost.
    let losses = report.damaged.iter().filter(|damage| damage.what != DamageKind::HeaderCopy);
    let mut lost: Vec<String> = losses.map(|damage| format!("{damage:?}")).collect();
    // Without an index nobody can tell whether it had been promised.
    lost.extend(report.torn_tail.map(|tail| format!("{tail:?}")));
    lost.extend(build(home, &before, &old)?);
    list_lost(home, &lost)?;
    watch(Step::Built)?;
    files::rename(&home.join(MIGRATING), &home.join(MIGRATED))?;
    watch(Step::Decided)
}

/// The network's name stood in the clear, where one turned bit makes another of it: the intentions that are kept say which
/// it was.
fn check_network(home: &Path, before: &Before, old: &Shelf) -> Result<(), HomeError> {
    let failed = |source| HomeError::Copy { path: home.to_owned(), source: CopyError::Read(source) };
    let says = &before.options.network;
    let net = |kept| match kept {
        Kept::Cast { record } | Kept::Heard { record, .. } => {
            Some(Unverified::<Intention>::from_bytes(record.into_vec()).ok()?.verify().ok()?.net.clone())
        }
        _ => None,
    };
    let mut other = None;
    old.recall(|kept| other = other.take().or_else(|| net(kept).filter(|net| net != says)))
        .map_err(failed)?;
    match other {
        None => Ok(()),
        Some(kept) => {
            let source = ConfigError::Network { says: says.to_string(), kept: kept.to_string() };
            Err(HomeError::Config { path: home.join(CONFIG), source })
        }
    }
}

/// Nothing moves in either store while it is copied.
fn quiet() -> Options {
    Options { compact_by_itself: false, ..Options::default() }
}

/// Copies what there is; leftovers of an earlier try go first.
fn copy_old(home: &Path) -> Result<(), HomeError> {
    let copy = home.join(OLD_COPY);
    files::remove_folder(&home.join(MIGRATING))?;
    files::remove_folder(&copy)?;
    files::make_folder(&copy)?;
    for name in [KEY, CONFIG] {
        files::copy(&home.join(name), &copy.join(name))?;
    }
    files::copy_folder(&home.join(JOURNAL), &copy.join(JOURNAL))?;
    files::sync_folder(&copy)
}

/// Writes the new vault and store; tells which documents could not be read.
fn build(home: &Path, before: &Before, old: &Shelf) -> Result<Vec<String>, HomeError> {
    let place = home.join(MIGRATING);
    files::make_folder(&place)?;
    let contents = Contents::new(&before.seed, &before.options);
    let failed = HomeError::vault(&home.join(VAULT));
    let made = init::make_vault(&contents, Guard::Open)
        .and_then(|vault| vault.unlock(&bespeak_vault::Unlock::Open).map(|opened| (vault, opened)));
    let (vault, opened) = made.map_err(failed)?;
    let secret = super::store_secret(&opened.key);
    let copy = || -> Result<_, CopyError> {
        let (new, _) = Shelf::open(&place, &secret, quiet())?;
        old.copy_into(&new)
    };
    let lost = copy().map_err(|source| HomeError::Copy { path: home.to_owned(), source })?;
    files::replace(&place.join(VAULT), &vault.to_bytes())?;
    Ok(lost)
}

fn list_lost(home: &Path, lost: &[String]) -> Result<(), HomeError> {
    if lost.is_empty() {
        return Ok(());
    }
    let list = lost.iter().map(|what| format!("{what}\n")).collect::<String>();
    files::replace(&home.join(OLD_COPY).join(NOT_BROUGHT_OVER), list.as_bytes())
}

/// Moves the new files into place. The last to go is their folder: as long as it is there, this is done again.
fn finish(home: &Path, watch: Watch<'_>) -> Result<(), HomeError> {
    let _lock = HomeLock::take(home).map_err(HomeError::store(home))?;
    let from = home.join(MIGRATED);
    if files::exists(&from.join(JOURNAL))? {
        files::remove_folder(&home.join(JOURNAL))?;
        files::remove_folder(&home.join(INDEX))?;
        watch(Step::OldJournalGone)?;
        files::rename(&from.join(JOURNAL), &home.join(JOURNAL))?;
        watch(Step::JournalMoved)?;
    }
    if files::exists(&from.join(VAULT))? {
        files::rename(&from.join(VAULT), &home.join(VAULT))?;
        watch(Step::VaultMoved)?;
    }
    files::remove(&home.join(KEY))?;
    watch(Step::KeyGone)?;
    files::remove(&home.join(CONFIG))?;
    files::sync_folder(home)?;
    watch(Step::ConfigGone)?;
    files::remove_folder(&from)?;
    files::sync_folder(home)
}

#[cfg(test)]
mod tests;
