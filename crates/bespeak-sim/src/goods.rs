//! What is wanted and offered in these worlds, and how much of it.

use bespeak_agent::command::{DraftLine, OfferDraft, Placement, Wish, WishLine};
use bespeak_identity::RecordId;
use bespeak_model::{
    category::Slug,
    intention::Intention,
    money::{Currency, Money},
    offer::PaymentRule,
    quantity::Quantity,
    text::Text,
    time::{Lifetime, Span},
};

use crate::dice::Dice;

/// Categories of the tree, of different roots: each has a topic of its own.
const CATEGORIES: [&str; 3] = ["vehicles", "electronics", "furniture"];
/// Wanted quantities; some are whole, some are weighed.
const QUANTITIES: [&str; 6] = ["1", "2", "3", "5", "2.5 kg", "12 kg"];

/// A text that is known to be one.
#[expect(clippy::expect_used, reason = "every caller writes the text itself")]
pub fn text<const MAX: usize, const LINES: bool>(words: &str) -> Text<MAX, LINES> {
    Text::new(words).expect("a plain text")
}

/// A quantity that is known to be one.
#[expect(clippy::expect_used, reason = "every caller writes the quantity itself")]
pub fn quantity(words: &str) -> Quantity {
    words.parse().expect("a quantity")
}

/// So many cents.
pub fn cents(amount: u64) -> Money {
    let amount = i64::try_from(amount).unwrap_or(i64::MAX);
    Money::new(amount, Currency::EUR).unwrap_or_else(|_| Money::zero(Currency::EUR))
}

/// A category that is known to be one.
#[expect(clippy::expect_used, reason = "the slugs are those of the tree")]
fn category(slug: &str) -> Slug {
    Slug::new(slug).expect("a slug of the tree")
}

/// The plainest wish: one line.
pub fn plain_wish(quantity_wanted: &str, placement: &Placement) -> Wish {
    Wish {
        title: text("folding e-bike"),
        text: None,
        category: category(CATEGORIES[0]),
        lines: vec![WishLine {
            name: text("folding e-bike"),
            quantity: quantity(quantity_wanted),
            gtin: None,
        }],
        conditions: Vec::new(),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        lifetime: Lifetime::SevenDays,
        terms: Vec::new(),
        placement: placement.clone(),
    }
}

/// A drawn wish of one to three lines.
pub fn wish(dice: &mut Dice, placement: &Placement) -> Wish {
    let line = |number: u64, dice: &mut Dice| WishLine {
        name: text(&format!("something of use, number {number}")),
        quantity: quantity(dice.pick(&QUANTITIES).copied().unwrap_or("1")),
        gtin: None,
    };
    let lines = dice.between(1, 3);
    Wish {
        category: category(dice.pick(&CATEGORIES).copied().unwrap_or(CATEGORIES[0])),
        lines: (0..lines).map(|number| line(number, dice)).collect(),
        lifetime: dice.pick(&Lifetime::ALL).copied().unwrap_or(Lifetime::OneDay),
        ..plain_wish("1", placement)
    }
}

/// A draft that offers this much of every line at this price, or all that is wanted.
pub fn plain_draft(
    intention: RecordId<Intention>,
    lines: u8,
    unit_price: Money,
    placement: &Placement,
) -> OfferDraft {
    let line = |line| DraftLine {
        line,
        name: text("article"),
        sku: Some(text(&format!("A{line}"))),
        quantity: None,
        unit_price,
    };
    OfferDraft {
        intention,
        lines: (0..lines).map(line).collect(),
        alternatives: Vec::new(),
        delivery: None,
        valid: Span::THREE_DAYS,
        firm: true,
        payment: PaymentRule::Open,
        text: None,
        placement: placement.clone(),
        terms: None,
        deliver_by: None,
        mandate: None,
    }
}

/// A drawn draft: all of the lines or some, whole or in part, sometimes in a finer measure or another unit, sometimes
/// indicative, with alternatives, free of charge, with delivery, or short-lived.
pub fn draft(
    dice: &mut Dice,
    intention: RecordId<Intention>,
    lines: u8,
    placement: &Placement,
) -> OfferDraft {
    let price = cents(if dice.chance(60) { 0 } else { dice.between(1, 50_000) });
    let mut draft = plain_draft(intention, lines, price, placement);
    if dice.chance(250) {
        let keep = usize::try_from(dice.between(1, u64::from(lines))).unwrap_or(1);
        draft.lines.truncate(keep);
    }
    for line in &mut draft.lines {
        line.quantity = part(dice);
    }
    if dice.chance(300) {
        let like = draft.lines.first().cloned();
        let other = like.map(|line| DraftLine {
            sku: Some(text("B")),
            unit_price: cents(77),
            quantity: None,
            ..line
        });
        draft.alternatives.extend(other);
    }
    if dice.chance(30) {
        let twice = draft.lines.first().cloned();
        draft.lines.extend(twice);
    }
    draft.delivery = dice.chance(300).then(|| cents(490));
    draft.firm = !dice.chance(150);
    draft.payment = if dice.chance(400) { PaymentRule::BeforeFulfilment } else { PaymentRule::Open };
    if dice.chance(200) {
        draft.valid = Span::from_seconds(3600).unwrap_or(Span::THREE_DAYS);
    }
    draft
}

/// Sometimes another quantity than the wanted one.
fn part(dice: &mut Dice) -> Option<Quantity> {
    let other = ["1", "2", "1.5", "1 kg", "2 kg", "2.25 kg"];
    if dice.chance(300) { dice.pick(&other).map(|words| quantity(words)) } else { None }
}
