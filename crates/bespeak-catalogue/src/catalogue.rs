//! The catalogue: all goods of one vendor, found by number and by words.

use std::collections::{BTreeMap, HashMap};

use bespeak_match::words::terms;
use bespeak_model::gtin::Gtin;

use crate::goods::{Goods, Sku};
use crate::search::fields::Fields;
use crate::search::index::{Index, Slot};
use crate::search::rank::{Ranked, Ranking, best_field, rank, told};
use crate::search::wish::{Concept, MAX_WORDS, Plan, Wish, plan, plan_further};

/// The share of a wish, rarer words counting more, that goods must meet. Source: measured, see
/// `tests/relevance.rs`: with it, 34 of 480 wishes for furniture are answered from a catalogue of electronics
/// (mostly rightly: a surge protector), with 0.5 there are 173; of goods judged to fit, hardly any are lost.
const LEAST_COVERAGE: f32 = 0.7;
/// The same in a shop that has nearly only such things: one of bicycles answers `bicycle for commuting in
/// Berlin`, whatever it knows of Berlin. Source: wild guess.
const LEAST_IN_TRADE: f32 = 0.3;
/// The share of a shop's goods that are such things, from which the shop is one for them. Source: wild guess.
const IN_TRADE: f32 = 0.1;

/// The longest number of an article, in bytes. Source: the type of [`Sku`].
const MAX_SKU: usize = 64;

/// What an upsert changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Goods that were not there before.
    pub imported: u64,
    /// Goods of which something is different now.
    pub updated: u64,
    /// Goods that were there and say the same.
    pub unchanged: u64,
}

/// What taking goods in would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// They were not there before.
    Import,
    /// Something is different now.
    Update,
    /// They are there and say the same.
    Nothing,
}

/// Goods that answer a wish.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Which.
    pub sku: Sku,
    /// What they are called.
    pub title: String,
    /// The higher the better; comparable within one search only.
    pub score: f32,
    /// The share of the wish that is met, 0 to 1, rarer words counting more.
    pub coverage: f32,
    /// Whether they are not the thing itself but made for it, as far as their words tell: of `laptop`, a bag.
    pub made_for_it: bool,
    /// What was found where, one short line for each thing the wish names.
    pub why: Vec<String>,
}

/// All goods of one vendor, in memory, found by number and by words. Changes are found at once.
#[derive(Debug, Default)]
pub struct Catalogue {
    goods: BTreeMap<Sku, (Slot, Goods)>,
    slots: HashMap<Slot, Sku>,
    gtins: HashMap<Gtin, Vec<Slot>>,
    index: Index,
}

impl Catalogue {
    /// A catalogue without goods.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many goods there are.
    pub fn len(&self) -> usize {
        self.goods.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.goods.is_empty()
    }

    /// The goods of this number.
    pub fn get(&self, sku: &Sku) -> Option<&Goods> {
        self.goods.get(sku).map(|(_, goods)| goods)
    }

    /// All goods, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Goods> {
        self.goods.values().map(|(_, goods)| goods)
    }

    /// What putting these goods in would change, apart from when they were heard of.
    pub fn change(&self, goods: &Goods) -> Change {
        match self.get(&goods.sku) {
            None => Change::Import,
            Some(held) if held.says_the_same(goods) => Change::Nothing,
            Some(_) => Change::Update,
        }
    }

    /// Puts goods in, each in the place of what had its number before.
    pub fn upsert(&mut self, goods: impl IntoIterator<Item = Goods>) -> Changes {
        let mut changes = Changes::default();
        for one in goods {
            let count = match self.goods.get_mut(&one.sku) {
                None => &mut changes.imported,
                Some((_, held)) if held.says_the_same(&one) => {
                    held.updated = one.updated;
                    changes.unchanged += 1;
                    continue;
                }
                Some(_) => &mut changes.updated,
            };
            *count += 1;
            self.remove(&one.sku);
            self.put(one);
        }
        changes
    }

    /// Takes goods out and gives them back, if they were there.
    pub fn remove(&mut self, sku: &Sku) -> Option<Goods> {
        let (slot, goods) = self.goods.remove(sku)?;
        self.slots.remove(&slot);
        for gtin in &goods.gtins {
            if let Some(slots) = self.gtins.get_mut(gtin) {
                slots.retain(|held| *held != slot);
                if slots.is_empty() {
                    self.gtins.remove(gtin);
                }
            }
        }
        self.index.remove(slot);
        Some(goods)
    }

    fn put(&mut self, goods: Goods) {
        let Some(slot) = self.index.add(&Fields::of(&goods)) else { return };
        self.slots.insert(slot, goods.sku.clone());
        for gtin in &goods.gtins {
            let slots = self.gtins.entry(*gtin).or_default();
            if !slots.contains(&slot) {
                slots.push(slot);
            }
        }
        self.goods.insert(goods.sku.clone(), (slot, goods));
    }

    /// The goods that answer a wish, best first, at most `limit`: those that bear its GTIN, one that stands in
    /// its text, or the SKU that is its whole text, then those that meet enough of its words. Nothing where nothing fits.
    pub fn search(&self, wish: &Wish<'_>, limit: usize) -> Vec<Hit> {
        let mut hits = self.named(wish);
        let plan = plan(&self.index, wish.text);
        let Ranking { ranked, thing_share } = rank(&self.index, &plan);
        let least = least_coverage(thing_share);
        let best = ranked.first().map_or(0.0, |first| first.score);
        for hit in &mut hits {
            hit.score += best;
        }
        for ranked in ranked.into_iter().filter(|one| one.names_thing && one.coverage >= least) {
            if hits.len() >= limit {
                break;
            }
            if let Some(hit) = self.hit(&ranked, &plan)
                && !hits.iter().any(|held| held.sku == hit.sku)
            {
                hits.push(hit);
            }
        }
        hits.truncate(limit);
        hits
    }

    /// Goods that the wish names by number; their score is 1 until others are found.
    fn named(&self, wish: &Wish<'_>) -> Vec<Hit> {
        let text = wish.text.trim();
        let written = gtins_in(text);
        let by_gtin = wish.gtin.into_iter().chain(&written);
        let slots = by_gtin.filter_map(|gtin| Some((self.gtins.get(gtin)?, gtin)));
        let mut hits: Vec<Hit> = slots
            .flat_map(|(slots, gtin)| slots.iter().map(|slot| (*slot, format!("GTIN {}", gtin.as_14()))))
            .filter_map(|(slot, why)| self.exactly(slot, why))
            .collect();
        if let Some((slot, _)) = Sku::new(text).ok().and_then(|sku| self.goods.get(&sku)) {
            hits.extend(self.exactly(*slot, format!("number {text}")));
        }
        hits.extend(
            self.spelt_otherwise(text)
                .into_iter()
                .filter_map(|slot| self.exactly(slot, format!("number {text}"))),
        );
        let mut seen = Vec::new();
        hits.retain(|hit| {
            !seen.contains(&hit.sku) && {
                seen.push(hit.sku.clone());
                true
            }
        });
        hits
    }

    /// Goods whose number is this text but for capitals, spaces and hyphens; only numbers with letters and digits.
    fn spelt_otherwise(&self, text: &str) -> Vec<Slot> {
        let code = terms(text).concat();
        let has = |test: fn(char) -> bool| code.contains(test);
        if text.len() > MAX_SKU || !has(|c| c.is_ascii_digit()) || !has(char::is_alphabetic) {
            return Vec::new();
        }
        let holders = self.index.term(&code).and_then(|term| self.index.postings(term));
        let slots = holders.into_iter().flat_map(|holders| holders.iter().map(|posting| posting.slot));
        slots.filter(|slot| self.slots.get(slot).is_some_and(|sku| terms(sku).concat() == code)).collect()
    }

    /// For each of these goods, how much they tell of these words beside a name, and of which.
    pub(crate) fn told_of<'a>(
        &self,
        words: &str,
        name: &str,
        skus: impl Iterator<Item = &'a Sku>,
    ) -> Vec<(f32, Vec<String>)> {
        let plan = plan_further(&self.index, words, name);
        skus.map(|sku| {
            self.goods.get(sku).map_or_else(Default::default, |(slot, _)| told(&self.index, &plan, *slot))
        })
        .collect()
    }

    fn exactly(&self, slot: Slot, why: String) -> Option<Hit> {
        let goods = self.get(self.slots.get(&slot)?)?;
        let title = goods.title.to_string();
        Some(Hit {
            sku: goods.sku.clone(),
            title,
            score: 1.0,
            coverage: 1.0,
            made_for_it: false,
            why: vec![why],
        })
    }

    fn hit(&self, ranked: &Ranked, plan: &Plan<'_>) -> Option<Hit> {
        let goods = self.get(self.slots.get(&ranked.slot)?)?;
        let why = plan.concepts.iter().filter_map(|concept| found_where(concept, ranked.slot)).collect();
        Some(Hit {
            sku: goods.sku.clone(),
            title: goods.title.to_string(),
            score: ranked.score,
            coverage: ranked.coverage,
            made_for_it: ranked.made_for_it,
            why,
        })
    }
}

/// The GTINs in a text: all of it with spaces and hyphens in it, or words of it.
fn gtins_in(text: &str) -> Vec<Gtin> {
    let digits: String =
        text.chars().filter(|c| !c.is_whitespace() && !"-–".contains(*c)).take(Gtin::LONGEST + 1).collect();
    let words = text.split(|c: char| c.is_whitespace() || ",;:()".contains(c)).take(MAX_WORDS);
    let bare = words.map(|word| word.replace('-', ""));
    let mut gtins: Vec<Gtin> = Vec::new();
    for gtin in [digits].into_iter().chain(bare).filter_map(|text| text.parse().ok()) {
        if !gtins.contains(&gtin) {
            gtins.push(gtin);
        }
    }
    gtins
}

/// How much of a wish goods must meet, where this share of all goods are the thing wished for.
fn least_coverage(thing_share: f32) -> f32 {
    LEAST_COVERAGE - (LEAST_COVERAGE - LEAST_IN_TRADE) * (thing_share / IN_TRADE).min(1.0)
}

/// Where goods tell of a concept: `“laptop” in the title`, `“notebook” for “laptop” in the kind`.
fn found_where(concept: &Concept<'_>, slot: Slot) -> Option<String> {
    let held = concept.parts.iter().filter_map(|part| {
        let field = best_field(part.holders.at(slot)?)?;
        Some((part, field))
    });
    let (part, field) = held.min_by_key(|(part, field)| (!part.own, *field as usize))?;
    let field = field.word();
    if part.own {
        return Some(format!("“{}” in the {field}", part.name));
    }
    Some(format!("“{}” for “{}” in the {field}", part.name, concept.name))
}
