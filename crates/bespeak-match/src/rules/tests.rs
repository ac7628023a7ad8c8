#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_model::intention::Intention;
use proptest::{collection::vec, prelude::*, sample::Index};

use super::*;
use crate::{
    Standing, Wish,
    rule::explain,
    testing::{intention, intentions, rules, standings},
};

/// What is done with rules.
#[derive(Clone, Debug)]
enum Act {
    Insert(Box<Rule>),
    Remove(Index),
    Tend(usize),
    Ask(Box<Intention>, Standing),
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => rules().prop_map(|rule| Act::Insert(Box::new(rule))),
        3 => any::<Index>().prop_map(Act::Remove),
        1 => (1..40_usize).prop_map(Act::Tend),
        6 => (intentions(), standings()).prop_map(|(wish, standing)| Act::Ask(Box::new(wish), standing)),
    ]
}

fn sorted(found: &[RuleId]) -> Vec<RuleId> {
    let mut found = found.to_vec();
    found.sort_unstable();
    found
}

/// The rules beside the set, as somebody who acts on them keeps them.
#[derive(Default)]
struct Beside {
    rules: Vec<Option<Rule>>,
    set: Rules,
    scratch: Scratch,
}

impl Beside {
    fn insert(&mut self, rule: Rule) {
        let id = self.set.insert(&rule).unwrap().0 as usize;
        if self.rules.len() <= id {
            self.rules.resize(id + 1, None);
        }
        assert!(self.rules[id].is_none(), "a number is given twice");
        self.rules[id] = Some(rule);
    }

    fn remove(&mut self, id: usize) {
        let was = self.rules.get_mut(id).and_then(Option::take).is_some();
        assert_eq!(self.set.remove(RuleId(u32::try_from(id).unwrap())), was);
    }

    fn ask(&mut self, wish: &Wish) {
        let naive = self
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.as_ref().is_some_and(|rule| rule.accepts(wish)));
        let naive: Vec<_> = naive.map(|(id, _)| RuleId(u32::try_from(id).unwrap())).collect();
        assert_eq!(sorted(self.set.matching(wish, &mut self.scratch)), naive);
        assert_eq!(sorted(self.set.scan(wish, &mut self.scratch)), naive);
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Insert(rule) => self.insert(*rule),
            Act::Remove(index) => self.remove(index.index(self.rules.len() + 1)),
            Act::Tend(steps) => drop(self.set.tend(steps)),
            Act::Ask(wish, standing) => self.ask(&Wish::of(&wish, standing)),
        }
        assert_eq!(self.set.len(), self.rules.iter().flatten().count());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn at_any_time_the_answers_are_those_of_asking_every_rule(
        first in vec(rules(), 0..30),
        acts in vec(acts(), 1..60),
    ) {
        let mut beside = Beside { set: Rules::build(&first).unwrap(), ..Beside::default() };
        beside.rules = first.into_iter().map(Some).collect();
        acts.into_iter().for_each(|act| beside.act(act));
        for id in 0..beside.rules.len() {
            beside.remove(id);
        }
        prop_assert!(beside.set.is_empty() && beside.set.postings.is_empty());
    }

    #[test]
    fn a_rule_matches_where_no_ground_misses(rule in rules(), intention in intentions(), standing in standings()) {
        let grounds = explain(&rule, &intention, standing);
        let misses = grounds.iter().any(|ground| ground.told == crate::Told::Misses);
        let accepts = rule.accepts(&Wish::of(&intention, standing));
        prop_assert_eq!(accepts, !misses, "{:?}", grounds);
        prop_assert!(grounds.iter().all(|ground| ground.to_string().len() > 10));
        if rule.matches_everything() {
            prop_assert!(accepts, "{:?}", grounds);
        }
    }
}

#[test]
fn many_alike_and_wishes_of_any_kind() {
    let texts = [
        "categories = ['vehicles']\nkeywords.any = ['bike', 'bicycle']",
        "keywords.all = ['folding bike', 'red']",
        "places = ['DE-u33d+25km']",
        "gtins = ['4006381333931']",
        "",
    ];
    let kinds: Vec<Rule> = texts.iter().map(|text| toml::from_str(text).unwrap()).collect();
    let many: Vec<Rule> = (0..20_000).map(|number| kinds[number % kinds.len()].clone()).collect();
    let mut beside = Beside { set: Rules::build(&many).unwrap(), ..Beside::default() };
    beside.rules = many.into_iter().map(Some).collect();
    let near = |place: &str| Intention {
        place: Some(place.parse().unwrap()),
        ..intention("vehicles.cars", "red car")
    };
    let wishes = [
        near("DE-u33d"),
        near("DE-u281"),
        near("DE"),
        near("PL-u3+2000km"),
        intention("vehicles", "Red folding bikes"),
    ];
    for wish in wishes.iter().map(|wish| Wish::of(wish, Standing::Stranger)) {
        beside.ask(&wish);
    }
    (0..19_000).for_each(|id| beside.remove(id));
    beside.ask(&Wish::of(&wishes[4], Standing::Stranger));
    assert_eq!(beside.set.len(), 1_000);
}

#[test]
fn tending_moves_rules_from_what_became_common() {
    let rule = |words: &str| toml::from_str::<Rule>(&format!("keywords.all = [{words}]")).unwrap();
    let mut beside = Beside::default();
    // When they come `old` is as rare as their other word, later everybody says it.
    (0..50).for_each(|number| beside.insert(rule(&format!("'old', 'w{number}'"))));
    (0..2_000).for_each(|_| beside.insert(rule("'old'")));
    let moved: usize = (0..30).map(|_| beside.set.tend(100)).sum();
    assert!(moved <= 50, "{moved}");
    beside.ask(&Wish::of(&intention("vehicles", "old w7"), Standing::Stranger));
    assert_eq!(beside.set.tend(5_000), 0, "what was tended stays");
}
