//! Carrying everything out, and in again.

use std::collections::BTreeSet;

use bespeak_agent::{Agent, export::Held, output::Refusal, view::ReceiptView};
use bespeak_catalogue::Goods;
use bespeak_export::{
    Contents, File, Here, KINDS, OpenError, Whole,
    archive::{self as tar, ArchiveError},
    files,
    manifest::{List, SIGNATURE, digest},
    open,
};
use bespeak_identity::Nonce;
use bespeak_model::{reason::RefusalCode, time::Time};
use bespeak_store::ReadError;

use super::{
    Node,
    data::{Cabinet, internal},
};
use crate::{
    archive,
    clock::random32,
    commit::not_kept,
    export::TakenIn,
    home::Role,
    run::stopped,
    shelf::{DataUnread, Shelf},
};

/// Records kept with one sync. Source: wild guess; about 2 MiB.
const BATCH: usize = 500;

impl Node {
    /// Everything the owner holds, as a tar of files with a manifest signed by the party's key.
    ///
    /// # Errors
    /// When something cannot be read, or there is more than an export may have.
    pub async fn export(&self) -> Result<Vec<u8>, Refusal> {
        let role = self.role();
        let whole = self.read(move |agent, now| gather(agent, role, now)).await.ok_or_else(stopped)?;
        let at = whole.made_at;
        let (mut files, list) = self.on_shelf(move |shelf| written(shelf, whole)).await?;
        let hash = digest(&list.bytes);
        let nonce = nonce()?;
        let signed = self.read(move |agent, _| agent.sign_manifest(hash, nonce, at)).await;
        let signed = signed.ok_or_else(stopped)?.map_err(|error| internal(&error))?;
        files.push(list);
        files.push(File { path: SIGNATURE.to_owned(), bytes: signed.bytes().to_vec() });
        let packed = tokio::task::spawn_blocking(move || tar::pack(&files)).await;
        packed.map_err(|error| internal(&error))?.map_err(|error| no_archive(&error))
    }

    /// Takes an export in: records, personal data and goods that are not here yet. Everything is verified before
    /// anything is kept; what is here stays as it is, so that a second time changes nothing.
    ///
    /// # Errors
    /// When the export is damaged, of another network or party, or cannot be kept.
    pub async fn take_in(&self, packed: Vec<u8>) -> Result<TakenIn, Refusal> {
        let here = Here { party: self.party(), network: self.network().clone() };
        let opened = tokio::task::spawn_blocking(move || opened(&packed, &here)).await;
        let contents = opened.map_err(|error| internal(&error))??;
        let goods = goods(&contents, self.role())?;
        let held = self.read(|agent, _| agent.records()).await.ok_or_else(stopped)?;
        let held = held.into_iter().map(|record| record.id).collect();
        let mut taken = self.on_shelf(move |shelf| keep_all(shelf, contents, &held)).await?;
        self.take_in_goods(goods, &mut taken).await?;
        Ok(taken)
    }

    async fn take_in_goods(&self, goods: Vec<Goods>, taken: &mut TakenIn) -> Result<(), Refusal> {
        let Some(warehouse) = self.inner.warehouse.clone().filter(|_| !goods.is_empty()) else {
            return Ok(());
        };
        warehouse.ready().await;
        let count = goods.len() as u64;
        let added = tokio::task::spawn_blocking(move || warehouse.take_in(goods)).await;
        let added = added.map_err(|error| internal(&error))?.map_err(|error| not_kept(&error))?;
        taken.added += added;
        taken.known += count - added;
        self.goods_changed().await;
        Ok(())
    }

    /// The receipts that came in by an import, but not those given.
    pub(super) async fn archived_receipts(&self, but: &[ReceiptView]) -> Vec<ReceiptView> {
        let but: BTreeSet<_> = but.iter().map(|view| view.receipt).collect();
        let found = self.on_shelf(|shelf| archive::receipts(shelf).map_err(|error| internal(&error))).await;
        let found = found.inspect_err(|why| tracing::error!(target: "bespeak::node", %why, "archive_unread"));
        found.unwrap_or_default().into_iter().filter(|view| !but.contains(&view.receipt)).collect()
    }

    /// The bytes of a record that came in by an import.
    pub(super) async fn archived_record(&self, id: String) -> Option<Vec<u8>> {
        let found = self.on_shelf(move |shelf| archive::record(shelf, &id).map_err(|e| internal(&e))).await;
        found.inspect_err(|why| tracing::error!(target: "bespeak::node", %why, "archive_unread")).ok()?
    }

    /// The ids of records that came in by an import, of one type or of all.
    pub(super) async fn archived_ids(&self, kind: Option<&'static str>) -> Vec<String> {
        let found = self.on_shelf(move |shelf| archive::ids(shelf, kind).map_err(|e| internal(&e))).await;
        let found = found.inspect_err(|why| tracing::error!(target: "bespeak::node", %why, "archive_unread"));
        found.unwrap_or_default()
    }
}

fn nonce() -> Result<Nonce, Refusal> {
    let random = random32().map_err(|error| internal(&error))?;
    let (half, _) = random.split_at(Nonce::LEN);
    half.try_into().map(Nonce::from_bytes).map_err(|error| internal(&error))
}

/// What the agent knows, at one moment.
fn gather(agent: &Agent, role: Role, now: Time) -> Whole {
    let own = match agent {
        Agent::Customer(_) => agent.intentions(now),
        // What a vendor only heard is the market's.
        Agent::Vendor(_) => {
            let answered: BTreeSet<_> =
                agent.conversations().iter().map(|inside| inside.facts.intention.id()).collect();
            let mut all = agent.intentions(now);
            all.retain(|view| answered.contains(&view.intention));
            all
        }
    };
    Whole {
        party: agent.party(),
        network: agent.network().clone(),
        role: role.to_string(),
        made_at: now,
        records: agent.records(),
        superseded: agent.superseded(),
        counterparties: agent.counterparties(),
        intentions: own,
        offers: agent.offers(None, now),
        orders: agent.orders(),
        receipts: agent.receipts(),
        data: Vec::new(),
        goods: Vec::new(),
        damaged: 0,
    }
}

/// What the agent knows and what lies on the shelf as files, and the list of them.
fn written(shelf: &Shelf, mut whole: Whole) -> Result<(Vec<File>, File), Refusal> {
    complete(shelf, &mut whole)?;
    let files = files(&whole).map_err(|error| Refusal::new(RefusalCode::TooLarge, error.to_string()))?;
    let Whole { party, network, role, made_at, .. } = whole;
    let list = List::of(party, network, role, made_at, &files).to_file();
    Ok((files, list.map_err(|error| internal(&error))?))
}

/// Adds what lies on the shelf. What is damaged cannot be taken along; the export says that something is missing.
fn complete(shelf: &Shelf, whole: &mut Whole) -> Result<(), Refusal> {
    let mut unread = 0;
    for meta in shelf.items().map_err(|error| internal(&error))? {
        match shelf.item(&meta.id) {
            Ok(item) => whole.data.extend(item),
            // The store counts what is damaged itself.
            Err(DataUnread::Read(ReadError::Damaged { .. })) => {}
            Err(_) => unread += 1,
        }
    }
    let known: BTreeSet<_> = whole.records.iter().map(|record| record.id.clone()).collect();
    let mut archived = Vec::new();
    for kind in KINDS {
        archived.extend(shelf.archived(kind).map_err(|error| internal(&error))?);
    }
    archived.retain(|(_, held)| !known.contains(&held.id));
    archived.sort_by_key(|(n, _)| *n);
    whole.records.extend(archived.into_iter().map(|(_, held)| held));
    let receipts = archive::receipts(shelf).map_err(|error| internal(&error))?;
    let known: BTreeSet<_> = whole.receipts.iter().map(|view| view.receipt).collect();
    whole.receipts.extend(receipts.into_iter().filter(|view| !known.contains(&view.receipt)));
    whole.goods = shelf.goods().map_err(|error| internal(&error))?;
    whole.damaged = shelf.store().report().damaged.len() + unread;
    Ok(())
}

fn opened(packed: &[u8], here: &Here) -> Result<Contents, Refusal> {
    let files = tar::unpack(packed).map_err(|error| no_archive(&error))?;
    open(files, here).map_err(|error| not_believed(&error))
}

fn no_archive(error: &ArchiveError) -> Refusal {
    let code = match error {
        ArchiveError::File(bespeak_export::FileError::TooLarge) => RefusalCode::TooLarge,
        _ => RefusalCode::UnsupportedVersion,
    };
    Refusal::new(code, error.to_string())
}

fn not_believed(error: &OpenError) -> Refusal {
    let code = match error {
        OpenError::OtherParty { .. } => RefusalCode::NotParty,
        OpenError::OtherNetwork { .. } => RefusalCode::NotAllowedByState,
        OpenError::NoManifest(_) | OpenError::List(_) | OpenError::Newer(_) | OpenError::Unreadable(_) => {
            RefusalCode::UnsupportedVersion
        }
        _ => RefusalCode::InvalidSignature,
    };
    Refusal::new(code, error.to_string())
}

/// The goods that come in, all of which must be readable.
fn goods(contents: &Contents, role: Role) -> Result<Vec<Goods>, Refusal> {
    if role != Role::Vendor && !contents.goods.is_empty() {
        let detail = "the export holds goods, and this is no vendor's home; make one with `bespeak init --role vendor`";
        return Err(Refusal::new(RefusalCode::NotAllowedByState, detail));
    }
    let read = |(index, line): (usize, &Vec<u8>)| {
        serde_json::from_slice(line).map_err(|error| {
            let detail = format!("goods.jsonl, line {}: {error}", index + 1);
            Refusal::new(RefusalCode::UnsupportedVersion, detail)
        })
    };
    contents.goods.iter().enumerate().map(read).collect()
}

/// Keeps records and personal data that are not here. When the disk refuses in the middle, what was kept stays: the
/// import can be repeated.
fn keep_all(shelf: &Shelf, contents: Contents, held: &BTreeSet<String>) -> Result<TakenIn, Refusal> {
    let mut cabinet = Cabinet::open(shelf)?;
    cabinet.has_room(contents.data.iter())?;
    let mut taken = TakenIn::default();
    let archived = archive::ids(shelf, None).map_err(|error| internal(&error))?;
    let archived: BTreeSet<String> = archived.into_iter().collect();
    let is_new = |(_, record): &(u64, Held)| !held.contains(&record.id) && !archived.contains(&record.id);
    let (new, old): (Vec<_>, Vec<_>) = (1..).zip(contents.records).partition(is_new);
    taken.known += old.len() as u64;
    for batch in new.chunks(BATCH) {
        let changes = batch.iter().map(|(n, record)| shelf.archive(*n, record)).collect();
        shelf.store().commit_blocking(changes).map_err(|error| not_kept(&error))?;
        taken.added += batch.len() as u64;
    }
    for item in contents.data {
        taken.count(cabinet.keep(item)?.added);
    }
    Ok(taken)
}
