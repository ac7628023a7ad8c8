//! Wishes: a customer's words, taken apart into the things they name.

use bespeak_model::gtin::Gtin;

use crate::search::index::{Index, Slot, Term};
use crate::search::postings::{Posting, Postings};
use crate::search::spelling::{compounds, spellings};
use crate::search::synonyms::{LONGEST, others};
use bespeak_match::words::{is_empty, is_number, is_unit, terms};

/// Words of a wish that are looked up; the rest is left out. Source: wild guess; the longest of 555 real
/// queries has 11, and an intention's title fits.
pub(crate) const MAX_WORDS: usize = 32;

/// What goods are searched by.
#[derive(Debug, Clone, Default)]
pub struct Wish<'a> {
    /// What is wanted, in the customer's words: all of them should be met.
    pub text: &'a str,
    /// These very goods come first.
    pub gtin: Option<&'a Gtin>,
}

impl<'a> Wish<'a> {
    /// A wish in words.
    pub fn new(text: &'a str) -> Self {
        Self { text, gtin: None }
    }
}

/// The most different words of a long text that are looked at. Source: wild guess, a text of 2,000 bytes has about 200.
const MAX_FURTHER: usize = 256;
/// The most words of a wish that may be one word elsewhere: `WH 1000 XM 4`. Source: wild guess.
const MAX_JOINED: usize = 4;

/// One of the things a wish names: a word, or some that belong together, with its other names.
#[derive(Debug)]
pub(crate) struct Concept<'a> {
    /// As the customer has it, folded.
    pub(crate) name: String,
    /// How much of the wish it is: the sum of its words' rarity.
    pub(crate) mass: f32,
    /// What it is looked up by.
    pub(crate) parts: Vec<Part<'a>>,
    /// The customer's own words for it as terms, where goods here are of a brand of that name; else empty.
    pub(crate) brand: Vec<Term>,
}

impl Concept<'_> {
    /// What it is called, each name as terms: by the last of the customer's own words, which says what kind of thing
    /// it is, and by its other names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[Term]> {
        let own = self.parts.iter().rfind(|part| part.own);
        let others = self.parts.iter().filter(|part| !part.own);
        own.into_iter().chain(others).map(|part| part.terms.as_slice()).filter(|terms| !terms.is_empty())
    }

    /// How rare the customer's own words for it are together.
    pub(crate) fn own_rarity(&self) -> f32 {
        self.parts.iter().filter(|part| part.own).map(|part| part.rarity).sum()
    }
}

/// One way a concept is looked up.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// One of the customer's own words, not another name.
    pub(crate) own: bool,
    /// As it stands in the goods.
    pub(crate) name: String,
    /// The same as terms; empty for a number, which is looked up with its neighbours.
    pub(crate) terms: Vec<Term>,
    /// How much of its concept it is, 0 to 1; another name is all of it.
    pub(crate) share: f32,
    /// How rare it is: 0 where everything has it, 10 where one in 20,000 has.
    pub(crate) rarity: f32,
    /// Who has it.
    pub(crate) holders: Holders<'a>,
}

/// Who has a part.
#[derive(Debug)]
pub(crate) enum Holders<'a> {
    /// Who holds one term.
    OfTerm(&'a Postings),
    /// Who holds a phrase, by slot.
    Found(Vec<Posting>),
}

impl Holders<'_> {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::OfTerm(postings) => postings.len(),
            Self::Found(found) => found.len(),
        }
    }

    /// All of them, by slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Posting> {
        let (of_term, found) = match self {
            Self::OfTerm(postings) => (Some(postings.iter()), &[][..]),
            Self::Found(found) => (None, found.as_slice()),
        };
        of_term.into_iter().flatten().chain(found)
    }

    /// What is held at a slot.
    pub(crate) fn at(&self, slot: Slot) -> Option<&Posting> {
        match self {
            Self::OfTerm(postings) => postings.at(slot),
            Self::Found(found) => found.get(found.binary_search_by_key(&slot, |posting| posting.slot).ok()?),
        }
    }
}

/// A wish taken apart.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// What it names, in its order.
    pub(crate) concepts: Vec<Concept<'a>>,
    /// Which of them is the thing that the others tell more of: of `red chair for the garden`, the chair.
    pub(crate) thing: usize,
    /// How much all of it is.
    pub(crate) total: f32,
}

/// Words after which a wish tells what its thing is for, or has, or where it is wanted.
const AFTER_THING: [&str; 12] =
    ["at", "by", "for", "from", "fur", "in", "into", "mit", "on", "to", "which", "with"];
/// How many unknown words a wish may have before further ones no longer count against goods. Source: wild
/// guess; a long wish in full sentences should not be one that nobody can meet.
const UNKNOWN_COUNTED: f32 = 1.5;

/// Takes a wish apart.
pub(crate) fn plan<'a>(index: &'a Index, text: &str) -> Plan<'a> {
    let mut words = terms(text);
    words.truncate(MAX_WORDS);
    let wanted = words.iter().enumerate().find(|(at, word)| {
        AFTER_THING.contains(&word.as_str()) && words.iter().take(*at).any(|before| !is_empty(before))
    });
    let before =
        words.iter().take(wanted.map_or(words.len(), |(at, _)| at)).filter(|word| !is_empty(word)).count();
    if words.iter().any(|word| !is_empty(word)) {
        words.retain(|word| !is_empty(word));
    }
    let mut concepts: Vec<Concept> = Vec::new();
    let (mut at, mut thing) = (0, 0);
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        let length = together(index, rest);
        let is_measure =
            rest.first().is_some_and(|word| is_number(word)) || at > 0 && is_unit_after(&words, at);
        if at < before && !is_measure {
            thing = concepts.len();
        }
        concepts.push(concept(index, &words, at, length));
        at += length;
    }
    weigh(index, &mut concepts, thing);
    let total = concepts.iter().map(|concept| concept.mass).sum();
    Plan { concepts, thing, total }
}

/// Takes apart what a customer tells beside a name: the rarest of its words that goods here have, each once.
pub(crate) fn plan_further<'a>(index: &'a Index, text: &str, name: &str) -> Plan<'a> {
    let named = terms(name);
    let mut words: Vec<String> = Vec::new();
    for word in terms(text) {
        let tells = !is_empty(&word) && !is_number(&word) && !is_unit(&word) && !named.contains(&word);
        if tells && index.term(&word).is_some() && !words.contains(&word) {
            words.push(word);
        }
        if words.len() >= MAX_FURTHER {
            break;
        }
    }
    words.sort_by_key(|word| index.term(word).map_or(0, |term| index.holders(term)));
    words.truncate(MAX_WORDS);
    let concepts: Vec<Concept<'a>> = (0..words.len()).map(|at| concept(index, &words, at, 1)).collect();
    let total = concepts.iter().map(|concept| concept.mass).sum();
    Plan { concepts, thing: 0, total }
}

/// Is the word at `at` the unit of the number before it?
fn is_unit_after(words: &[String], at: usize) -> bool {
    let number_before =
        at.checked_sub(1).and_then(|before| words.get(before)).is_some_and(|word| is_number(word));
    number_before && words.get(at).is_some_and(|word| is_unit(word))
}

/// Gives the thing the weight of the rarest word, however common it is here: a shop that has nothing but
/// chairs meets most of `chair`. What is unknown here counts up to [`UNKNOWN_COUNTED`] such words.
fn weigh(index: &Index, concepts: &mut [Concept<'_>], thing: usize) {
    let most = rarity(index.live(), 0);
    let is_unknown = |concept: &Concept<'_>| concept.parts.iter().all(|part| part.holders.len() == 0);
    let unknown: f32 =
        concepts.iter().filter(|concept| is_unknown(concept)).map(|concept| concept.mass).sum();
    let share = (most * UNKNOWN_COUNTED / unknown.max(f32::MIN_POSITIVE)).min(1.0);
    for (number, concept) in concepts.iter_mut().enumerate() {
        if number == thing {
            concept.mass = concept.mass.max(most);
        } else if is_unknown(concept) {
            concept.mass *= share;
        }
    }
}

/// How many of the first words belong together: as many as have another name, are a brand's, or are also written as
/// one.
fn together(index: &Index, words: &[String]) -> usize {
    let named = |length: &usize| {
        words.get(..*length).is_some_and(|phrase| {
            !others(phrase).is_empty() || (*length > 1 && !brand(index, phrase).is_empty())
        })
    };
    if let Some(length) = (1..=LONGEST).rev().find(named) {
        return length;
    }
    let joined = |length: &usize| {
        let phrase = words.get(..*length).unwrap_or_default();
        let is_code = phrase.first().is_some_and(|first| !is_number(first));
        phrase.len() == *length
            && (*length == 2 && !phrase.last().is_some_and(|last| is_number(last)) || is_code)
            && index.term(&phrase.concat()).is_some()
    };
    (2..=MAX_JOINED).rev().find(joined).unwrap_or(1)
}

/// These words as terms, where goods here are of a brand of that name.
fn brand(index: &Index, phrase: &[String]) -> Vec<Term> {
    known(index, phrase).filter(|terms| index.is_brand(terms)).unwrap_or_default()
}

fn concept<'a>(index: &'a Index, words: &[String], at: usize, length: usize) -> Concept<'a> {
    let own = words.get(at..at + length).unwrap_or_default();
    let mut parts: Vec<Part<'a>> = (at..at + length).filter_map(|at| own_part(index, words, at)).collect();
    let mass: f32 = parts.iter().map(|part| part.rarity).sum();
    for part in &mut parts {
        part.share = if mass > 0.0 { part.rarity / mass } else { 1.0 };
    }
    parts.extend(others(own).iter().filter_map(|other| other_part(index, other)));
    parts.extend(spellings(index, own).iter().filter_map(|other| other_part(index, other)));
    parts.extend(together_in_german(index, own));
    Concept { name: own.join(" "), mass, parts, brand: brand(index, own) }
}

/// One word of a wish. A bare number means something only next to its neighbours: of `windows 10` the `10`
/// is found where `windows 10` stands, of `27 inch` the `27` where `27 inch` stands.
fn own_part<'a>(index: &'a Index, words: &[String], at: usize) -> Option<Part<'a>> {
    let word = words.get(at)?;
    if !is_number(word) || words.len() == 1 {
        let terms: Vec<Term> = index.term(word).into_iter().collect();
        let postings = terms.first().and_then(|term| index.postings(*term));
        let holders = postings.map_or(Holders::Found(Vec::new()), Holders::OfTerm);
        return Some(part(index, true, word.clone(), terms, holders));
    }
    let before = at.checked_sub(1).and_then(|before| words.get(before..=at));
    let after = words.get(at..at + 2);
    let pairs = before.into_iter().chain(after).filter_map(|pair| known(index, pair));
    let mut postings: Vec<Posting> = pairs.flat_map(|pair| index.phrase(&pair)).collect();
    postings.sort_by_key(|posting| posting.slot);
    postings.dedup_by_key(|posting| posting.slot);
    Some(part(index, true, word.clone(), Vec::new(), Holders::Found(postings)))
}

/// In German, the two words of one, wherever they stand: of `fahrradhelm` the `helm` that is for a `fahrrad`.
fn together_in_german<'a>(index: &'a Index, own: &[String]) -> Vec<Part<'a>> {
    let [word] = own else { return Vec::new() };
    let all = compounds(index, word).into_iter();
    all.filter_map(|(left, right)| {
        let terms = vec![index.term(&left)?, index.term(&right)?];
        let found = index.all_of(&terms);
        (!found.is_empty())
            .then(|| part(index, false, format!("{left} {right}"), terms, Holders::Found(found)))
    })
    .collect()
}

/// Another name, if any goods have it.
fn other_part<'a>(index: &'a Index, phrase: &[String]) -> Option<Part<'a>> {
    let terms = known(index, phrase)?;
    let holders = match terms.as_slice() {
        [term] => Holders::OfTerm(index.postings(*term)?),
        terms => Holders::Found(index.phrase(terms)),
    };
    (holders.len() > 0).then(|| part(index, false, phrase.join(" "), terms, holders))
}

fn part<'a>(index: &Index, own: bool, name: String, terms: Vec<Term>, holders: Holders<'a>) -> Part<'a> {
    Part { own, name, terms, share: 1.0, rarity: rarity(index.live(), holders.len()), holders }
}

fn known(index: &Index, phrase: &[String]) -> Option<Vec<Term>> {
    phrase.iter().map(|word| index.term(word)).collect()
}

/// How much a word tells, that `holders` of `all` have: the inverse document frequency of BM25.
fn rarity(all: usize, holders: usize) -> f32 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let (all, holders) = (number(all), number(holders));
    #[allow(clippy::cast_possible_truncation, reason = "between 0 and 23, rounding is harmless")]
    let rarity = (1.0 + (all - holders + 0.5) / (holders + 0.5)).ln() as f32;
    rarity
}
