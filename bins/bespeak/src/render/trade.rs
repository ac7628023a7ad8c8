//! Conversations, orders and receipts.

use bespeak_api::words::view::{LogEntry, MessageView, OrderView, ReceiptView};
use serde_json::{Error, Value, from_value};

use super::market::in_money;
use super::table::table;
use super::{can, moment, short, word};

/// What was said.
pub(crate) fn messages(all: &Value) -> Result<String, Error> {
    let all: Vec<MessageView> = from_value(all.clone())?;
    if all.is_empty() {
        return Ok("Nothing was said yet.".to_owned());
    }
    Ok(all.iter().map(said).collect::<Vec<_>>().join("\n"))
}

/// One thing that was said.
pub(crate) fn message(one: &Value) -> Result<String, Error> {
    from_value(one.clone()).map(|view| said(&view))
}

fn said(view: &MessageView) -> String {
    let stage = view.delivery.as_deref().map(|stage| format!(" ({})", in_words(stage)));
    let stage = stage.unwrap_or_default();
    format!("{}  {}: {}{stage}", moment(&view.at.to_string()), view.from, view.text)
}

/// How far the last thing came that one said oneself.
pub(crate) fn last_of_mine(all: &Value) -> String {
    let mine = all.as_array().and_then(|all| all.iter().rfind(|one| word(one, "from") == "me"));
    in_words(mine.map_or("", |one| word(one, "delivery"))).to_owned()
}

/// How far a message came, for people.
fn in_words(stage: &str) -> &str {
    match stage {
        "" | "kept" => "kept here",
        "in_drop" => "in a drop",
        other => other,
    }
}

/// All orders.
pub(crate) fn orders(all: &Value) -> Result<String, Error> {
    let all: Vec<OrderView> = from_value(all.clone())?;
    let row = |view: &OrderView| {
        vec![
            short(&view.order.to_string()).to_owned(),
            view.with.name.clone(),
            view.total.to_string(),
            view.phase.clone(),
            view.payment.clone(),
            view.display.clone(),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    Ok(table(&["ORDER", "WITH", "TOTAL", "PHASE", "PAYMENT", "WHERE IT STANDS"], &rows, "No orders."))
}

/// One order, with everything that happened.
pub(crate) fn order(one: &Value) -> Result<String, Error> {
    let view: OrderView = from_value(one.clone())?;
    let mut lines = vec![
        format!("{} — {}", view.total, view.display),
        format!("  order    {}", view.order),
        format!("  with     {} ({})", view.with.name, view.with.party),
        format!("  thread   {}", view.thread),
        format!("  phase    {}; payment {}", view.phase, view.payment),
        format!("  terms    {}", view.terms),
    ];
    for line in &view.lines {
        let sku = line.sku.as_ref().map(|sku| format!(" [{}]", sku.as_str())).unwrap_or_default();
        let money = in_money(line.amount, view.total);
        let done = format!("{} handed over", line.fulfilled_text);
        lines.push(format!(
            "  line {}   {} {}{sku}  {money}; {done}",
            line.line, line.quantity_text, line.name
        ));
    }
    lines.extend(view.instructions.iter().map(|way| format!("  pay by   {way}")));
    lines.extend(view.paid.map(|paid| format!("  paid     {paid}")));
    lines.extend(view.receipt.map(|receipt| format!("  receipt  {receipt}")));
    lines.extend(revealed(view.revealed));
    lines.extend(view.log.iter().map(happened));
    lines.extend(can(&view.can));
    Ok(lines.join("\n"))
}

/// What a customer's node says of its address in a conversation: only what is not as always.
pub(super) fn revealed(revealed: Option<bool>) -> Option<String> {
    (revealed == Some(true)).then(|| "  this vendor may see the address of this node".to_owned())
}

fn happened(entry: &LogEntry) -> String {
    let detail = if entry.detail.is_empty() { String::new() } else { format!(" ({})", entry.detail) };
    let effect = if entry.effect { "" } else { ", without effect" };
    format!("  {}  {}: {}{detail}{effect}", moment(&entry.at.to_string()), entry.from, entry.what)
}

/// All receipts.
pub(crate) fn receipts(all: &Value) -> Result<String, Error> {
    let all: Vec<ReceiptView> = from_value(all.clone())?;
    let row = |view: &ReceiptView| {
        vec![
            short(&view.receipt.to_string()).to_owned(),
            view.vendor.name.clone(),
            view.total.to_string(),
            moment(&view.issued_at.to_string()),
            if view.verified { "verified" } else { "NOT VERIFIED" }.to_owned(),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    Ok(table(&["RECEIPT", "VENDOR", "TOTAL", "ISSUED", "SIGNATURES"], &rows, "No receipts."))
}

/// One receipt.
pub(crate) fn receipt(one: &Value) -> Result<String, Error> {
    let view: ReceiptView = from_value(one.clone())?;
    let mut lines = vec![
        format!("Receipt for {}", view.total),
        format!("  receipt   {}", view.receipt),
        format!("  order     {}", view.order),
        format!("  customer  {}", view.customer),
        format!("  vendor    {} ({})", view.vendor.name, view.vendor.party),
        format!("  issued    {}", moment(&view.issued_at.to_string())),
    ];
    for line in &view.lines {
        let money = in_money(line.amount, view.total);
        lines.push(format!("  {} {}  {money}", line.quantity_text, line.name));
    }
    lines.push(match view.verified {
        true => "Both parties' signatures hold over the same bytes.".to_owned(),
        false => "The signatures do NOT hold.".to_owned(),
    });
    Ok(lines.join("\n"))
}
