//! Reading a backup through, as a restoration would, without writing anything.

use std::path::Path;

use bespeak_agent::{Agent, Counts, output::Input};
use bespeak_identity::PublicKey;
use bespeak_model::{network::Network, time::Time};
use serde::Serialize;

use super::{BackupError, BackupSecret, Opened, frame::Next, open};
use crate::{
    clock::{now, random32},
    home::Role,
    life::Maker,
    shelf::Kind,
};

/// What a whole backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The party's public key.
    pub party: PublicKey,
    /// What the node is for.
    pub role: Role,
    /// The network it joins.
    pub network: Network,
    /// When the backup was made.
    pub made_at: Time,
    /// By which software.
    pub software: String,
    /// How many documents there are in all.
    pub documents: u64,
    /// How many documents of the home could not be read when the backup was made, and are not in it.
    pub missing: u64,
    /// How many of the trade's documents cannot be understood.
    pub unreadable: u64,
    /// Intentions that are live now: one's own, or heard.
    pub intentions_live: usize,
    /// Offers that stand now.
    pub offers_open: usize,
    /// Orders that wait, or bind and are not done.
    pub orders_open: usize,
    /// A vendor's goods.
    pub goods: u64,
    /// Items of personal data.
    pub data: u64,
    /// Records that came in by an import.
    pub archived: u64,
}

/// Reads a backup through: every document is taken in as a node would at its start. Nothing is written; it blocks.
///
/// # Errors
/// When the file cannot be used.
pub fn verify(file: &Path, secret: &BackupSecret) -> Result<Verified, BackupError> {
    let Opened { head, contents, mut reader } = open(file, secret).map_err(BackupError::file(file))?;
    let maker = Maker::of(&contents).ok_or(BackupError::Relay)?;
    let begin = |error: &dyn std::fmt::Display| BackupError::Begin(error.to_string());
    let mut tally = Tally::new(maker.make(random32().map_err(|error| begin(&error))?));
    let end = loop {
        match reader.next().map_err(BackupError::file(file))? {
            Next::Document(document) => tally.take(Kind::of(document.family, &document.body)),
            Next::End(end) => break end,
        }
    };
    let Counts { intentions_live, offers_open, orders_open } = tally.counts();
    let Tally { unreadable, goods, data, archived, .. } = tally;
    Ok(Verified {
        party: head.party,
        role: head.role,
        network: head.network,
        made_at: head.made_at,
        software: head.software,
        documents: end.documents,
        missing: end.unread,
        unreadable,
        intentions_live,
        offers_open,
        orders_open,
        goods,
        data,
        archived,
    })
}

/// What was found so far.
struct Tally {
    agent: Agent,
    unreadable: u64,
    goods: u64,
    data: u64,
    archived: u64,
}

impl Tally {
    fn new(agent: Agent) -> Self {
        Self { agent, unreadable: 0, goods: 0, data: 0, archived: 0 }
    }

    fn take(&mut self, kind: Kind) {
        match kind {
            // Recalling causes nothing.
            Kind::Kept(kept) => drop(self.agent.handle(Input::Recall(*kept), now())),
            Kind::Unreadable(why) => {
                tracing::error!(target: "bespeak::node", why, "document_unreadable");
                self.unreadable += 1;
            }
            Kind::Goods => self.goods += 1,
            Kind::Data => self.data += 1,
            Kind::Archived => self.archived += 1,
            Kind::Other => {}
        }
    }

    fn counts(&mut self) -> Counts {
        // Only an agent that woke up has looked at what it was told; what it wants done is left undone.
        drop(self.agent.handle(Input::Wake, now()));
        self.agent.counts(now())
    }
}
