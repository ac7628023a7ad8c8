//! Which category a person means by other words: misspelt slugs, and wishes without a category.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::slug::Slug;
use super::tree;

/// The most suggestions. Source: wild guess, one line of a terminal.
const SUGGESTIONS: usize = 5;
/// How alike two spellings must be, 0 to 1, to be suggested. Source: wild guess, three wrong letters in ten.
const ALIKE: f64 = 0.7;
/// What a likeness of the last words alone is worth beside one of the whole. Source: wild guess, a little less.
const PART: f64 = 0.95;

/// What categories are called, each phrase with its words folded, and the category it stands for: a narrower
/// one before its root.
static PHRASES: LazyLock<HashMap<String, &'static Slug>> = LazyLock::new(|| {
    let mut phrases: HashMap<String, &'static Slug> = HashMap::new();
    for category in tree::all() {
        let name = category.name().replace(" and ", ",");
        let all = category.words().chain(name.split(',')).map(folded).filter(|phrase| !phrase.is_empty());
        for phrase in all {
            put(&mut phrases, phrase.join(" "), category.slug());
        }
    }
    phrases
});

/// The same, and every slug by its own words.
static NAMES: LazyLock<HashMap<String, &'static Slug>> = LazyLock::new(|| {
    let mut names = PHRASES.clone();
    for category in tree::all() {
        put(&mut names, folded(category.slug().as_str()).join(" "), category.slug());
    }
    names
});

/// The most words of a phrase.
static LONGEST: LazyLock<usize> =
    LazyLock::new(|| PHRASES.keys().map(|phrase| phrase.split(' ').count()).max().unwrap_or_default());

fn put(names: &mut HashMap<String, &'static Slug>, name: String, slug: &'static Slug) {
    let held = names.entry(name).or_insert(slug);
    if held.is_root() || !slug.is_root() {
        *held = slug;
    }
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
    let lengths = (1..=LONGEST.min(asked.len())).rev();
    let mut parts = lengths.flat_map(|length| asked.windows(length).rev());
    parts.find_map(|part| PHRASES.get(&part.join(" ")).copied())
}

/// The category of exactly this name or keyword, a narrower one before a root.
pub fn named(text: &str) -> Option<Slug> {
    NAMES.get(&folded(text).join(" ")).map(|slug| (*slug).clone())
}

/// What stands between the parts of a path, the surest first.
const BETWEEN: [char; 6] = ['>', '»', '→', '|', '\\', '/'];

/// The category of a shop's own path, such as `Furniture > Sofas > Chesterfield` or `Home/Lamps`: that of its
/// most specific part that is called like one of ours, or what a part below that seems to be about, where it
/// stands below it in our tree too. `None` where no part says anything.
pub fn from_path(path: &str) -> Option<Slug> {
    let between = BETWEEN.into_iter().find(|c| path.contains(*c));
    let parts: Vec<&str> = between.map_or_else(|| vec![path], |c| path.split(c).collect());
    let called = parts.iter().enumerate().rev().find_map(|(at, part)| Some((at, named(part)?)));
    let below = parts.get(called.as_ref().map_or(0, |(at, _)| at + 1)..).unwrap_or_default();
    let about = below.iter().rev().find_map(|part| guess(part));
    match (called, about) {
        (Some((_, called)), Some(about)) if about.is_under(&called) => Some(about),
        (Some((_, called)), _) => Some(called),
        (None, about) => about,
    }
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
