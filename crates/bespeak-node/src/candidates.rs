//! Goods that may be offered for a line of a wish, best first.

use bespeak_agent::{command::DraftLine, taken::Taken};
use bespeak_catalogue::{Catalogue, Goods, Wish};
use bespeak_match::{Asked, Thing, Verdict, fits};
use bespeak_model::{
    intention::{GoodsCondition, Intention, Line},
    money::{Currency, Money},
    quantity::Quantity,
    time::Time,
};
use bespeak_policy::price::Pricing;

/// Goods looked at for one line. Source: wild guess; those that miss a condition are left out of them.
const LOOKED_AT: usize = 50;

/// What goods are looked for, and at what price they would be offered.
pub(crate) struct Looking<'a> {
    pub(crate) wish: &'a Intention,
    pub(crate) price: &'a Pricing,
    /// What is taken from the stock.
    pub(crate) taken: &'a Taken,
    pub(crate) now: Time,
}

/// Goods that may be offered for a line.
pub(crate) struct Candidate<'a> {
    pub(crate) goods: &'a Goods,
    /// So many are wanted.
    pub(crate) quantity: Quantity,
    /// Of one.
    pub(crate) price: Money,
    /// Whether everything asked for is known to be met.
    pub(crate) certain: bool,
    /// By what they were found.
    pub(crate) found: String,
}

impl Candidate<'_> {
    /// The line of an offer, at this price for one.
    pub(crate) fn line(&self, line: u8, unit_price: Money) -> DraftLine {
        let Goods { title, sku, .. } = self.goods;
        DraftLine { line, name: title.clone(), sku: Some(sku.clone()), quantity: None, unit_price }
    }
}

/// What fits a line, best first: what surely fits before what may, else in the order of the search.
pub(crate) fn candidates<'a>(
    catalogue: &'a Catalogue,
    looking: &Looking<'_>,
    line: &Line,
    currency: Option<Currency>,
) -> Vec<Candidate<'a>> {
    let wish = looking.wish;
    let search = |text: &str| {
        let hits = catalogue.search(&Wish { text, gtin: line.gtin.as_ref() }, LOOKED_AT);
        let goods = hits.iter().filter_map(|hit| Some((catalogue.get(&hit.sku)?, hit.why.join(", "))));
        let fitting = goods.filter_map(|(goods, found)| looking.candidate(goods, found, line));
        fitting.filter(|one| currency.is_none_or(|currency| currency == one.price.currency())).collect()
    };
    let mut found: Vec<Candidate<'a>> = search(line.name.as_str());
    if found.is_empty() && wish.lines.len() == 1 && wish.title != line.name {
        found = search(wish.title.as_str());
    }
    found.sort_by_key(|one| !one.certain);
    found
}

impl Looking<'_> {
    fn candidate<'a>(&self, goods: &'a Goods, found: String, line: &Line) -> Option<Candidate<'a>> {
        let price = self.price.unit(goods.price?, line.quantity, 0)?;
        let amount = price.for_quantity(line.quantity).ok()?;
        // The budget is for everything: with several lines it can only be held against the sum.
        let budget = self.wish.budget.as_ref().filter(|_| self.wish.lines.len() == 1);
        let asked = Asked {
            conditions: line.conditions.as_slice(),
            gtin: line.gtin.as_ref(),
            state: self.wish.condition,
            at_least: budget.and_then(|budget| budget.min()),
            at_most: budget.and_then(|budget| budget.max()),
        };
        // Goods that do not say otherwise are new.
        let state = goods.condition.or(Some(GoodsCondition::New));
        let thing = Thing { attributes: &goods.attributes, gtins: &goods.gtins, state, price: Some(&amount) };
        let verdict = fits(&asked, &thing).verdict;
        let fitting = verdict != Verdict::Misses && in_currency(self.wish, price.currency());
        (fitting && self.has_enough(goods, line.quantity)).then_some(Candidate {
            goods,
            quantity: line.quantity,
            price,
            certain: verdict == Verdict::Fits,
            found,
        })
    }

    /// Goods are counted in steps of the quantity in which they are sold, most often pieces.
    fn has_enough(&self, goods: &Goods, wanted: Quantity) -> bool {
        let Some(counted) = goods.available else { return true };
        let left = counted.saturating_sub(self.taken.of(&goods.sku, goods.updated, self.now));
        left > 0 && wanted.whole().is_none_or(|wanted| wanted <= left)
    }
}

/// A budget names the currency that is wanted: nothing here knows a rate.
fn in_currency(wish: &Intention, currency: Currency) -> bool {
    let budget = wish.budget.as_ref().and_then(|budget| budget.max().or(budget.min()));
    budget.is_none_or(|end| end.currency() == currency)
}
