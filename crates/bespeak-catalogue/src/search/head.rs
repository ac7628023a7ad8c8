//! Heads: the words with which a text says what the goods are, before it tells more of them. Of `Keyed laptop lock
//! for Nano slots, 1.8 m` it is `keyed laptop lock`, and the last of them says what is sold: a lock.

use bespeak_match::words::{is_empty, terms};

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

/// The head of a text as terms; empty where the text begins with something else.
pub(crate) fn head(text: &str) -> Vec<String> {
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let leads_on = !bare.is_empty() && !word.starts_with(['(', '[', '-', '–', '/']);
        let is_link = bare.chars().all(|c| c.is_ascii_lowercase()) && is_empty(bare);
        let is_measure = bare.starts_with(|c: char| c.is_ascii_digit());
        if !words.is_empty() && (!leads_on || is_link || is_measure) {
            break;
        }
        words.push(bare);
        if word.ends_with([',', ';', ':', '.', '-', '–', ')', '"', '”', '″']) {
            break;
        }
    }
    let tells_more = |word: &&str| {
        word.contains(|c: char| c.is_ascii_digit()) || AFTER_NAME.contains(&word.to_lowercase().as_str())
    };
    while words.pop_if(|word| tells_more(&&**word)).is_some() {}
    terms(&words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("1 2 3", ""),
            ("", ""),
        ] {
            assert_eq!(head(text), terms(expected), "{text}");
        }
    }
}
