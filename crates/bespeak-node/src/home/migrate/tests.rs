#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{cell::Cell, fs};

use bespeak_agent::document::Kept;
use bespeak_identity::Seed;
use bespeak_store::{Change, Family};

use super::*;
use crate::home::{Home, Needs, Protection, Role, SlotKind, Unlock, Warning, change_passphrase, slots};

/// A customer's home, made by the version before homes had a vault, from the seed 01 02 … 20; never made again.
const FROZEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/homes/v1");
/// Its party, as that version told it.
const PARTY: &str = "did:key:z6Mkk3VtEwUakyjuFwYmuDja4QfaduS5WkTkNFtvk5f4aoyK";

/// Copies the frozen home: a checkout has other permissions.
fn thaw() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    files::make_folder(dir.path()).unwrap();
    files::make_folder(&dir.path().join(JOURNAL)).unwrap();
    for file in [KEY, CONFIG, "journal/00000001.seg"] {
        files::replace(&dir.path().join(file), &fs::read(Path::new(FROZEN).join(file)).unwrap()).unwrap();
    }
    dir
}

fn seed() -> Seed {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(1..).for_each(|(byte, number)| *byte = number);
    Seed::from_entropy(bytes)
}

fn old_shelf(home: &Path) -> Shelf {
    Shelf::open(home, &seed().derive(Purpose::Store), quiet()).unwrap().0
}

fn kept(shelf: &Shelf) -> Vec<Kept> {
    let mut kept = Vec::new();
    let recalled = shelf.recall(|one| kept.push(one)).unwrap();
    assert_eq!(recalled.unreadable, Vec::<String>::new());
    kept
}

/// What the frozen home keeps, as it was read before there were vaults.
fn expected() -> Vec<Kept> {
    let dir = thaw();
    kept(&old_shelf(dir.path()))
}

/// The home is up to date, with everything in it, and a copy beside.
fn check(home: &Path, expected: &[Kept]) {
    assert_eq!(Home::needs(home).unwrap(), Needs::Nothing);
    let opened = Home::open(home, &Unlock::Open).unwrap();
    assert_eq!(opened.party().to_string(), PARTY);
    assert_eq!((opened.role(), opened.network().as_str()), (Role::Customer, "test"));
    assert_eq!(opened.name().map(ToString::to_string), Some("Frozen Anna".to_owned()));
    assert_eq!(opened.warnings(), [Warning::OldCopy { path: home.join(OLD_COPY) }]);
    let (shelf, report) = Shelf::open(home, &opened.store_secret(), Options::default()).unwrap();
    assert_eq!((report.damaged, report.torn_tail), (vec![], None));
    assert_eq!(kept(&shelf), expected);
    let mut names: Vec<_> =
        fs::read_dir(home).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, [OLD_COPY, INDEX, JOURNAL, "lock", VAULT]);
    let copy = home.join(OLD_COPY);
    for name in [KEY, CONFIG] {
        assert_eq!(fs::read(copy.join(name)).unwrap(), fs::read(Path::new(FROZEN).join(name)).unwrap());
    }
    assert_eq!(kept(&old_shelf(&copy)), expected);
}

#[test]
fn a_home_of_the_first_version_gets_a_vault() {
    let (dir, expected) = (thaw(), expected());
    assert_eq!(expected.len(), 2, "two intentions were cast");
    assert_eq!(Home::needs(dir.path()).unwrap(), Needs::Nothing);
    assert!(matches!(slots(dir.path()), Err(HomeError::Before { .. })));
    Home::open(dir.path(), &Unlock::Open).unwrap();
    check(dir.path(), &expected);
    let words = Home::open(dir.path(), &Unlock::Words(seed().phrase())).unwrap();
    assert_eq!(words.party().to_string(), PARTY);
    let protection = Protection::Passphrase(
        crate::home::Passphrase::new("open sesame").unwrap(),
        crate::home::Cost::LEAST,
    );
    change_passphrase(dir.path(), &Unlock::Open, &protection).unwrap();
    let kinds: Vec<_> = slots(dir.path()).unwrap().iter().map(|slot| slot.kind).collect();
    assert_eq!(kinds, [SlotKind::Passphrase, SlotKind::Words]);
}

const STEPS: [Step; 8] = [
    Step::Copied,
    Step::Built,
    Step::Decided,
    Step::OldJournalGone,
    Step::JournalMoved,
    Step::VaultMoved,
    Step::KeyGone,
    Step::ConfigGone,
];

/// Does the work up to a step, and ends there as a crash would.
fn crash_at(home: &Path, step: Step) {
    let reached = Cell::new(false);
    let outcome = watched(home, &|done| {
        reached.set(done == step);
        if done == step { Err(HomeError::NoRandomness) } else { Ok(()) }
    });
    assert!(outcome.is_err() && reached.get(), "{step:?} was not reached");
}

#[test]
fn a_crash_at_any_step_changes_nothing_in_the_end() {
    let expected = expected();
    for step in STEPS {
        let dir = thaw();
        crash_at(dir.path(), step);
        check(dir.path(), &expected);
    }
}

#[test]
fn a_crash_while_finishing_again_changes_nothing_either() {
    let expected = expected();
    for (first, second) in [
        (Step::Copied, Step::Built),
        (Step::Built, Step::Copied),
        (Step::Decided, Step::JournalMoved),
        (Step::OldJournalGone, Step::OldJournalGone),
        (Step::JournalMoved, Step::VaultMoved),
        (Step::VaultMoved, Step::KeyGone),
    ] {
        let dir = thaw();
        crash_at(dir.path(), first);
        crash_at(dir.path(), second);
        check(dir.path(), &expected);
    }
}

#[test]
fn before_the_decision_the_old_home_is_whole() {
    let expected = expected();
    for step in [Step::Copied, Step::Built] {
        let dir = thaw();
        crash_at(dir.path(), step);
        let old = Before::read(dir.path()).unwrap();
        assert_eq!(old.seed().sign_key(Purpose::Party).public().to_string(), PARTY);
        assert_eq!(kept(&old_shelf(dir.path())), expected);
    }
}

#[test]
fn half_written_leftovers_are_replaced() {
    let (dir, expected) = (thaw(), expected());
    for (folder, file) in [(MIGRATING, VAULT), (OLD_COPY, KEY), (OLD_COPY, NOT_BROUGHT_OVER)] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
        fs::write(dir.path().join(folder).join(file), "half").unwrap();
    }
    check(dir.path(), &expected);
}

#[test]
fn goods_mail_and_ports_keep_their_places() {
    let dir = thaw();
    let sku = "B-1";
    let goods = br#"{"sku":"B-1","title":"Cargo bicycle","price":"1499.00 EUR"}"#;
    let imported = bespeak_catalogue::import::read(
        goods.as_slice(),
        bespeak_catalogue::import::Format::Jsonl,
        &bespeak_catalogue::import::ImportDefaults {
            currency: "EUR".parse().unwrap(),
            now: bespeak_model::time::Time::MAX,
        },
        |goods| {
            let old = old_shelf(dir.path());
            let body = serde_json::to_vec(&goods).unwrap();
            let mail =
                Change::Keep { family: Family(18), key: b"queue and number".to_vec(), body: vec![7; 40] };
            old.store().commit_blocking(vec![old.keep_goods(sku, body), mail]).unwrap();
        },
    );
    assert!(imported.unwrap().skipped.is_empty());
    let ports = old_shelf(dir.path()).ports();
    let opened = Home::open(dir.path(), &Unlock::Open).unwrap();
    let (shelf, _) = Shelf::open(dir.path(), &opened.store_secret(), quiet()).unwrap();
    assert_eq!(shelf.ports(), ports);
    assert!(!ports.is_empty(), "the frozen node remembered its ports");
    let mail = shelf.store().get(Family(18), b"queue and number").unwrap();
    assert_eq!(mail, Some(vec![7; 40]));
    // Keeping the same goods again replaces them.
    let body = shelf.goods().unwrap().remove(0);
    shelf.store().commit_blocking(vec![shelf.keep_goods(sku, body.clone())]).unwrap();
    assert_eq!(shelf.goods().unwrap(), [body]);
}

#[test]
fn personal_data_and_what_came_in_are_found_again() {
    use bespeak_agent::export::Held;
    use bespeak_export::{Item, KINDS, data::Description};

    let dir = thaw();
    let said = Description {
        kind: "note".parse().unwrap(),
        name: None,
        media_type: "text/plain".to_owned(),
        tags: Vec::new(),
    };
    let item = Item::new(said, b"shoe size 38".to_vec(), bespeak_model::time::Time::MAX).unwrap();
    let held = KINDS.map(|kind| Held { kind, id: format!("id of {kind}"), thread: None, bytes: vec![3; 9] });
    let old = old_shelf(dir.path());
    old.keep_item(&item).unwrap();
    old.store().commit_blocking(held.iter().map(|held| old.archive(7, held)).collect()).unwrap();
    drop(old);
    let opened = Home::open(dir.path(), &Unlock::Open).unwrap();
    let (shelf, _) = Shelf::open(dir.path(), &opened.store_secret(), quiet()).unwrap();
    assert_eq!(shelf.items().unwrap(), std::slice::from_ref(&item.meta));
    assert_eq!(shelf.item(&item.meta.id).unwrap(), Some(item));
    for record in held {
        assert_eq!(shelf.archived_one(record.kind, &record.id).unwrap(), Some(record.clone()));
        assert_eq!(shelf.archived(record.kind).unwrap(), [(7, record)]);
    }
}

#[test]
fn what_cannot_be_read_is_listed() {
    let dir = thaw();
    let segment = dir.path().join("journal/00000001.seg");
    let mut bytes = fs::read(&segment).unwrap();
    // In the first copy of the header nothing is lost.
    bytes[10] ^= 1;
    // In the first intention, of which a second follows: this is damage, and no torn end.
    bytes[8500] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let opened = Home::open(dir.path(), &Unlock::Open).unwrap();
    let list = dir.path().join(OLD_COPY).join(NOT_BROUGHT_OVER);
    let told = [
        Warning::NotBroughtOver { list: list.clone() },
        Warning::OldCopy { path: dir.path().join(OLD_COPY) },
    ];
    assert_eq!(opened.warnings(), told);
    let listed = fs::read_to_string(list).unwrap();
    assert!(
        listed.starts_with("Damage { segment: 1, offset: 8326,") && listed.lines().count() == 1,
        "{listed}"
    );
    let (shelf, _) = Shelf::open(dir.path(), &opened.store_secret(), quiet()).unwrap();
    assert_eq!(kept(&shelf).len(), 1);
}

#[test]
fn a_cut_end_is_listed() {
    let dir = thaw();
    let segment = dir.path().join("journal/00000001.seg");
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() - 1]).unwrap();
    let opened = Home::open(dir.path(), &Unlock::Open).unwrap();
    let list = dir.path().join(OLD_COPY).join(NOT_BROUGHT_OVER);
    assert!(opened.warnings().contains(&Warning::NotBroughtOver { list: list.clone() }));
    assert!(fs::read_to_string(&list).unwrap().contains("TornTail"));
}

#[test]
fn a_damaged_config_is_named_with_its_line() {
    let dir = thaw();
    fs::write(
        dir.path().join(CONFIG),
        "version = 1\nrole = \"customer\"\nname = \"Anna\nnetwork = \"test\"\n",
    )
    .unwrap();
    let refused = Home::open(dir.path(), &Unlock::Open).unwrap_err().to_string();
    assert!(refused.contains("config.toml") && refused.contains("line 3"), "{refused}");
}

#[test]
fn another_network_than_that_of_what_is_kept_is_refused() {
    let dir = thaw();
    let config = dir.path().join(CONFIG);
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("\"test\"", "\"tesu\"")).unwrap();
    let refused = Home::open(dir.path(), &Unlock::Open).unwrap_err();
    assert!(matches!(refused, HomeError::Config { .. }) && refused.is_usage(), "{refused}");
    assert!(!dir.path().join(OLD_COPY).exists());
    fs::write(&config, text).unwrap();
    check(dir.path(), &expected());
}

#[test]
fn a_damaged_key_or_config_is_named_and_nothing_is_touched() {
    let dir = thaw();
    let (key, config) = (dir.path().join(KEY), dir.path().join(CONFIG));
    let whole = fs::read_to_string(&key).unwrap();
    let open = || Home::open(dir.path(), &Unlock::Open);
    for bad in ["bespeak key 2\n00\n", "bespeak key 1\n", &whole[..70], &whole.replace('\n', "\nz")] {
        fs::write(&key, bad).unwrap();
        assert!(matches!(open(), Err(HomeError::Key { .. })), "{bad:?} was read");
    }
    fs::write(&key, &whole).unwrap();
    for bad in [
        "",
        "version = 1",
        "version = 2\nrole = \"vendor\"",
        "version = 1\nrole = \"king\"\nnetwork = \"main\"",
    ] {
        fs::write(&config, bad).unwrap();
        assert!(matches!(open(), Err(HomeError::Config { .. })), "{bad:?} was read");
    }
    assert!(!dir.path().join(OLD_COPY).exists());
}

#[cfg(unix)]
#[test]
fn a_home_others_can_enter_is_refused_first() {
    use std::os::unix::fs::PermissionsExt;
    let dir = thaw();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let opened = Home::open(dir.path(), &Unlock::Open);
    assert!(matches!(opened, Err(HomeError::Exposed { mode: 0o755, .. })));
    assert!(dir.path().join(KEY).exists() && !dir.path().join(OLD_COPY).exists());
}

#[test]
fn a_home_in_use_is_left_alone() {
    let dir = thaw();
    let running = old_shelf(dir.path());
    assert!(matches!(Home::open(dir.path(), &Unlock::Open), Err(HomeError::Busy { pid: Some(_), .. })));
    drop(running);
    crash_at(dir.path(), Step::Decided);
    let finishing = HomeLock::take(dir.path()).unwrap();
    assert!(matches!(Home::open(dir.path(), &Unlock::Open), Err(HomeError::Busy { .. })));
    drop(finishing);
    assert!(Home::open(dir.path(), &Unlock::Open).is_ok());
}
