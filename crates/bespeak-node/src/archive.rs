//! Records that came in by an import: they can be read and shown, and nothing is done with them. To go on with open
//! business takes the keys' whole memory, which an export does not hold.

use std::collections::BTreeMap;

use bespeak_agent::{
    export::{Held, receipt_view},
    view::ReceiptView,
};
use bespeak_export::KINDS;
use bespeak_identity::{Agreement, Document, PublicKey, Unverified, UnverifiedAgreement};
use bespeak_model::{card::VendorCard, receipt::Receipt};
use bespeak_store::ReadError;

use crate::shelf::Shelf;

/// The receipts that came in; blocks.
pub(crate) fn receipts(shelf: &Shelf) -> Result<Vec<ReceiptView>, ReadError> {
    let held = shelf.archived(Receipt::TYPE)?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let names = vendor_names(shelf)?;
    let view = |(_, held): (u64, Held)| {
        // Verified when it came in; what does not read now was damaged where it lay, and the store names damage.
        let receipt = UnverifiedAgreement::<Receipt>::from_bytes(held.bytes).ok()?.verify().ok()?;
        let name = names.get(&receipt.vendor).map(String::as_str).unwrap_or_default();
        Some(receipt_view(&receipt, held.thread?, name))
    };
    Ok(held.into_iter().filter_map(view).collect())
}

fn vendor_names(shelf: &Shelf) -> Result<BTreeMap<PublicKey, String>, ReadError> {
    let cards = shelf.archived(VendorCard::TYPE)?.into_iter();
    let named = cards.filter_map(|(_, held)| {
        let card = Unverified::<VendorCard>::from_bytes(held.bytes).ok()?.verify().ok()?;
        Some((card.iss, card.name.as_str().to_owned()))
    });
    Ok(named.collect())
}

/// The bytes of one record, whatever its type; blocks.
pub(crate) fn record(shelf: &Shelf, id: &str) -> Result<Option<Vec<u8>>, ReadError> {
    for kind in KINDS {
        if let Some(held) = shelf.archived_one(kind, id)? {
            return Ok(Some(held.bytes));
        }
    }
    Ok(None)
}

/// The ids of the records of one type, or of all; blocks.
pub(crate) fn ids(shelf: &Shelf, kind: Option<&str>) -> Result<Vec<String>, ReadError> {
    let mut ids = Vec::new();
    for known in KINDS.into_iter().filter(|known| kind.is_none_or(|kind| kind == *known)) {
        ids.extend(shelf.archived(known)?.into_iter().map(|(_, held)| held.id));
    }
    Ok(ids)
}
