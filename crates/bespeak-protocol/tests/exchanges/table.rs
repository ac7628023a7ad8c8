//! What a node keeps of the market: found by age, by end and by name, and forgotten in portions.

use bespeak_identity::Signed;
use bespeak_model::intention::{Intention, Withdrawal};
use bespeak_protocol::market::{Announcement, Live, Slot, Table};

use crate::common::*;

fn wish_from(number: u64, hours: u64, life: u64) -> Signed<Intention> {
    let (cast_at, expires_at) = (later(hours * HOUR), later(hours * HOUR + life));
    signed(Intention { nonce: nonce(number), cast_at, expires_at, ..wish() }, WISH)
}

fn names(table: &Table) -> usize {
    table.live().into_iter().map(Live::len).sum()
}

#[test]
fn what_was_heard_is_found_and_forgotten_when_it_ends() {
    let mut table = Table::default();
    let [old, short, new] = [wish_from(1, 0, 7 * DAY), wish_from(2, 1, DAY), wish_from(3, 2, 7 * DAY)];
    for record in [&new, &old, &short, &old] {
        assert_eq!(table.hear(record.clone()), []);
    }
    assert_eq!((table.intentions().count(), names(&table)), (3, 3));
    assert_eq!((table.not_ended(later(24 * HOUR)), table.not_ended(later(25 * HOUR))), (3, 2));
    assert_eq!(table.next_end(), Some(later(25 * HOUR)));
    assert_eq!(table.forget_ended(later(24 * HOUR), 10), []);
    assert_eq!(table.forget_ended(later(25 * HOUR), 10), [Slot::Intention(short.id())]);
    let said = Announcement::intention(&new).to_bytes().unwrap();
    assert_eq!(table.announcement(new.id().as_digest()), Some(said));
    assert_eq!(table.announcement(short.id().as_digest()), None);
    assert_eq!(
        table.forget_ended(later(30 * DAY), 1),
        [Slot::Intention(old.id())],
        "no more than was asked for"
    );
    assert_eq!(table.forget_ended(later(30 * DAY), 10), [Slot::Intention(new.id())]);
    assert_eq!((table.next_end(), names(&table)), (None, 0));
}

#[test]
fn only_its_owner_buries_an_intention_and_the_tombstone_stays_until_its_end() {
    let mut table = Table::default();
    let (wished, stranger) = (intention(), withdrawal_by(STRANGER, &intention()));
    let own: Signed<Withdrawal> = withdrawal_by(WISH, &wished);
    assert!(table.bury(&stranger).kept, "whose it is is not known yet");
    assert_eq!(table.hear(wished.clone()), [Slot::Tombstone(wished.id(), *stranger.issuer())]);
    let by_stranger = table.bury(&stranger);
    assert!(by_stranger.kept && !by_stranger.withdrawn && by_stranger.forget.is_empty());
    let by_owner = table.bury(&own);
    assert!(by_owner.kept && by_owner.withdrawn);
    assert_eq!(by_owner.forget, [Slot::Intention(wished.id())]);
    assert!(table.get(&wished.id()).is_none());
    let said = Announcement::withdrawal(&own).to_bytes().unwrap();
    assert_eq!(table.announcement(own.id().as_digest()), Some(said));
    assert_eq!((table.next_end(), names(&table)), (Some(wished.expires_at), 2));
    let gone = table.forget_ended(wished.expires_at, 10);
    assert_eq!((gone.len(), names(&table)), (2, 0));
}
