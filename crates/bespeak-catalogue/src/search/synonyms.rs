//! Synonyms: groups of words for one thing, written by hand beside this file.

use std::collections::HashMap;
use std::sync::OnceLock;

use bespeak_match::words::terms;

/// A word or several, as terms.
pub(crate) type Phrase = Vec<String>;

/// The longest phrase that stands in the list, in terms. Source: the list; a test of it checks.
pub(crate) const LONGEST: usize = 3;

/// What else a phrase is called; nothing where it is in no group.
pub(crate) fn others(phrase: &[String]) -> &'static [Phrase] {
    static GROUPS: OnceLock<HashMap<Phrase, Vec<Phrase>>> = OnceLock::new();
    GROUPS.get_or_init(|| read(include_str!("synonyms.txt"))).get(phrase).map_or(&[], Vec::as_slice)
}

fn read(list: &str) -> HashMap<Phrase, Vec<Phrase>> {
    let mut groups: HashMap<Phrase, Vec<Phrase>> = HashMap::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let group: Vec<Phrase> = line.split('=').map(terms).filter(|phrase| !phrase.is_empty()).collect();
        for phrase in &group {
            let others = group.iter().filter(|other| *other != phrase).cloned();
            groups.entry(phrase.clone()).or_default().extend(others);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_group_works_in_every_direction_and_in_the_plural() {
        assert_eq!(others(&terms("laptops")), [terms("notebook")]);
        assert_eq!(others(&terms("notebook")), [terms("laptop")]);
        assert!(others(&terms("flash drives")).contains(&terms("usb stick")));
        assert!(others(&terms("anvil")).is_empty());
    }

    #[test]
    fn every_line_of_the_list_is_a_group_of_short_phrases() {
        for line in include_str!("synonyms.txt").lines().filter(|line| !line.starts_with('#')) {
            let group: Vec<Phrase> = line.split('=').map(terms).collect();
            assert!(group.len() > 1, "{line}");
            assert!(group.iter().all(|phrase| (1..=LONGEST).contains(&phrase.len())), "{line}");
        }
    }
}
