//! The index: which goods hold which terms, how often, in which field, in what order. It knows terms and
//! slots, not goods and prices, and changes with every upsert at once: there is nothing to commit or merge.

use std::collections::{HashMap, HashSet};

use crate::search::fields::{FIELDS, Field, Fields};

/// A term as the index numbers it.
pub(crate) type Term = u32;
/// A place in the index; free again once its goods are removed.
pub(crate) type Slot = u32;

/// How often the goods at a slot hold a term, by field; more than 255 times is as good as 255.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Posting {
    pub(crate) slot: Slot,
    pub(crate) counts: [u8; FIELDS],
}

/// The goods of one slot: their terms in order, by field, and their weighted number.
#[derive(Debug, Clone, Default)]
struct Document {
    fields: [Box<[Term]>; FIELDS],
    heads: [Box<[Term]>; 2],
    length: f32,
}

/// An inverted index with the texts' terms kept beside it, in which phrases are looked up.
#[derive(Debug, Default)]
pub(crate) struct Index {
    numbers: HashMap<Box<str>, Term>,
    postings: Vec<Vec<Posting>>,
    documents: Vec<Option<Document>>,
    free: Vec<Slot>,
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

    /// The heads of the title and of the description of the goods at a slot.
    pub(crate) fn heads(&self, slot: Slot) -> impl Iterator<Item = &[Term]> {
        self.document(slot).into_iter().flat_map(|document| &document.heads).map(AsRef::as_ref)
    }

    /// The number of a term that some goods hold, or held.
    pub(crate) fn term(&self, word: &str) -> Option<Term> {
        self.numbers.get(word).copied()
    }

    /// Who holds a term, by slot.
    pub(crate) fn postings(&self, term: Term) -> &[Posting] {
        self.postings.get(term as usize).map_or(&[], Vec::as_slice)
    }

    /// Who holds these terms one after the other, by slot; counts are of the whole phrase.
    pub(crate) fn phrase(&self, terms: &[Term]) -> Vec<Posting> {
        let Some(rarest) = terms.iter().min_by_key(|term| self.postings(**term).len()) else {
            return Vec::new();
        };
        let in_phrase = |posting: &Posting| {
            let counts = self.phrase_counts(posting.slot, terms);
            counts.iter().any(|count| *count > 0).then_some(Posting { slot: posting.slot, counts })
        };
        self.postings(*rarest).iter().filter_map(in_phrase).collect()
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
        self.documents.get(slot as usize).and_then(Option::as_ref)
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
            heads: std::array::from_fn(|text| {
                fields.heads[text].iter().map(|word| self.number(word)).collect()
            }),
            length: fields.weighted_length(),
        };
        self.post(slot, &document);
        self.total_length += f64::from(document.length);
        self.live += 1;
        match self.documents.get_mut(slot as usize) {
            Some(place) => *place = Some(document),
            None => self.documents.push(Some(document)),
        }
        Some(slot)
    }

    /// Forgets the goods at a slot.
    pub(crate) fn remove(&mut self, slot: Slot) {
        let Some(document) = self.documents.get_mut(slot as usize).and_then(Option::take) else {
            return;
        };
        let terms: HashSet<Term> = document.fields.iter().flat_map(|field| field.iter().copied()).collect();
        for term in terms {
            if let Some(postings) = self.postings.get_mut(term as usize)
                && let Ok(at) = postings.binary_search_by_key(&slot, |posting| posting.slot)
            {
                postings.remove(at);
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
        let term = Term::try_from(self.postings.len()).unwrap_or(Term::MAX);
        self.numbers.insert(word.into(), term);
        self.postings.push(Vec::new());
        term
    }

    fn post(&mut self, slot: Slot, document: &Document) {
        let mut counted: HashMap<Term, [u8; FIELDS]> = HashMap::new();
        for (field, terms) in document.fields.iter().enumerate() {
            for term in terms {
                let counts = counted.entry(*term).or_default();
                counts[field] = counts[field].saturating_add(1);
            }
        }
        for (term, counts) in counted {
            if let Some(postings) = self.postings.get_mut(term as usize) {
                let at = postings.partition_point(|posting| posting.slot < slot);
                postings.insert(at, Posting { slot, counts });
            }
        }
    }
}

#[cfg(test)]
mod tests;
