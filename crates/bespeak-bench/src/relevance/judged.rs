//! Queries that people have judged, and the figure that says how well an answer stands to what they said.

use std::{collections::HashMap, io::Read};

use crate::delivery::MeasureError;

/// From which grade goods are as wished. Source: the judges' scale, 0 to 3.
const GOOD: u32 = 2;
/// With fewer goods that are as wished, a query says little. Source: the issue that asks for the figure.
const FEWEST: usize = 3;

/// One query and what people said of goods for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The shopper's words.
    pub words: String,
    /// Grades from 0 to 3, by the goods' number.
    pub grades: HashMap<String, u32>,
}

impl Query {
    /// Whether enough goods are as wished for the query to say something.
    pub fn counts(&self) -> bool {
        self.grades.values().filter(|grade| **grade >= GOOD).count() >= FEWEST
    }

    /// The normalised discounted cumulative gain of an answer, with exponential gains; what nobody judged counts as 0.
    pub fn ndcg(&self, found: &[String], places: usize) -> f64 {
        let graded = found.iter().map(|sku| self.grades.get(sku).copied().unwrap_or_default());
        let mut best: Vec<u32> = self.grades.values().copied().collect();
        best.sort_unstable_by(|one, other| other.cmp(one));
        let ideal = gain(best.into_iter().take(places));
        if ideal > 0.0 { gain(graded.take(places)) / ideal } else { 0.0 }
    }
}

fn gain(grades: impl Iterator<Item = u32>) -> f64 {
    let one = |(place, grade): (usize, u32)| (f64::from(grade).exp2() - 1.0) / ((place + 2) as f64).log2();
    grades.enumerate().map(one).sum()
}

/// The queries of a file with the columns `query,product_id,grade`, by their words.
///
/// # Errors
/// When a line is not of that form.
pub fn read(source: impl Read) -> Result<Vec<Query>, MeasureError> {
    let mut queries: std::collections::BTreeMap<String, Query> = std::collections::BTreeMap::new();
    for row in csv::Reader::from_reader(source).into_deserialize() {
        let (words, sku, grade): (String, String, u32) = row.map_err(MeasureError::set_up)?;
        let query = queries.entry(words.clone()).or_insert_with(|| Query { words, ..Query::default() });
        query.grades.insert(sku, grade);
    }
    Ok(queries.into_values().collect())
}

/// The second column of a file with tabs: wishes of shoppers elsewhere.
///
/// # Errors
/// When a line has no second column.
pub fn wishes(source: impl Read) -> Result<Vec<String>, MeasureError> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').from_reader(source);
    let second = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.map_err(MeasureError::set_up)?;
        row.get(1).map(str::to_owned).ok_or_else(|| MeasureError::SetUp("a line has no wish".to_owned()))
    };
    reader.records().map(second).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_best_order_is_worth_one() {
        let queries =
            read("query,product_id,grade\ntv,1,3\ntv,2,0\ntv,3,2\ntv,4,2\nfan,5,3\n".as_bytes()).unwrap();
        assert_eq!(
            queries.iter().map(|query| (query.words.as_str(), query.counts())).collect::<Vec<_>>(),
            [("fan", false), ("tv", true)]
        );
        let tv = |skus: &[&str]| {
            queries[1].ndcg(&skus.iter().map(|sku| (*sku).to_owned()).collect::<Vec<_>>(), 10)
        };
        assert!((tv(&["1", "3", "4"]) - 1.0).abs() < 1e-9);
        assert!(tv(&["2", "1", "3", "4"]) < tv(&["1", "3", "2", "4"]));
        assert_eq!(tv(&["unjudged"]), 0.0);
    }
}
