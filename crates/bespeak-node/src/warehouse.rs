//! A vendor's goods: kept in the store, searched in memory.

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use bespeak_catalogue::{
    Catalogue, Change as Novelty, Changes, Goods, Sku, Sweep, Wish,
    import::{Import, ImportDefaults, Mapping, Progress, Skipped},
};
use bespeak_model::{intention::Intention, money::Currency};
use bespeak_store::{Change, CommitError};
use tokio::sync::watch;

use crate::{
    catalogue::{Hit, ImportError, ImportOptions, ImportProgress, ImportReport, Match, SkippedLine},
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
    /// How far the import is that is going on.
    progress: Mutex<Option<ImportProgress>>,
}

impl Warehouse {
    /// Starts reading the goods from the store.
    pub(crate) fn open(shelf: Shelf) -> Arc<Self> {
        let warehouse = Arc::new(Self {
            catalogue: RwLock::new(Catalogue::new()),
            shelf,
            ready: watch::Sender::new(false),
            importing: Mutex::new(()),
            progress: Mutex::new(None),
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

    pub(crate) fn answer(&self, wish: &Intention, limit: usize) -> Vec<Match> {
        self.read().answer(wish, limit).into_iter().map(Match::from).collect()
    }

    /// How far the import is that is going on, if one is.
    pub(crate) fn progress(&self) -> Option<ImportProgress> {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, progress: Option<ImportProgress>) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    /// Takes goods in: each is durable before it can be found; then removes what a whole stock no longer has. Blocks.
    pub(crate) fn import(
        &self,
        bytes: &[u8],
        options: &ImportOptions,
        currency: Currency,
    ) -> Result<ImportReport, ImportError> {
        let _turn = self.importing.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.read_file(bytes, options, currency);
        self.tell(None);
        done
    }

    fn read_file(
        &self,
        bytes: &[u8],
        options: &ImportOptions,
        currency: Currency,
    ) -> Result<ImportReport, ImportError> {
        let mapping = options.mapping.as_deref().map(Mapping::parse).transpose();
        let mapping = mapping.map_err(|error| ImportError::Options(error.to_string()))?;
        let sweep = self.sweep(options)?;
        let import = Import {
            format: options.format,
            name: options.name.as_deref(),
            mapping: mapping.as_ref(),
            feed: options.feed.clone(),
            defaults: ImportDefaults { currency, now: now() },
        };
        let mut intake = Intake::of(self);
        let total = bytes.len() as u64;
        let tell = |Progress { bytes, read, skipped }| {
            self.tell(Some(ImportProgress { bytes, total, read, skipped }));
        };
        let report = import.read(bytes, |goods| intake.take(goods), tell);
        intake.flush();
        if let Some(error) = intake.failed {
            return Err(ImportError::NotKept(error));
        }
        let report = report.map_err(|error| ImportError::Source(error.to_string()))?;
        let (removed, not_removed) =
            match sweep.map(|sweep| sweep.end(&self.read(), &report, options.confirmed)) {
                None => (0, None),
                Some(Ok(gone)) => (self.remove(&gone)?, None),
                Some(Err(doubt)) => (0, Some(doubt.to_string())),
            };
        let Changes { imported, updated, unchanged } = intake.changes;
        let skipped = report
            .skipped
            .into_iter()
            .map(|Skipped { line, sku, why }| SkippedLine { line, sku, why: why.to_string() })
            .collect();
        let skipped_count = report.skipped_count;
        Ok(ImportReport { imported, updated, unchanged, removed, not_removed, skipped, skipped_count })
    }

    /// Notes what a feed that is the whole stock has brought so far.
    fn sweep(&self, options: &ImportOptions) -> Result<Option<Sweep>, ImportError> {
        let nameless = || ImportError::Options("a feed that is the whole stock needs a name".to_owned());
        let feed = options.complete.then(|| options.feed.clone().ok_or_else(nameless)).transpose()?;
        Ok(feed.map(|feed| Sweep::begin(&self.read(), feed)))
    }

    /// Takes goods out: they are gone from the disk before they are not found any more.
    fn remove(&self, gone: &[Sku]) -> Result<u64, ImportError> {
        for part in gone.chunks(BATCH) {
            let changes = part.iter().map(|sku| self.shelf.forget_goods(sku.as_str())).collect();
            self.shelf.store().commit_blocking(changes)?;
            let mut catalogue = self.write();
            part.iter().for_each(|sku| drop(catalogue.remove(sku)));
        }
        Ok(gone.len() as u64)
    }
}

impl Warehouse {
    /// Takes in goods whose numbers are not here, and says how many those were: what is here may be newer. Blocks.
    pub(crate) fn take_in(&self, goods: Vec<Goods>) -> Result<u64, CommitError> {
        let _turn = self.importing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut intake = Intake::of(self);
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

impl<'a> Intake<'a> {
    fn of(warehouse: &'a Warehouse) -> Self {
        Self { warehouse, batch: Vec::new(), changes: Changes::default(), failed: None }
    }

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
        // What says the same is on the disk already.
        let changes: Vec<Change> = {
            let held = self.warehouse.read();
            let new = batch.iter().filter(|goods| held.change(goods) != Novelty::Nothing);
            new.filter_map(keep).collect()
        };
        let kept = if changes.is_empty() { Ok(()) } else { shelf.store().commit_blocking(changes) };
        match kept {
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
