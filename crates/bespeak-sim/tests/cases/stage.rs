//! A stage: one customer, some vendors, and the steps of a trade.

use bespeak_agent::{
    Agent, Input, Refusal,
    command::{Command, CustomerCommand, EitherCommand, OfferDraft, Reply, VendorCommand},
    view::{OfferView, OrderView},
};
use bespeak_identity::{RecordId, Unverified};
use bespeak_model::{
    fulfilment::{FulfilmentKind, LineSteps},
    intention::Intention,
    offer::Offer,
    order::Order,
    reason::Reason,
    time::Time,
};
use bespeak_protocol::{
    market::{Announcement, topic_of},
    thread::ThreadId,
};
use bespeak_sim::{
    World,
    dice::Dice,
    goods::{cents, plain_draft, plain_wish, text},
    plan::{Links, Plan},
    weather::Place,
};

/// The customer.
pub(crate) const CUSTOMER: usize = 0;
/// The first vendor.
pub(crate) const VENDOR: usize = 1;
/// The second vendor.
pub(crate) const OTHER: usize = 2;
/// Time enough for everything to arrive when nothing goes wrong, in milliseconds.
pub(crate) const A_MINUTE: u64 = 60_000;
/// Time enough for everything to arrive after things went wrong, in milliseconds.
pub(crate) const A_DAY: u64 = 24 * 3600 * 1000;

pub(crate) struct Stage {
    pub(crate) world: World,
}

/// What gossip says of an intention, from the bytes of its record.
pub(crate) fn announced(record: Vec<u8>) -> Input {
    let record = Unverified::<Intention>::from_bytes(record).unwrap().verify().unwrap();
    let topic = topic_of(&record.net, &record.category);
    Input::Gossip { topic, bytes: Announcement::intention(&record).to_bytes().unwrap() }
}

impl Stage {
    pub(crate) fn new(vendors: u64) -> Self {
        Self::with(vendors, Links::FAIR)
    }

    pub(crate) fn with(vendors: u64, links: Links) -> Self {
        Self::of(Plan { links, ..Plan::quiet(1, vendors) })
    }

    /// One vendor; two relays, at which both have their queues, the vendor's beside its own node.
    pub(crate) fn with_two_relays() -> Self {
        Self::of(Plan { relays: 2, hosts: 3, ..Plan::quiet(1, 1) })
    }

    fn of(plan: Plan) -> Self {
        let mut stage = Self { world: World::new(plan, Dice::of(1)).unwrap() };
        stage.wait(A_MINUTE);
        stage
    }

    pub(crate) fn wait(&mut self, milliseconds: u64) {
        self.world.run_for(milliseconds).unwrap();
    }

    pub(crate) fn agent(&self, who: usize) -> &Agent {
        self.world.people[who].agent.as_ref().unwrap()
    }

    /// A second device with the seed and the past of a node, and what its clock shows.
    pub(crate) fn twin(&self, who: usize) -> (Agent, Time) {
        let person = &self.world.people[who];
        let now = person.now(self.world.clock());
        let mut twin = person.made_again(&mut Dice::of(7));
        let _ = twin.handle(Input::Wake, now);
        (twin, now)
    }

    /// A wish; none when the node went down over it.
    pub(crate) fn try_ask(&mut self, who: usize, command: Command) -> Option<Result<Reply, Refusal>> {
        self.world.ask(who, command).unwrap()
    }

    pub(crate) fn customer(&mut self, command: CustomerCommand) -> Result<Reply, Refusal> {
        self.try_ask(CUSTOMER, Command::Customer(command)).expect("the customer is up")
    }

    pub(crate) fn vendor(&mut self, who: usize, command: VendorCommand) -> Result<Reply, Refusal> {
        self.try_ask(who, Command::Vendor(command)).expect("the vendor is up")
    }

    pub(crate) fn either(&mut self, who: usize, command: EitherCommand) -> Result<Reply, Refusal> {
        self.try_ask(who, Command::Either(command)).expect("the node is up")
    }

    pub(crate) fn want_now(&mut self, quantity: &str) -> RecordId<Intention> {
        let placement = self.world.people[CUSTOMER].placement.clone();
        let wish = plain_wish(quantity, &placement);
        let Ok(Reply::Cast(intention)) = self.customer(CustomerCommand::Want(Box::new(wish))) else {
            panic!("an intention is cast");
        };
        intention
    }

    pub(crate) fn want(&mut self, quantity: &str) -> RecordId<Intention> {
        let intention = self.want_now(quantity);
        self.wait(A_MINUTE);
        intention
    }

    pub(crate) fn draft(&self, who: usize, intention: RecordId<Intention>, price: u64) -> OfferDraft {
        plain_draft(intention, 1, cents(price), &self.world.people[who].placement)
    }

    pub(crate) fn offer_now(&mut self, who: usize, draft: OfferDraft) -> RecordId<Offer> {
        let Ok(Reply::Offered(offer)) = self.vendor(who, VendorCommand::Offer(Box::new(draft))) else {
            panic!("an offer is made");
        };
        offer
    }

    pub(crate) fn offer(
        &mut self,
        who: usize,
        intention: RecordId<Intention>,
        price: u64,
    ) -> RecordId<Offer> {
        let draft = self.draft(who, intention, price);
        let offer = self.offer_now(who, draft);
        self.wait(A_MINUTE);
        offer
    }

    pub(crate) fn renew(&mut self, intention: RecordId<Intention>) -> Result<RecordId<Intention>, Refusal> {
        let placement = self.world.people[CUSTOMER].placement.clone();
        match self.customer(CustomerCommand::Renew { intention, placement })? {
            Reply::Cast(new) => Ok(new),
            other => panic!("a renewal casts an intention, and answers {other:?}"),
        }
    }

    pub(crate) fn offer_view(&self, offer: RecordId<Offer>) -> OfferView {
        self.offers(CUSTOMER).into_iter().find(|view| view.offer == offer).expect("the offer is known")
    }

    pub(crate) fn try_accept(&mut self, offer: RecordId<Offer>) -> Result<Reply, Refusal> {
        self.try_accept_with(offer, false)
    }

    /// Also where a lapsed order has the goods.
    pub(crate) fn try_accept_with(&mut self, offer: RecordId<Offer>, anyway: bool) -> Result<Reply, Refusal> {
        let placement = self.world.people[CUSTOMER].placement.clone();
        self.customer(CustomerCommand::Accept { offer, choose: Vec::new(), anyway, placement })
    }

    pub(crate) fn accept_now(&mut self, offer: RecordId<Offer>) -> (RecordId<Order>, ThreadId) {
        let Ok(Reply::Ordered { order, thread }) = self.try_accept(offer) else {
            panic!("an order is placed");
        };
        (order, thread)
    }

    /// A placed order for two pieces, one minute after it was placed.
    pub(crate) fn placed(&mut self) -> (RecordId<Order>, ThreadId) {
        let intention = self.want("2");
        let offer = self.offer(VENDOR, intention, 5_000);
        let placed = self.accept_now(offer);
        self.wait(A_MINUTE);
        placed
    }

    /// The same, accepted.
    pub(crate) fn accepted(&mut self) -> (RecordId<Order>, ThreadId) {
        let (order, thread) = self.placed();
        self.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
        self.wait(A_MINUTE);
        (order, thread)
    }

    pub(crate) fn fulfil(
        &mut self,
        order: RecordId<Order>,
        steps: u64,
        event: FulfilmentKind,
    ) -> Result<Reply, Refusal> {
        let lines = vec![LineSteps { line: 0, steps }];
        let reply = self.vendor(VENDOR, VendorCommand::Fulfil { order, lines, event, note: None });
        self.wait(A_MINUTE);
        reply
    }

    pub(crate) fn cancel_now(&mut self, who: usize, order: RecordId<Order>) -> Result<Reply, Refusal> {
        self.either(who, EitherCommand::Cancel { order, reason: Reason::ChangedMind })
    }

    pub(crate) fn say(&mut self, who: usize, thread: ThreadId, words: &str) {
        self.either(who, EitherCommand::Say { thread, text: text(words) }).unwrap();
    }

    pub(crate) fn order(&self, who: usize, order: RecordId<Order>) -> OrderView {
        self.agent(who).order(order).expect("the order is known")
    }

    pub(crate) fn offers(&self, who: usize) -> Vec<OfferView> {
        self.agent(who).offers(None, self.world.people[who].now(self.world.clock()))
    }

    /// Cuts the customer off, so that words cross.
    pub(crate) fn part(&mut self) {
        self.world.weather.cut([Place::Person(CUSTOMER)]);
    }

    /// Mends the cut and lets everything arrive.
    pub(crate) fn join(&mut self) {
        self.world.weather.mend();
        self.wait(A_DAY);
    }

    /// Of the two nodes only this one is up, for an hour.
    pub(crate) fn only(&mut self, who: usize) {
        let other = if who == CUSTOMER { VENDOR } else { CUSTOMER };
        if self.world.people[other].agent.is_some() {
            self.world.take_down(other).unwrap();
        }
        self.world.rise(who).unwrap();
        self.wait(60 * A_MINUTE);
    }

    /// Takes a node down and brings it back.
    pub(crate) fn restart(&mut self, who: usize) {
        self.world.take_down(who).unwrap();
        self.world.rise(who).unwrap();
    }

    /// Phase, payment, line quantities and receipt of an order, as a node sees them.
    pub(crate) fn state(
        &self,
        who: usize,
        order: RecordId<Order>,
    ) -> (String, String, Vec<(u64, u64)>, bool) {
        let view = self.order(who, order);
        let lines = view.lines.iter().map(|line| (line.ordered, line.fulfilled)).collect();
        (view.phase, view.payment, lines, view.receipt.is_some())
    }
}
