//! From a wish to an offer by rule: the goods that fit best, and the next ones as alternatives.

use bespeak_agent::command::{DraftLine, OfferDraft, Placement};
use bespeak_catalogue::{Catalogue, Goods, Wish};
use bespeak_identity::Signed;
use bespeak_match::{Asked, Thing, Verdict, fits};
use bespeak_model::{
    intention::{GoodsCondition, Intention, Line},
    money::{Currency, Money},
    offer::{MAX_ALTERNATIVES, PaymentRule},
};
use bespeak_policy::auto::AutoSettings;

/// Goods looked at for one line. Source: wild guess; those that miss a condition are left out of them.
const LOOKED_AT: usize = 50;
/// Most alternatives for one line. Source: wild guess; what a person compares.
const ALTERNATIVES: usize = 5;

/// Drafts an offer for a wish; none when nothing fits, she is too far away, or what fits may not be offered without a person.
pub(crate) fn draft(
    catalogue: &Catalogue,
    wish: &Signed<Intention>,
    rule: &AutoSettings,
    placement: Placement,
) -> Option<OfferDraft> {
    if !rule.serves(wish.place.as_ref()) {
        return None;
    }
    let mut made = Made::default();
    for (number, line) in (0u8..).zip(wish.lines.iter()) {
        let found = candidates(catalogue, wish, line, rule, made.currency);
        made.add(number, line, found, ALTERNATIVES.min(MAX_ALTERNATIVES / wish.lines.len()))?;
    }
    let total = made.total?;
    if !rule.allows(total) || !in_budget(wish, total) {
        return None;
    }
    Some(OfferDraft {
        intention: wish.id(),
        lines: made.lines,
        alternatives: made.alternatives,
        delivery: None,
        valid: rule.valid,
        firm: made.certain,
        payment: PaymentRule::default(),
        text: None,
        placement,
        automatic: true,
    })
}

/// What was made so far; one currency throughout.
struct Made {
    lines: Vec<DraftLine>,
    alternatives: Vec<DraftLine>,
    currency: Option<Currency>,
    total: Option<Money>,
    certain: bool,
}

impl Default for Made {
    fn default() -> Self {
        Self { lines: Vec::new(), alternatives: Vec::new(), currency: None, total: None, certain: true }
    }
}

impl Made {
    /// Takes the best for a line, and the next as alternatives. A line nothing is found for is left to others.
    fn add(&mut self, number: u8, line: &Line, mut found: Vec<Candidate<'_>>, most: usize) -> Option<()> {
        if found.is_empty() {
            return Some(());
        }
        let best = found.remove(0);
        let amount = best.price.for_quantity(line.quantity).ok()?;
        self.total = Some(self.total.map_or(Some(amount), |total| total.checked_add(amount).ok())?);
        self.currency = Some(amount.currency());
        self.certain &= best.certain;
        self.lines.push(best.line(number));
        let same_currency = found.iter().filter(|other| Some(other.price.currency()) == self.currency);
        self.alternatives.extend(same_currency.take(most).map(|other| other.line(number)));
        Some(())
    }
}

/// Goods that may be offered for a line.
struct Candidate<'a> {
    goods: &'a Goods,
    /// Of one.
    price: Money,
    /// Whether everything asked for is known to be met.
    certain: bool,
}

impl Candidate<'_> {
    fn line(&self, line: u8) -> DraftLine {
        let Goods { title, sku, .. } = self.goods;
        DraftLine {
            line,
            name: title.clone(),
            sku: Some(sku.clone()),
            quantity: None,
            unit_price: self.price,
        }
    }
}

/// What fits a line, best first: what surely fits before what may, else in the order of the search.
fn candidates<'a>(
    catalogue: &'a Catalogue,
    wish: &Intention,
    line: &Line,
    rule: &AutoSettings,
    currency: Option<Currency>,
) -> Vec<Candidate<'a>> {
    let search = |text: &str| {
        let hits = catalogue.search(&Wish { text, gtin: line.gtin.as_ref() }, LOOKED_AT);
        let goods = hits.iter().filter_map(|hit| catalogue.get(&hit.sku));
        let fitting = goods.filter_map(|goods| candidate(goods, wish, line, rule));
        fitting.filter(|one| currency.is_none_or(|currency| currency == one.price.currency())).collect()
    };
    let mut found: Vec<Candidate<'a>> = search(line.name.as_str());
    if found.is_empty() && wish.lines.len() == 1 && wish.title != line.name {
        found = search(wish.title.as_str());
    }
    found.sort_by_key(|one| !one.certain);
    found
}

fn candidate<'a>(
    goods: &'a Goods,
    wish: &Intention,
    line: &Line,
    rule: &AutoSettings,
) -> Option<Candidate<'a>> {
    let price = rule.price(goods.price?)?;
    let amount = price.for_quantity(line.quantity).ok()?;
    let enough =
        goods.available.is_none_or(|count| line.quantity.whole().is_none_or(|wanted| wanted <= count));
    // The budget is for everything: with several lines it can only be held against the sum.
    let budget = wish.budget.as_ref().filter(|_| wish.lines.len() == 1);
    let asked = Asked {
        conditions: line.conditions.as_slice(),
        gtin: line.gtin.as_ref(),
        state: wish.condition,
        at_least: budget.and_then(|budget| budget.min()),
        at_most: budget.and_then(|budget| budget.max()),
    };
    // Goods that do not say otherwise are new.
    let state = goods.condition.or(Some(GoodsCondition::New));
    let thing = Thing { attributes: &goods.attributes, gtins: &goods.gtins, state, price: Some(&amount) };
    let verdict = fits(&asked, &thing).verdict;
    let fitting = verdict != Verdict::Misses && in_currency(wish, price.currency());
    (fitting && enough && goods.is_available()).then_some(Candidate {
        goods,
        price,
        certain: verdict == Verdict::Fits,
    })
}

/// A budget names the currency that is wanted: nothing here knows a rate.
fn in_currency(wish: &Intention, currency: Currency) -> bool {
    let budget = wish.budget.as_ref().and_then(|budget| budget.max().or(budget.min()));
    budget.is_none_or(|end| end.currency() == currency)
}

fn in_budget(wish: &Intention, total: Money) -> bool {
    let most = wish.budget.as_ref().and_then(|budget| budget.max());
    most.is_none_or(|most| most.currency() == total.currency() && total.amount() <= most.amount())
}

#[cfg(test)]
mod tests;
