//! How well search ranks: the catalogue's own, and plain BM25 beside it over the same goods, on queries of a real shop
//! that people have judged.

pub mod judged;
pub mod plain;

use std::{
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

use bespeak_catalogue::{
    Catalogue, Goods, Wish,
    import::{Format, ImportDefaults, read},
};
use bespeak_model::{money::Currency, time::Time};

use crate::{
    delivery::MeasureError,
    figures::{Durations, milliseconds},
};
use judged::Query;
use plain::{Plain, Texts};

/// The files that are read.
const FILES: [&str; 3] = ["icecat-products.jsonl.gz", "judgements.csv", "wands-queries.tsv"];
/// How many goods of an answer are judged; the figure's name says it.
const PLACES: usize = 10;

/// Measures everything in one run and prints it as a table.
///
/// # Errors
/// When the folder does not hold the catalogue and its judgements, or they cannot be read.
pub fn compare(data: &Path) -> Result<String, MeasureError> {
    if let Some(absent) = FILES.iter().find(|file| !data.join(file).is_file()) {
        let told = format!("{} is not in {}; name its folder with --data", absent, data.display());
        return Err(MeasureError::SetUp(told));
    }
    let goods = goods(&data.join(FILES[0]))?;
    let queries = judged::read(open(&data.join(FILES[1]))?)?;
    let graded = queries.iter().filter(|query| query.counts()).count();
    let mut text = format!(
        "{} goods, {graded} judged queries with at least three grades of 2 or more; what nobody judged counts as 0\n\n\
         | | nDCG@{PLACES} | index, ms | query p50, ms | query p99, ms |\n|---|---|---|---|---|\n",
        goods.len()
    );
    for texts in Texts::ALL {
        let begun = Instant::now();
        let plain = Plain::new(&goods, texts);
        let built = begun.elapsed();
        text += &row(texts.name(), built, &queries, |words| plain.search(words, PLACES));
    }
    let begun = Instant::now();
    let mut catalogue = Catalogue::new();
    catalogue.upsert(goods);
    let built = begun.elapsed();
    let ours = |words: &str| {
        let hits = catalogue.search(&Wish::new(words), PLACES);
        hits.into_iter().map(|hit| hit.sku.to_string()).collect()
    };
    text += &row("the catalogue's own search", built, &queries, ours);
    let wishes = judged::wishes(open(&data.join(FILES[2]))?)?;
    let answered = wishes.iter().filter(|wish| !catalogue.search(&Wish::new(wish), 1).is_empty()).count();
    text += &format!(
        "\nof {} wishes for another trade it answers {answered}; BM25 knows no silence\n",
        wishes.len()
    );
    Ok(text)
}

fn open(path: &Path) -> Result<File, MeasureError> {
    File::open(path).map_err(MeasureError::set_up)
}

fn goods(path: &Path) -> Result<Vec<Goods>, MeasureError> {
    let defaults = ImportDefaults { currency: Currency::USD, now: Time::EPOCH };
    let mut goods = Vec::new();
    read(open(path)?, Format::Auto, &defaults, |one| goods.push(one)).map_err(MeasureError::set_up)?;
    Ok(goods)
}

/// All queries are timed, those that count are judged.
fn row(name: &str, built: Duration, queries: &[Query], search: impl Fn(&str) -> Vec<String>) -> String {
    let (mut times, mut quality) = (Vec::new(), Vec::new());
    for query in queries {
        let begun = Instant::now();
        let found = search(&query.words);
        times.push(begun.elapsed());
        if query.counts() {
            quality.push(query.ndcg(&found, PLACES));
        }
    }
    let times = Durations::new(times);
    let [p50, p99] = [50, 99].map(|percent| milliseconds(times.percentile(percent)));
    let mean = quality.iter().sum::<f64>() / quality.len().max(1) as f64;
    format!("| {name} | {mean:.4} | {} | {p50} | {p99} |\n", milliseconds(built))
}
