//! What a vendor can look at.

use bespeak_identity::{PublicKey, RecordId, Signed};
use bespeak_model::{intention::Intention, offer::Offer, order::Order, receipt::Receipt, time::Time};
use bespeak_policy::auto::AutoSettings;
use bespeak_protocol::{deal::Deal, market::Table, offer::Stand, thread::ThreadId};

use super::Vendor;
use crate::{
    agent::Counts,
    relation::Relation,
    show,
    view::{IntentionView, MessageView, OfferView, OrderView, PartyView, ReceiptView},
};

impl Vendor {
    /// The party key by which everybody knows this vendor.
    pub fn party(&self) -> PublicKey {
        self.key.public()
    }

    pub(crate) fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values()
    }

    /// The standing rule.
    pub fn auto(&self) -> &AutoSettings {
        &self.auto
    }

    /// An intention that was heard and lives.
    pub fn wish(&self, id: RecordId<Intention>) -> Option<&Signed<Intention>> {
        self.market.get(&id)
    }

    /// What it has of the market.
    pub fn market(&self) -> &Table {
        &self.market
    }

    /// Intentions that live, and those that were answered; the newest last.
    pub fn intentions(&self, now: Time) -> Vec<IntentionView> {
        let answered = self.relations.values().map(|relation| &relation.facts.intention);
        let fresh = self.market.intentions().filter(|record| !self.threads.contains_key(&record.id()));
        let mut all: Vec<_> = answered.chain(fresh).map(|record| self.show_intention(record, now)).collect();
        all.sort_by_key(|view| (view.cast_at, view.intention));
        all
    }

    /// One of them.
    pub fn intention(&self, id: RecordId<Intention>, now: Time) -> Option<IntentionView> {
        let answered = self.threads.get(&id).and_then(|thread| self.relations.get(thread));
        let record = answered.map(|relation| &relation.facts.intention).or_else(|| self.market.get(&id))?;
        Some(self.show_intention(record, now))
    }

    fn show_intention(&self, record: &Signed<Intention>, now: Time) -> IntentionView {
        let id = record.id();
        let relation = self.threads.get(&id).and_then(|thread| self.relations.get(thread));
        let ordered = relation.is_some_and(|relation| relation.state.deals.iter().any(Deal::holds));
        let gone = self.market.get(&id).is_none();
        let state = match relation {
            _ if ordered => "ordered",
            Some(relation) if relation.state.offering.passed => "passed",
            // Its tombstone is kept until then, and no longer.
            _ if record.expires_at <= now => "expired",
            _ if self.gate.is_withdrawn(&id) => "withdrawn",
            _ if gone => "expired",
            Some(_) => "offered",
            None => "heard",
        };
        let offers = relation.map_or(0, |relation| relation.state.offering.offers.len().min(1));
        let mut view = show::intention(record, state, offers);
        if matches!(state, "heard" | "offered") {
            view.can.push("offer".to_owned());
        }
        view
    }

    /// The last offer of each conversation.
    pub fn offers(&self, intention: Option<RecordId<Intention>>, now: Time) -> Vec<OfferView> {
        let wanted = |relation: &&Relation| intention.is_none_or(|id| relation.facts.intention.id() == id);
        let mut all: Vec<_> = self
            .relations
            .values()
            .filter(wanted)
            .filter_map(|relation| {
                let offer = relation.state.offering.current()?;
                Some(show_offer(relation, offer, now))
            })
            .collect();
        all.sort_by_key(|view| (view.valid_until, view.offer));
        all
    }

    /// The talk of a conversation.
    pub fn messages(&self, thread: ThreadId) -> Option<Vec<MessageView>> {
        self.relations.get(&thread).map(show::messages)
    }

    /// All orders, the newest last.
    pub fn orders(&self) -> Vec<OrderView> {
        let mut all: Vec<_> = self.deals().collect();
        all.sort_by_key(|(_, deal)| (deal.order.placed_at, deal.id));
        all.into_iter().map(|(relation, deal)| show_order(relation, deal)).collect()
    }

    /// One order.
    pub fn order(&self, id: RecordId<Order>) -> Option<OrderView> {
        self.deals().find(|(_, deal)| deal.id == id).map(|(relation, deal)| show_order(relation, deal))
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

    /// The bytes of a record it holds, by its id.
    pub fn record(&self, id: &str) -> Option<Vec<u8>> {
        let heard = self.market.intentions().find(|record| record.id().to_string() == id);
        let answered = || {
            self.relations.values().find_map(|relation| {
                let intention = &relation.facts.intention;
                let own = (intention.id().to_string() == id).then(|| intention.bytes().to_vec());
                own.or_else(|| show::record(relation, id))
            })
        };
        heard.map(|record| record.bytes().to_vec()).or_else(answered)
    }

    /// Every id it knows, with what it names.
    pub fn ids(&self) -> Vec<(&'static str, String)> {
        let heard = self.market.intentions().map(Signed::id).filter(|id| !self.threads.contains_key(id));
        let intentions = heard.chain(self.threads.keys().copied()).map(|id| ("intention", id.to_string()));
        intentions.chain(self.relations.values().flat_map(show::ids)).collect()
    }

    /// How much is open.
    pub fn counts(&self, now: Time) -> Counts {
        Counts {
            intentions_live: self.market.not_ended(now),
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

fn show_offer(relation: &Relation, offer: &Signed<Offer>, now: Time) -> OfferView {
    let (offering, open) = (&relation.state.offering, relation.state.open_deal().is_some());
    let mut can = Vec::new();
    if offering.can_withdraw(open).is_ok() {
        can.push("withdraw".to_owned());
    }
    if offering.can_revise().is_ok() && !open {
        can.push("revise".to_owned());
    }
    show::offer(relation, offer, show::offer_state(relation, offer, now), can)
}

fn show_order(relation: &Relation, deal: &Deal) -> OrderView {
    let party = PartyView { party: deal.order.customer, name: String::new() };
    show::order(relation, deal, party)
}
