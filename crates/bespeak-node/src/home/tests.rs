#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

fn options() -> InitOptions {
    InitOptions {
        role: Role::Vendor,
        name: Name::try_from("Wheels & Co".to_owned()).ok(),
        network: Network::main(),
    }
}

#[test]
fn what_was_made_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/home");
    let made = init(&path, &options()).unwrap();
    let home = Home::open(&path).unwrap();
    assert_eq!((home.role(), home.party()), (Role::Vendor, made.party));
    assert_eq!(home.name().map(|name| name.to_string()), Some("Wheels & Co".to_owned()));
    assert_eq!(home.network(), &Network::main());
    let restored = Seed::from_phrase(&made.recovery_phrase).unwrap();
    assert_eq!(restored.sign_key(Purpose::Party).public(), made.party);
}

#[test]
fn a_home_is_never_made_twice() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path(), &options()).unwrap();
    let key = fs::read(dir.path().join(KEY)).unwrap();
    assert!(matches!(init(dir.path(), &options()), Err(HomeError::Exists { .. })));
    assert_eq!(fs::read(dir.path().join(KEY)).unwrap(), key);
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("letter.txt"), "dear").unwrap();
    assert!(matches!(init(dir.path(), &options()), Err(HomeError::NotEmpty { .. })));
    assert!(matches!(Home::open(dir.path()), Err(HomeError::Missing { .. })));
}

#[test]
fn a_crash_before_the_key_leaves_a_folder_that_can_be_used() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(CONFIG), "half of it").unwrap();
    init(dir.path(), &options()).unwrap();
    assert!(Home::open(dir.path()).is_ok());
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("home");
    init(&path, &options()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join(KEY)), 0o600);
    fs::set_permissions(path.join(KEY), fs::Permissions::from_mode(0o640)).unwrap();
    let error = Home::open(&path).unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn a_damaged_key_or_config_is_named() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path(), &options()).unwrap();
    let (key, config) = (dir.path().join(KEY), dir.path().join(CONFIG));
    let whole = fs::read_to_string(&key).unwrap();
    for bad in ["", "bespeak key 2\n00\n", "bespeak key 1\n", &whole[..70], &whole.replace('\n', "\nz")] {
        fs::write(&key, bad).unwrap();
        assert!(matches!(Home::open(dir.path()), Err(HomeError::Key { .. })), "{bad:?} was read");
    }
    fs::write(&key, &whole).unwrap();
    for bad in [
        "",
        "version = 1",
        "version = 2\nrole = \"vendor\"",
        "version = 1\nrole = \"king\"\nnetwork = \"main\"",
    ] {
        fs::write(&config, bad).unwrap();
        assert!(matches!(Home::open(dir.path()), Err(HomeError::Config { .. })), "{bad:?} was read");
    }
}
