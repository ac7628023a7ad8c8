//! How the story is shown to a person.

use bespeak_api::words::Money;
use bespeak_api::words::view::{OfferLineView, OfferView};
use serde_json::Value;

use super::Market;
use crate::failure::Failure;
use crate::print;
use crate::render::{in_money, moment};
use crate::session::{odd, quoted};

/// Begins a chapter.
pub(super) fn chapter(number: usize, title: &str) {
    print::text(&format!("\n{number}. {title}"));
}

/// A line inside a chapter.
pub(super) fn line(text: &str) {
    print::text(&format!("   {text}"));
}

/// What somebody said or did.
pub(super) fn by(name: &str, text: &str) {
    line(&format!("{name:<16}{text}"));
}

/// An amount of money as the API writes it, for people.
pub(super) fn money(value: &Value) -> Result<String, Failure> {
    let money: Money = serde_json::from_value(value.clone()).map_err(odd)?;
    Ok(money.to_string())
}

/// Offers side by side.
pub(super) fn offers(offers: &Value) -> Result<(), Failure> {
    let offers: Vec<OfferView> = serde_json::from_value(offers.clone()).map_err(odd)?;
    row(["vendor", "article", "", "total", "stands until"]);
    for offer in &offers {
        let until = moment(&offer.valid_until.to_string());
        for article in &offer.lines {
            article_row(&offer.vendor.name, article, &offer.total.to_string(), &until);
        }
        for other in &offer.alternatives {
            article_row("", other, &in_money(other.amount, offer.total), "in its place");
        }
    }
    Ok(())
}

fn article_row(vendor: &str, article: &OfferLineView, total: &str, until: &str) {
    row([vendor, article.name.as_str(), &article.quantity_text, total, until]);
}

fn row([vendor, article, quantity, total, until]: [&str; 5]) {
    line(&format!("{vendor:<16} {article:<38} {quantity:>3} {total:>14}  {until}"));
}

/// What a newcomer can try against the running nodes.
pub(super) fn commands(market: &Market) {
    print::text(
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
        print::text(&format!("  bespeak --home {} {command}", quoted(home)));
    }
    print::text("\nCtrl-C ends all of them and removes their homes.");
}
