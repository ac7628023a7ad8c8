#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use bespeak_match::words::terms;

fn titled(title: &str) -> Fields {
    let mut fields = Fields::default();
    fields.terms[Field::Title as usize] = terms(title);
    fields
}

fn slots(index: &Index, word: &str) -> Vec<Slot> {
    let Some(term) = index.term(word) else { return Vec::new() };
    index.postings(term).unwrap().iter().map(|posting| posting.slot).collect()
}

#[test]
fn goods_are_found_by_their_terms_until_they_are_removed() {
    let mut index = Index::default();
    let red = index.add(&titled("red chair")).unwrap();
    let blue = index.add(&titled("blue chair chair")).unwrap();
    assert_eq!(slots(&index, "chair"), [red, blue]);
    assert_eq!(
        index.postings(index.term("chair").unwrap()).unwrap().at(blue).unwrap().counts[Field::Title as usize],
        2
    );
    index.remove(red);
    assert_eq!(slots(&index, "chair"), [blue]);
    assert!(slots(&index, "red").is_empty());
    assert_eq!(index.live(), 1);
    index.remove(red);
    assert_eq!(index.live(), 1);
}

#[test]
fn a_free_slot_is_used_again_and_postings_stay_in_order() {
    let mut index = Index::default();
    let slots_of: Vec<Slot> =
        ["a chair", "b chair", "c chair"].map(|t| index.add(&titled(t)).unwrap()).to_vec();
    index.remove(slots_of[1]);
    assert_eq!(index.add(&titled("d chair")).unwrap(), slots_of[1]);
    assert_eq!(slots(&index, "chair"), slots_of);
    assert_eq!(index.slots(), 3);
}

#[test]
fn a_phrase_is_found_where_its_terms_follow_one_another() {
    let mut index = Index::default();
    let yes = index.add(&titled("usb flash drive")).unwrap();
    index.add(&titled("drive with flash")).unwrap();
    let phrase: Vec<Term> = ["flash", "drive"].iter().map(|word| index.term(word).unwrap()).collect();
    let found = index.phrase(&phrase);
    assert_eq!(found.iter().map(|posting| posting.slot).collect::<Vec<_>>(), [yes]);
    assert!(index.phrase(&[]).is_empty());
}
