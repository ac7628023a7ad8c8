//! Casting, taking back and renewing intentions.

use std::collections::BTreeSet;

use bespeak_identity::{Purpose, RecordId, Signed};
use bespeak_model::{
    bounded::Bounded,
    intention::{Intention, Line, Withdrawal},
    quantity::Quantity,
    queue::QueueId,
    reason::{RefusalCode, WithdrawalReason},
    terms::TermsId,
    time::{Lifetime, Time},
};
use bespeak_protocol::market::{Announcement, topic_of};
use serde_bytes::ByteBuf;

use super::{Customer, Own, left::Left};
use crate::{
    command::{Placement, Reply, Wish, WishLine},
    document::Kept,
    notice::Notice,
    output::{Outputs, Publication, Refusal},
    relation::internal,
};

impl Customer {
    pub(super) fn want(
        &mut self,
        wish: Wish,
        now: Time,
        out: &mut Outputs,
    ) -> Result<RecordId<Intention>, Refusal> {
        let nonce = self.entropy.nonce();
        let key = self.seed.sign_key(Purpose::IntentionSign(&nonce));
        let queue = self.seed.sign_key(Purpose::IntentionQueue(&nonce));
        let cast_at = now.rounded_to_hour();
        let lines = wish_lines(&wish)?;
        let terms = each_once(wish.terms);
        let intention = Intention {
            iss: key.public(),
            nonce,
            net: self.network.clone(),
            category: wish.category,
            title: wish.title,
            text: wish.text,
            lines,
            budget: wish.budget,
            condition: wish.condition,
            place: wish.place,
            needed_by: wish.needed_by,
            cast_at,
            expires_at: cast_at.saturating_add(wish.lifetime.seconds()),
            terms: Bounded::new(terms).map_err(|error| too_large("terms", &error))?,
            seal: self.seed.seal_key(Purpose::IntentionSeal(&nonce)).public(),
            drops: wish.placement.drops(QueueId::from_bytes(*queue.public().as_bytes()))?,
        };
        let record = Signed::sign(intention, &key).map_err(|error| internal(&error))?;
        let publication = announce(&record)?;
        let id = record.id();
        out.keep.push(Kept::Cast { record: ByteBuf::from(record.bytes()) });
        out.publish.push(publication);
        out.tell.push(Notice::IntentionCast { intention: id });
        self.remember(record);
        Ok(id)
    }

    pub(super) fn remember(&mut self, record: Signed<Intention>) {
        self.gate.remember_intention(&record);
        for drop in record.drops.iter() {
            self.queues.insert(drop.queue, record.id());
        }
        let own = Own { record, withdrawal: None, superseded_by: None, told: 0 };
        self.own.insert(own.record.id(), own);
    }

    pub(super) fn withdraw(
        &mut self,
        intention: RecordId<Intention>,
        reason: WithdrawalReason,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let own = self.own.get(&intention).ok_or_else(|| no_intention(intention))?;
        if own.withdrawal.is_some() {
            return Err(Refusal::new(RefusalCode::NotAllowedByState, "the intention was withdrawn before"));
        }
        if !own.is_live(now) {
            return Err(Refusal::new(
                RefusalCode::Expired,
                "the intention has expired; nobody holds it any more",
            ));
        }
        let key = self.seed.sign_key(Purpose::IntentionSign(&own.record.nonce));
        let withdrawal = Withdrawal {
            iss: key.public(),
            nonce: self.entropy.nonce(),
            net: self.network.clone(),
            intention,
            category: own.record.category.clone(),
            reason,
            at: now.rounded_to_hour(),
            expires_at: own.record.expires_at,
        };
        let record = Signed::sign(withdrawal, &key).map_err(|error| internal(&error))?;
        let bytes = Announcement::withdrawal(&record).to_bytes().map_err(|error| internal(&error))?;
        out.keep.push(Kept::Withdrawn { record: ByteBuf::from(record.bytes()) });
        out.publish.push(Publication { topic: topic_of(&self.network, &record.category), bytes, intention });
        self.bury(record);
        Ok(Reply::Done)
    }

    pub(super) fn bury(&mut self, record: Signed<Withdrawal>) {
        self.gate.remember_withdrawal(&record);
        if let Some(own) = self.own.get_mut(&record.intention) {
            own.withdrawal.get_or_insert(record);
        }
    }

    /// Casts what is left of a wish again under fresh keys. No key joins the two; their words and times do for whoever
    /// hears both, when the old intention still lives: it is withdrawn in the same moment, as a duplicate.
    pub(super) fn renew(
        &mut self,
        old: RecordId<Intention>,
        placement: &Placement,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let own = self.own.get(&old).ok_or_else(|| no_intention(old))?;
        let left = self.renewable(own)?;
        let (live, wish) = (own.is_live(now), same_wish(&own.record, &left, placement));
        let new = self.want(wish, now, out)?;
        if live {
            self.withdraw(old, WithdrawalReason::Duplicate, now, out)?;
        }
        out.keep.push(Kept::Superseded { old, new });
        self.supersede(old, new);
        Ok(Reply::Cast(new))
    }

    pub(super) fn supersede(&mut self, old: RecordId<Intention>, new: RecordId<Intention>) {
        if let Some(own) = self.own.get_mut(&old) {
            own.superseded_by.get_or_insert(new);
        }
    }

    /// Everything of hers that is live goes out again: after a restart nobody can tell whether it ever went.
    pub(super) fn announce_again(&self, now: Time, out: &mut Outputs) {
        for own in self.own.values().filter(|own| own.record.expires_at > now) {
            let again = match &own.withdrawal {
                None => announce(&own.record).ok(),
                Some(record) => Announcement::withdrawal(record).to_bytes().ok().map(|bytes| Publication {
                    topic: topic_of(&record.net, &record.category),
                    bytes,
                    intention: record.intention,
                }),
            };
            out.publish.extend(again);
        }
    }
}

fn announce(record: &Signed<Intention>) -> Result<Publication, Refusal> {
    let too_large = |error: bespeak_protocol::market::AnnouncementError| {
        Refusal::new(
            RefusalCode::TooLarge,
            format!("the intention does not fit into a market message: {error}"),
        )
    };
    Ok(Publication {
        topic: topic_of(&record.net, &record.category),
        bytes: Announcement::intention(record).to_bytes().map_err(too_large)?,
        intention: record.id(),
    })
}

fn wish_lines(wish: &Wish) -> Result<Bounded<Line, 1, { bespeak_model::intention::MAX_LINES }>, Refusal> {
    let conditions =
        Bounded::new(wish.conditions.clone()).map_err(|error| too_large("conditions", &error))?;
    let one = WishLine { name: wish.title.clone(), quantity: Quantity::one(), gtin: None };
    let wanted = if wish.lines.is_empty() { std::slice::from_ref(&one) } else { &wish.lines };
    let line = |line: &WishLine| Line {
        name: line.name.clone(),
        quantity: line.quantity,
        conditions: conditions.clone(),
        gtin: line.gtin,
    };
    Bounded::new(wanted.iter().map(line).collect()).map_err(|error| too_large("lines", &error))
}

/// The agreements in their order, each once: an intention that names one twice is rejected by everybody.
fn each_once(mut terms: Vec<TermsId>) -> Vec<TermsId> {
    let mut named = BTreeSet::new();
    terms.retain(|id| named.insert(*id));
    if terms.is_empty() { vec![TermsId::SdBase] } else { terms }
}

fn same_wish(record: &Intention, left: &Left, placement: &Placement) -> Wish {
    let lines = record.lines.iter().zip(left).filter_map(|(line, left)| {
        Some(WishLine { name: line.name.clone(), quantity: (*left)?, gtin: line.gtin })
    });
    let life = record.expires_at.seconds_since(record.cast_at);
    Wish {
        title: record.title.clone(),
        text: record.text.clone(),
        category: record.category.clone(),
        lines: lines.collect(),
        conditions: record.lines.first().map(|line| line.conditions.to_vec()).unwrap_or_default(),
        budget: record.budget.clone(),
        condition: record.condition,
        place: record.place,
        needed_by: record.needed_by,
        lifetime: Lifetime::from_seconds(life).unwrap_or(Lifetime::SevenDays),
        terms: record.terms.to_vec(),
        placement: placement.clone(),
    }
}

fn too_large(what: &str, error: &bespeak_model::bounded::LengthError) -> Refusal {
    Refusal::new(RefusalCode::TooLarge, format!("{what}: {error}"))
}

pub(super) fn no_intention(intention: RecordId<Intention>) -> Refusal {
    let detail = format!("there is no intention {intention}; `bespeak intention list` lists them");
    Refusal::new(RefusalCode::NotFound, detail)
}
