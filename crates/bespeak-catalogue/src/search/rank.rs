//! Ranking: what goods are worth to a wish. BM25 over the fields' words taken together (BM25F), less for
//! another name than for the customer's own word, less where parts of the wish are not met.

use crate::search::fields::{ALL, FIELDS, Field, WEIGHTS};
use crate::search::index::{Index, Posting, Slot, Term};
use crate::search::standing::{Standing, beside, standing};
use crate::search::wish::Plan;

/// How soon more of the same word counts no more (BM25's k1). Source: measured on the judged queries; 0.7 to
/// 1.0 are within 0.005 nDCG@10 of one another, the textbook's 1.2 is 0.01 worse.
const SATURATION: f32 = 0.8;
/// How much a long text is held against its words (BM25's b). Source: measured, the same way; 0.75 is 0.02 worse.
const LENGTH: f32 = 0.4;
/// What another name is worth beside the customer's own word. Source: measured; 0.2 to 0.4 are alike, 0.8 is
/// 0.01 worse, none is 0.005 worse.
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
/// What goods lose that are made for the thing wished for: of `laptop`, a `laptop bag`. Source: measured; 0 and
/// 0.3 each lose one of 61 wishes.
const MADE_FOR_IT: f32 = 0.15;

/// How much of a thing's name of several words must be met for goods to be it. Source: wild guess, the more
/// telling half.
const NAMED: f32 = 0.5;

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
    /// Where the goods of a slot stand in the lists below; [`NOWHERE`] for none.
    places: Vec<u32>,
    slots: Vec<Slot>,
    scores: Vec<f32>,
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
    /// What its best other name would add to the score, were it the customer's own.
    held_back: f32,
}

impl Met {
    fn share(&self) -> f32 {
        self.own.max(self.other).min(1.0)
    }
}

/// No place in the lists.
const NOWHERE: u32 = u32::MAX;

impl Found {
    fn new(index: &Index, concepts: usize) -> Self {
        let places = vec![NOWHERE; index.slots()];
        Self { places, slots: Vec::new(), scores: Vec::new(), met: Vec::new(), concepts }
    }

    /// The score of the goods at a slot, and how much of a concept they meet.
    fn at(&mut self, slot: Slot, concept: usize) -> Option<(&mut f32, &mut Met)> {
        let place = self.places.get_mut(slot as usize)?;
        if *place == NOWHERE {
            *place = u32::try_from(self.slots.len()).ok()?;
            self.slots.push(slot);
            self.scores.push(0.0);
            self.met.resize(self.met.len() + self.concepts, Met::default());
        }
        let place = *place as usize;
        Some((self.scores.get_mut(place)?, self.met.get_mut(place * self.concepts + concept)?))
    }

    /// Each slot with its score and what is met of each concept.
    fn each(&self) -> impl Iterator<Item = (Slot, f32, &[Met])> {
        let met = self.met.chunks(self.concepts.max(1));
        self.slots.iter().zip(&self.scores).zip(met).map(|((slot, score), met)| (*slot, *score, met))
    }
}

/// Ranks all goods that have anything of the wish.
pub(crate) fn rank(index: &Index, plan: &Plan) -> Ranking {
    let found = find(index, plan);
    let beside = beside(index, &plan.concepts);
    let mut ranked: Vec<Ranked> =
        found.each().map(|(slot, score, met)| judge(index, plan, &beside, (slot, score, met))).collect();
    ranked.sort_unstable_by(|one, other| other.score.total_cmp(&one.score).then(one.slot.cmp(&other.slot)));
    let things = ranked.iter().filter(|one| one.names_thing && !one.made_for_it).count();
    Ranking { ranked, thing_share: share(things, index.live()) }
}

fn find(index: &Index, plan: &Plan) -> Found {
    let mut found = Found::new(index, plan.concepts.len());
    let mean = index.mean_length();
    for (number, concept) in plan.concepts.iter().enumerate() {
        let rarity = concept.own_rarity();
        for part in &concept.parts {
            for posting in &part.postings {
                let Some((score, met)) = found.at(posting.slot, number) else { continue };
                let saturated = saturated(posting, index.length(posting.slot) / mean);
                let certain = if names_goods(posting) { 1.0 } else { AMONG_ATTRIBUTES };
                if part.own {
                    *score += part.rarity * saturated;
                    met.own += part.share * certain;
                } else {
                    let given = part.rarity * saturated * OTHER_NAME;
                    *score += given;
                    met.other = met.other.max(certain);
                    met.held_back = met.held_back.max(rarity * saturated - given);
                }
            }
        }
    }
    found
}

fn judge(index: &Index, plan: &Plan, beside: &[Term], found: (Slot, f32, &[Met])) -> Ranked {
    let (slot, mut score, met) = found;
    let mass: f32 = met.iter().zip(&plan.concepts).map(|(met, concept)| met.share() * concept.mass).sum();
    let coverage = if plan.total > 0.0 { (mass / plan.total).min(1.0) } else { 0.0 };
    let thing = met.get(plan.thing).copied().unwrap_or_default();
    let standing = standing(index, slot, plan, beside);
    score = match standing {
        // A shop has its own name for a kind: who has `notebook` as their kind need not also write `laptop`.
        Standing::Kind if thing.own == 0.0 => score + thing.held_back + KIND * plan.total,
        Standing::Kind | Standing::Named => score + KIND * plan.total,
        Standing::MadeForIt => score * (1.0 - MADE_FOR_IT),
        Standing::Open => score,
    };
    score *= 1.0 - COVERAGE + COVERAGE * coverage;
    let made_for_it = standing == Standing::MadeForIt;
    Ranked { slot, score, coverage, names_thing: thing.share() >= NAMED, made_for_it }
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
