//! Signing receipts: by itself what the customer's own words carry, anything else on her word only.

use bespeak_identity::{HalfSigned, Purpose, RecordId, Side};
use bespeak_model::{order::Order, reason::RefusalCode, receipt::Receipt, time::Time};
use bespeak_protocol::{
    channel::message::Body,
    deal::{Deal, DealMessage, ReceiptMessage, ReceiptState},
};
use serde_bytes::ByteBuf;

use super::Customer;
use crate::{
    command::Reply,
    notice::Notice,
    output::{Outputs, Refusal},
    relation::internal,
};

impl Customer {
    /// Signs every receipt that says no more than she did herself: the vendor's word alone is never signed for her.
    pub(super) fn countersign(&mut self, now: Time, out: &mut Outputs) {
        let deals = self.relations.values().flat_map(|relation| &relation.state.deals);
        let vouched = deals.filter(|deal| waiting(deal).is_some() && deal.is_vouched_for());
        let orders: Vec<_> = vouched.map(|deal| deal.id).collect();
        for order in orders {
            // One that cannot be said now is tried again with the next thing that happens.
            let _ = self.sign_receipt(order, now, out);
        }
    }

    /// Signs the receipt of this order.
    pub(super) fn sign_receipt(
        &mut self,
        order: RecordId<Order>,
        now: Time,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let (thread, deal) = self.deal(order)?;
        let half = waiting(deal).cloned();
        let half =
            half.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "no receipt waits for your signature"))?;
        let relation = self.relation(thread)?;
        let (id, vendor) = (relation.facts.intention.id(), *relation.card.issuer());
        let key = self.seed.sign_key(Purpose::RelationSign { intention: id.as_digest(), vendor: &vendor });
        let both = half.countersign(&key).map_err(|error| internal(&error))?;
        let signature = ByteBuf::from(both.signature(Side::Customer).as_slice());
        let message = ReceiptMessage::Countersign { order, receipt: both.id(), signature };
        let reply = self.say(thread, Body::Deal(DealMessage::Receipt(message)), now, out)?;
        out.tell.push(Notice::ReceiptReady { receipt: both.id(), order });
        Ok(reply)
    }
}

/// The receipt that waits for her signature.
fn waiting(deal: &Deal) -> Option<&HalfSigned<Receipt>> {
    match &deal.receipt {
        ReceiptState::Issued(half) => Some(half),
        _ => None,
    }
}
