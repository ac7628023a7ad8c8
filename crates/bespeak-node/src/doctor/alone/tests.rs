#![allow(clippy::unwrap_used)]

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use bespeak_model::network::Network;
use bespeak_vault::{Cost, Passphrase};

use super::*;
use crate::{
    doctor::State::{self, Attention, Broken, Fine},
    home::{InitOptions, Protection},
};

fn made(dir: &tempfile::TempDir, role: Role, protection: &Protection) -> PathBuf {
    let path = dir.path().join("home");
    homes::init(&path, &InitOptions { role, name: None, network: Network::main() }, protection).unwrap();
    path
}

/// The lines about something; what is not fine says how it is mended.
fn lines(path: &Path, what: &str) -> Vec<Line> {
    let found = examine(path).lines;
    assert!(found.iter().all(|line| (line.state == Fine) == line.mend.is_none()), "{found:?}");
    found.into_iter().filter(|line| line.what == what).collect()
}

/// The state of the one line about something, which says this.
fn one(path: &Path, what: &str, wanted: &str) -> State {
    let found = lines(path, what);
    assert!(found.len() == 1 && found[0].says.contains(wanted), "{wanted}: {found:?}");
    found[0].state
}

#[test]
fn where_there_is_no_home_it_says_how_to_make_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nowhere");
    assert_eq!(one(&path, "home", "no home"), Broken);
    assert_eq!(lines(&path, "home")[0].mend.as_deref(), Some("bespeak init --role customer"));
    assert!(!path.exists());
}

#[test]
fn an_open_home_says_whose_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = made(&dir, Role::Vendor, &Protection::Open);
    assert_eq!(one(&path, "node", "No node"), Attention);
    assert_eq!(one(&path, "home", "home of a vendor, did:key:"), Fine);
    assert_eq!(one(&path, "files", "Only you"), Fine);
    assert_eq!(one(&path, "vault", "No passphrase"), Attention);
    assert_eq!(one(&path, "journal", "Nothing was kept"), Fine);
    assert_eq!(one(&path, "backup", "sealed"), Attention);
    assert_eq!(one(&path, "clock", "This machine's clock"), Fine);
    let lock = HomeLock::take(&path).unwrap();
    let process = format!("process {}", std::process::id());
    assert_eq!(one(&path, "node", &process), Attention);
    drop(lock);
    assert_eq!(one(&path, "node", "No node"), Attention);
}

#[test]
fn a_sealed_home_tells_what_lies_outside_of_its_vault() {
    let dir = tempfile::tempdir().unwrap();
    let passphrase = Passphrase::new("correct horse").unwrap();
    let path = made(&dir, Role::Customer, &Protection::Passphrase(passphrase, Cost::LEAST));
    assert_eq!(one(&path, "home", "was not opened"), Fine);
    assert_eq!(one(&path, "vault", "Sealed: a passphrase opens it"), Fine);
    // With a passphrase the node starts, and what others read is sealed.
    fs::set_permissions(path.join("vault"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(one(&path, "files", "vault is open to others"), Attention);
}

#[test]
fn an_open_home_that_others_can_read_is_broken() {
    let dir = tempfile::tempdir().unwrap();
    let path = made(&dir, Role::Customer, &Protection::Open);
    fs::set_permissions(path.join("vault"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(one(&path, "files", "vault is open to others"), Broken);
    assert_eq!(one(&path, "vault", "mode 644"), Broken);
    let mend = Some(format!("chmod go-rwx {}", path.join("vault").display()));
    assert_eq!(
        (lines(&path, "files")[0].mend.clone(), lines(&path, "vault")[0].mend.clone()),
        (mend.clone(), mend)
    );
}

#[test]
fn a_vault_that_is_none_is_broken() {
    let dir = tempfile::tempdir().unwrap();
    let path = made(&dir, Role::Customer, &Protection::Open);
    fs::write(path.join("vault"), b"no vault").unwrap();
    assert_eq!(one(&path, "vault", "this is no vault"), Broken);
}

#[test]
fn a_relay_has_a_program_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let path = made(&dir, Role::Relay, &Protection::Open);
    assert_eq!(one(&path, "node", "not running"), Attention);
    assert!(lines(&path, "node")[0].mend.as_deref().unwrap().starts_with("bespeak-relay run"));
    let _lock = HomeLock::take(&path).unwrap();
    assert_eq!(one(&path, "node", "A relay is at work"), Fine);
    assert!(lines(&path, "backup").is_empty());
}

#[test]
fn a_home_of_an_earlier_version_is_read_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("home");
    let old = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/homes/v1"));
    fs::create_dir_all(path.join("journal")).unwrap();
    for name in ["key", "config.toml", "journal/00000001.seg"] {
        fs::copy(old.join(name), path.join(name)).unwrap();
    }
    for name in ["", "key"] {
        let mode = if name.is_empty() { 0o700 } else { 0o600 };
        fs::set_permissions(path.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    assert_eq!(one(&path, "home", "made by an earlier version"), Attention);
    assert_eq!(one(&path, "journal", "1 file"), Fine);
    assert!(!path.join("vault").exists());
    fs::write(path.join("config.toml"), b"role = ").unwrap();
    assert_eq!(one(&path, "home", "config.toml"), Broken);
}
