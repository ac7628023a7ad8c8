//! Spellings: other ways of writing the same words: several as one, one as several, a number with and without hyphens;
//! and in German, where shops and customers write two words as one, what such a word is made of.

use bespeak_match::words::is_number;

use crate::search::index::Index;

/// What German puts between two words that it writes as one: `Arbeitsplatz`, `Lampenschirm`.
const LINKS: [&str; 6] = ["", "s", "n", "en", "es", "er"];
/// What German words end in where there are several, or in another case.
const ENDINGS: [&str; 6] = ["e", "n", "en", "er", "s", "es"];
/// The shortest word that another is made of, in letters. Source: wild guess, `rad`.
const SHORTEST: usize = 3;
/// The most words that end in one word and are taken for kinds of it. Source: wild guess.
const MAX_KINDS: usize = 32;

/// The other ways of writing these words that goods here have.
pub(super) fn spellings(index: &Index, own: &[String]) -> Vec<Vec<String>> {
    let joined = own.concat();
    let mut all: Vec<Vec<String>> = halves(&joined)
        .filter(|(left, right)| {
            left.len() > 1 && right.len() > 1 && knows(index, left) && knows(index, right)
        })
        .map(|(left, right)| vec![left.to_owned(), right.to_owned()])
        .filter(|halves| halves != own)
        .collect();
    let [word] = own else {
        all.push(vec![joined]);
        return all;
    };
    let code = code_parts(word);
    if code.len() > 2 && code.iter().all(|part| knows(index, part)) {
        all.push(code);
    }
    if index.is_german() && !is_number(word) {
        let forms: Vec<String> = inflected(word).filter(|form| knows(index, form)).collect();
        let kinds = forms.iter().chain([word]).filter(|form| form.len() > SHORTEST);
        let kinds = kinds.flat_map(|form| index.ending_in(form).map(move |(before, _)| (before, form)));
        let kinds = kinds.filter(|(before, _)| is_word(index, before)).take(MAX_KINDS);
        all.extend(kinds.map(|(before, form)| vec![format!("{before}{form}")]));
        all.extend(forms.iter().map(|form| vec![form.clone()]));
    }
    all
}

/// In a German shop, the two words that this one is made of, each way that is known here.
pub(super) fn compounds(index: &Index, word: &str) -> Vec<(String, String)> {
    if !index.is_german() {
        return Vec::new();
    }
    let known = |text: &str, endings: &[&str]| {
        let mut forms = endings.iter().filter_map(|ending| text.strip_suffix(ending));
        forms.find(|form| form.len() >= SHORTEST && knows(index, form)).map(ToOwned::to_owned)
    };
    let bare_first = [&[""][..], &ENDINGS].concat();
    halves(word)
        .filter_map(|(left, right)| Some((known(left, &LINKS)?, known(right, &bare_first)?)))
        .collect()
}

fn is_word(index: &Index, before: &str) -> bool {
    let mut forms = LINKS.iter().filter_map(|link| before.strip_suffix(link));
    forms.any(|form| form.len() >= SHORTEST && knows(index, form))
}

fn knows(index: &Index, word: &str) -> bool {
    index.term(word).is_some_and(|term| index.holders(term) > 0)
}

fn halves(word: &str) -> impl Iterator<Item = (&str, &str)> {
    word.char_indices().filter_map(|(at, _)| word.split_at_checked(at))
}

/// A word taken apart where letters and digits meet: `fs9130dn` as `fs`, `9130`, `dn`.
fn code_parts(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    let runs = chars.chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit());
    runs.map(|run| run.iter().collect()).collect()
}

/// The word without one of the [`ENDINGS`], and with one.
fn inflected(word: &str) -> impl Iterator<Item = String> {
    let bare = ENDINGS.iter().filter_map(|ending| word.strip_suffix(ending)).map(ToOwned::to_owned);
    let longer = ENDINGS.iter().map(move |ending| format!("{word}{ending}"));
    bare.filter(|stem| stem.len() >= SHORTEST).chain(longer)
}
