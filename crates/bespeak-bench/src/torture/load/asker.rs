//! One who asks until answered, each request under a key of its own.

use std::{sync::Arc, time::Duration};

use bespeak_api::{
    client::{Client, ClientError},
    problem::Problem,
};
use serde_json::Value;
use tokio::sync::watch;

use super::super::{
    ledger::{Effect, Ledger},
    world::Who,
};
use crate::dice::Dice;

/// Pause before a request is sent again, or something is looked at again. Source: wild guess; a start takes longer.
const AGAIN: Duration = Duration::from_millis(40);
/// What a node says whose relay did not answer yet; nothing was done then, and it may be asked anew.
const RELAY_AWAY: &str = "has not answered yet";

/// A request that was refused.
#[derive(Debug, thiserror::Error)]
#[error("{who:?} refused {path}: {problem}")]
pub(crate) struct Unasked {
    who: Who,
    path: String,
    problem: Box<Problem>,
}

/// What is sent.
pub(crate) enum Body {
    /// A document, under a key.
    Json(Value),
    /// Bytes, which have the same effect when sent again.
    Bytes(Vec<u8>),
}

/// Those of whom things are asked.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) vendor: Client,
    pub(crate) customer: Client,
}

/// One who asks.
pub(crate) struct Asker {
    clients: Clients,
    ledger: Arc<Ledger>,
    dice: Dice,
    number: u64,
    marks: u64,
    stopping: watch::Receiver<bool>,
}

impl Asker {
    pub(crate) fn new(
        clients: Clients,
        ledger: Arc<Ledger>,
        dice: Dice,
        number: u64,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self { clients, ledger, dice, number, marks: 0, stopping }
    }

    pub(crate) fn is_to_stop(&self) -> bool {
        *self.stopping.borrow()
    }

    pub(crate) fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// A name that nobody has used.
    pub(crate) fn mark(&mut self, what: &str) -> String {
        self.marks += 1;
        format!("{what}-{}-{}-end", self.number, self.marks)
    }

    /// Does nothing for a moment below so many milliseconds.
    pub(crate) async fn rest(&mut self, most: u64) {
        tokio::time::sleep(self.dice.moment(most)).await;
    }

    fn client(&self, who: Who) -> &Client {
        if who == Who::Vendor { &self.clients.vendor } else { &self.clients.customer }
    }

    /// Asks for one thing until answered.
    pub(crate) async fn ask(
        &self,
        who: Who,
        path: &str,
        body: &Body,
        effect: Effect,
    ) -> Result<Value, Unasked> {
        self.ask_for_all(who, path, body, vec![effect]).await
    }

    /// Asks for several things at once until answered.
    pub(crate) async fn ask_for_all(
        &self,
        who: Who,
        path: &str,
        body: &Body,
        effects: Vec<Effect>,
    ) -> Result<Value, Unasked> {
        let entries: Vec<_> = effects.into_iter().map(|effect| self.ledger.ask(who, effect)).collect();
        let mut attempt = 0;
        loop {
            entries.iter().for_each(|entry| self.ledger.sent(*entry));
            let key = format!("{}-{:?}-{attempt}", self.number, entries);
            let answer = match body {
                Body::Json(body) => self.client(who).post_once(path, &key, body).await,
                Body::Bytes(bytes) => self.client(who).post_bytes(path, bytes.clone()).await,
            };
            match answer {
                Ok(answer) => {
                    entries.iter().for_each(|entry| self.ledger.acknowledge(*entry));
                    return Ok(answer);
                }
                Err(ClientError::Refused(problem)) if problem.detail.contains(RELAY_AWAY) => attempt += 1,
                Err(ClientError::Refused(problem)) if problem.status < 500 => {
                    entries.iter().for_each(|entry| self.ledger.refuse(*entry));
                    return Err(Unasked { who, path: path.to_owned(), problem });
                }
                // No answer, or a fault of the node: the same request under the same key.
                Err(_) => {}
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Looks for some time, until what is shown is as wished.
    pub(crate) async fn see_within(&self, most: Duration, who: Who, path: &str) -> Option<Value> {
        tokio::time::timeout(most, self.see(who, path, |_| true)).await.ok()
    }

    /// Looks until what is shown is as wished.
    pub(crate) async fn see(&self, who: Who, path: &str, wished: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Ok(shown) = self.client(who).get(path).await
                && wished(&shown)
            {
                return shown;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}
