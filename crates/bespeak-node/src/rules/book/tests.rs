#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

fn error(text: &str) -> String {
    match RuleBook::read(text.to_owned()) {
        Ok(_) => panic!("{text} is taken"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_cannot_be_read_or_meant_is_named() {
    for (text, part) in [
        ("[[rule]]", "name"),
        ("[[rule]]\nname = 'a'\nwhere = 1", "where"),
        ("[[rule]]\nname = 'a'\nthen = 'perhaps'", "offer"),
        ("[[rule]]\nname = 'a'\nwhen = { colour = 'red' }", "colour"),
        ("[[rule]]\nname = 'a'\nwhen = { price = { min = '2 EUR', max = '1 EUR' } }", "rule 1, “a”"),
        ("[[rule]]\nname = 'a'\noffer = { counters = 1 }", "floor_percent"),
        ("[[rule]]\nname = 'a'\nthen = 'tell'\noffer = {}", "makes no offer"),
        ("[[rule]]\nname = 'a'\noffer = { valid = 'soon' }", "30m, 12h, 3d"),
        ("[limits]\nzone = 'Mars/Olympus'", "Europe/Berlin"),
        ("[limits]\nquiet = '22-7'", "22:00-07:00"),
        ("[limits]\ntotal_a_day = '0 EUR'", "above zero"),
        ("rule = 3", "rule"),
        ("\u{0}", "cannot be read"),
    ] {
        let said = error(text);
        assert!(said.contains(part), "{text}: {said}");
    }
}

#[test]
fn a_book_keeps_its_text_and_tells_what_may_not_be_meant() {
    let text = "# mine\n[[rule]]\nname = 'all'\n[[rule]]\nname = 'never reached'\nwhen = { categories = ['home'] }\n";
    let book = RuleBook::read(text.to_owned()).unwrap();
    assert_eq!((book.text(), book.rules().len(), book.is_empty()), (text, 2, false));
    let told = book.findings().join("\n");
    assert!(told.contains("those after it count for nothing"), "{told}");
    let none = RuleBook::read("# nothing yet".to_owned()).unwrap();
    assert!(none.is_empty() && none.quiet().is_none());
    assert!(!RuleBook::silent().is_empty(), "what cannot be read is not as if there were no rules");
}

#[test]
fn quiet_hours_go_by_the_clock_of_their_zone() {
    let all_day = |from: &str, to: &str| {
        let text = format!("[limits]\nquiet = '{from}-{to}'\nzone = 'Europe/Berlin'\n[[rule]]\nname = 'a'");
        RuleBook::read(text).unwrap().quiet()
    };
    let halves = [all_day("00:00", "12:00"), all_day("12:00", "00:00")];
    assert_eq!(halves.iter().flatten().count(), 1, "it is one half of the day or the other: {halves:?}");
}

#[test]
fn the_book_in_the_documents_is_read() {
    let page = include_str!("../../../../../docs/rules.md");
    let (_, rest) = page.split_once("## The rule book").unwrap();
    let toml = rest.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let book = RuleBook::read(toml.to_owned()).unwrap();
    assert_eq!((book.rules().len(), book.findings()), (3, &[][..]));
    let offer = book.rules()[2].offer.as_ref().unwrap();
    assert_eq!((offer.counters, offer.delivery.len(), offer.price.steps.len()), (3, 2, 2));
}
