//! What rules look at in an intention, taken out of it once for all of them.

use bespeak_model::{
    attribute::AttributeName,
    category::Slug,
    gtin::Gtin,
    intention::{Budget, GoodsCondition, Intention, Line},
    place::Place,
    quantity::Quantity,
    terms::TermsId,
};

use crate::{rule::Standing, wanted::Wanted, words};

/// An intention as rules see it: words folded, numbers on their scales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub(crate) category: Slug,
    /// The terms of each text, with one space before, between and behind them.
    pub(crate) texts: Vec<String>,
    pub(crate) budget: Option<Budget>,
    pub(crate) condition: Option<GoodsCondition>,
    pub(crate) place: Option<Place>,
    pub(crate) terms: Vec<TermsId>,
    pub(crate) standing: Standing,
    pub(crate) lines: Vec<WishLine>,
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WishLine {
    pub(crate) quantity: Quantity,
    pub(crate) asked: Vec<(AttributeName, Wanted)>,
    pub(crate) gtin: Option<Gtin>,
}

impl Wish {
    /// What rules look at in this intention, of a customer known so well.
    pub fn of(intention: &Intention, standing: Standing) -> Self {
        let text = intention.text.as_ref().map(|text| text.as_str());
        let mut texts = vec![spaced(&intention.title)];
        texts.extend(text.map(spaced));
        for name in intention.lines.iter().map(|line| spaced(&line.name)) {
            if !texts.contains(&name) {
                texts.push(name);
            }
        }
        Self {
            category: intention.category.clone(),
            texts,
            budget: intention.budget.clone(),
            condition: intention.condition,
            place: intention.place,
            terms: intention.terms.to_vec(),
            standing,
            lines: intention.lines.iter().map(WishLine::of).collect(),
        }
    }
}

impl WishLine {
    fn of(line: &Line) -> Self {
        let asked = line.conditions.iter().map(|asked| (asked.name().clone(), Wanted::of(asked)));
        Self { quantity: line.quantity, asked: asked.collect(), gtin: line.gtin }
    }
}

fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for term in words::terms(text) {
        out.push(' ');
        out += &term;
    }
    out.push(' ');
    out
}
