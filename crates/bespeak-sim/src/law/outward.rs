//! Law 6: nothing about a person leaves before terms, and nothing joins two intentions.

use std::collections::BTreeMap;

use bespeak_agent::{Post, Publication, inspect::Inside};
use bespeak_identity::{RecordId, Side, Unverified};
use bespeak_model::intention::Intention;
use bespeak_protocol::{channel::limits::ENVELOPE_SIZES, market::Announcement};

use super::{Broken, Law};
use crate::person::Person;

/// What a customer's owner holds to herself until there is an order: it is put into wishes that may not be granted yet,
/// and said freely afterwards.
pub const SECRET: &str = "Ada Quill, 7 Lantern Row";

/// Every key, queue and transport identity that was seen, and what it belongs to.
#[derive(Debug, Default)]
pub(super) struct Outward(BTreeMap<[u8; 32], String>);

impl Outward {
    /// No intention shares a key or a queue with another.
    pub(super) fn published(&mut self, people: &[Person], publication: &Publication) -> Result<(), Broken> {
        nothing_private(people, &publication.bytes, "a market message")?;
        let Ok(said) = Announcement::from_bytes(&publication.bytes) else {
            return Ok(());
        };
        let Ok(read) = Unverified::<Intention>::from_bytes(said.record) else {
            return Ok(());
        };
        let (id, intention) = (read.id(), read.claim());
        self.belongs(*intention.iss.as_bytes(), &id, "key")?;
        self.belongs(*intention.seal.as_bytes(), &id, "seal key")?;
        intention.drops.iter().try_for_each(|drop| self.belongs(*drop.queue.as_bytes(), &id, "queue"))
    }

    /// No relation of a customer's shares a key, a queue or a transport identity with another, and what she says before
    /// an order binds holds nothing private.
    pub(super) fn note(
        &mut self,
        inside: &Inside<'_>,
        person: &Person,
        from: [u64; 2],
    ) -> Result<(), Broken> {
        if inside.side != Side::Customer {
            return Ok(());
        }
        let thread: RecordId<Intention> = inside.thread.first_offer().cast();
        self.belongs(*inside.queue.as_bytes(), &thread, "relation queue")?;
        self.belongs(inside.transport, &thread, "transport identity")?;
        if let Some(customer) = inside.customer {
            self.belongs(*customer.as_bytes(), &thread, "relation key")?;
        }
        let bound = inside.state.deals.iter().any(|deal| deal.agreement.is_some());
        for entry in inside.log.after(Side::Customer, from[0]) {
            root_stays(person, entry.message.bytes(), "a message")?;
            if !bound {
                let bytes = entry.message.bytes();
                Law::NothingPersonalLeaves.holds(!contains(bytes, SECRET.as_bytes()), || {
                    format!("{} told {} who she is before an order bound", person.address, inside.thread)
                })?;
            }
        }
        Ok(())
    }

    fn belongs<T>(&mut self, key: [u8; 32], to: &RecordId<T>, what: &str) -> Result<(), Broken> {
        let owner = format!("{what} of {to}");
        let known = self.0.entry(key).or_insert_with(|| owner.clone());
        Law::NothingPersonalLeaves.holds(*known == owner, || format!("the {owner} is also the {known}"))
    }
}

/// The outside of what is posted tells nothing: one of two sizes, a queue and a transport identity that are not the root.
pub(super) fn the_outside_is_plain(people: &[Person], post: &Post) -> Result<(), Broken> {
    Law::NothingPersonalLeaves.holds(ENVELOPE_SIZES.contains(&post.envelope.len()), || {
        format!("an envelope of {} bytes is not padded", post.envelope.len())
    })?;
    let mut outside = post.drops.iter().map(|drop| *drop.queue.as_bytes()).chain([post.transport]);
    let rooted = |place: [u8; 32]| people.iter().any(|person| person.root() == place);
    Law::NothingPersonalLeaves
        .holds(!outside.any(rooted), || "a queue or transport identity is a root key".to_owned())
}

/// No bytes that leave a customer's node openly hold who she is.
fn nothing_private(people: &[Person], bytes: &[u8], what: &str) -> Result<(), Broken> {
    Law::NothingPersonalLeaves
        .holds(!contains(bytes, SECRET.as_bytes()), || format!("{what} tells who the customer is"))?;
    people.iter().try_for_each(|person| root_stays(person, bytes, what))
}

fn root_stays(person: &Person, bytes: &[u8], what: &str) -> Result<(), Broken> {
    Law::NothingPersonalLeaves.holds(!contains(bytes, &person.secret()), || {
        format!("{what} holds the secret of {}", person.address)
    })?;
    let root = person.root();
    let hidden = person.side == Side::Vendor || !contains(bytes, &root);
    Law::NothingPersonalLeaves.holds(hidden, || format!("{what} holds the root key of {}", person.address))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else {
        return false;
    };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(part) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}
