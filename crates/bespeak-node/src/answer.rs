//! Answering intentions from the catalogue without a person.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bespeak_agent::{Agent, notice::Notice, taken::Taken};
use bespeak_identity::{RecordId, Signed};
use bespeak_model::{intention::Intention, time::Time};
use bespeak_net::Net;
use bespeak_policy::auto::AutoSettings;
use tokio::sync::mpsc;

use crate::{
    back::Back,
    clock::now,
    place::of_vendor,
    rules::{Case, DecisionView, Desk, Outcome, decide},
    warehouse::Warehouse,
};

/// Intentions waiting to be looked up. Source: wild guess; minutes of work. Those over it are found again by a sweep.
const WAITING: usize = 10_000;

/// Looks intentions up, one after the other, in the order in which they were heard.
pub(crate) struct Answerer {
    warehouse: Arc<Warehouse>,
    desk: Arc<Desk>,
    back: mpsc::UnboundedSender<Back>,
    waiting: VecDeque<RecordId<Intention>>,
    busy: bool,
    /// How many were looked up and, where something fits, answered.
    considered: Arc<AtomicU64>,
    /// What is taken from the stock, until an offer or order changes.
    taken: Option<Arc<Taken>>,
    /// Orders changed: some may be accepted by rule.
    orders_changed: bool,
}

impl Answerer {
    pub(crate) fn new(
        warehouse: Arc<Warehouse>,
        desk: Arc<Desk>,
        back: mpsc::UnboundedSender<Back>,
        considered: Arc<AtomicU64>,
    ) -> Self {
        let (waiting, taken) = (VecDeque::new(), None);
        // Orders of the last run may wait.
        Self { warehouse, desk, back, waiting, busy: false, considered, taken, orders_changed: true }
    }

    pub(crate) fn goods(&self) -> &Warehouse {
        &self.warehouse
    }

    /// Notes which intentions were just heard, and that offers and orders changed.
    pub(crate) fn note(&mut self, tell: &[Notice]) {
        for notice in tell {
            match notice {
                Notice::IntentionHeard { intention } => self.push(*intention),
                Notice::IntentionWithdrawn { intention } => self.desk.done(*intention),
                Notice::OfferChanged { .. } => self.taken = None,
                Notice::OrderChanged { .. } => {
                    self.taken = None;
                    self.orders_changed = true;
                }
                _ => {}
            }
        }
    }

    /// Notes that an offer of one's own was made or changed.
    pub(crate) fn offered(&mut self, intention: Option<RecordId<Intention>>) {
        if let Some(intention) = intention {
            self.taken = None;
            self.desk.done(intention);
        }
    }

    /// Whether orders changed since this was last asked.
    pub(crate) fn take_orders_changed(&mut self) -> bool {
        std::mem::take(&mut self.orders_changed)
    }

    /// Notes every intention that was heard and has no answer.
    pub(crate) fn sweep(&mut self, agent: &Agent, now: Time) {
        self.taken = None;
        if is_on(agent) {
            self.waiting.clear();
            let heard = agent.intentions(now).into_iter().filter(|view| view.state == "heard");
            heard.for_each(|view| self.push(view.intention));
        }
    }

    fn push(&mut self, intention: RecordId<Intention>) {
        if self.waiting.len() < WAITING {
            self.waiting.push_back(intention);
        }
    }

    /// Looks up the next intention, if none is being looked up and the hours are not quiet; `done` says that one just was.
    pub(crate) fn next(&mut self, agent: &Agent, net: &Net, done: bool) {
        self.busy &= !done;
        self.considered.fetch_add(u64::from(done), Ordering::Relaxed);
        if self.waiting.is_empty() || self.busy {
            return;
        }
        let Some(settings) = agent.auto().filter(|settings| settings.on).cloned() else {
            return self.waiting.clear();
        };
        if self.desk.book().quiet().is_some() {
            return;
        }
        while let Some(intention) = self.waiting.pop_front() {
            if let Some(wish) = agent.wish(intention).cloned() {
                self.busy = true;
                return self.look_up(agent, wish, settings, net);
            }
        }
    }

    fn look_up(&mut self, agent: &Agent, wish: Signed<Intention>, settings: AutoSettings, net: &Net) {
        let (warehouse, back, now) = (Arc::clone(&self.warehouse), self.back.clone(), now());
        let (desk, book) = (Arc::clone(&self.desk), self.desk.book());
        let taken = Arc::clone(self.taken.get_or_insert_with(|| Arc::new(agent.taken(None, now))));
        let spent = agent.spent(book.limits.total_a_day.map(|total| total.currency()), now);
        let placement = of_vendor(net);
        tokio::spawn(async move {
            warehouse.ready().await;
            let look = move || {
                let (settings, taken) = (&settings, taken.as_ref());
                let case = Case { wish: &wish, settings, taken, spent, placement, now, approved: false };
                let decision = decide(&warehouse.read(), &book, &case);
                if matches!(decision.outcome, Outcome::Approve(..)) {
                    desk.wait(DecisionView::of(&book, wish.id(), &wish, &decision));
                }
                match decision.outcome {
                    Outcome::Offer(draft, _) => Some(draft),
                    _ => None,
                }
            };
            let draft = tokio::task::spawn_blocking(look).await.unwrap_or_default();
            // The loop may have ended.
            let _ = back.send(Back::Drafted { draft });
        });
    }
}

fn is_on(agent: &Agent) -> bool {
    agent.auto().is_some_and(|settings| settings.on)
}
