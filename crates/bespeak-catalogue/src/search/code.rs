//! Codes: the numbers by which makers and shops call an article, `FS-9130DN`, written as one word, so that they are
//! found however they are joined.

use bespeak_match::words::terms;

/// The shortest code worth keeping, in bytes. Source: wild guess; shorter ones are sizes and series.
const SHORTEST: usize = 4;
/// The most codes of one article. Source: wild guess; a title with more lists what it goes with.
const MAX_CODES: usize = 12;

/// The codes of a text: what stands between spaces, has a letter and a digit, and is joined of several parts; with
/// `single` also what is one part, where no field holds the text itself.
pub(crate) fn codes(text: &str, single: bool, held: &mut Vec<String>) {
    for word in text.split_whitespace() {
        if held.len() >= MAX_CODES {
            return;
        }
        let has = |test: fn(&char) -> bool| word.chars().any(|c| test(&c));
        if word.len() < SHORTEST || !has(char::is_ascii_digit) || !has(|c| c.is_alphabetic()) {
            continue;
        }
        let parts = terms(word);
        let code = parts.concat();
        if (single || parts.len() > 1) && code.len() >= SHORTEST && !held.contains(&code) {
            held.push(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_what_is_joined_of_letters_and_digits() {
        let mut held = Vec::new();
        codes("Kyocera FS-9130DN laser-printer WH-1000-XM4 A4 KX100", false, &mut held);
        assert_eq!(held, ["fs9130dn", "wh1000xm4"]);
        codes(&"AB-12-3 CD/45/6 KX100 ".repeat(3), true, &mut held);
        assert_eq!(held, ["fs9130dn", "wh1000xm4", "ab123", "cd456", "kx100"]);
    }
}
