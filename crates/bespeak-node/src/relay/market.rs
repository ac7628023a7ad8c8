//! What a relay keeps of the market, so that whoever was away can ask for it.

use bespeak_model::{network::Network, time::Time};
use bespeak_protocol::market::{Announcement, Gate, Hearing, News, Slot, Table, Verdict};
use bespeak_store::{Change, Family, ReadError, Store};

/// Announcements as they were said, under the place of what they announce.
const MARKET: Family = Family(19);
/// Most documents forgotten with one sync. Source: a tenth of what the store takes at once.
const FORGOTTEN_AT_ONCE: usize = 1_000;

/// What is alive, and what is forwarded.
pub(super) struct Market {
    gate: Gate,
    table: Table,
}

impl Market {
    /// Makes it again from what is kept. Blocks.
    pub(super) fn recall(network: Network, store: &Store) -> Result<Self, ReadError> {
        let mut market = Self { gate: Gate::new(network), table: Table::default() };
        for entry in store.scan(MARKET, &[])? {
            let said = match entry {
                Ok((_, said)) => said,
                Err(error @ ReadError::Damaged { .. }) => {
                    tracing::error!(target: "bespeak::relay", %error, "announcement_lost");
                    continue;
                }
                Err(error) => return Err(error),
            };
            match Announcement::from_bytes(&said).ok().and_then(Announcement::verify) {
                Some(news) => market.table.recall(&mut market.gate, news),
                None => tracing::error!(target: "bespeak::relay", "announcement_unreadable"),
            }
        }
        Ok(market)
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// Judges what was said; with what is to be kept and forgotten for it.
    pub(super) fn hear(&mut self, topic: &str, bytes: &[u8], now: Time) -> (Verdict, Vec<Change>) {
        let Hearing { verdict, news } = self.table.judge(&mut self.gate, topic, bytes, now);
        let keep = |slot: &Slot| Change::Keep { family: MARKET, key: key(slot), body: bytes.to_vec() };
        let (kept, forgotten) = match news {
            Some(News::Intention(record)) => {
                let place = Slot::Intention(record.id());
                let forgotten = self.table.hear(*record);
                (Some(keep(&place)), forgotten)
            }
            Some(News::Withdrawal(record)) => {
                let burial = self.table.bury(&record);
                let place = Slot::Tombstone(record.intention, *record.issuer());
                (burial.kept.then(|| keep(&place)), burial.forget)
            }
            None => (None, Vec::new()),
        };
        (verdict, kept.into_iter().chain(forgotten.iter().map(forget)).collect())
    }

    /// Forgets some of what has ended; nothing when there is none left.
    pub(super) fn forget_ended(&mut self, now: Time) -> Vec<Change> {
        self.table.forget_ended(now, FORGOTTEN_AT_ONCE).iter().map(forget).collect()
    }
}

fn forget(slot: &Slot) -> Change {
    Change::Remove { family: MARKET, key: key(slot) }
}

fn key(slot: &Slot) -> Vec<u8> {
    match slot {
        Slot::Intention(id) => [b"h", id.as_digest().as_slice()].concat(),
        Slot::Tombstone(id, issuer) => [b"w", id.as_digest().as_slice(), issuer.as_bytes()].concat(),
    }
}
