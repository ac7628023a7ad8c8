#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use bespeak_identity::Purpose;

use super::*;

fn options() -> InitOptions {
    InitOptions {
        role: Role::Vendor,
        name: Name::try_from("Wheels & Co".to_owned()).ok(),
        network: Network::main(),
    }
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).unwrap()
}

/// The cheapest that is believed.
fn closed(text: &str) -> Protection {
    Protection::Passphrase(passphrase(text), Cost::LEAST)
}

fn with(text: &str) -> Unlock {
    Unlock::Passphrase(passphrase(text))
}

fn refused(path: &Path, unlock: &Unlock) -> bool {
    matches!(Home::open(path, unlock), Err(HomeError::Vault { source: VaultError::Refused, .. }))
}

fn kinds(path: &Path) -> Vec<SlotKind> {
    slots(path).unwrap().iter().map(|slot| slot.kind).collect()
}

#[test]
fn what_was_made_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/home");
    let made = init(&path, &options(), &Protection::Open).unwrap();
    assert_eq!(Home::needs(&path).unwrap(), Needs::Nothing);
    let home = Home::open(&path, &Unlock::Open).unwrap();
    assert_eq!((home.role(), home.party()), (Role::Vendor, made.party));
    assert_eq!(home.name().map(|name| name.to_string()), Some("Wheels & Co".to_owned()));
    assert_eq!(home.network(), &Network::main());
    assert_eq!(home.warnings(), []);
    let restored = Seed::from_phrase(&made.recovery_phrase).unwrap();
    assert_eq!(restored.sign_key(Purpose::Party).public(), made.party);
}

#[test]
fn a_passphrase_or_the_words_open_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let made = init(dir.path(), &options(), &closed("open sesame")).unwrap();
    let other = init(&dir.path().join("other"), &options(), &Protection::Open).unwrap();
    assert_eq!(Home::needs(dir.path()).unwrap(), Needs::Passphrase);
    assert_eq!(kinds(dir.path()), [SlotKind::Passphrase, SlotKind::Words]);
    let words = Unlock::Words(made.recovery_phrase.clone());
    let opened = [with("open sesame"), words].map(|unlock| Home::open(dir.path(), &unlock).unwrap());
    assert_eq!(opened[0].party(), made.party);
    assert_eq!(opened[0].store_secret(), opened[1].store_secret());
    assert!(refused(dir.path(), &with("open Sesame")));
    assert!(refused(dir.path(), &Unlock::Open));
    assert!(refused(dir.path(), &Unlock::Words(other.recovery_phrase)));
    let few = Home::open(dir.path(), &Unlock::Words("abandon".to_owned().into()));
    assert!(matches!(few, Err(HomeError::Words(_))));
}

#[test]
fn nothing_of_it_lies_open_behind_a_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path(), &options(), &closed("open sesame")).unwrap();
    let home = Home::open(dir.path(), &with("open sesame")).unwrap();
    let (seed, store) = (home.contents().seed_bytes(), home.store_secret());
    let planted: [&[u8]; 4] = [b"Wheels", b"open sesame", seed.as_slice(), store.as_slice()];
    let bytes = fs::read(dir.path().join(VAULT)).unwrap();
    for secret in planted {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{secret:?}");
    }
    let printed = format!("{home:?}");
    assert!(!printed.contains("Wheels") && !printed.contains(&format!("{:?}", &seed[..4])), "{printed}");
}

#[test]
fn a_passphrase_is_changed_set_and_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    let made = init(dir.path(), &options(), &Protection::Open).unwrap();
    let store = Home::open(dir.path(), &Unlock::Open).unwrap().store_secret();
    change_passphrase(dir.path(), &Unlock::Open, &closed("the first one")).unwrap();
    assert!(refused(dir.path(), &Unlock::Open));
    change_passphrase(dir.path(), &with("the first one"), &closed("the second one")).unwrap();
    assert!(refused(dir.path(), &with("the first one")));
    assert_eq!(Home::open(dir.path(), &with("the second one")).unwrap().store_secret(), store);
    // Forgotten: the words help.
    let before = fs::read(dir.path().join(VAULT)).unwrap();
    let wrong = change_passphrase(dir.path(), &with("the third one"), &Protection::Open);
    assert!(matches!(wrong, Err(HomeError::Vault { source: VaultError::Refused, .. })));
    let words = Unlock::Words(made.recovery_phrase);
    let short = change_passphrase(dir.path(), &words, &closed("short"));
    assert!(matches!(short, Err(HomeError::Vault { source: VaultError::Short, .. })));
    assert_eq!(fs::read(dir.path().join(VAULT)).unwrap(), before);
    change_passphrase(dir.path(), &words, &Protection::Open).unwrap();
    assert_eq!(kinds(dir.path()), [SlotKind::Words, SlotKind::Open]);
    assert_eq!(Home::open(dir.path(), &Unlock::Open).unwrap().store_secret(), store);
}

#[test]
fn a_home_is_never_made_twice() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path(), &options(), &Protection::Open).unwrap();
    let vault = fs::read(dir.path().join(VAULT)).unwrap();
    let again = init(dir.path(), &options(), &Protection::Open);
    assert!(matches!(again, Err(HomeError::Exists { .. })));
    assert_eq!(fs::read(dir.path().join(VAULT)).unwrap(), vault);
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("letter.txt"), "dear").unwrap();
    let made = init(dir.path(), &options(), &Protection::Open);
    assert!(matches!(made, Err(HomeError::NotEmpty { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(matches!(Home::open(dir.path(), &Unlock::Open), Err(HomeError::Missing { .. })));
    assert!(matches!(Home::needs(dir.path()), Err(HomeError::Missing { .. })));
    assert!(matches!(slots(dir.path()), Err(HomeError::Missing { .. })));
}

#[test]
fn a_short_passphrase_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("home");
    let made = init(&path, &options(), &closed("seven c"));
    assert!(matches!(made, Err(HomeError::Vault { source: VaultError::Short, .. })));
    assert!(!path.exists());
}

#[test]
fn a_crash_while_making_leaves_a_folder_that_can_be_used() {
    let dir = tempfile::tempdir().unwrap();
    for (left, text) in
        [("vault.new", "bespeak va"), ("lock", "1\n"), ("config.toml", "half of it"), ("key", "")]
    {
        fs::write(dir.path().join(left), text).unwrap();
    }
    assert!(matches!(Home::open(dir.path(), &Unlock::Open), Err(HomeError::Missing { .. })));
    init(dir.path(), &options(), &Protection::Open).unwrap();
    assert!(Home::open(dir.path(), &Unlock::Open).is_ok());
    assert!(!dir.path().join("vault.new").exists());
}

#[cfg(unix)]
#[test]
fn what_others_can_read_is_refused_or_told() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("home");
    init(&path, &options(), &Protection::Open).unwrap();
    let vault = path.join(VAULT);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&vault)), (0o700, 0o600));
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for (exposed, wrong, right) in [(&vault, 0o640, 0o600), (&path, 0o755, 0o700)] {
        set(exposed, wrong);
        let error = Home::open(&path, &Unlock::Open).unwrap_err();
        assert!(matches!(&error, HomeError::Exposed { path, mode } if path == exposed && *mode == wrong));
        assert!(error.to_string().contains("chmod"), "{error}");
        set(exposed, right);
    }
    change_passphrase(&path, &Unlock::Open, &closed("open sesame")).unwrap();
    set(&path, 0o755);
    let home = Home::open(&path, &with("open sesame")).unwrap();
    assert_eq!(home.warnings(), [Warning::Exposed { path: path.clone(), mode: 0o755 }]);
    let opened = change_passphrase(&path, &with("open sesame"), &Protection::Open);
    assert!(matches!(opened, Err(HomeError::Exposed { mode: 0o755, .. })));
}

#[test]
fn a_damaged_vault_is_named() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path(), &options(), &Protection::Open).unwrap();
    let vault = dir.path().join(VAULT);
    let whole = fs::read(&vault).unwrap();
    let flipped: Vec<u8> = whole.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == 200)).collect();
    for bad in [b"".as_slice(), b"bespeak key 1\n", &whole[..whole.len() - 1], &flipped, &[0; MAX_BYTES + 9]]
    {
        fs::write(&vault, bad).unwrap();
        let opened = Home::open(dir.path(), &Unlock::Open);
        assert!(matches!(opened, Err(HomeError::Vault { .. })), "{} bytes were read", bad.len());
    }
}

#[test]
fn contents_of_a_later_version_are_named() {
    use bespeak_identity::drisl;
    #[derive(serde::Serialize)]
    struct Later {
        v: u32,
        more: bool,
    }
    let later = drisl::to_vec(&Later { v: 3, more: true }).unwrap();
    assert_eq!(Contents::from_bytes(&later).err(), Some(ContentsError::Newer { found: 3 }));
    let strange = drisl::to_vec(&Later { v: 1, more: true }).unwrap();
    assert_eq!(Contents::from_bytes(&strange).err(), Some(ContentsError::Unreadable));
}
