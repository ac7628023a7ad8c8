//! Answering intentions from the catalogue without a person.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bespeak_agent::{Agent, command::Placement, notice::Notice};
use bespeak_identity::{RecordId, Signed};
use bespeak_model::{intention::Intention, time::Time};
use bespeak_net::Net;
use bespeak_policy::auto::AutoSettings;
use tokio::sync::mpsc;

use crate::{back::Back, draft::draft, place::of_vendor, warehouse::Warehouse};

/// Intentions waiting to be looked up. Source: wild guess; minutes of work. Those over it are found again by a sweep.
const WAITING: usize = 10_000;

/// Looks intentions up, one after the other, in the order in which they were heard.
pub(crate) struct Answerer {
    warehouse: Arc<Warehouse>,
    back: mpsc::UnboundedSender<Back>,
    waiting: VecDeque<RecordId<Intention>>,
    busy: bool,
    /// How many were looked up and, where something fits, answered.
    considered: Arc<AtomicU64>,
}

impl Answerer {
    pub(crate) fn new(
        warehouse: Arc<Warehouse>,
        back: mpsc::UnboundedSender<Back>,
        considered: Arc<AtomicU64>,
    ) -> Self {
        Self { warehouse, back, waiting: VecDeque::new(), busy: false, considered }
    }

    pub(crate) fn goods(&self) -> &Warehouse {
        &self.warehouse
    }

    /// Notes which intentions were just heard.
    pub(crate) fn note(&mut self, tell: &[Notice]) {
        for notice in tell {
            if let Notice::IntentionHeard { intention } = notice {
                self.push(*intention);
            }
        }
    }

    /// Notes every intention that was heard and has no answer.
    pub(crate) fn sweep(&mut self, agent: &Agent, now: Time) {
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

    /// Looks up the next intention, if none is being looked up; `done` says that one just was.
    pub(crate) fn next(&mut self, agent: &Agent, net: &Net, done: bool) {
        self.busy &= !done;
        self.considered.fetch_add(u64::from(done), Ordering::Relaxed);
        if self.waiting.is_empty() || self.busy {
            return;
        }
        let Some(settings) = agent.auto().filter(|settings| settings.on).cloned() else {
            return self.waiting.clear();
        };
        while let Some(intention) = self.waiting.pop_front() {
            if let Some(wish) = agent.wish(intention).cloned() {
                self.busy = true;
                return self.look_up(wish, settings, of_vendor(net));
            }
        }
    }

    fn look_up(&self, wish: Signed<Intention>, settings: AutoSettings, placement: Placement) {
        let (warehouse, back) = (Arc::clone(&self.warehouse), self.back.clone());
        tokio::spawn(async move {
            warehouse.ready().await;
            let look = move || draft(&warehouse.read(), &wish, &settings, placement);
            let found = tokio::task::spawn_blocking(look).await.unwrap_or_default();
            // The loop may have ended.
            let _ = back.send(Back::Drafted { draft: found.map(Box::new) });
        });
    }
}

fn is_on(agent: &Agent) -> bool {
    agent.auto().is_some_and(|settings| settings.on)
}
