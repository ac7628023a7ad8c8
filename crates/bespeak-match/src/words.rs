//! Words: how a text becomes the terms that are looked up. The goods' texts and the customers' wishes go
//! through the same door, so that both sides of a comparison are always folded alike.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Terms taken from one text; the rest is left out. Source: measured, the longest text of a catalogue of
/// 19,406 goods has about 400; a bound keeps one article from filling the index.
pub const MAX_TERMS: usize = 1_000;
/// Bytes of one term; longer ones are cut. Source: wild guess, twice the longest model number met.
const MAX_TERM_BYTES: usize = 48;

/// The terms of a text, in order: without case and accents, plurals folded, `128GB` as `128 gb`, `27"` as
/// `27 inch`, `10,000` as `10000`, `1.5` whole.
pub fn terms(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut run = String::new();
    let chars: Vec<char> = plain(text);
    for (i, &c) in chars.iter().enumerate() {
        let next = chars.get(i + 1).copied().unwrap_or(' ');
        let after_digit = run.ends_with(|c: char| c.is_ascii_digit());
        if c.is_alphanumeric() || (c == '.' && after_digit && next.is_ascii_digit()) {
            run.push(c);
        } else if c == ',' && is_thousands(&run, &chars, i) {
            // A separator of thousands says nothing.
        } else {
            close(&mut run, &mut out);
            if matches!(c, '"' | '″' | '”') && after_digit {
                out.push("inch".to_owned());
            }
        }
        if out.len() >= MAX_TERMS {
            break;
        }
    }
    close(&mut run, &mut out);
    out.truncate(MAX_TERMS);
    out
}

/// Lower case, without accents and marks of trade.
fn plain(text: &str) -> Vec<char> {
    let unmarked = text.chars().map(|c| if matches!(c, '™' | '®' | '©') { ' ' } else { c });
    let bare = unmarked.nfkd().filter(|c| !is_combining_mark(*c));
    bare.flat_map(char::to_lowercase).collect()
}

/// Is the comma at `at` one of `10,000`: digits before, exactly three after?
fn is_thousands(run: &str, chars: &[char], at: usize) -> bool {
    let digit = |offset: usize| chars.get(at + offset).is_some_and(char::is_ascii_digit);
    let digits_before = !run.is_empty() && run.bytes().all(|b| b.is_ascii_digit());
    digits_before && run.len() <= 3 && digit(1) && digit(2) && digit(3) && !digit(4)
}

fn close(run: &mut String, out: &mut Vec<String>) {
    if run.is_empty() {
        return;
    }
    match split_unit(run) {
        Some((number, unit)) => out.extend([number.to_owned(), unit_name(unit).to_owned()]),
        None => out.push(folded(run)),
    }
    run.clear();
}

/// Units that are written onto a number. Source: those met in shops' titles; model numbers such as `h7` or
/// `3pro` stay whole because their letters are no unit.
const UNITS: [&str; 36] = [
    "kb", "mb", "gb", "tb", "mm", "cm", "m", "km", "in", "inch", "ft", "mg", "g", "kg", "oz", "lb", "ml",
    "cl", "l", "w", "kw", "wh", "v", "va", "a", "ah", "mah", "hz", "khz", "mhz", "ghz", "mp", "dpi", "rpm",
    "ppm", "mbps",
];

fn split_unit(run: &str) -> Option<(&str, &str)> {
    let end = run.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = run.split_at_checked(end)?;
    (!number.is_empty() && UNITS.contains(&unit)).then_some((number, unit))
}

/// Whether a term is a unit of measure.
pub fn is_unit(term: &str) -> bool {
    UNITS.contains(&term)
}

fn unit_name(unit: &str) -> &str {
    match unit {
        "in" => "inch",
        other => other,
    }
}

/// A term whose plural is folded, within [`MAX_TERM_BYTES`].
fn folded(run: &str) -> String {
    let mut term = singular(run);
    while term.len() > MAX_TERM_BYTES {
        term.pop();
    }
    term
}

/// Plurals that follow no rule, and words that look like plurals and are none.
const IRREGULAR: [(&str, &str); 30] = [
    ("accessories", "accessory"),
    ("batteries", "battery"),
    ("calves", "calf"),
    ("canvas", "canvas"),
    ("cookies", "cookie"),
    ("children", "child"),
    ("feet", "foot"),
    ("gas", "gas"),
    ("gps", "gps"),
    ("halves", "half"),
    ("heroes", "hero"),
    ("inches", "inch"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("lens", "lens"),
    ("lenses", "lens"),
    ("men", "man"),
    ("mice", "mouse"),
    ("movies", "movie"),
    ("news", "news"),
    ("potatoes", "potato"),
    ("selfies", "selfie"),
    ("series", "series"),
    ("shelves", "shelf"),
    ("species", "species"),
    ("teeth", "tooth"),
    ("tomatoes", "tomato"),
    ("wireless", "wireless"),
    ("wolves", "wolf"),
    ("women", "woman"),
];

/// The singular of an English word, roughly: what matters is that one word in both forms comes out alike.
fn singular(word: &str) -> String {
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    // Shorter ones are mostly abbreviations: `usb`, `abs`, `pcs`.
    if word.len() <= 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    if ["sses", "shes", "ches", "xes", "zzes"].iter().any(|ending| word.ends_with(ending)) {
        return word.strip_suffix("es").unwrap_or(word).to_owned();
    }
    if ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending)) {
        return word.to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

/// Words of a wish that name nothing. Source: English function words, and what people write around a wish.
const EMPTY: [&str; 62] = [
    "a",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "but",
    "buy",
    "by",
    "can",
    "could",
    "for",
    "from",
    "get",
    "good",
    "have",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "like",
    "looking",
    "me",
    "my",
    "need",
    "needed",
    "nice",
    "no",
    "not",
    "of",
    "on",
    "or",
    "our",
    "please",
    "some",
    "someone",
    "something",
    "such",
    "that",
    "the",
    "their",
    "then",
    "there",
    "these",
    "they",
    "this",
    "to",
    "want",
    "wanted",
    "was",
    "we",
    "which",
    "will",
    "with",
    "would",
    "you",
    "your",
    "search",
];

/// Whether a term of a wish names nothing of what is wanted.
pub fn is_empty(term: &str) -> bool {
    EMPTY.contains(&term)
}

/// Whether a term is a bare number, which means something only beside its neighbours.
pub fn is_number(term: &str) -> bool {
    term.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

#[cfg(test)]
mod tests;
