//! Tables for spreadsheets: CSV (RFC 4180) whose texts no spreadsheet takes for formulas.

use bespeak_agent::{
    export::Held,
    view::{OfferLineView, OrderView, ReceiptView},
};
use bespeak_identity::{Agreement, CoSigned, UnverifiedAgreement};
use bespeak_model::{money::Money, order::Order};

use crate::{build::Whole, json_ld::decimal, manifest::hex};

/// Where the agreements' ids are told. Source: W3C DPV, extension for IEEE 7012.
const ROSTER: &str = "https://w3id.org/dpv/standards/ieee/7012#";
/// The edition of the roster that the ids are of. Source: IEEE 7012-2025.
const EDITION: &str = "IEEE 7012-2025";

/// A cell that begins like a formula gets an apostrophe in front: names and words of strangers are in here. Source: OWASP,
/// CSV injection.
fn plain(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| plain(cell)))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Every order, and where it stands. Those that came in by an import have no state: only what both signed is known.
pub(crate) fn orders(whole: &Whole) -> Result<Vec<u8>, csv::Error> {
    let head = [
        "order",
        "placed_at",
        "with_name",
        "with",
        "intention",
        "thread",
        "phase",
        "payment",
        "total",
        "paid",
        "currency",
        "terms",
        "receipt",
        "lines",
    ];
    let mut rows: Vec<_> = whole.orders.iter().map(order).collect();
    let known: Vec<String> = whole.orders.iter().map(|view| view.order.to_string()).collect();
    let others =
        agreed::<Order>(&whole.records).filter(|(order, _)| !known.contains(&order.id().to_string()));
    rows.extend(others.map(|(order, held)| taken_in(&order, held)));
    table(&head, rows)
}

fn order(view: &OrderView) -> Vec<String> {
    let lines =
        view.lines.iter().map(|line| line_text(&line.quantity_text, &line.name, line.amount, view.total));
    vec![
        view.order.to_string(),
        view.log.first().map(|entry| entry.at.to_string()).unwrap_or_default(),
        view.with.name.clone(),
        view.with.party.to_string(),
        view.intention.to_string(),
        view.thread.to_string(),
        view.phase.clone(),
        view.payment.clone(),
        decimal(view.total.amount(), view.total),
        view.paid.map(|paid| decimal(paid.amount(), paid)).unwrap_or_default(),
        view.total.currency().code().to_owned(),
        view.terms.to_string(),
        view.receipt.map(|receipt| receipt.to_string()).unwrap_or_default(),
        lines.collect::<Vec<_>>().join("; "),
    ]
}

fn taken_in(order: &CoSigned<Order>, held: &Held) -> Vec<String> {
    let lines = order
        .lines
        .iter()
        .map(|line| line_text(&line.quantity.to_string(), &line.name, line.amount.amount(), order.total));
    vec![
        order.id().to_string(),
        order.placed_at.to_string(),
        String::new(),
        order.vendor.to_string(),
        order.intention.to_string(),
        held.thread.map(|thread| thread.to_string()).unwrap_or_default(),
        "imported".to_owned(),
        String::new(),
        decimal(order.total.amount(), order.total),
        String::new(),
        order.total.currency().code().to_owned(),
        order.terms.to_string(),
        String::new(),
        lines.collect::<Vec<_>>().join("; "),
    ]
}

fn line_text(quantity: &str, name: &str, amount: i64, like: Money) -> String {
    format!("{quantity} {name} = {}", decimal(amount, like))
}

/// Every receipt.
pub(crate) fn receipts(all: &[ReceiptView]) -> Result<Vec<u8>, csv::Error> {
    let head = [
        "receipt",
        "issued_at",
        "vendor_name",
        "vendor",
        "customer",
        "order",
        "thread",
        "total",
        "currency",
        "verified",
        "lines",
    ];
    let row = |view: &ReceiptView| {
        let text = |line: &OfferLineView| line_text(&line.quantity_text, &line.name, line.amount, view.total);
        vec![
            view.receipt.to_string(),
            view.issued_at.to_string(),
            view.vendor.name.clone(),
            view.vendor.party.to_string(),
            view.customer.to_string(),
            view.order.to_string(),
            view.thread.to_string(),
            decimal(view.total.amount(), view.total),
            view.total.currency().code().to_owned(),
            view.verified.to_string(),
            view.lines.iter().map(text).collect::<Vec<_>>().join("; "),
        ]
    };
    table(&head, all.iter().map(row).collect())
}

/// Which agreement about data both signed with which order, and the hash of what they signed.
pub(crate) fn agreements(records: &[Held]) -> Result<Vec<u8>, csv::Error> {
    let head = ["order", "date", "customer", "vendor", "terms", "edition", "address", "signed_sha256"];
    let row = |(order, _): (CoSigned<Order>, &Held)| {
        vec![
            order.id().to_string(),
            order.placed_at.to_string(),
            order.customer.to_string(),
            order.vendor.to_string(),
            order.terms.to_string(),
            EDITION.to_owned(),
            format!("{ROSTER}{}", order.terms),
            hex(order.id().as_digest()),
        ]
    };
    table(&head, agreed::<Order>(records).map(row).collect())
}

fn agreed<T: Agreement>(records: &[Held]) -> impl Iterator<Item = (CoSigned<T>, &Held)> {
    let of_kind = records.iter().filter(|held| held.kind == T::TYPE);
    of_kind.filter_map(|held| {
        let read = UnverifiedAgreement::<T>::from_bytes(held.bytes.clone()).ok()?;
        Some((read.verify().ok()?, held))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_no_cell_breaks_the_table() {
        let row = ["=1+1", "@x", "-2", "a,b", "say \"hi\"", "two\nlines", "plain"];
        let bytes = table(&["a"; 7], vec![row.map(str::to_owned).to_vec()]).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with("a,a,a,a,a,a,a\r\n'=1+1,'@x,'-2,\"a,b\","), "{text}");
        let read = csv::Reader::from_reader(bytes.as_slice()).records().next().unwrap().unwrap();
        assert_eq!((&read[0], &read[4], &read[5]), ("'=1+1", "say \"hi\"", "two\nlines"));
    }
}
