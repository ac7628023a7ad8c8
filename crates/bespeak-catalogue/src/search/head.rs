//! Heads: the words with which a text says what the goods are, before it tells more of them. Of `Keyed laptop lock
//! for Nano slots, 1.8 m` it is `keyed laptop lock`, and the last of them says what is sold: a lock.

use bespeak_match::words::{is_empty, is_unit, terms};

/// Words after which a text tells what goods have or look like. Source: the colours and states most common in
/// catalogues; shops write them after the name.
const AFTER_NAME: [&str; 23] = [
    "beige",
    "black",
    "blue",
    "bronze",
    "brown",
    "colour",
    "color",
    "gold",
    "gray",
    "green",
    "grey",
    "multicolour",
    "multicolor",
    "new",
    "orange",
    "original",
    "pink",
    "purple",
    "red",
    "silver",
    "transparent",
    "white",
    "yellow",
];
/// What is written for `for`, in the languages of shops we know.
const FOR: [&str; 4] = ["f", "for", "für", "fur"];
/// Words that end a phrase beside the empty ones.
const LINKS: [&str; 6] = ["incl", "plus", "und", "mit", "w", "x"];
/// What goes on with what stood before it.
const GOES_ON: [&str; 4] = ["and", "or", "und", "oder"];
/// The most words of one text that are taken apart. Source: wild guess; what comes later tells of details.
const MAX_WORDS: usize = 64;

/// Words that stand together: a name, or something told of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Phrase {
    /// As terms.
    pub(crate) terms: Vec<String>,
    /// Whether it names what the goods are for.
    pub(crate) after_for: bool,
}

/// A text as its phrases, none empty; left out are sizes, colours and numbers at the end of a phrase, and the brand at
/// the beginning.
pub(crate) fn phrases(text: &str, brand: &[String]) -> Vec<Phrase> {
    let mut made = Made::default();
    let words: Vec<&str> = text.split_whitespace().take(MAX_WORDS).collect();
    for (at, word) in words.iter().enumerate() {
        made.take(word, words.get(at + 1).copied().unwrap_or_default());
    }
    made.close(false);
    let mut phrases = made.phrases;
    if let Some(first) = phrases.first_mut()
        && !brand.is_empty()
        && first.terms.starts_with(brand)
    {
        first.terms.drain(..brand.len());
    }
    phrases.retain(|phrase| !phrase.terms.is_empty());
    phrases
}

#[derive(Default)]
struct Made<'a> {
    phrases: Vec<Phrase>,
    words: Vec<&'a str>,
    after_for: bool,
    /// Whether the last word ends in a hyphen for what follows after `or`.
    half: bool,
}

impl<'a> Made<'a> {
    fn take(&mut self, word: &'a str, next: &str) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.is_empty() {
            // A slash alone joins two names: `Laptop / Notebook Power Cord`.
            if word != "/" {
                self.close(word == "&");
            }
            return;
        }
        // `Notebook- or telephone holder` names two things that one is for.
        if self.half && GOES_ON.contains(&bare) {
            self.half = false;
            return;
        }
        if word.starts_with(['(', '[', '-', '–']) {
            self.close(false);
        }
        if FOR.contains(&bare.to_lowercase().as_str()) && (bare.len() > 1 || word.contains('/')) {
            self.close(false);
            self.after_for = true;
        } else if is_link(bare) {
            self.close(GOES_ON.contains(&bare));
        } else if is_measure(word, bare, next) {
            let goes_on = self.after_for && self.words.is_empty();
            self.close(goes_on);
        } else if !(is_unit(bare) && self.words.is_empty()) {
            self.words.push(bare);
            self.half = word.ends_with('-') && GOES_ON.contains(&next);
            if !self.half && word.ends_with([',', ';', ':', '.', '-', '–', ')']) {
                self.close(word.ends_with(','));
            }
        }
    }

    /// Ends a phrase; what is `for` something goes on where the text only lists.
    fn close(&mut self, goes_on: bool) {
        let tells_more = |word: &&str| {
            word.contains(|c: char| c.is_ascii_digit()) || AFTER_NAME.contains(&word.to_lowercase().as_str())
        };
        // What goods are for is called by its number as well: `Toner for FS-9130DN`.
        while !self.after_for && self.words.pop_if(|word| tells_more(&&**word)).is_some() {}
        if !self.words.is_empty() {
            self.phrases.push(Phrase { terms: terms(&self.words.join(" ")), after_for: self.after_for });
        }
        self.words.clear();
        self.after_for &= goes_on;
    }
}

fn is_link(bare: &str) -> bool {
    bare.chars().all(char::is_lowercase) && (is_empty(bare) || LINKS.contains(&bare))
}

/// A size: `27"`, `1.8m`, `2 GB`, `1200x900`; not the number of a model.
fn is_measure(word: &str, bare: &str, next: &str) -> bool {
    if !bare.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let next = next.trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let letters = bare.trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c)).to_lowercase();
    let of_next = letters.is_empty() && (is_unit(&next) || next == "x" || next == "pc");
    let of_itself = is_unit(&letters) || letters.strip_prefix('x').is_some_and(starts_with_digit);
    of_next || of_itself || word.contains(['"', '”', '″']) || word.contains("''")
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Vec<String> {
        phrases(text, &[]).into_iter().next().unwrap_or_default().terms
    }

    #[test]
    fn a_head_ends_where_more_is_told() {
        for (text, expected) in [
            ("FS-9130DN Laser Printer", "fs 9130dn laser printer"),
            ("3330dn Laser Printer, Duplex, 40 ppm", "3330dn laser printer"),
            ("Drum for Laser Printer or Fax", "drum"),
            ("Magenta Laser Printer Toner Cartridge, 14,000 Pages", "magenta laser printer toner cartridge"),
            ("ClickSafe® Keyed Laptop Lock for Nano", "clicksafe keyed laptop lock"),
            ("Contour™ 17'' Laptop Roller- Black", "contour"),
            ("Notebook case Black", "notebook case"),
            ("Image Drum (B4000 series)", "image drum"),
            ("Notebook mouse SPM4900/10", "notebook mouse"),
            ("15.6\" Laptop Slipcase, Nylon", "laptop slipcase"),
            ("EliteBook 840 G5 Notebook Silver 35.6 cm (14\")", "elitebook 840 g5 notebook"),
            ("Laptop / Notebook Power Cord, 10A", "laptop notebook power cord"),
            ("Notebook- or telephone holder", "notebook telephone holder"),
            ("SlimShell f/ iPhone 3G", "slimshell"),
            ("1 2 3", ""),
            ("", ""),
        ] {
            assert_eq!(head(text), terms(expected), "{text}");
        }
    }

    #[test]
    fn the_brand_is_no_name_and_what_it_is_for_is_told_apart() {
        let brand = terms("Acme");
        let all = phrases("ACME 42\" class TV, wall mount for Zeta and Beta TV, red", &brand);
        let told: Vec<(String, bool)> = all.iter().map(|one| (one.terms.join(" "), one.after_for)).collect();
        let expected =
            [("class tv", false), ("wall mount", false), ("zeta", true), ("beta tv", true), ("red", true)];
        assert_eq!(told, expected.map(|(words, after)| (words.to_owned(), after)));
        assert_eq!(phrases("Acme", &brand), []);
    }
}
