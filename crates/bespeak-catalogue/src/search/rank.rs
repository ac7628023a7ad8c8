//! Ranking: what goods are worth to a wish. BM25 over the fields' words taken together (BM25F), less for
//! another name than for the customer's own word, less where parts of the wish are not met.

use crate::search::fields::{ALL, FIELDS, Field, WEIGHTS};
use crate::search::index::{Index, Slot};
use crate::search::postings::Posting;
use crate::search::standing::{Standing, Words, standing};
use crate::search::wish::{Concept, Part, Plan};

/// How soon more of the same word counts no more (BM25's k1). Source: measured on the judged queries; 0.7 to
/// 1.0 are within 0.005 nDCG@10 of one another, the textbook's 1.2 is 0.01 worse.
const SATURATION: f32 = 0.8;
/// How much a long text is held against its words (BM25's b). Source: measured, the same way; 0.75 is 0.02 worse.
const LENGTH: f32 = 0.4;
/// What another name is worth beside the customer's own word; the better of the two counts, as one thing with two names
/// is still one. Source: measured; 0.3 and 0.4 are alike, both names added up are 0.005 worse.
const OTHER_NAME: f32 = 0.4;
/// How far a concept counts as met that stands only among the attributes, where goods also name what they
/// go with. Source: measured; 0.2 to 0.8 are alike.
const AMONG_ATTRIBUTES: f32 = 0.8;
/// How much of the score hangs on how much of the wish is met. Source: measured; 0.3 to 0.8 are alike, none
/// is 0.02 worse.
const COVERAGE: f32 = 0.5;
/// What goods gain whose kind is the very thing wished for, or that are called by all the words of the wish, as a share
/// of the wish. Source: measured; 0 to 0.2 are alike but for one of 61 wishes, 0.3 is 0.01 worse.
const KIND: f32 = 0.15;
/// What goods gain that are sold under the very brand wished for, beside those that only name it, as a share of what its
/// name can be worth. Source: measured; 0.15 and 0.3 are alike, none is 0.004 worse.
const OF_THE_BRAND: f32 = 0.3;
/// How much of the thing must be met in the customer's own words for another name to add nothing. Source: wild guess;
/// a word of two is less, one of the attributes alone is more.
const IN_OWN_WORDS: f32 = 0.75;
/// What goods lose that are made for the thing wished for: of `laptop`, a `laptop bag`. Source: measured; 0.1 to 0.2
/// are alike, 0 is 0.02 worse.
const MADE_FOR_IT: f32 = 0.15;

/// How much of a thing's name of several words must be met for goods to be it. Source: wild guess, the more
/// telling half.
const NAMED: f32 = 0.5;

/// The most goods that one search weighs; beyond them those that hold the rarer words. Source: wild guess; five
/// times what the commonest word of a catalogue of 19,406 finds.
const MAX_GOODS: usize = 50_000;

/// Goods as they stand to a wish.
#[derive(Debug, Clone)]
pub(crate) struct Ranked {
    pub(crate) slot: Slot,
    /// The higher the better; comparable within one search only.
    pub(crate) score: f32,
    /// The share of the wish that is met, 0 to 1, rarer words counting more.
    pub(crate) coverage: f32,
    /// Whether the thing is met that the rest of the wish tells more of.
    pub(crate) names_thing: bool,
    /// Whether they are not the thing but made for it, as far as their words tell.
    pub(crate) made_for_it: bool,
}

/// What a search has come to.
#[derive(Debug)]
pub(crate) struct Ranking {
    /// All goods that have anything of the wish, best first.
    pub(crate) ranked: Vec<Ranked>,
    /// The share of all goods here that are the thing wished for by name, 0 to 1.
    pub(crate) thing_share: f32,
}

/// What has been found of a wish, goods by goods, in the order in which they were met.
struct Found {
    /// Where the goods of a slot stand in the lists below, from 1; 0 for nowhere.
    places: Vec<u32>,
    slots: Vec<Slot>,
    /// For each of the goods and each concept, how much of it is met.
    met: Vec<Met>,
    concepts: usize,
}

/// How much of a concept goods meet.
#[derive(Debug, Clone, Copy, Default)]
struct Met {
    /// By the customer's own words, 0 to 1.
    own: f32,
    /// By another name, 0 to 1.
    other: f32,
    /// What the customer's own words add to the score.
    own_score: f32,
    /// What other names add to it.
    other_score: f32,
    /// What its best other name would add, were it the customer's own.
    as_own: f32,
}

impl Met {
    fn share(&self) -> f32 {
        self.own.max(self.other).min(1.0)
    }

    fn score(&self) -> f32 {
        self.own_score.max(self.other_score)
    }
}

impl Found {
    fn new(index: &Index, concepts: usize) -> Self {
        let places = vec![0; index.slots()];
        Self { places, slots: Vec::new(), met: Vec::new(), concepts }
    }

    /// How much of a concept the goods at a slot meet.
    fn at(&mut self, slot: Slot, concept: usize) -> Option<&mut Met> {
        let place = self.places.get_mut(slot as usize)?;
        if *place == 0 {
            if self.slots.len() >= MAX_GOODS {
                return None;
            }
            self.slots.push(slot);
            *place = u32::try_from(self.slots.len()).ok()?;
            self.met.resize(self.met.len() + self.concepts, Met::default());
        }
        let place = *place as usize - 1;
        self.met.get_mut(place * self.concepts + concept)
    }

    /// Do the goods at a slot stand among the first so many?
    fn holds_within(&self, slot: Slot, first: usize) -> bool {
        self.places.get(slot as usize).is_some_and(|place| (1..=first).contains(&(*place as usize)))
    }

    /// Each slot with what is met of each concept.
    fn each(&self) -> impl Iterator<Item = (Slot, &[Met])> {
        self.slots.iter().copied().zip(self.met.chunks(self.concepts.max(1)))
    }
}

/// Ranks the goods that have anything of the wish.
pub(crate) fn rank(index: &Index, plan: &Plan<'_>) -> Ranking {
    let found = find(index, plan);
    let words = Words::of(index, plan);
    let mut ranked: Vec<Ranked> =
        found.each().map(|(slot, met)| judge(index, plan, &words, slot, met)).collect();
    ranked.sort_unstable_by(|one, other| other.score.total_cmp(&one.score).then(one.slot.cmp(&other.slot)));
    let things = ranked.iter().filter(|one| one.names_thing && !one.made_for_it).count();
    Ranking { ranked, thing_share: share(things, index.live()) }
}

/// Goes through the parts, rarest first. Once enough goods are met, what further parts add is looked up for those
/// alone: no wish goes through all goods.
fn find(index: &Index, plan: &Plan<'_>) -> Found {
    let mut found = Found::new(index, plan.concepts.len());
    let mean = index.mean_length();
    let numbered = plan.concepts.iter().enumerate();
    let mut parts: Vec<(usize, &Concept<'_>, &Part<'_>)> = numbered
        .flat_map(|(at, concept)| concept.parts.iter().map(move |part| (at, concept, part)))
        .collect();
    parts.sort_by_key(|(at, _, part)| (part.holders.len(), *at));
    for (number, concept, part) in parts {
        let worth = |posting: &Posting| saturated(posting, index.length(posting.slot) / mean);
        if part.holders.len() <= MAX_GOODS {
            for posting in part.holders.iter() {
                if let Some(met) = found.at(posting.slot, number) {
                    meet(met, concept, part, worth(posting), names_goods(posting));
                }
            }
            continue;
        }
        for place in 0..found.slots.len() {
            let posting = found.slots.get(place).and_then(|slot| part.holders.at(*slot));
            if let Some(posting) = posting
                && let Some(met) = found.at(posting.slot, number)
            {
                meet(met, concept, part, worth(posting), names_goods(posting));
            }
        }
        let held = found.slots.len();
        for posting in part.holders.iter().take(MAX_GOODS) {
            if !found.holds_within(posting.slot, held)
                && let Some(met) = found.at(posting.slot, number)
            {
                meet(met, concept, part, worth(posting), names_goods(posting));
            }
        }
    }
    found
}

/// Adds what goods have of a part.
fn meet(met: &mut Met, concept: &Concept<'_>, part: &Part<'_>, saturated: f32, names_goods: bool) {
    let certain = if names_goods { 1.0 } else { AMONG_ATTRIBUTES };
    if part.own {
        met.own += part.share * certain;
        met.own_score += part.rarity * saturated;
    } else {
        met.other = met.other.max(certain);
        met.other_score = met.other_score.max(part.rarity * saturated * OTHER_NAME);
        met.as_own = met.as_own.max(concept.own_rarity() * saturated);
    }
}

fn judge(index: &Index, plan: &Plan<'_>, words: &Words, slot: Slot, met: &[Met]) -> Ranked {
    let mass: f32 = met.iter().zip(&plan.concepts).map(|(met, concept)| met.share() * concept.mass).sum();
    let coverage = if plan.total > 0.0 { (mass / plan.total).min(1.0) } else { 0.0 };
    let thing = met.get(plan.thing).copied().unwrap_or_default();
    let worth = |(met, concept): (&Met, &Concept<'_>)| met.score() + of_the_brand(index, slot, concept);
    let mut score: f32 = met.iter().zip(&plan.concepts).map(worth).sum();
    let standing = standing(index, slot, plan, words);
    match standing {
        // A shop has its own name for a kind: who has `notebook` as their kind need not also write `laptop`.
        Standing::Kind if thing.own < IN_OWN_WORDS => {
            score += (thing.as_own - thing.score()).max(0.0) + KIND * plan.total;
        }
        // Both names agree: a `solid state drive` that is told of as an `ssd` is one, and a computer only has one.
        Standing::OtherName if thing.own >= IN_OWN_WORDS => {
            score += (thing.as_own - thing.score()).max(0.0) + KIND * plan.total;
        }
        Standing::Kind | Standing::Named => score += KIND * plan.total,
        Standing::MadeForIt => score *= 1.0 - MADE_FOR_IT,
        Standing::OtherName | Standing::Open => {}
    }
    score *= 1.0 - COVERAGE + COVERAGE * coverage;
    let made_for_it = standing == Standing::MadeForIt;
    Ranked { slot, score, coverage, names_thing: thing.share() >= NAMED, made_for_it }
}

/// What the goods at a slot gain by being of the brand that a concept names.
fn of_the_brand(index: &Index, slot: Slot, concept: &Concept<'_>) -> f32 {
    let is_brand = !concept.brand.is_empty() && index.field(slot, Field::Brand) == concept.brand;
    if is_brand { OF_THE_BRAND * concept.own_rarity() * (SATURATION + 1.0) } else { 0.0 }
}

/// How much the goods at a slot tell of further words, and of which.
pub(crate) fn told(index: &Index, plan: &Plan<'_>, slot: Slot) -> (f32, Vec<String>) {
    let length = index.length(slot) / index.mean_length();
    let (mut score, mut words) = (0.0, Vec::new());
    for concept in &plan.concepts {
        let worth = |part: &Part<'_>| Some(part.rarity * saturated(part.holders.at(slot)?, length));
        let own = concept.parts.iter().filter(|part| part.own).filter_map(worth).fold(0.0, f32::max);
        if own > 0.0 {
            score += own;
            words.push(concept.name.clone());
        }
    }
    (score, words)
}

fn share(part: usize, all: usize) -> f32 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    #[allow(clippy::cast_possible_truncation, reason = "between 0 and 1, rounding is harmless")]
    let share = (number(part) / number(all.max(1))) as f32;
    share
}

/// The share of the largest worth that so many of a word are worth, in texts of this length beside the mean.
fn saturated(posting: &Posting, length: f32) -> f32 {
    let count: f32 =
        posting.counts.iter().zip(WEIGHTS).map(|(count, weight)| f32::from(*count) * weight).sum();
    count * (SATURATION + 1.0) / (count + SATURATION * (1.0 - LENGTH + LENGTH * length))
}

fn names_goods(posting: &Posting) -> bool {
    let held = |field: &Field| posting.counts[*field as usize] > 0;
    ALL.iter().any(|field| field.names_goods() && held(field))
}

/// Which field of the goods at a slot tells most of this part, if any does.
pub(crate) fn best_field(posting: &Posting) -> Option<Field> {
    let worth = |field: &Field| f32::from(posting.counts[*field as usize]) * WEIGHTS[*field as usize];
    let best = ALL.into_iter().max_by(|one, other| worth(one).total_cmp(&worth(other)))?;
    (worth(&best) > 0.0).then_some(best)
}

const _: () = assert!(FIELDS == 6, "a new field needs its weight and its part in the ranking");
