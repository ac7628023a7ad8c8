#![allow(clippy::unwrap_used)]

use bespeak_identity::{Nonce, Purpose, Seed};
use bespeak_model::{network::Network, offer::PaymentRule, terms::TermsId, text::Text};
use proptest::prelude::*;

use super::*;

fn money(amount: i64) -> Money {
    Money::new(amount, Currency::new("EUR").unwrap()).unwrap()
}

fn offer(amounts: &[i64], delivery: i64) -> Offer {
    let line = |amount: &i64| OfferLine {
        line: 0,
        name: Text::new("Faltrad E1").unwrap(),
        sku: None,
        quantity: "1".parse().unwrap(),
        amount: money(*amount),
    };
    Offer {
        iss: Seed::from_entropy([1; 32]).sign_key(Purpose::Party).public(),
        nonce: Nonce::from_bytes([0; 16]),
        net: Network::main(),
        intention: RecordId::from_digest([2; 32]),
        replaces: None,
        lines: Bounded::new(amounts.iter().map(line).collect()).unwrap(),
        alternatives: Bounded::default(),
        delivery: (delivery > 0).then(|| money(delivery)),
        total: money(amounts.iter().sum::<i64>() + delivery),
        terms: TermsId::SdBase,
        firm: true,
        payment: PaymentRule::Open,
        valid_until: Time::EPOCH,
        deliver_by: None,
        text: None,
        at: Time::EPOCH,
    }
}

proptest! {
    #[test]
    fn another_total_is_shared_out_to_the_last_cent(
        amounts in prop::collection::vec(0..1_000_000_i64, 1..20),
        delivery in 0..10_000_i64,
        total in 0..20_000_000_i64,
    ) {
        let offer = offer(&amounts, delivery);
        prop_assume!(offer.total.amount() > delivery);
        match lines_for(&offer, money(total)) {
            Some(lines) => {
                let changed = Offer { lines, total: money(total), ..offer };
                prop_assert_eq!(changed.check_sum(), Ok(()));
            }
            None => prop_assert!(total < delivery),
        }
    }
}

#[test]
fn what_was_offered_within_a_day_is_counted_in_any_order() {
    let mut mandates = Mandates::default();
    let thread = |number: u8| ThreadId::opened_by(RecordId::from_digest([number; 32]));
    let at = |hours: u64| Time::from_unix(1_790_000_000 + hours * 3600).unwrap();
    for (number, hours) in [(1, 30), (2, 0), (3, 10)] {
        mandates.recall(thread(number), Some(Mandate::default()), at(hours), money(100));
    }
    assert_eq!(mandates.made.iter().map(|(made, _)| *made).collect::<Vec<_>>(), [at(0), at(10), at(30)]);
    let kept = mandates.begin(thread(4), Mandate::default(), at(34), money(5));
    assert_eq!(mandates.made.len(), 2, "what is a day old is forgotten");
    let Kept::Mandated { mandate, at: made, total, .. } = kept else { unreachable!() };
    assert_eq!((mandate, made, total), (Some(Mandate::default()), at(34), money(5)));
}
