//! The agent's life: it begins with everything that is kept, and begins again when something could not be kept.

use std::{sync::Arc, time::Duration};

use bespeak_agent::{
    Agent,
    output::{Input, Outputs, Refusal},
};
use bespeak_identity::Seed;
use bespeak_model::{card::Name, network::Network, reason::RefusalCode};
use bespeak_store::{Change, ReadError};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{
    clock::{NoRandomness, now, random32},
    commit::NotKept,
    home::{Contents, Role},
    once::Keys,
    pause::Pause,
    shelf::Shelf,
};

/// Pauses after the disk refused. Source: wild guess; in the meantime everything can be read and nothing changed.
const PAUSE: Pause = Pause::new(Duration::from_secs(1), Duration::from_secs(60));
/// Documents read before they are understood, handed over so many at a time: waking a thread for each takes longer than
/// reading it. Source: wild guesses; about 1 MiB.
const BATCH: usize = 256;
const BATCHES_AHEAD: usize = 4;
/// After so long without a refusal the pauses are short again. Source: wild guess.
const CALM: Duration = Duration::from_secs(120);

/// Why no agent could be made from what is kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BeginError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("the agent could not begin: {0}")]
    Failed(String),
}

/// What an agent is made of, beside what it kept.
#[derive(Clone)]
pub(crate) struct Maker {
    seed: Zeroizing<[u8; 32]>,
    role: Role,
    network: Network,
    name: Name,
}

impl Maker {
    /// `None` for a relay, which has no agent.
    pub(crate) fn of(contents: &Contents) -> Option<Self> {
        let (role, network) = (contents.role, contents.network.clone());
        let maker = || Self { seed: contents.seed_bytes(), role, network, name: contents.name() };
        (role != Role::Relay).then(maker)
    }

    /// An agent with nothing to remember yet.
    pub(crate) fn make(&self, entropy: [u8; 32]) -> Agent {
        let seed = Seed::from_entropy(*self.seed);
        match self.role {
            Role::Vendor => Agent::vendor(seed, self.network.clone(), self.name.clone(), entropy),
            Role::Customer | Role::Relay => Agent::customer(seed, self.network.clone(), entropy),
        }
    }
}

/// An agent, and which of its lives this is.
pub(crate) struct Life {
    pub(crate) agent: Agent,
    pub(crate) number: u64,
    pub(crate) next_event: u64,
    /// Kept documents that are whole and could not be understood.
    pub(crate) unreadable: usize,
    /// The keys of requests that were done.
    pub(crate) keys: Keys,
    maker: Arc<Maker>,
}

impl Life {
    /// The first life since the node started.
    pub(crate) async fn begin(maker: Maker, shelf: &Shelf) -> Result<Self, BeginError> {
        live(Arc::new(maker), shelf.clone(), 0).await
    }

    /// The next life.
    pub(crate) async fn again(&mut self, shelf: &Shelf, number: u64) -> Result<(), BeginError> {
        *self = live(Arc::clone(&self.maker), shelf.clone(), number).await?;
        Ok(())
    }
}

async fn live(maker: Arc<Maker>, shelf: Shelf, number: u64) -> Result<Life, BeginError> {
    let work = tokio::task::spawn_blocking(move || recall(maker, &shelf, number));
    work.await.map_err(|error| BeginError::Failed(error.to_string()))?
}

fn recall(maker: Arc<Maker>, shelf: &Shelf, number: u64) -> Result<Life, BeginError> {
    let mut agent = maker.make(random32()?);
    // Read on one processor, understood on another: halves the time of a start with much to recall.
    let recalled = std::thread::scope(|scope| {
        let (tell, told) = std::sync::mpsc::sync_channel(BATCHES_AHEAD);
        let reading = scope.spawn(move || {
            let mut batch = Vec::with_capacity(BATCH);
            let recalled = shelf.recall(|kept| {
                batch.push(kept);
                if batch.len() == BATCH {
                    // When nobody listens any more, the agent's thread is gone, and so is this.
                    let _ = tell.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)));
                }
            });
            let _ = tell.send(batch);
            recalled
        });
        for kept in told.into_iter().flatten() {
            // Recalling causes nothing: what it would cause comes with the wake-up.
            let _ = agent.handle(Input::Recall(kept), now());
        }
        reading.join().unwrap_or_else(|_| Err(ReadError::Index { why: "the reader panicked".to_owned() }))
    })?;
    for why in recalled.damaged.iter().chain(&recalled.unreadable) {
        tracing::error!(target: "bespeak::node", why, "kept_document_unreadable");
    }
    let unreadable = recalled.unreadable.len();
    let keys = Keys::recall(shelf)?;
    Ok(Life { agent, number, next_event: recalled.next_event, unreadable, keys, maker })
}

/// The first life of a home made from a copy of its past: what is to be kept and forgotten before anything else. Blocks.
pub(crate) fn restored(maker: Maker, shelf: &Shelf) -> Result<Vec<Change>, BeginError> {
    let Life { mut agent, mut next_event, .. } = recall(Arc::new(maker), shelf, 0)?;
    let Outputs { keep, forget, .. } = agent.handle(Input::Restored, now());
    let kept: Result<Vec<_>, _> = keep.iter().map(|kept| shelf.keep(kept, &mut next_event)).collect();
    let mut changes = kept.map_err(|error| BeginError::Failed(error.to_string()))?;
    changes.extend(forget.iter().filter_map(|slot| shelf.forget(slot)));
    Ok(changes)
}

/// The time after the disk refused, in which nothing is changed.
pub(crate) struct Ill {
    pub(crate) until: Instant,
    /// The life that may follow.
    pub(crate) number: u64,
    why: Option<NotKept>,
}

/// How often the disk refused of late.
pub(crate) struct Failures {
    pause: Pause,
    last: Option<Instant>,
}

impl Default for Failures {
    fn default() -> Self {
        Self { pause: PAUSE, last: None }
    }
}

impl Failures {
    fn note(&mut self) -> Duration {
        if self.last.is_some_and(|last| last.elapsed() > CALM) {
            self.pause.reset();
        }
        self.last = Some(Instant::now());
        self.pause.next()
    }
}

impl Ill {
    pub(crate) fn new(failures: &mut Failures, number: u64, why: Option<NotKept>) -> Self {
        Self { until: Instant::now() + failures.note(), number, why }
    }

    /// Tries later again.
    pub(crate) fn later(&mut self, failures: &mut Failures) {
        self.until = Instant::now() + failures.note();
    }

    /// What the owner is told in the meantime.
    pub(crate) fn refusal(&self) -> Refusal {
        let unknown = || Refusal::new(RefusalCode::Internal, "nothing can be kept");
        self.why.as_ref().map_or_else(unknown, NotKept::refusal)
    }
}
