//! Leads as a table for spreadsheets: CSV (RFC 4180) whose texts no spreadsheet takes for formulas.

use bespeak_model::time::Time;

use crate::lead::{Fact, Field, Item, Lead};

/// The columns before those of the customer.
const COLUMNS: [&str; 19] = [
    "lead",
    "at",
    "kind",
    "intention",
    "thread",
    "offer",
    "order",
    "terms",
    "accepted",
    "purposes",
    "retain_until",
    "title",
    "category",
    "place",
    "needed_by",
    "amount",
    "currency",
    "reason",
    "lines",
];

/// Cells that begin so are taken for formulas. Source: OWASP, CSV injection, with the wide forms some spreadsheets read.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell that begins like a formula gets an apostrophe in front: words of strangers are in here.
fn plain(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// A table of leads, in their order; those whose day is over are left out.
///
/// # Errors
/// None that a table in memory has.
pub fn table<'a>(leads: impl IntoIterator<Item = &'a Lead>, now: Time) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let person = Field::ALL.map(Field::as_str);
    writer.write_record(COLUMNS.iter().chain(&person))?;
    for lead in leads.into_iter().filter(|lead| !lead.lapsed(now)) {
        let cells = cells(lead)
            .into_iter()
            .chain(Field::ALL.map(|field| lead.person().get(field).unwrap_or_default().to_owned()));
        writer.write_record(cells.map(|cell| plain(&cell)))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn cells(lead: &Lead) -> [String; COLUMNS.len()] {
    let (about, cover, fact) = (lead.about(), lead.cover(), lead.fact());
    let wish = match fact {
        Fact::IntentionMatched(wish) => Some(wish),
        _ => None,
    };
    let money = fact.money();
    let amount = money.map(|money| money.to_string());
    let purposes: Vec<&str> = cover.purposes().iter().map(|purpose| purpose.iri()).collect();
    [
        lead.id().to_string(),
        lead.at().to_string(),
        lead.kind().to_string(),
        about.intention.to_string(),
        said(about.thread),
        said(about.offer),
        said(about.order),
        cover.terms().to_string(),
        cover.accepted().to_string(),
        purposes.join(" "),
        cover.retain_until().to_string(),
        said(about.title.as_ref().or(wish.map(|wish| &wish.title))),
        said(wish.map(|wish| &wish.category)),
        said(wish.and_then(|wish| wish.place)),
        said(wish.and_then(|wish| wish.needed_by)),
        amount.as_deref().and_then(|text| text.split(' ').next()).unwrap_or_default().to_owned(),
        said(money.map(|money| money.currency())),
        fact.reason().unwrap_or_default().to_owned(),
        fact.lines().iter().map(line).collect::<Vec<_>>().join("; "),
    ]
}

fn said<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn line(item: &Item) -> String {
    let amount = item.amount.map(|amount| format!(" = {amount}")).unwrap_or_default();
    format!("{} {}{amount}", item.quantity, item.name)
}
