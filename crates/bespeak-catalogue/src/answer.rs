//! Answers: the goods that fill a whole intention. Its words are searched for; what it asks in figures is a condition,
//! never a word; what cannot be told leaves a doubt, never a guess.

use bespeak_match::{Asked, Thing, Verdict, fits};
use bespeak_model::intention::{GoodsCondition, Intention, Line};
use bespeak_model::money::Money;

use crate::catalogue::{Catalogue, Hit};
use crate::goods::{Goods, Sku};
use crate::search::wish::Wish;

/// The fewest goods that are looked at for one line, as some of them miss a condition. Source: wild guess.
const LOOKED_AT: usize = 50;
/// What a whole intention's further words can add to a score, as a share of the best. Source: wild guess; they can turn
/// the order of goods that meet the name about as well, and not bring up others.
const FURTHER_WORDS: f32 = 0.25;
/// Goods that surely fit go before those that may only where their words are at least this share as good as the best.
/// Source: wild guess.
const ABOUT_AS_GOOD: f32 = 0.5;
/// The most further words that are named to a person. Source: wild guess.
const NAMED_WORDS: usize = 6;

/// Goods that may fill a line of an intention.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Which line, from 0.
    pub line: u8,
    /// Which goods.
    pub sku: Sku,
    /// What they are called.
    pub title: String,
    /// The higher the better; comparable within one line of one answer only.
    pub score: f32,
    /// Whether everything asked is known to be met; never [`Verdict::Misses`].
    pub verdict: Verdict,
    /// What was found where, and what came of each condition, one short line each.
    pub why: Vec<String>,
}

/// Goods that may fill a line, with what an offer needs to know of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitting<'a> {
    /// Which goods.
    pub goods: &'a Goods,
    /// The price of one at which they were held against the budget, if they have one.
    pub price: Option<Money>,
    /// The higher the better; comparable within one answer only.
    pub score: f32,
    /// Whether everything asked is known to be met; never [`Verdict::Misses`].
    pub verdict: Verdict,
    /// What was found where, and what came of each condition, one short line each.
    pub why: Vec<String>,
    /// Whether they may be something else than what is wanted: made for it, or of another trade.
    doubtful: bool,
}

impl Catalogue {
    /// The goods that may fill an intention at their list prices: the best of each line, then the second of each, and
    /// so on, at most `limit`. Place and terms are for standing rules to judge, not for goods.
    pub fn answer(&self, wish: &Intention, limit: usize) -> Vec<Match> {
        let mut matches: Vec<(usize, Match)> = Vec::new();
        for (number, line) in (0..).zip(wish.lines.iter()) {
            let found = self.fitting(wish, line, limit, |goods| goods.price);
            matches.extend(found.into_iter().map(|one| one.into_match(number)).enumerate());
        }
        matches.sort_by_key(|(place, found)| (*place, found.line));
        matches.into_iter().map(|(_, found)| found).take(limit).collect()
    }

    /// The goods that may fill a line of an intention, best first, at most `limit`, where one of them costs `price`.
    ///
    /// Left out is what misses a condition, is gone, or is too few. First comes what is surely the thing and surely
    /// fits; last what seems to be made for it, or stands under another root of the categories: shops and customers
    /// both name those wrongly at times.
    pub fn fitting<'a>(
        &'a self,
        wish: &Intention,
        line: &Line,
        limit: usize,
        price: impl Fn(&Goods) -> Option<Money>,
    ) -> Vec<Fitting<'a>> {
        let search = |text: &str| {
            let hits = self.search(&Wish { text, gtin: line.gtin.as_ref() }, limit.max(LOOKED_AT));
            let fitting = self.further(wish, line, hits).into_iter();
            let judged = fitting.filter_map(|hit| self.judged(hit, wish, line, &price));
            judged.collect::<Vec<_>>()
        };
        let mut found = search(line.name.as_str());
        if found.is_empty() && wish.lines.len() == 1 && wish.title != line.name {
            found = search(wish.title.as_str());
        }
        let best = found.iter().map(|one| one.score).fold(0.0, f32::max);
        found.sort_by(|one, other| {
            let key = |one: &Fitting<'_>| {
                (one.doubtful, one.score < best * ABOUT_AS_GOOD, one.verdict != Verdict::Fits)
            };
            key(one).cmp(&key(other)).then(other.score.total_cmp(&one.score))
        });
        found.truncate(limit);
        found
    }

    /// Raises the hits that also tell of what the intention says beside the line's name.
    fn further(&self, wish: &Intention, line: &Line, mut hits: Vec<Hit>) -> Vec<Hit> {
        let alone = wish.lines.len() == 1;
        let title = (alone && wish.title != line.name).then_some(wish.title.as_str());
        // The text of many lines tells of all of them.
        let text = wish.text.as_deref().filter(|_| alone);
        let words = [title, text].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let told = self.told_of(&words, line.name.as_str(), hits.iter().map(|hit| &hit.sku));
        let most = told.iter().map(|(share, _)| *share).fold(0.0, f32::max);
        let best = hits.iter().map(|hit| hit.score).fold(0.0, f32::max);
        if most > 0.0 {
            for (hit, (share, mut words)) in hits.iter_mut().zip(told).filter(|(_, (share, _))| *share > 0.0)
            {
                hit.score += best * FURTHER_WORDS * share / most;
                words.truncate(NAMED_WORDS);
                hit.why.push(format!("also “{}”", words.join("”, “")));
            }
        }
        hits
    }

    fn judged<'a>(
        &'a self,
        hit: Hit,
        wish: &Intention,
        line: &Line,
        price: impl Fn(&Goods) -> Option<Money>,
    ) -> Option<Fitting<'a>> {
        let goods = self.get(&hit.sku)?;
        let (price, mut why) = (price(goods), hit.why);
        let wanted = line.quantity.whole();
        if !goods.is_available() || goods.available.is_some_and(|count| wanted.is_some_and(|all| count < all))
        {
            return None;
        }
        let amount = price.and_then(|price| price.for_quantity(line.quantity).ok());
        let fit = fits(&asked(wish, line), &thing(goods, amount.as_ref()));
        why.extend(fit.why.iter().map(ToString::to_string));
        let mut doubts = Vec::new();
        if hit.made_for_it {
            doubts.push("it seems made for that, not to be it".to_owned());
        }
        if let Some(category) = goods.category.as_ref().filter(|own| own.root() != wish.category.root()) {
            doubts.push(format!("it stands under {category}, not {}", wish.category));
        }
        let doubtful = !doubts.is_empty();
        why.extend(doubts);
        let verdict = if doubtful && fit.verdict == Verdict::Fits { Verdict::Unknown } else { fit.verdict };
        (verdict != Verdict::Misses).then_some(Fitting {
            goods,
            price,
            score: hit.score,
            verdict,
            why,
            doubtful,
        })
    }
}

/// What a line asks in figures. A budget is for everything: with several lines one of them alone may not cost more, and
/// that all of them cost enough only their sum can tell.
fn asked<'a>(wish: &'a Intention, line: &'a Line) -> Asked<'a> {
    let budget = wish.budget.as_ref();
    Asked {
        conditions: line.conditions.as_slice(),
        gtin: line.gtin.as_ref(),
        state: wish.condition,
        at_least: budget.filter(|_| wish.lines.len() == 1).and_then(|budget| budget.min()),
        at_most: budget.and_then(|budget| budget.max()),
    }
}

/// What is known of goods; those that do not say otherwise are new.
fn thing<'a>(goods: &'a Goods, amount: Option<&'a Money>) -> Thing<'a> {
    let state = goods.condition.or(Some(GoodsCondition::New));
    Thing { attributes: &goods.attributes, gtins: &goods.gtins, state, price: amount }
}

impl Fitting<'_> {
    fn into_match(self, line: u8) -> Match {
        let Self { goods, score, verdict, why, .. } = self;
        Match { line, sku: goods.sku.clone(), title: goods.title.to_string(), score, verdict, why }
    }
}
