//! Goods that may be offered for a line of a wish, best first.

use bespeak_agent::{command::DraftLine, taken::Taken};
use bespeak_catalogue::{Catalogue, Goods};
use bespeak_match::Verdict;
use bespeak_model::{
    intention::{Intention, Line},
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

/// What fits a line and may be offered, best first.
pub(crate) fn candidates<'a>(
    catalogue: &'a Catalogue,
    looking: &Looking<'_>,
    line: &Line,
    currency: Option<Currency>,
) -> Vec<Candidate<'a>> {
    let quantity = line.quantity;
    let price = |goods: &Goods| looking.price.unit(goods.price?, quantity, 0);
    let fitting = catalogue.fitting(looking.wish, line, LOOKED_AT, price).into_iter();
    let priced = fitting.filter_map(|one| {
        let price = one.price.filter(|price| price.for_quantity(quantity).is_ok())?;
        let (goods, certain) = (one.goods, one.verdict == Verdict::Fits);
        Some(Candidate { goods, quantity, price, certain, found: one.why.join(", ") })
    });
    let wanted = |one: &Candidate<'_>| {
        let offered = one.price.currency();
        in_currency(looking.wish, offered) && currency.is_none_or(|currency| currency == offered)
    };
    priced.filter(wanted).filter(|one| looking.has_enough(one.goods, quantity)).collect()
}

impl Looking<'_> {
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
