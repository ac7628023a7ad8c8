//! What a customer can look at.

use bespeak_identity::{PublicKey, Purpose, RecordId, Signed};
use bespeak_model::{intention::Intention, offer::Offer, order::Order, receipt::Receipt, time::Time};
use bespeak_protocol::{
    deal::{Deal, Phase},
    offer::Stand,
    thread::ThreadId,
};

use super::{Customer, Own};
use crate::{
    agent::Counts,
    measure,
    relation::Relation,
    show,
    view::{IntentionView, MessageView, OfferView, OrderView, ReceiptView},
};

impl Customer {
    /// The root key of this home; nothing that is sent carries it.
    pub fn party(&self) -> PublicKey {
        self.seed.sign_key(Purpose::Party).public()
    }

    pub(crate) fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values()
    }

    /// All her intentions, the newest last.
    pub fn intentions(&self, now: Time) -> Vec<IntentionView> {
        let mut all: Vec<_> = self.own.values().map(|own| self.show_intention(own, now)).collect();
        all.sort_by_key(|view| (view.cast_at, view.intention));
        all
    }

    /// One of them.
    pub fn intention(&self, id: RecordId<Intention>, now: Time) -> Option<IntentionView> {
        self.own.get(&id).map(|own| self.show_intention(own, now))
    }

    fn show_intention(&self, own: &Own, now: Time) -> IntentionView {
        let id = own.record.id();
        let offers = self.about(id).count();
        let mut view = show::intention(&own.record, self.state(own, now), offers);
        let left = self.remaining(&own.record);
        for ((line, left), wanted) in view.lines.iter_mut().zip(left).zip(own.record.lines.iter()) {
            line.remaining = Some(left.map_or(0, |left| measure::steps_of(left, wanted.quantity)));
        }
        view.withdrawn = own.withdrawal.as_ref().map(|withdrawal| withdrawal.reason);
        view.superseded_by = own.superseded_by;
        if own.is_live(now) {
            view.can.push("withdraw".to_owned());
        }
        if self.renewable(own).is_ok() {
            view.can.push("renew".to_owned());
        }
        view
    }

    fn state(&self, own: &Own, now: Time) -> &'static str {
        let id = own.record.id();
        let deals: Vec<&Deal> = self.deals_of(id).filter(|deal| deal.takes()).collect();
        let all_taken = self.remaining(&own.record).iter().all(Option::is_none);
        let done = |deal: &&Deal| deal.phase == Phase::Completed;
        match () {
            () if all_taken && deals.iter().all(done) => "fulfilled",
            () if all_taken => "awarded",
            () if own.superseded_by.is_some() => "superseded",
            () if own.withdrawal.is_some() && deals.is_empty() => "withdrawn",
            () if !own.is_live(now) && deals.is_empty() => "expired",
            () if !deals.is_empty() => "partly_awarded",
            () if self.about(id).any(|relation| relation.introduction.is_some()) => "negotiating",
            () if self.about(id).next().is_some() => "answered",
            () => "cast",
        }
    }

    fn about(&self, id: RecordId<Intention>) -> impl Iterator<Item = &Relation> {
        self.relations.values().filter(move |relation| relation.facts.intention.id() == id)
    }

    /// The offers that stand or stood last, each vendor's last one, cheapest first.
    pub fn offers(&self, intention: Option<RecordId<Intention>>, now: Time) -> Vec<OfferView> {
        let wanted = |relation: &&Relation| intention.is_none_or(|id| relation.facts.intention.id() == id);
        let mut all: Vec<_> = self
            .relations
            .values()
            .filter(wanted)
            .filter_map(|relation| {
                let offer = relation.state.offering.current()?;
                Some(self.show_offer(relation, offer, now))
            })
            .collect();
        all.sort_by_key(|view| (view.total.currency().code(), view.total.amount(), view.offer));
        all
    }

    fn show_offer(&self, relation: &Relation, offer: &Signed<Offer>, now: Time) -> OfferView {
        let offering = &relation.state.offering;
        let id = relation.facts.intention.id();
        let mut state = show::offer_state(relation, offer, now);
        let taken = self.remaining(&relation.facts.intention).iter().all(Option::is_none);
        let elsewhere = taken && self.deals_of(id).any(Deal::binds);
        let renewed = self.own.get(&id).is_some_and(|own| own.superseded_by.is_some());
        if state != "ordered" && (elsewhere || renewed) {
            state = "lost";
        }
        let open = relation.state.open_deal().is_some();
        let stands = offering.stand == Stand::Open && offer.valid_until > now && !open && state != "lost";
        let mut can = Vec::new();
        if stands && offer.firm {
            can.push("accept".to_owned());
        }
        if offering.can_answer(open).is_ok() {
            can.extend(["counter".to_owned(), "decline".to_owned()]);
        }
        show::offer(relation, offer, state, can)
    }

    /// The talk of a conversation.
    pub fn messages(&self, thread: ThreadId) -> Option<Vec<MessageView>> {
        self.relations.get(&thread).map(show::messages)
    }

    /// All orders, the newest last.
    pub fn orders(&self) -> Vec<OrderView> {
        let mut all: Vec<_> =
            self.deals().map(|(relation, deal)| (deal.order.placed_at, relation, deal)).collect();
        all.sort_by_key(|(placed_at, _, deal)| (*placed_at, deal.id));
        all.into_iter().map(|(_, relation, deal)| self.show_order(relation, deal)).collect()
    }

    /// One order.
    pub fn order(&self, id: RecordId<Order>) -> Option<OrderView> {
        let (relation, deal) = self.deals().find(|(_, deal)| deal.id == id)?;
        Some(self.show_order(relation, deal))
    }

    fn show_order(&self, relation: &Relation, deal: &Deal) -> OrderView {
        let mut view = show::order(relation, deal, show::vendor(relation));
        if let Some(words) = self.lapsed_words(deal) {
            words.clone_into(&mut view.display);
        }
        view
    }

    /// All receipts that bear both signatures.
    pub fn receipts(&self) -> Vec<ReceiptView> {
        let mut all: Vec<_> =
            self.deals().filter_map(|(relation, deal)| show::receipt(relation, deal)).collect();
        all.sort_by_key(|view| (view.issued_at, view.receipt));
        all
    }

    /// One receipt.
    pub fn receipt(&self, id: RecordId<Receipt>) -> Option<ReceiptView> {
        self.receipts().into_iter().find(|view| view.receipt == id)
    }

    fn deals(&self) -> impl Iterator<Item = (&Relation, &Deal)> {
        self.relations
            .values()
            .flat_map(|relation| relation.state.deals.iter().map(move |deal| (relation, deal)))
    }

    /// The bytes of a record she holds, by its id.
    pub fn record(&self, id: &str) -> Option<Vec<u8>> {
        let own = self.own.values().find_map(|own| {
            let withdrawal = own.withdrawal.iter().map(|record| (record.id().to_string(), record.bytes()));
            let mut all = withdrawal.chain([(own.record.id().to_string(), own.record.bytes())]);
            all.find(|(name, _)| name == id).map(|(_, bytes)| bytes.to_vec())
        });
        own.or_else(|| self.relations.values().find_map(|relation| show::record(relation, id)))
    }

    /// Every id she knows, with what it names.
    pub fn ids(&self) -> Vec<(&'static str, String)> {
        let own = self.own.keys().map(|id| ("intention", id.to_string()));
        own.chain(self.relations.values().flat_map(show::ids)).collect()
    }

    /// How much is open.
    pub fn counts(&self, now: Time) -> Counts {
        Counts {
            intentions_live: self.own.values().filter(|own| own.is_live(now)).count(),
            offers_open: self
                .relations
                .values()
                .filter(|relation| {
                    let current = relation.state.offering.current();
                    relation.state.offering.stand == Stand::Open
                        && current.is_some_and(|offer| offer.valid_until > now)
                })
                .count(),
            orders_open: self.deals().filter(|(_, deal)| deal.is_open()).count(),
        }
    }
}
