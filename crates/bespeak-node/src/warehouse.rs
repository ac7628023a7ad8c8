//! A vendor's goods: kept in the store, searched in memory.

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use bespeak_catalogue::{
    Catalogue, Changes, Goods, Sku, Wish,
    import::{self, Format, ImportDefaults, Skipped},
};
use bespeak_model::money::Currency;
use bespeak_store::{Change, CommitError};
use tokio::sync::watch;

use crate::{
    catalogue::{Hit, ImportError, ImportReport, SkippedLine},
    clock::now,
    shelf::Shelf,
};

/// Goods kept with one sync. Source: wild guess; about 1 MiB.
const BATCH: usize = 500;

/// The goods, which may still be being read from the store.
pub(crate) struct Warehouse {
    catalogue: RwLock<Catalogue>,
    shelf: Shelf,
    ready: watch::Sender<bool>,
    /// One import at a time, so that store and memory see them in one order.
    importing: Mutex<()>,
}

impl Warehouse {
    /// Starts reading the goods from the store.
    pub(crate) fn open(shelf: Shelf) -> Arc<Self> {
        let warehouse = Arc::new(Self {
            catalogue: RwLock::new(Catalogue::new()),
            shelf,
            ready: watch::Sender::new(false),
            importing: Mutex::new(()),
        });
        let reading = Arc::clone(&warehouse);
        tokio::task::spawn_blocking(move || {
            reading.read_store();
            reading.ready.send_replace(true);
        });
        warehouse
    }

    fn read_store(&self) {
        let bodies = match self.shelf.goods() {
            Ok(bodies) => bodies,
            Err(error) => return tracing::error!(target: "bespeak::node", %error, "goods_unreadable"),
        };
        let parsed = bodies.iter().filter_map(|body| {
            let goods: Result<Goods, _> = serde_json::from_slice(body);
            goods
                .inspect_err(|error| tracing::error!(target: "bespeak::node", %error, "goods_unreadable"))
                .ok()
        });
        self.write().upsert(parsed);
    }

    /// Waits until the goods have been read from the store.
    pub(crate) async fn ready(&self) {
        // The sender lives as long as this does.
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Catalogue> {
        self.catalogue.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Catalogue> {
        self.catalogue.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, sku: &Sku) -> Option<Goods> {
        self.read().get(sku).cloned()
    }

    pub(crate) fn search(&self, text: &str, limit: usize) -> Vec<Hit> {
        self.read().search(&Wish::new(text), limit).into_iter().map(Hit::from).collect()
    }

    /// Takes goods in: each is durable before it can be found. Blocks.
    pub(crate) fn import(
        &self,
        bytes: &[u8],
        format: Format,
        currency: Currency,
    ) -> Result<ImportReport, ImportError> {
        let _turn = self.importing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut intake =
            Intake { warehouse: self, batch: Vec::new(), changes: Changes::default(), failed: None };
        let defaults = ImportDefaults { currency, now: now() };
        let report = import::read(bytes, format, &defaults, |goods| intake.take(goods));
        intake.flush();
        if let Some(error) = intake.failed {
            return Err(ImportError::NotKept(error));
        }
        let report = report.map_err(|error| ImportError::Source(error.to_string()))?;
        let Changes { imported, updated, unchanged } = intake.changes;
        let skipped = report
            .skipped
            .into_iter()
            .map(|Skipped { line, why }| SkippedLine { line, why: why.to_string() });
        Ok(ImportReport {
            imported,
            updated,
            unchanged,
            skipped: skipped.collect(),
            skipped_count: report.skipped_count,
        })
    }
}

impl Warehouse {
    /// Takes in goods whose numbers are not here, and says how many those were: what is here may be newer. Blocks.
    pub(crate) fn take_in(&self, goods: Vec<Goods>) -> Result<u64, CommitError> {
        let _turn = self.importing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut intake =
            Intake { warehouse: self, batch: Vec::new(), changes: Changes::default(), failed: None };
        for one in goods {
            if self.get(&one.sku).is_none() {
                intake.take(one);
            }
        }
        intake.flush();
        let Intake { changes, failed, .. } = intake;
        failed.map_or(Ok(changes.imported), Err)
    }
}

/// Goods on their way in.
struct Intake<'a> {
    warehouse: &'a Warehouse,
    batch: Vec<Goods>,
    changes: Changes,
    failed: Option<CommitError>,
}

impl Intake<'_> {
    fn take(&mut self, goods: Goods) {
        self.batch.push(goods);
        if self.batch.len() >= BATCH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() || self.failed.is_some() {
            return;
        }
        let shelf = &self.warehouse.shelf;
        let keep = |goods: &Goods| {
            let body = serde_json::to_vec(goods).ok()?;
            Some(shelf.keep_goods(goods.sku.as_str(), body))
        };
        let changes: Vec<Change> = batch.iter().filter_map(keep).collect();
        match shelf.store().commit_blocking(changes) {
            Ok(()) => {
                let Changes { imported, updated, unchanged } = self.warehouse.write().upsert(batch);
                self.changes.imported += imported;
                self.changes.updated += updated;
                self.changes.unchanged += unchanged;
            }
            Err(error) => self.failed = Some(error),
        }
    }
}
