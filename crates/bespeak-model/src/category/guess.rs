//! Which category a person means by other words: misspelt slugs, and wishes without a category.

use std::sync::LazyLock;

use super::slug::Slug;
use super::tree::{self, Category};

/// The most suggestions. Source: wild guess, one line of a terminal.
const SUGGESTIONS: usize = 5;
/// How alike two spellings must be, 0 to 1, to be suggested. Source: wild guess, three wrong letters in ten.
const ALIKE: f64 = 0.7;
/// What a likeness of the last words alone is worth beside one of the whole. Source: wild guess, a little less.
const PART: f64 = 0.95;

/// What a category is called: each phrase is words that belong together.
struct Words {
    slug: Slug,
    phrases: Vec<Vec<String>>,
}

static WORDS: LazyLock<Vec<Words>> = LazyLock::new(|| tree::all().map(words_of).collect());

fn words_of(category: &Category) -> Words {
    let name = category.name().replace(" and ", ",");
    let phrases = category.words().chain(name.split(',')).map(folded).filter(|phrase| !phrase.is_empty());
    Words { slug: category.slug().clone(), phrases: phrases.collect() }
}

/// The words of a text in lower case, without “and” and the like, plurals made singular.
pub(super) fn folded(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words
        .filter(|word| !matches!(*word, "and" | "or" | "the" | "a" | "of" | "for" | "with"))
        .map(singular)
        .collect()
}

/// English plurals, simply: `bicycles`, `batteries`, `watches`; `glass` and `chess` stay.
fn singular(word: &str) -> String {
    for (ending, instead) in [("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("sses", "ss")] {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.len() > 1
        {
            return format!("{stem}{instead}");
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// The category that a wish seems to be about, from its words; `None` where none of them says anything. In
/// English the kind of a thing stands last before the first preposition: a *camera bag* is a bag, and a *table
/// with chairs* is a table.
pub fn guess(wish: &str) -> Option<Slug> {
    let lower = wish.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let is_preposition = |word: &&str| PREPOSITIONS.contains(word);
    let head = words.split(is_preposition).find_map(|part| best(&folded(&part.join(" "))));
    head.cloned()
}

/// Words that end the naming of a thing and begin the telling about it.
const PREPOSITIONS: [&str; 12] =
    ["for", "with", "without", "in", "on", "at", "by", "from", "to", "of", "under", "near"];

/// The category with the longest phrase in these words, and of those as long the one nearest to the end; a
/// narrower one before its root.
fn best(asked: &[String]) -> Option<&'static Slug> {
    let worth = |words: &Words| words.phrases.iter().filter_map(|phrase| place(phrase, asked)).max();
    let scored = WORDS.iter().filter_map(|words| Some((worth(words)?, !words.slug.is_root(), &words.slug)));
    scored.max_by_key(|(worth, narrow, _)| (*worth, *narrow)).map(|(_, _, slug)| slug)
}

/// How long a phrase is and where it last stands among the words, if it does.
fn place(phrase: &[String], asked: &[String]) -> Option<(usize, usize)> {
    let at = asked.windows(phrase.len()).rposition(|part| part == phrase)?;
    Some((phrase.len(), at + phrase.len()))
}

/// The category of exactly this name or keyword, a narrower one before a root.
pub(super) fn named(text: &str) -> Option<Slug> {
    let asked = folded(text);
    let fits = |entry: &&Words| entry.phrases.contains(&asked) || folded(entry.slug.as_str()) == asked;
    let found = WORDS.iter().filter(fits).map(|entry| &entry.slug);
    found.max_by_key(|slug| !slug.is_root()).cloned()
}

/// Slugs spelled like what was asked, then those named by its words; at most five.
pub(super) fn nearest(asked: &str) -> Vec<Slug> {
    // Comparing spellings takes the product of the lengths: nothing as long as this is a misspelt slug.
    let asked: String = asked.chars().take(64).collect();
    let last = |slug: &str| slug.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |slug: &Slug| {
        let whole = strsim::normalized_damerau_levenshtein(&asked, slug.as_str());
        let part = strsim::normalized_damerau_levenshtein(&last(&asked), &last(slug.as_str()));
        whole.max(part * PART)
    };
    let scored = tree::all().map(|category| (likeness(category.slug()), category.slug()));
    let mut alike: Vec<_> = scored.filter(|(score, _)| *score >= ALIKE).collect();
    alike.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut found: Vec<Slug> = alike.into_iter().map(|(_, slug)| slug.clone()).collect();
    for slug in named(&asked).into_iter().chain(guess(&asked)) {
        if !found.contains(&slug) {
            found.push(slug);
        }
    }
    found.truncate(SUGGESTIONS);
    found
}
