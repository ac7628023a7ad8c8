//! Whose word buries an intention, also in the next life.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use bespeak_agent::{
    Agent, Input, Outputs, Publication,
    command::{Command, CustomerCommand, Placement, Reply, Wish},
    document::Kept,
};
use bespeak_identity::{Seed, SignKey, Signed, Unverified};
use bespeak_model::{
    category::Slug,
    intention::{Intention, Withdrawal},
    network::Network,
    reason::WithdrawalReason,
    text::Text,
    time::{Lifetime, Time},
};
use bespeak_protocol::market::{Announcement, Verdict};

const NOW: u64 = 1_790_000_000;

fn now() -> Time {
    Time::from_unix(NOW).unwrap()
}

/// What a vendor keeps, by its place.
#[derive(Default)]
struct Memory(BTreeMap<String, Kept>);

impl Memory {
    fn take(&mut self, out: &Outputs) {
        for kept in &out.keep {
            self.0.insert(format!("{:?}", kept.slot()), kept.clone());
        }
        for slot in &out.forget {
            self.0.remove(&format!("{slot:?}"));
        }
    }

    /// The vendor made again.
    fn vendor(&self) -> Agent {
        let name = Text::new("Radhaus").unwrap();
        let mut vendor = Agent::vendor(Seed::from_entropy([2; 32]), Network::main(), name, [4; 32]);
        for kept in self.0.values() {
            let _ = vendor.handle(Input::Recall(kept.clone()), now());
        }
        let _ = vendor.handle(Input::Wake, now());
        vendor
    }
}

/// An intention, its owner's tombstone, and a stranger's.
fn market() -> (Signed<Intention>, Publication, Publication, Publication) {
    let mut customer = Agent::customer(Seed::from_entropy([1; 32]), Network::main(), [3; 32]);
    let wish = Wish {
        title: Text::new("folding e-bike").unwrap(),
        text: None,
        category: Slug::new("vehicles").unwrap(),
        lines: Vec::new(),
        conditions: Vec::new(),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        lifetime: Lifetime::SevenDays,
        terms: Vec::new(),
        placement: Placement::at(vec!["/ip4/127.0.0.1/tcp/1/p2p/relay".to_owned()]),
    };
    let mut ask = |command| customer.handle(Input::Command(Command::Customer(command)), now());
    let mut cast = ask(CustomerCommand::Want(Box::new(wish)));
    let Some(Ok(Reply::Cast(intention))) = cast.reply else {
        panic!("an intention is cast");
    };
    let reason = WithdrawalReason::ChangedMind;
    let mut withdrawn = ask(CustomerCommand::Withdraw { intention, reason });
    let bytes = customer.record(&intention.to_string()).unwrap();
    let record: Signed<Intention> = Unverified::from_bytes(bytes).unwrap().verify().unwrap();
    let owners = withdrawn.publish.remove(0);
    let stranger = SignKey::from_bytes(&[9; 32]);
    let forged = Withdrawal {
        iss: stranger.public(),
        nonce: record.nonce,
        net: record.net.clone(),
        intention,
        category: record.category.clone(),
        reason,
        at: record.cast_at,
        expires_at: record.expires_at,
    };
    let forged = Announcement::withdrawal(&Signed::sign(forged, &stranger).unwrap()).to_bytes().unwrap();
    let strangers = Publication { topic: owners.topic.clone(), bytes: forged, intention };
    (record, cast.publish.remove(0), owners, strangers)
}

fn hear(vendor: &mut Agent, memory: &mut Memory, said: &Publication) -> Verdict {
    let input = Input::Gossip { topic: said.topic.clone(), bytes: said.bytes.clone() };
    let out = vendor.handle(input, now());
    memory.take(&out);
    out.judge.expect("a market message is judged")
}

#[test]
fn case_23_a_strangers_tombstone_does_not_take_the_owners_place() {
    let (record, cast, owners, strangers) = market();
    let mut memory = Memory::default();
    let mut vendor = memory.vendor();
    for tombstone in [&owners, &strangers] {
        assert_eq!(
            hear(&mut vendor, &mut memory, tombstone),
            Verdict::Accept,
            "nobody knows yet whose it is"
        );
    }
    let mut vendor = memory.vendor();
    assert_eq!(hear(&mut vendor, &mut memory, &cast), Verdict::Ignore, "its owner has withdrawn it");
    assert!(vendor.wish(record.id()).is_none());
}

#[test]
fn case_23_a_strangers_tombstone_that_was_kept_buries_nothing() {
    let (record, cast, _, strangers) = market();
    let mut memory = Memory::default();
    let mut vendor = memory.vendor();
    hear(&mut vendor, &mut memory, &strangers);
    let kept = memory.0.clone();
    assert_eq!(hear(&mut vendor, &mut memory, &cast), Verdict::Accept);
    // As if the node had died before it forgot the stranger's.
    memory.0.extend(kept);
    assert!(memory.vendor().wish(record.id()).is_some());
}
