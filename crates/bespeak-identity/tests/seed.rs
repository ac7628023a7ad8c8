//! The root seed: its words, what is derived from it, and the generator.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use bespeak_identity::{Entropy, Nonce, PhraseError, PublicKey, Purpose, Seed};
use common::hex;
use proptest::prelude::*;

/// BIP-39's own vectors of 32 bytes.
const WORDS: [(u8, &str); 2] = [
    (
        0x00,
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
         abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art",
    ),
    (
        0x7f,
        "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful \
         legal winner thank year wave sausage worth title",
    ),
];

fn derived(seed: &Seed) -> String {
    hex(seed.derive(Purpose::Store).as_slice())
}

#[test]
fn words_of_known_seeds() {
    for (byte, words) in WORDS {
        let seed = Seed::from_entropy([byte; 32]);
        assert_eq!(seed.phrase().as_str(), words);
        assert_eq!(derived(&Seed::from_phrase(words).unwrap()), derived(&seed));
        let untidy = format!("  {}\n", words.to_uppercase().replace(' ', " \t "));
        assert_eq!(derived(&Seed::from_phrase(&untidy).unwrap()), derived(&seed));
    }
}

fn refused(words: &str) -> PhraseError {
    Seed::from_phrase(words).map(|_| ()).unwrap_err()
}

#[test]
fn wrong_words_say_what_is_wrong() {
    let (_, words) = WORDS[1];
    assert_eq!(refused(""), PhraseError::WordCount { found: 0 });
    assert_eq!(refused(&words[6..]), PhraseError::WordCount { found: 23 });
    assert_eq!(refused(&format!("{words} title")), PhraseError::WordCount { found: 25 });
    // Twelve words are a good phrase elsewhere, but half a seed here.
    let twelve = ["abandon "; 11].concat() + "about";
    assert_eq!(refused(&twelve), PhraseError::WordCount { found: 12 });
    assert_eq!(refused(&words.replacen("thank", "thnak", 1)), PhraseError::UnknownWord { position: 3 });
    assert_eq!(refused(&words.replace("title", "título")), PhraseError::UnknownWord { position: 24 });
    // Known words in another order.
    assert_eq!(refused(&words.replacen("legal winner", "winner legal", 1)), PhraseError::Checksum);
    assert_eq!(refused(&words.replace("title", "art")), PhraseError::Checksum);
}

#[test]
fn errors_and_seeds_do_not_print_words() {
    let said = refused(&WORDS[1].1.replacen("thank", "thnak", 1)).to_string();
    assert!(said.contains("word 3") && !said.contains("thnak"), "{said}");
    assert_eq!(format!("{:?}", Seed::from_entropy([1; 32])), "Seed(..)");
}

/// Computed by a second implementation (Python's hmac): HKDF-SHA256 of the seed 00 01 … 1f.
const DERIVED: [&str; 10] = [
    "4baf9e3df5556170f601776be0771aee45aac70be881381f6d6662cbee239a91",
    "bea0720c983ed34a0650c4b95f284c3260928dd35d190c56ec4b23d90b1036a8",
    "0ec3d03a7eaf89875d7ebf1f7a0f156dd1f026ed6ec65eed9aa956d0dccb42b4",
    "1b971fff380b46d32837335e96d9a9730cf31999ac0b29b974d7a6cb85c1a5ee",
    "2cdfd804d278e09c3fd44d66e57369c98611b363f8b1ac3940540c3273c67f9d",
    "1c86f9d2629eca1cdfc510ae0984b21146be56b417bb9ec86920be321b7945d5",
    "9f5585bc29787fac4ab83f256c6d3884274d9018256753e488c50ef529504b69",
    "7838fb887f272268711ee2e3ab0bf5a0de407d3d77fafa4cd63d55d61d9bd695",
    "6861555e4b879d56bf0b4aea0116d3a4570e92fd3350f58bcc427bc17b905063",
    "e6165149241d6b3cd5d9a773c8265f7ed075dcde85e9bd195bb4e863526ba085",
];

fn purposes<'a>(nonce: &'a Nonce, id: &'a [u8; 32], vendor: &'a PublicKey) -> [Purpose<'a>; 10] {
    [
        Purpose::Party,
        Purpose::PartySeal,
        Purpose::Store,
        Purpose::Vault,
        Purpose::IntentionSign(nonce),
        Purpose::IntentionSeal(nonce),
        Purpose::IntentionQueue(nonce),
        Purpose::RelationSign { intention: id, vendor },
        Purpose::RelationQueue { intention: id, vendor },
        Purpose::Transport(id),
    ]
}

fn vendor(seed: u8) -> PublicKey {
    common::key(seed).public()
}

#[test]
fn derived_keys_are_frozen() {
    let seed = Seed::from_entropy(std::array::from_fn(|index| index as u8));
    let vendor: PublicKey = "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw".parse().unwrap();
    let (nonce, id) = (Nonce::from_bytes([3; 16]), [4; 32]);
    for (purpose, expected) in purposes(&nonce, &id, &vendor).into_iter().zip(DERIVED) {
        assert_eq!(hex(seed.derive(purpose).as_slice()), expected, "{}", purpose.label());
    }
    let sign = seed.sign_key(Purpose::Party);
    assert_eq!(hex(sign.to_bytes().as_slice()), DERIVED[0]);
    assert_eq!(hex(seed.seal_key(Purpose::PartySeal).to_bytes().as_slice()), DERIVED[1]);
}

#[test]
fn every_purpose_and_context_gives_another_key() {
    let mut keys = BTreeSet::new();
    let mut drawn = 0;
    for seed in [1, 2] {
        let seed = Seed::from_entropy([seed; 32]);
        for context in [1, 2, 3] {
            let (nonce, id, vendor) =
                (Nonce::from_bytes([context; 16]), [context; 32], self::vendor(context));
            for purpose in purposes(&nonce, &id, &vendor).into_iter().skip(4) {
                keys.insert(hex(seed.derive(purpose).as_slice()));
                drawn += 1;
            }
            // The same intention towards another vendor.
            let other = self::vendor(context + 10);
            let relation = Purpose::RelationSign { intention: &id, vendor: &other };
            keys.insert(hex(seed.derive(relation).as_slice()));
            drawn += 1;
        }
    }
    assert_eq!(keys.len(), drawn);
}

#[test]
fn no_label_begins_another() {
    let (nonce, vendor) = (Nonce::from_bytes([1; 16]), self::vendor(1));
    let labels = purposes(&nonce, &[1; 32], &vendor).map(|purpose| purpose.label());
    for (index, label) in labels.iter().enumerate() {
        for (other_index, other) in labels.iter().enumerate() {
            assert!(index == other_index || !other.starts_with(label), "{label} begins {other}");
        }
    }
}

#[test]
fn the_generator_replays_and_differs_by_seed() {
    let draw = |seed| {
        let mut entropy = Entropy::from_seed([seed; 32]);
        (entropy.nonce(), entropy.bytes32(), entropy.below(1_000_000), entropy.nonce())
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    assert_ne!(draw(1).0, draw(1).3);
    assert_eq!(format!("{:?}", Entropy::from_seed([1; 32])), "Entropy(..)");
}

#[test]
fn below_is_even_and_bounded() {
    let mut entropy = Entropy::from_seed([5; 32]);
    assert_eq!((entropy.below(0), entropy.below(1)), (0, 0));
    let mut counts = [0_u32; 6];
    for _ in 0..60_000 {
        counts[entropy.below(6) as usize] += 1;
    }
    // 10,000 expected, standard deviation 91: six of them.
    assert!(counts.iter().all(|count| (9_450..10_550).contains(count)), "{counts:?}");
    // Three quarters of all numbers: taken modulo, a draw would land in the first third half of the time.
    let draws: Vec<u64> = (0..3_000).map(|_| entropy.below(3 << 62)).collect();
    assert!(draws.iter().all(|draw| *draw < 3 << 62));
    let low = draws.iter().filter(|draw| **draw < 1 << 62).count();
    assert!((850..1_150).contains(&low), "{low} of 3,000, where 1,000 are expected (standard deviation 26)");
}

proptest! {
    #[test]
    fn any_seed_comes_back_from_its_words(bytes: [u8; 32]) {
        let seed = Seed::from_entropy(bytes);
        let again = Seed::from_phrase(&seed.phrase()).unwrap();
        prop_assert_eq!(derived(&seed), derived(&again));
        prop_assert_eq!(seed.phrase().split(' ').count(), 24);
    }

    #[test]
    fn any_words_are_read_without_panic(text in "(\\PC{0,8} ){0,30}") {
        let _ = Seed::from_phrase(&text);
    }
}
