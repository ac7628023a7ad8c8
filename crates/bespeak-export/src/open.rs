//! Everything that must hold before an export is believed.

use std::collections::BTreeMap;

use bespeak_agent::export::Held;
use bespeak_identity::{Agreement, PublicKey, RecordError, Unverified};
use bespeak_model::{manifest::Manifest, network::Network, receipt::Receipt};
use bespeak_protocol::thread::ThreadId;
use serde::Deserialize;

use crate::{
    VERSION,
    build::{DATA, GOODS, LOG, RECORDS},
    data::{DataError, Item, Meta},
    file::{File, shown},
    manifest::{Entry, LIST, List, SIGNATURE, digest},
    record::{RecordFault, known_kind, verify},
};

/// Where an export is to be taken in.
#[derive(Clone, Debug)]
pub struct Here {
    /// Whose home it is.
    pub party: PublicKey,
    /// The network it is on.
    pub network: Network,
}

/// A record that comes in.
pub type Incoming = Held;

/// What comes in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The records, each verified, in the order of the log.
    pub records: Vec<Incoming>,
    /// The personal data.
    pub data: Vec<Item>,
    /// A vendor's goods, one JSON object each.
    pub goods: Vec<Vec<u8>>,
}

/// Why an export is refused; nothing of it is taken in then.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A part without which nothing can be checked.
    #[error("there is no {0}: this is no export, or a part of it is missing")]
    NoManifest(&'static str),
    /// The list cannot be read.
    #[error("{LIST} cannot be read: {0}")]
    List(serde_json::Error),
    /// A later version wrote it.
    #[error("this export has version {0}, and this program knows {VERSION}; use a newer program")]
    Newer(u8),
    /// The signature does not hold.
    #[error("{SIGNATURE} does not hold: {0}")]
    Signature(#[from] RecordError),
    /// The signature holds, but for another list.
    #[error("{LIST} was changed after it was signed")]
    ListChanged,
    /// A file is not the one that was signed.
    #[error("{0} was changed after the export was made")]
    Changed(String),
    /// A file is not there.
    #[error("{0} is missing from the export")]
    Missing(String),
    /// A file that nobody signed.
    #[error("{0} is no part of the export: its manifest does not name it")]
    Extra(String),
    /// A file is named or packed twice.
    #[error("{0} is in the export twice")]
    Twice(String),
    /// Another network.
    #[error("the export is of the network {theirs}, and this home is on {ours}; networks are not mixed")]
    OtherNetwork {
        /// The export's.
        theirs: Network,
        /// The home's.
        ours: Network,
    },
    /// Another party.
    #[error(
        "the export belongs to {theirs}, and this home to {ours}; its records can be held only in a home made from \
         the same 24 words"
    )]
    OtherParty {
        /// The export's.
        theirs: PublicKey,
        /// The home's.
        ours: PublicKey,
    },
    /// A record that does not verify.
    #[error("{path}: {fault}")]
    Record {
        /// Its file.
        path: String,
        /// What is wrong.
        fault: RecordFault,
    },
    /// Personal data that is not what it says.
    #[error("{path}: {fault}")]
    Data {
        /// Its file.
        path: String,
        /// What is wrong.
        fault: DataError,
    },
    /// A file that was signed and cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(String),
}

/// Checks signature, hashes, network, party and every record, in this order, and gives what comes in.
///
/// # Errors
/// [`OpenError`], at the first thing that is wrong.
pub fn open(files: Vec<File>, here: &Here) -> Result<Contents, OpenError> {
    let mut found = BTreeMap::new();
    for File { path, bytes } in files {
        if found.insert(path.clone(), bytes).is_some() {
            return Err(OpenError::Twice(path));
        }
    }
    let list = signed_list(&mut found)?;
    whole(&list, &found)?;
    if list.network != here.network {
        return Err(OpenError::OtherNetwork { theirs: list.network, ours: here.network.clone() });
    }
    if list.party != here.party {
        return Err(OpenError::OtherParty { theirs: list.party, ours: here.party });
    }
    Ok(Contents { records: records(&found, here)?, data: data(&found)?, goods: goods(&found) })
}

/// The list, believed because its owner's signature holds over it.
fn signed_list(found: &mut BTreeMap<String, Vec<u8>>) -> Result<List, OpenError> {
    #[derive(Deserialize)]
    struct Version {
        v: u8,
    }
    let text = found.remove(LIST).ok_or(OpenError::NoManifest(LIST))?;
    let signature = found.remove(SIGNATURE).ok_or(OpenError::NoManifest(SIGNATURE))?;
    let Version { v } = serde_json::from_slice(&text).map_err(OpenError::List)?;
    if v > VERSION {
        return Err(OpenError::Newer(v));
    }
    let list: List = serde_json::from_slice(&text).map_err(OpenError::List)?;
    let manifest = Unverified::<Manifest>::from_bytes(signature)?.verify()?;
    let says_the_same =
        (manifest.iss, &manifest.net, manifest.at) == (list.party, &list.network, list.made_at);
    if *manifest.list != digest(&text) || !says_the_same {
        return Err(OpenError::ListChanged);
    }
    Ok(list)
}

/// Whether the files are those of the list, no more and no fewer.
fn whole(list: &List, found: &BTreeMap<String, Vec<u8>>) -> Result<(), OpenError> {
    let mut named = BTreeMap::new();
    for entry in &list.files {
        if named.insert(&entry.path, entry).is_some() {
            return Err(OpenError::Twice(shown(&entry.path)));
        }
        let bytes = found.get(&entry.path).ok_or_else(|| OpenError::Missing(shown(&entry.path)))?;
        let file = File { path: entry.path.clone(), bytes: bytes.clone() };
        if Entry::of(&file) != *entry {
            return Err(OpenError::Changed(shown(&entry.path)));
        }
    }
    match found.keys().find(|path| !named.contains_key(path)) {
        Some(extra) => Err(OpenError::Extra(shown(extra))),
        None => Ok(()),
    }
}

/// One line of the log: where a record belongs. Lines of other kinds are for other readers.
#[derive(Deserialize)]
struct Line {
    record: Option<String>,
    thread: Option<ThreadId>,
}

/// In the order of the log, then those it does not name.
fn records(found: &BTreeMap<String, Vec<u8>>, here: &Here) -> Result<Vec<Incoming>, OpenError> {
    let mut places: BTreeMap<String, (usize, Option<ThreadId>)> = BTreeMap::new();
    let log = found.get(LOG).map(Vec::as_slice).unwrap_or_default();
    for (place, line) in log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate() {
        let line: Line = serde_json::from_slice(line).map_err(|_| OpenError::Unreadable(LOG.to_owned()))?;
        if let Some(record) = line.record {
            places.entry(record).or_insert((place, line.thread));
        }
    }
    let mut records = Vec::new();
    for (path, bytes) in found.range(format!("{RECORDS}/")..).take_while(|(path, _)| is_in(path, RECORDS)) {
        let Some((kind, id)) = named(path) else { continue };
        let (place, thread) = places.get(id).copied().unwrap_or((usize::MAX, None));
        let held = Held { kind, id: id.to_owned(), thread, bytes: bytes.clone() };
        if kind == Receipt::TYPE && thread.is_none() {
            // A receipt does not say where the two talked, and is not shown without.
            return Err(OpenError::Unreadable(LOG.to_owned()));
        }
        verify(&held, &here.network).map_err(|fault| OpenError::Record { path: path.clone(), fault })?;
        records.push((place, held));
    }
    records.sort_by_key(|(place, _)| *place);
    Ok(records.into_iter().map(|(_, held)| held).collect())
}

fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Type and id of a record's path; nothing for kinds that a later version may add.
fn named(path: &str) -> Option<(&'static str, &str)> {
    let (kind, file) = path.strip_prefix(RECORDS)?.strip_prefix('/')?.split_once('/')?;
    Some((known_kind(kind)?, file.strip_suffix(".cose")?))
}

fn data(found: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Item>, OpenError> {
    let mut items = Vec::new();
    for (path, text) in found.range(format!("{DATA}/")..).take_while(|(path, _)| is_in(path, DATA)) {
        let Some(folder) = path.strip_suffix("/meta.json") else { continue };
        let content = format!("{folder}/content");
        let content = found.get(&content).ok_or(OpenError::Missing(content))?;
        let meta: Meta = serde_json::from_slice(text).map_err(|_| OpenError::Unreadable(path.clone()))?;
        let item = Item::again(meta, content.clone());
        items.push(item.map_err(|fault| OpenError::Data { path: path.clone(), fault })?);
    }
    Ok(items)
}

fn goods(found: &BTreeMap<String, Vec<u8>>) -> Vec<Vec<u8>> {
    let lines = found.get(GOODS).map(Vec::as_slice).unwrap_or_default();
    lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}
