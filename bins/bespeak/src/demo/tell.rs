//! How the story is shown to a person.

use std::io::Write;

use serde_json::Value;

use super::Market;

/// Prints a line. A terminal that is gone is no reason to stop.
pub(super) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// Begins a chapter.
pub(super) fn chapter(number: usize, title: &str) {
    say(&format!("\n{number}. {title}"));
}

/// A line inside a chapter.
pub(super) fn line(text: &str) {
    say(&format!("   {text}"));
}

/// An amount of money as the API writes it, for people.
pub(super) fn money(value: &Value) -> String {
    let amount = value["amount"].as_i64().unwrap_or_default();
    let currency = value["currency"].as_str().unwrap_or_default();
    format!("{}.{:02} {currency}", amount / 100, amount % 100)
}

/// A text inside a document, or nothing.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// The part of an id that tells it from others.
pub(super) fn short(id: &str) -> String {
    id.chars().take(16).collect()
}

/// Offers side by side.
pub(super) fn offers(offers: &[Value]) {
    line(&format!("{:<16} {:<38} {:>3} {:>14}  {}", "vendor", "article", "", "total", "stands until"));
    for offer in offers {
        let article = &offer["lines"][0];
        line(&format!(
            "{:<16} {:<38} {:>2}x {:>14}  {}",
            text(&offer["vendor"], "name"),
            text(article, "name"),
            article["quantity"],
            money(&offer["total"]),
            text(offer, "valid_until").get(..10).unwrap_or_default(),
        ));
        for other in offer["alternatives"].as_array().into_iter().flatten() {
            let amount =
                serde_json::json!({"amount": other["amount"], "currency": offer["total"]["currency"]});
            line(&format!(
                "{:<16} {:<38} {:>2}x {:>14}  in its place",
                "",
                text(other, "name"),
                other["quantity"],
                money(&amount)
            ));
        }
    }
}

/// What a newcomer can try against the running nodes.
pub(super) fn commands(market: &Market) {
    say(
        "\nThe five nodes go on running. In another terminal, with this program in your path (or `cargo run --release --`):\n",
    );
    let (anna, radhaus, klapprad) = (market.anna.home(), market.radhaus.home(), market.klapprad.home());
    for (home, command) in [
        (anna, "status"),
        (anna, "offers"),
        (anna, "receipt list"),
        (anna, "want \"folding e-bike\" --category vehicles.bicycles --max 1500EUR"),
        (radhaus, "inbox"),
        (radhaus, "order list"),
        (klapprad, "catalogue search \"folding e-bike\""),
    ] {
        say(&format!("  bespeak --home {} {command}", home.display()));
    }
    say("\nCtrl-C ends all of them and removes their homes.");
}
