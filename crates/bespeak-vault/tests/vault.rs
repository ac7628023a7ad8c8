//! What a vault promises: it opens by what it was locked with, and by nothing else.
#![allow(clippy::unwrap_used, clippy::panic)]

use bespeak_vault::{
    Cost, Guard, Limits, MAX_CONTENTS, Passphrase, Secret, SlotKind, Unlock, Vault, VaultError,
};
use proptest::prelude::*;

/// As cheap as argon2 can be.
const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
const LIMITS: Limits = Limits { least: CHEAP, ..Limits::STANDARD };

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).unwrap()
}

fn words() -> Secret {
    Secret::new([9; 32])
}

fn whole() -> (Vault, Passphrase) {
    let passphrase = passphrase("correct horse");
    let guards = [Guard::Words(&words()), Guard::Passphrase(&passphrase, CHEAP)];
    (Vault::create(b"content", &guards).unwrap().0, passphrase)
}

fn read(bytes: &[u8]) -> Result<Vault, VaultError> {
    Vault::from_bytes(bytes, &LIMITS)
}

fn refusal(vault: &Vault, with: &Unlock<'_>) -> VaultError {
    vault.unlock(with).err().unwrap()
}

#[test]
fn every_slot_gives_the_same_key_and_content() {
    let (mut vault, passphrase) = whole();
    let first = vault.unlock(&Unlock::Passphrase(&passphrase)).unwrap();
    vault.guard(&first.key, Guard::Open).unwrap();
    let vault = read(&vault.to_bytes()).unwrap();
    let kinds: Vec<_> = vault.slots().iter().map(|slot| (slot.kind, slot.cost)).collect();
    assert_eq!(kinds, [(SlotKind::Passphrase, Some(CHEAP)), (SlotKind::Words, None), (SlotKind::Open, None)]);
    for with in [Unlock::Passphrase(&passphrase), Unlock::Words(&words()), Unlock::Open] {
        let opened = vault.unlock(&with).unwrap();
        assert_eq!(opened.contents.as_slice(), b"content");
        assert_eq!(opened.key.derive("store"), first.key.derive("store"));
        assert_ne!(opened.key.derive("store"), opened.key.derive("other"));
    }
}

#[test]
fn nothing_else_opens_it_and_the_sentence_is_one() {
    let (vault, _) = whole();
    let other = passphrase("correct horse ");
    let missing = Vault::create(b"", &[Guard::Words(&words())]).unwrap().0;
    assert_eq!(refusal(&vault, &Unlock::Passphrase(&other)), VaultError::Refused);
    assert_eq!(refusal(&vault, &Unlock::Words(&Secret::new([8; 32]))), VaultError::Refused);
    assert_eq!(refusal(&vault, &Unlock::Open), VaultError::Refused);
    assert_eq!(refusal(&missing, &Unlock::Passphrase(&other)), VaultError::Refused);
}

#[test]
fn a_changed_passphrase_opens_and_the_old_one_does_not() {
    let (mut vault, old) = whole();
    let opened = vault.unlock(&Unlock::Passphrase(&old)).unwrap();
    let new = passphrase("battery staple");
    vault.guard(&opened.key, Guard::Passphrase(&new, CHEAP)).unwrap();
    let vault = read(&vault.to_bytes()).unwrap();
    assert_eq!(refusal(&vault, &Unlock::Passphrase(&old)), VaultError::Refused);
    let again = vault.unlock(&Unlock::Passphrase(&new)).unwrap();
    assert_eq!(again.key.derive("store"), opened.key.derive("store"));
    assert_eq!(again.contents.as_slice(), b"content");
    assert!(vault.unlock(&Unlock::Words(&words())).is_ok());
}

#[test]
fn an_open_slot_can_be_closed_but_not_the_last() {
    let (mut vault, key) = Vault::create(b"x", &[Guard::Open]).unwrap();
    assert_eq!(vault.unguard(&key, SlotKind::Open), Err(VaultError::Slots));
    vault.guard(&key, Guard::Words(&words())).unwrap();
    vault.unguard(&key, SlotKind::Open).unwrap();
    assert_eq!(refusal(&vault, &Unlock::Open), VaultError::Refused);
    let secret = key.derive("store");
    assert!(!vault.to_bytes().windows(32).any(|bytes| bytes == secret.as_slice()));
    assert!(vault.unlock(&Unlock::Words(&words())).is_ok());
}

#[test]
fn the_key_of_another_vault_changes_nothing() {
    let (mut vault, _) = whole();
    let before = vault.to_bytes();
    let (_, other) = Vault::create(b"", &[Guard::Open]).unwrap();
    assert_eq!(vault.guard(&other, Guard::Open), Err(VaultError::Damaged));
    assert_eq!(vault.unguard(&other, SlotKind::Words), Err(VaultError::Damaged));
    assert_eq!(vault.to_bytes(), before);
}

#[test]
fn what_cannot_be_made_is_refused() {
    let short = passphrase("seven c");
    let make = |guards: &[Guard<'_>]| Vault::create(b"", guards).err();
    assert_eq!(make(&[]), Some(VaultError::Slots));
    assert_eq!(make(&[Guard::Open, Guard::Open]), Some(VaultError::Slots));
    assert_eq!(make(&[Guard::Passphrase(&short, CHEAP)]), Some(VaultError::Short));
    let large = vec![0; MAX_CONTENTS + 1];
    assert_eq!(Vault::create(&large, &[Guard::Open]).err(), Some(VaultError::TooLarge));
    assert!(Vault::create(&large[1..], &[Guard::Open]).is_ok());
    assert!(read(&Vault::create(&large[1..], &[Guard::Open]).unwrap().0.to_bytes()).is_ok());
    assert_eq!(Passphrase::new(&"x".repeat(1025)).err(), Some(VaultError::Long));
}

#[test]
fn a_passphrase_is_the_same_from_every_keyboard() {
    // Composed and decomposed, and a ligature; seven characters are short however many bytes they take.
    let (typed, other) = (passphrase("Grüße ﬁt"), passphrase("Gru\u{308}ße fit"));
    let vault = Vault::create(b"", &[Guard::Passphrase(&typed, CHEAP)]).unwrap().0;
    assert!(vault.unlock(&Unlock::Passphrase(&other)).is_ok());
    let short = passphrase("鍵鍵鍵鍵鍵鍵鍵");
    assert_eq!(Vault::create(b"", &[Guard::Passphrase(&short, CHEAP)]).err(), Some(VaultError::Short));
}

/// Where the cost of the first slot lies: behind 14 bytes, the version, the count and the kind.
const COST_AT: usize = 18;

#[test]
fn an_absurd_cost_is_refused_before_it_is_paid() {
    let (vault, _) = whole();
    let with = |cost: Cost| {
        let mut bytes = vault.to_bytes().to_vec();
        for (place, number) in [cost.memory_kib, cost.passes, cost.lanes].into_iter().enumerate() {
            bytes[COST_AT + 4 * place..][..4].copy_from_slice(&number.to_be_bytes());
        }
        bytes
    };
    let most = Cost::MOST;
    for asked in [
        Cost { memory_kib: 4 << 20, ..CHEAP },
        Cost { memory_kib: u32::MAX, ..CHEAP },
        Cost { memory_kib: most.memory_kib + 1, ..CHEAP },
        Cost { passes: 17, ..CHEAP },
        Cost { lanes: 17, ..CHEAP },
    ] {
        assert_eq!(read(&with(asked)).err(), Some(VaultError::Excessive { asked, most }));
    }
    for asked in [Cost { memory_kib: 0, ..CHEAP }, Cost { passes: 0, ..CHEAP }, Cost { lanes: 0, ..CHEAP }] {
        assert_eq!(read(&with(asked)).err(), Some(VaultError::Weak { asked, least: CHEAP }));
    }
    let cheap = Vault::from_bytes(&vault.to_bytes(), &Limits::STANDARD).err();
    assert_eq!(cheap, Some(VaultError::Weak { asked: CHEAP, least: Cost::LEAST }));
    for cost in [Cost::DEFAULT, Cost::LEAST, Cost::MOST] {
        assert!(Vault::from_bytes(&with(cost), &Limits::STANDARD).is_ok(), "{cost}");
    }
}

#[test]
fn a_later_format_is_named() {
    let mut bytes = whole().0.to_bytes().to_vec();
    bytes[15] = 2;
    let error = read(&bytes).err().unwrap();
    assert_eq!(error, VaultError::Newer { found: 2 });
    assert!(error.to_string().contains("format 2"), "{error}");
    bytes[15] = 0;
    assert_eq!(read(&bytes).err(), Some(VaultError::Damaged));
    assert_eq!(read(b"bespeak key 1\n").err(), Some(VaultError::NoVault));
    assert_eq!(read(b"").err(), Some(VaultError::NoVault));
}

#[test]
fn slots_out_of_order_or_doubled_are_refused() {
    let vault = Vault::create(b"", &[Guard::Open]).unwrap().0;
    let mut bytes = vault.to_bytes().to_vec();
    let slot = bytes[17..50].to_vec();
    bytes[16] = 2;
    bytes.splice(17..17, slot);
    assert_eq!(read(&bytes).err(), Some(VaultError::Damaged));
    bytes[16] = 0;
    assert_eq!(read(&bytes).err(), Some(VaultError::Damaged));
}

#[test]
fn what_is_printed_tells_nothing() {
    let (vault, passphrase) = whole();
    let opened = vault.unlock(&Unlock::Passphrase(&passphrase)).unwrap();
    let printed = format!("{vault:?} {passphrase:?} {:?}", opened.key);
    assert!(!printed.contains("horse"), "{printed}");
    assert_eq!(format!("{:?}", opened.key), "MasterKey(..)");
}

/// Whether any way to open these bytes is left.
fn opens(bytes: &[u8], passphrase: &Passphrase) -> bool {
    // Costs that a changed bit makes large are out, so that the test stays quick.
    let limits = Limits { least: CHEAP, most: Cost { memory_kib: 1 << 10, passes: 4, lanes: 4 } };
    let Ok(vault) = Vault::from_bytes(bytes, &limits) else { return false };
    let all = [Unlock::Passphrase(passphrase), Unlock::Words(&words()), Unlock::Open];
    // Read as a vault without a passphrase it would be stretched at the full cost.
    let with = all.iter().skip(usize::from(!vault.has(SlotKind::Passphrase)));
    with.into_iter().any(|with| vault.unlock(with).is_ok())
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed() {
    let (mut vault, passphrase) = whole();
    let key = vault.unlock(&Unlock::Words(&words())).unwrap().key;
    vault.guard(&key, Guard::Open).unwrap();
    let bytes = vault.to_bytes().to_vec();
    assert!(opens(&bytes, &passphrase));
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!opens(&changed, &passphrase), "bit {bit}");
    }
    for cut in 0..bytes.len() {
        assert!(!opens(&bytes[..cut], &passphrase), "cut at {cut}");
    }
    assert!(!opens(&[&bytes[..], &[0]].concat(), &passphrase));
}

proptest! {
    #[test]
    fn any_content_comes_back(content in proptest::collection::vec(any::<u8>(), 0..2000), secret: [u8; 32]) {
        let secret = Secret::new(secret);
        let (vault, key) = Vault::create(&content, &[Guard::Words(&secret)]).unwrap();
        let opened = read(&vault.to_bytes()).unwrap().unlock(&Unlock::Words(&secret)).unwrap();
        prop_assert_eq!(opened.contents.as_slice(), content.as_slice());
        prop_assert_eq!(opened.key.derive("x"), key.derive("x"));
    }

    #[test]
    fn any_bytes_are_read_or_refused(mut bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes);
        bytes.splice(0..0, *b"bespeak vault\n\0\x01\x02");
        if let Ok(vault) = read(&bytes) {
            prop_assert_eq!(vault.to_bytes().to_vec(), bytes);
        }
    }
}
