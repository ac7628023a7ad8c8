//! The index: which goods hold which terms, how often, in which field, in what order. It knows terms and
//! slots, not goods and prices, and changes with every upsert at once: there is nothing to commit or merge.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;

use crate::search::fields::{FIELDS, Field, Fields};
use crate::search::head::Phrase;
pub(crate) use crate::search::postings::{Posting, Postings};

/// A term as the index numbers it.
pub(crate) type Term = u32;
/// A place in the index; free again once its goods are removed.
pub(crate) type Slot = u32;

/// The most goods in which a phrase is looked for. Source: wild guess; a word that more goods hold tells little, and no
/// wish may cost more than so many look-ups.
pub(crate) const MAX_SCANNED: usize = 20_000;
/// The shortest word that may be two written as one, in letters. Source: wild guess, `armlehne`.
const COMPOUND: usize = 7;
/// Words that German texts have and others have not, as terms.
const GERMAN: [&str; 3] = ["fur", "mit", "und"];
/// A shop speaks German if one in so many goods has the commonest of [`GERMAN`]. Source: wild guess; of 19,406 goods
/// that are told of in English one in 900 has.
const GERMAN_ONE_IN: usize = 20;
/// Stands between two phrases of a text.
const BREAK: Term = Term::MAX;
/// Stands before a phrase that names what goods are for.
const FOR: Term = Term::MAX - 1;

/// The goods of one slot: their terms in order, by field, and their weighted number.
#[derive(Debug, Clone, Default)]
struct Document {
    fields: [Box<[Term]>; FIELDS],
    /// The title and the description as phrases, each begun by [`BREAK`] or [`FOR`].
    phrases: [Box<[Term]>; 2],
    /// Numbers of the maker's and the shop's, each written as one word; they stand in no field's order.
    codes: Box<[Term]>,
    length: f32,
}

/// An inverted index with the texts' terms kept beside it, in which phrases are looked up.
#[derive(Debug, Default)]
pub(crate) struct Index {
    numbers: HashMap<Box<str>, Term>,
    postings: Vec<Postings>,
    /// How many goods have a name that ends in the term.
    heads: Vec<u32>,
    documents: Vec<Option<Box<Document>>>,
    free: Vec<Slot>,
    /// Long words written backwards, so that all that end alike stand together.
    backwards: BTreeMap<Box<str>, Term>,
    /// How many goods are of a brand.
    brands: HashMap<Box<[Term]>, u32>,
    total_length: f64,
    live: usize,
}

impl Index {
    /// How many goods it holds.
    pub(crate) fn live(&self) -> usize {
        self.live
    }

    /// How many slots there are, free ones included.
    pub(crate) fn slots(&self) -> usize {
        self.documents.len()
    }

    /// The mean weighted length of the goods, at least 1.
    pub(crate) fn mean_length(&self) -> f32 {
        let mean = self.total_length / f64::from(u32::try_from(self.live.max(1)).unwrap_or(u32::MAX));
        #[allow(clippy::cast_possible_truncation, reason = "a mean of lengths, rounding is harmless")]
        let mean = mean as f32;
        mean.max(1.0)
    }

    /// The weighted length of the goods at a slot.
    pub(crate) fn length(&self, slot: Slot) -> f32 {
        self.document(slot).map_or(0.0, |document| document.length)
    }

    /// The terms of one field of the goods at a slot, in order.
    pub(crate) fn field(&self, slot: Slot, field: Field) -> &[Term] {
        self.document(slot).map_or(&[], |document| &document.fields[field as usize])
    }

    /// The phrases of the title and of the description of the goods at a slot, and whether each names what they are
    /// for.
    pub(crate) fn phrases(&self, slot: Slot) -> [impl Iterator<Item = (&[Term], bool)>; 2] {
        let texts = self.document(slot).map(|document| &document.phrases);
        std::array::from_fn(|text| {
            let flat = texts.and_then(|texts| texts.get(text)).map_or(&[][..], AsRef::as_ref);
            let parts = flat.chunk_by(|_, next| *next < FOR);
            parts.filter_map(|part| part.split_first()).map(|(mark, phrase)| (phrase, *mark == FOR))
        })
    }

    /// The names with which the title and the description begin.
    pub(crate) fn heads(&self, slot: Slot) -> impl Iterator<Item = &[Term]> {
        let firsts = self.phrases(slot).map(|mut phrases| phrases.next());
        firsts.into_iter().flatten().filter(|(_, after_for)| !after_for).map(|(phrase, _)| phrase)
    }

    /// How many goods have a name that ends in the term.
    pub(crate) fn heads_in(&self, term: Term) -> u32 {
        self.heads.get(term as usize).copied().unwrap_or_default()
    }

    /// Are some goods of a brand of this name?
    pub(crate) fn is_brand(&self, terms: &[Term]) -> bool {
        self.brands.contains_key(terms)
    }

    /// The number of a term that some goods hold, or held.
    pub(crate) fn term(&self, word: &str) -> Option<Term> {
        self.numbers.get(word).copied()
    }

    /// Who holds a term, by slot.
    pub(crate) fn postings(&self, term: Term) -> Option<&Postings> {
        self.postings.get(term as usize)
    }

    /// How many hold a term.
    pub(crate) fn holders(&self, term: Term) -> usize {
        self.postings(term).map_or(0, Postings::len)
    }

    /// Who holds these terms one after the other, by slot; counts are of the whole phrase.
    pub(crate) fn phrase(&self, terms: &[Term]) -> Vec<Posting> {
        let rarest = terms.iter().min_by_key(|term| self.holders(**term));
        let Some(rarest) = rarest.and_then(|term| self.postings(*term)) else {
            return Vec::new();
        };
        let others: Vec<&Postings> = terms.iter().filter_map(|term| self.postings(*term)).collect();
        let in_phrase = |posting: &Posting| {
            if others.iter().any(|other| other.at(posting.slot).is_none()) {
                return None;
            }
            let counts = self.phrase_counts(posting.slot, terms);
            counts.iter().any(|count| *count > 0).then_some(Posting { slot: posting.slot, counts })
        };
        rarest.iter().take(MAX_SCANNED).filter_map(in_phrase).collect()
    }

    /// Who holds all of these terms, wherever they stand, by slot; counts are of the last.
    pub(crate) fn all_of(&self, terms: &[Term]) -> Vec<Posting> {
        let rarest =
            terms.iter().min_by_key(|term| self.holders(**term)).and_then(|term| self.postings(*term));
        let last = terms.last().and_then(|term| self.postings(*term));
        let (Some(rarest), Some(last)) = (rarest, last) else { return Vec::new() };
        let holds = |term: &Term, slot| self.postings(*term).is_some_and(|held| held.at(slot).is_some());
        let slots = rarest.iter().take(MAX_SCANNED).map(|posting| posting.slot);
        slots
            .filter(|slot| terms.iter().all(|term| holds(term, *slot)))
            .filter_map(|slot| last.at(slot).cloned())
            .collect()
    }

    /// Words that some goods hold and that end in this one, as `fahrradhelm` in `helm`, with what stands before it.
    pub(crate) fn ending_in<'a>(&'a self, word: &str) -> impl Iterator<Item = (String, Term)> + 'a {
        let end: String = word.chars().rev().collect();
        let longer = self.backwards.range::<str, _>((Bound::Excluded(end.as_str()), Bound::Unbounded));
        let longer = longer.take_while({
            let end = end.clone();
            move |(other, _)| other.starts_with(&end)
        });
        let held = longer.filter(|(_, term)| self.holders(**term) > 0);
        held.map(move |(other, term)| {
            (other.chars().skip(end.chars().count()).collect::<Vec<_>>().into_iter().rev().collect(), *term)
        })
    }

    /// Do the goods speak German, as far as their commonest words tell?
    pub(crate) fn is_german(&self) -> bool {
        let most = GERMAN.iter().filter_map(|word| self.term(word)).map(|term| self.holders(term)).max();
        most.is_some_and(|most| most * GERMAN_ONE_IN >= self.live.max(1))
    }

    fn phrase_counts(&self, slot: Slot, terms: &[Term]) -> [u8; FIELDS] {
        let mut counts = [0; FIELDS];
        if let Some(document) = self.document(slot) {
            for (count, field) in counts.iter_mut().zip(&document.fields) {
                let hits = field.windows(terms.len()).filter(|window| *window == terms).count();
                *count = u8::try_from(hits).unwrap_or(u8::MAX);
            }
        }
        counts
    }

    fn document(&self, slot: Slot) -> Option<&Document> {
        self.documents.get(slot as usize).and_then(Option::as_deref)
    }

    /// Takes goods in and says where they lie; `None` when four thousand million slots are full.
    pub(crate) fn add(&mut self, fields: &Fields) -> Option<Slot> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => Slot::try_from(self.documents.len()).ok()?,
        };
        let document = Document {
            fields: std::array::from_fn(|field| {
                fields.terms[field].iter().map(|word| self.number(word)).collect()
            }),
            phrases: std::array::from_fn(|text| self.flat(&fields.phrases[text])),
            codes: fields.codes.iter().map(|code| self.number(code)).collect(),
            length: fields.weighted_length(),
        };
        self.post(slot, &document);
        let brand = &document.fields[Field::Brand as usize];
        if !brand.is_empty() {
            *self.brands.entry(brand.clone()).or_default() += 1;
        }
        for term in ends(&document) {
            if let Some(count) = self.heads.get_mut(term as usize) {
                *count += 1;
            }
        }
        self.total_length += f64::from(document.length);
        self.live += 1;
        match self.documents.get_mut(slot as usize) {
            Some(place) => *place = Some(Box::new(document)),
            None => self.documents.push(Some(Box::new(document))),
        }
        Some(slot)
    }

    /// Forgets the goods at a slot.
    pub(crate) fn remove(&mut self, slot: Slot) {
        let Some(document) = self.documents.get_mut(slot as usize).and_then(Option::take) else {
            return;
        };
        let in_order = document.fields.iter().flat_map(|field| field.iter());
        let terms: HashSet<Term> = in_order.chain(&document.codes).copied().collect();
        for term in terms {
            if let Some(postings) = self.postings.get_mut(term as usize) {
                postings.remove(slot);
            }
        }
        let brand = &document.fields[Field::Brand as usize];
        if let Some(count) = self.brands.get_mut(brand) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.brands.remove(brand);
            }
        }
        for term in ends(&document) {
            if let Some(count) = self.heads.get_mut(term as usize) {
                *count = count.saturating_sub(1);
            }
        }
        self.total_length -= f64::from(document.length);
        self.live -= 1;
        self.free.push(slot);
    }

    fn number(&mut self, word: &str) -> Term {
        if let Some(term) = self.numbers.get(word) {
            return *term;
        }
        // There are never four thousand million different words in memory.
        let term = Term::try_from(self.postings.len()).unwrap_or(FOR - 1).min(FOR - 1);
        self.numbers.insert(word.into(), term);
        if word.len() >= COMPOUND && word.bytes().all(|b| b.is_ascii_lowercase()) {
            self.backwards.insert(word.chars().rev().collect(), term);
        }
        self.postings.push(Postings::default());
        self.heads.push(0);
        term
    }

    fn flat(&mut self, phrases: &[Phrase]) -> Box<[Term]> {
        let mut flat = Vec::new();
        for phrase in phrases {
            flat.push(if phrase.after_for { FOR } else { BREAK });
            flat.extend(phrase.terms.iter().map(|word| self.number(word)));
        }
        flat.into()
    }

    fn post(&mut self, slot: Slot, document: &Document) {
        let mut counted: HashMap<Term, [u8; FIELDS]> = HashMap::new();
        for (field, terms) in document.fields.iter().enumerate() {
            for term in terms {
                let counts = counted.entry(*term).or_default();
                counts[field] = counts[field].saturating_add(1);
            }
        }
        for code in &document.codes {
            let counts = counted.entry(*code).or_default();
            let count = &mut counts[Field::Model as usize];
            *count = (*count).max(1);
        }
        for (term, counts) in counted {
            if let Some(postings) = self.postings.get_mut(term as usize) {
                postings.put(Posting { slot, counts });
            }
        }
    }
}

/// The words in which the names of goods end, each once.
fn ends(document: &Document) -> impl Iterator<Item = Term> {
    let firsts = document.phrases.each_ref().map(|flat| {
        let end = flat.iter().skip(1).position(|term| *term >= FOR).map_or(flat.len(), |at| at + 1);
        let named = flat.first().is_some_and(|mark| *mark == BREAK);
        flat.get(..end).filter(|_| named).and_then(<[Term]>::last).copied()
    });
    let [title, description] = firsts;
    title.into_iter().chain(description.filter(|end| Some(*end) != title))
}

#[cfg(test)]
mod tests;
