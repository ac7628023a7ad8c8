//! A vendor on a loud market.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_identity::{Nonce, Signed};
use bespeak_model::{
    category::Slug,
    intention::{Line, Title},
    offer::PaymentRule,
    queue::{Drop, HostAddress},
    text::Text,
    time::{Lifetime, Span},
};
use bespeak_policy::mandate::Mandate;
use serde_bytes::ByteBuf;

use super::*;
use crate::command::{DraftLine, OfferDraft, Placement};

const HOST: &str = "/ip4/127.0.0.1/tcp/1/p2p/relay";

fn start() -> Time {
    Time::from_unix(1_790_000_000).unwrap().rounded_to_hour()
}

fn vendor() -> Vendor {
    Vendor::new(Seed::from_entropy([2; 32]), Network::main(), Text::new("Radhaus").unwrap(), [4; 32])
}

fn wish(number: u64) -> Signed<Intention> {
    let seed = Seed::from_entropy([9; 32]);
    let mut nonce = [0; Nonce::LEN];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    let (key, seal) = (seed.sign_key(Purpose::Party), seed.seal_key(Purpose::Party));
    let name: Title = Text::new("folding e-bike").unwrap();
    let line = Line {
        name: name.clone(),
        quantity: "1".parse().unwrap(),
        conditions: Bounded::default(),
        gtin: None,
    };
    let host = HostAddress::try_from(HOST.to_owned()).unwrap();
    let drop = Drop { queue: QueueId::from_bytes([8; 32]), hosts: Bounded::new(vec![host]).unwrap() };
    let wish = Intention {
        iss: key.public(),
        nonce: Nonce::from_bytes(nonce),
        net: Network::main(),
        category: Slug::new("vehicles").unwrap(),
        title: name,
        text: None,
        lines: Bounded::new(vec![line]).unwrap(),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        cast_at: start(),
        expires_at: start().saturating_add(Lifetime::OneDay.seconds()),
        terms: Bounded::new(vec![TermsId::SdBase]).unwrap(),
        seal: seal.public(),
        drops: Bounded::new(vec![drop]).unwrap(),
    };
    Signed::sign(wish, &key).unwrap()
}

fn hear(vendor: &mut Vendor, wish: &Signed<Intention>) {
    let heard = Kept::Heard { record: ByteBuf::from(wish.bytes()), intention: wish.id() };
    let _ = vendor.handle(Input::Recall(heard), start());
}

fn draft(wish: &Signed<Intention>, mandate: Option<Mandate>) -> Command {
    let line = DraftLine {
        line: 0,
        name: Text::new("Faltrad E1").unwrap(),
        sku: None,
        quantity: None,
        unit_price: "1249 EUR".parse().unwrap(),
    };
    Command::Vendor(VendorCommand::Offer(Box::new(OfferDraft {
        intention: wish.id(),
        lines: vec![line],
        alternatives: Vec::new(),
        delivery: None,
        valid: Span::THREE_DAYS,
        firm: true,
        payment: PaymentRule::Open,
        text: None,
        placement: Placement::at(vec![HOST.to_owned()]),
        terms: None,
        deliver_by: None,
        mandate,
    })))
}

fn by_rule() -> Option<Mandate> {
    Some(Mandate::default())
}

fn offer(vendor: &mut Vendor, command: Command) -> Outputs {
    vendor.handle(Input::Command(command), start())
}

#[test]
fn what_expires_in_one_hour_is_forgotten_in_portions_that_a_store_takes() {
    let mut vendor = vendor();
    let _ = vendor.handle(Input::Wake, start());
    (0..2_500).for_each(|number| hear(&mut vendor, &wish(number)));
    let over = start().saturating_add(Lifetime::OneDay.seconds());
    let mut forgotten = Vec::new();
    for _ in 0..3 {
        let out = vendor.handle(Input::Wake, over);
        forgotten.push(out.forget.len());
        assert_eq!(
            out.wake_at.is_some_and(|at| at <= over),
            vendor.market.intentions().next().is_some(),
            "the rest at once"
        );
    }
    assert_eq!(forgotten, [1000, 1000, 500]);
}

#[test]
fn offers_by_rule_stop_while_too_many_customers_are_silent() {
    let mut vendor = vendor();
    let _ = vendor.handle(Input::Wake, start());
    vendor.most_unanswered = 2;
    let wishes: Vec<_> = (0..4).map(wish).collect();
    wishes.iter().for_each(|wish| hear(&mut vendor, wish));
    for wish in &wishes[..2] {
        assert!(matches!(offer(&mut vendor, draft(wish, by_rule())).reply, Some(Ok(Reply::Offered(_)))));
    }
    let refused = offer(&mut vendor, draft(&wishes[2], by_rule())).reply;
    assert_eq!(refused.unwrap().unwrap_err().code, RefusalCode::RateLimited);
    let by_hand = offer(&mut vendor, draft(&wishes[3], None)).reply;
    assert!(matches!(by_hand, Some(Ok(Reply::Offered(_)))), "a person is not held back");
    for relation in vendor.relations.values_mut() {
        relation.facts.intention = wish_of_yesterday();
    }
    let again = offer(&mut vendor, draft(&wishes[2], by_rule())).reply;
    assert!(matches!(again, Some(Ok(Reply::Offered(_)))), "those that are over make room");
}

fn wish_of_yesterday() -> Signed<Intention> {
    wish_from(start().saturating_sub(2 * 86_400), start().saturating_sub(86_400))
}

fn wish_from(cast_at: Time, expires_at: Time) -> Signed<Intention> {
    let seed = Seed::from_entropy([9; 32]);
    let wish = Intention { cast_at, expires_at, ..wish(0).value().clone() };
    Signed::sign(wish, &seed.sign_key(Purpose::Party)).unwrap()
}

#[test]
fn mail_at_other_hosts_is_looked_for_as_long_as_an_answer_can_come() {
    let mut vendor = vendor();
    let _ = vendor.handle(Input::Wake, start());
    let wish = wish(0);
    hear(&mut vendor, &wish);
    assert!(vendor.watched(start()).is_empty(), "nobody writes to a vendor that has not spoken");
    let Command::Vendor(VendorCommand::Offer(mut draft)) = draft(&wish, None) else { unreachable!() };
    let own = format!("/ip4/192.0.2.1/tcp/1/p2p/{}", vendor.party().peer_id());
    draft.placement = Placement { hosts: vec![vec![own], vec![HOST.to_owned()]] };
    let out = offer(&mut vendor, Command::Vendor(VendorCommand::Offer(draft)));
    assert!(out.send.iter().all(|post| post.direct && post.node.is_none()), "a vendor hides from nobody");
    let hosts = |at| -> Vec<_> {
        vendor.watched(at).into_iter().map(|watched| (watched.hosts[0].clone(), watched.eager)).collect()
    };
    let there = (HOST.to_owned().try_into().unwrap(), false);
    assert_eq!(hosts(start()), std::slice::from_ref(&there), "its own node needs no asking");
    let end = start().saturating_add(Span::THREE_DAYS.seconds() + 14 * 86_400);
    assert_eq!(hosts(end.saturating_sub(1)), [there]);
    assert_eq!(hosts(end), []);
}
