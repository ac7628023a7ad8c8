//! The floor: BM25 as the books have it, over the same goods, with nothing of what this catalogue knows of shops.

use std::collections::{HashMap, HashSet};

use bespeak_catalogue::Goods;
use bespeak_model::attribute::AttributeValue;

/// How soon more of a word counts no more. Source: the usual of the books and of Lucene.
const SATURATION: f64 = 1.2;
/// How much a long text is held against its words. Source: the same.
const LENGTH: f64 = 0.75;

/// Which texts are searched, and how they become words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {
    /// Titles, every word as it stands.
    Titles,
    /// Titles, without the `s` of the plural.
    FoldedTitles,
    /// Titles three times, descriptions, brands and attributes in words, without the `s` of the plural.
    All,
}

impl Texts {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Titles, Self::FoldedTitles, Self::All];

    /// What it is called in a table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Titles => "BM25, titles",
            Self::FoldedTitles => "BM25, titles, plural folded",
            Self::All => "BM25, titles ×3 + description + brand + text attributes, plural folded",
        }
    }

    fn words(self, text: &str) -> Vec<String> {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(|word| if self == Self::Titles { word.to_owned() } else { singular(word) }).collect()
    }

    fn of(self, goods: &Goods) -> Vec<String> {
        let title = self.words(&goods.title);
        if self != Self::All {
            return title;
        }
        let texts = goods.description.as_deref().into_iter().chain(goods.brand.as_deref());
        let attributes = goods.attributes.iter().filter_map(|attribute| match &attribute.value {
            AttributeValue::Text(text) => Some(&**text),
            _ => None,
        });
        let mut all = [title.clone(), title.clone(), title].concat();
        all.extend(texts.chain(attributes).flat_map(|text| self.words(text)));
        all
    }
}

fn singular(word: &str) -> String {
    if word.len() > 3 && word.ends_with("ies") {
        return format!("{}y", word.trim_end_matches("ies"));
    }
    let plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
    if plural { word.trim_end_matches('s').to_owned() } else { word.to_owned() }
}

/// An index of plain BM25.
#[derive(Debug)]
pub struct Plain {
    texts: Texts,
    skus: Vec<String>,
    lengths: Vec<f64>,
    mean: f64,
    /// For each word the goods that hold it, and how often.
    holders: HashMap<String, Vec<(usize, f64)>>,
}

impl Plain {
    /// Indexes these texts of goods.
    pub fn new(goods: &[Goods], texts: Texts) -> Self {
        let (mut lengths, mut holders) = (Vec::new(), HashMap::<String, Vec<(usize, f64)>>::new());
        for (place, one) in goods.iter().enumerate() {
            let words = texts.of(one);
            lengths.push(words.len() as f64);
            let mut counted: HashMap<String, f64> = HashMap::new();
            for word in words {
                *counted.entry(word).or_default() += 1.0;
            }
            for (word, count) in counted {
                holders.entry(word).or_default().push((place, count));
            }
        }
        let mean = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
        let skus = goods.iter().map(|one| one.sku.to_string()).collect();
        Self { texts, skus, lengths, mean, holders }
    }

    /// The goods that have any of the words, best first; of equals those that came first.
    pub fn search(&self, query: &str, limit: usize) -> Vec<String> {
        let mut scores: HashMap<usize, f64> = HashMap::new();
        let words: HashSet<String> = self.texts.words(query).into_iter().collect();
        for held in words.iter().filter_map(|word| self.holders.get(word)) {
            let (all, count) = (self.skus.len() as f64, held.len() as f64);
            let rarity = (1.0 + (all - count + 0.5) / (count + 0.5)).ln();
            for (place, count) in held {
                let length = self.lengths.get(*place).copied().unwrap_or_default() / self.mean;
                let share =
                    count * (SATURATION + 1.0) / (count + SATURATION * (1.0 - LENGTH + LENGTH * length));
                *scores.entry(*place).or_default() += rarity * share;
            }
        }
        let mut ranked: Vec<(usize, f64)> = scores.into_iter().collect();
        ranked.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        ranked.truncate(limit);
        ranked.iter().filter_map(|(place, _)| self.skus.get(*place).cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use bespeak_catalogue::import::{Format, ImportDefaults, read};
    use bespeak_model::{money::Currency, time::Time};

    use super::*;

    #[test]
    fn plurals_are_one_word_only_where_they_are_folded() {
        let mut goods = Vec::new();
        let defaults = ImportDefaults { currency: Currency::EUR, now: Time::EPOCH };
        let lines = "{\"sku\":\"1\",\"title\":\"Desk lamp\"}\n{\"sku\":\"2\",\"title\":\"Chair\",\"description\":\"For desks\"}\n";
        read(lines.as_bytes(), Format::Jsonl, &defaults, |one| goods.push(one)).unwrap();
        let found = |texts, words| Plain::new(&goods, texts).search(words, 10);
        assert_eq!(found(Texts::Titles, "lamps"), [""; 0]);
        assert_eq!(found(Texts::FoldedTitles, "lamps"), ["1"]);
        assert_eq!(found(Texts::All, "desk"), ["1", "2"]);
    }
}
