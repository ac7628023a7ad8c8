//! Which files an export holds, and what is written into them.

use bespeak_agent::{
    export::{Counterparty, Held, Superseded},
    view::{IntentionView, OfferView, OrderView, ReceiptView},
};
use bespeak_identity::PublicKey;
use bespeak_model::{network::Network, time::Time};
use serde_json::{Value, json};

use crate::{
    data::Item,
    file::{File, FileError},
    json_ld, table, vcard,
};

pub(crate) const RECORDS: &str = "records";
pub(crate) const DATA: &str = "data";
pub(crate) const LOG: &str = "log.jsonl";
pub(crate) const GOODS: &str = "goods.jsonl";

/// What each file is, for whoever opens the folder without us.
const ABOUT: &str = include_str!("about.txt");

/// Everything that leaves.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Whose it is.
    pub party: PublicKey,
    /// The network of its records.
    pub network: Network,
    /// `customer` or `vendor`.
    pub role: String,
    /// When it was gathered.
    pub made_at: Time,
    /// The records, in the order in which they came to be.
    pub records: Vec<Held>,
    /// Intentions in whose place others stand.
    pub superseded: Vec<Superseded>,
    /// The other side of each conversation.
    pub counterparties: Vec<Counterparty>,
    /// The intentions, as people see them.
    pub intentions: Vec<IntentionView>,
    /// The offers.
    pub offers: Vec<OfferView>,
    /// The orders.
    pub orders: Vec<OrderView>,
    /// The receipts.
    pub receipts: Vec<ReceiptView>,
    /// The personal data.
    pub data: Vec<Item>,
    /// A vendor's goods, one JSON object each.
    pub goods: Vec<Vec<u8>>,
    /// How many places of the home's memory are damaged, so that what lay there is missing here.
    pub damaged: usize,
}

/// Why no export was made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file that cannot be one of an export.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something that JSON cannot say.
    #[error("a view could not be written: {0}")]
    Json(#[from] serde_json::Error),
    /// Something that CSV cannot say.
    #[error("a table could not be written: {0}")]
    Table(#[from] csv::Error),
}

/// Writes every file but the manifest's two.
///
/// # Errors
/// [`BuildError`].
pub fn files(whole: &Whole) -> Result<Vec<File>, BuildError> {
    let mut files = vec![
        File::new("README.md", about(whole).into_bytes())?,
        File::new("agreements.csv", table::agreements(&whole.records)?)?,
        File::new(LOG, log(whole)?)?,
        File::new("orders.csv", table::orders(whole)?)?,
        File::new("receipts.csv", table::receipts(&whole.receipts)?)?,
        File::new("relationships.vcf", vcard::cards(&whole.counterparties).into_bytes())?,
    ];
    if whole.role == "vendor" {
        files.push(File::new(GOODS, lines(&whole.goods))?);
    }
    for Held { kind, id, bytes, .. } in &whole.records {
        files.push(File::new(format!("{RECORDS}/{kind}/{id}.cose"), bytes.clone())?);
    }
    for Item { meta, content } in &whole.data {
        let id = &meta.id;
        files.push(File::new(format!("{DATA}/{id}/meta.json"), serde_json::to_vec_pretty(meta)?)?);
        files.push(File::new(format!("{DATA}/{id}/content"), content.clone())?);
    }
    files.extend(views(whole)?);
    Ok(files)
}

fn about(whole: &Whole) -> String {
    let Whole { role, party, network, made_at, damaged, .. } = whole;
    let missing = match damaged {
        0 => String::new(),
        count => format!("SOMETHING IS MISSING: {count} places of the home's memory were damaged.\n"),
    };
    format!("Export of the {role} {party}\non the network {network}, made at {made_at}\n{missing}\n{ABOUT}")
}

fn views(whole: &Whole) -> Result<Vec<File>, BuildError> {
    let all: [(&str, Vec<Value>); 4] = [
        ("intentions", whole.intentions.iter().map(json_ld::intention).collect()),
        ("offers", whole.offers.iter().map(json_ld::offer).collect()),
        ("orders", whole.orders.iter().map(json_ld::order).collect()),
        ("receipts", whole.receipts.iter().map(json_ld::receipt).collect()),
    ];
    let write = |(name, graph): (&str, Vec<Value>)| {
        let document = json!({ "@context": json_ld::CONTEXT, "@graph": graph });
        Ok(File::new(format!("views/{name}.jsonld"), serde_json::to_vec_pretty(&document)?)?)
    };
    all.into_iter().map(write).collect()
}

/// What the records do not say of themselves: their order, their conversation, and what stands in whose place.
fn log(whole: &Whole) -> Result<Vec<u8>, BuildError> {
    let mut text = Vec::new();
    for (index, Held { kind, id, thread, .. }) in whole.records.iter().enumerate() {
        let mut line = json!({ "n": index + 1, "record": id, "type": kind });
        if let Some(thread) = thread {
            line["thread"] = json!(thread);
        }
        text.push(serde_json::to_vec(&line)?);
    }
    for (old, new) in &whole.superseded {
        text.push(serde_json::to_vec(&json!({ "superseded": old, "by": new }))?);
    }
    Ok(lines(&text))
}

fn lines(all: &[Vec<u8>]) -> Vec<u8> {
    all.iter().flat_map(|line| line.iter().chain(b"\n")).copied().collect()
}
