//! Words: how a text becomes the terms that are looked up. The goods' texts and the customers' wishes go
//! through the same door, so that both sides of a comparison are always folded alike.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

mod units;

/// Terms taken from one text; the rest is left out. Source: measured, the longest text of a catalogue of
/// 19,406 goods has about 400; a bound keeps one article from filling the index.
pub const MAX_TERMS: usize = 1_000;
/// Bytes of one term; longer ones are cut. Source: wild guess, twice the longest model number met.
const MAX_TERM_BYTES: usize = 48;

/// The terms of a text, in order: without case and accents, plurals folded, `10,000` as `10000`, `1.5` whole, sizes as a
/// number and a unit that is the same however they are written: `128GB` as `128 gb`, `27"` as `27 inch`, `1 TB` as
/// `1000 gb`, `1.5 l` and `1,5 Liter` as `1500 ml`.
pub fn terms(text: &str) -> Vec<String> {
    let chars: Vec<char> = plain(text);
    let mut out = Terms::default();
    for (i, &c) in chars.iter().enumerate() {
        let next = chars.get(i + 1).copied().unwrap_or(' ');
        let after_digit = out.run.ends_with(|c: char| c.is_ascii_digit());
        if c.is_alphanumeric() || (c == '.' && after_digit && next.is_ascii_digit()) {
            out.run.push(c);
        } else if c == ',' && is_thousands(&out.run, &chars, i) {
            // A separator of thousands says nothing.
        } else if c == ',' && is_fraction(&out.run, &chars, i) {
            out.run.push('.');
        } else {
            out.close(chars.get(i..).unwrap_or_default());
            if matches!(c, '"' | '″' | '”') && after_digit {
                out.size("inch");
            }
            out.apart |= !matches!(c, ' ' | '-' | '\u{2010}' | '\u{2011}');
        }
        if out.terms.len() >= MAX_TERMS {
            break;
        }
    }
    out.close(&[]);
    out.terms.truncate(MAX_TERMS);
    out.terms
}

/// Terms as they are found.
#[derive(Default)]
struct Terms {
    terms: Vec<String>,
    /// The letters and digits that stand together just now.
    run: String,
    /// Whether more than a space or a hyphen stands between the last term and the run.
    apart: bool,
}

impl Terms {
    /// Ends the run; `rest` is what follows it.
    fn close(&mut self, rest: &[char]) {
        if self.run.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.run);
        let apart = std::mem::take(&mut self.apart);
        if let Some((number, unit)) = split_unit(&run) {
            self.terms.push(number.chars().take(MAX_TERM_BYTES).collect());
            if !self.size(unit) {
                self.terms.push(unit.to_owned());
            }
        } else if apart || (run == "in" && is_no_inch(rest)) || !self.size(&run) {
            self.terms.push(folded(&run));
        }
    }

    /// Makes a size of the last term, if it is a number and the word is a unit.
    fn size(&mut self, word: &str) -> bool {
        let Some(number) = self.terms.last_mut().filter(|term| is_number(term)) else { return false };
        let Some((converted, unit)) = units::converted(number, word) else { return false };
        *number = converted;
        self.terms.push(unit.to_owned());
        true
    }
}

/// Does what follows `2 in` tell that no inches are meant: `2 in 1`, `5 in stock`?
fn is_no_inch(rest: &[char]) -> bool {
    let word = rest.iter().skip_while(|c| !c.is_alphanumeric()).take_while(|c| c.is_alphanumeric());
    let word: String = word.take(MAX_TERM_BYTES).collect();
    word.starts_with(|c: char| c.is_ascii_digit())
        || ["a", "all", "my", "one", "stock", "the", "total", "your"].contains(&word.as_str())
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

/// Is the comma at `at` one of `1,5`, as most of Europe writes it: digits before, one or two after, in no list?
fn is_fraction(run: &str, chars: &[char], at: usize) -> bool {
    let digit = |offset: usize| chars.get(at + offset).is_some_and(char::is_ascii_digit);
    let end = if digit(2) { 3 } else { 2 };
    let ends = chars.get(at + end).is_none_or(|c| !c.is_ascii_digit() && !matches!(c, ',' | '.'));
    let before = at.checked_sub(run.chars().count() + 1).and_then(|before| chars.get(before));
    let in_list = before.is_some_and(|before| *before == ',');
    !run.is_empty() && run.bytes().all(|b| b.is_ascii_digit()) && digit(1) && ends && !in_list
}

fn split_unit(run: &str) -> Option<(&str, &str)> {
    let end = run.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = run.split_at_checked(end)?;
    (!number.is_empty() && is_unit(unit)).then_some((number, unit))
}

/// Whether a term is a unit of measure.
pub fn is_unit(term: &str) -> bool {
    units::is_unit(term)
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

/// Words of a wish that name nothing. Source: English and German function words, and what people write around a wish.
#[rustfmt::skip]
const EMPTY: [&str; 87] = [
    "a", "an", "and", "any", "are", "as", "at", "auf", "aus", "be", "bei", "brauche", "but", "buy", "by",
    "can", "could", "das", "dem", "der", "die", "ein", "eine", "einen", "einer", "for", "from",
    "fur", "gesucht", "get", "good", "have", "i", "ich", "if", "im", "in", "into", "is", "it", "kaufen",
    "like", "looking", "me", "mit", "my", "need", "needed", "nice", "no", "not", "oder", "of", "on", "or",
    "our", "please", "search", "some", "someone", "something", "such", "suche", "that", "the", "their",
    "then", "there", "these", "they", "this", "to", "und", "vom", "von", "want", "wanted", "was", "we",
    "which", "will", "with", "would", "you", "your", "zum", "zur",
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
