//! What a condition asks of an attribute, in a form in which two conditions can be held against each other.

use bespeak_model::attribute::{AttributeValue, Condition, Scale, Test, measure};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wanted {
    /// This word, in lower case.
    Word(String),
    /// Yes or no.
    Flag(bool),
    /// A number between two ends that belong to it; an open end is the farthest number.
    Range { scale: Scale, least: i128, most: i128 },
}

impl Wanted {
    pub(crate) fn of(condition: &Condition) -> Self {
        let on = |number| measure(number, condition.unit());
        match condition.test() {
            Test::Is(AttributeValue::Text(text)) => Self::Word(text.to_lowercase()),
            Test::Is(AttributeValue::Flag(flag)) => Self::Flag(*flag),
            Test::Is(AttributeValue::Number(number)) => {
                let (scale, size) = on(*number);
                Self::Range { scale, least: size, most: size }
            }
            Test::AtMost(most) => {
                let (scale, most) = on(*most);
                Self::Range { scale, least: i128::MIN, most }
            }
            Test::AtLeast(least) => {
                let (scale, least) = on(*least);
                Self::Range { scale, least, most: i128::MAX }
            }
            Test::Between { least, most } => {
                let (scale, least) = on(*least);
                Self::Range { scale, least, most: on(*most).1 }
            }
        }
    }

    /// Is there a value that is both? `None` where that cannot be told: words beside numbers, units that have
    /// nothing to do with each other.
    pub(crate) fn may_meet(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Word(one), Self::Word(other)) => Some(one == other),
            (Self::Flag(one), Self::Flag(other)) => Some(one == other),
            (
                Self::Range { scale, least, most },
                Self::Range { scale: theirs, least: their_least, most: their_most },
            ) if scale == theirs => Some(least <= their_most && their_least <= most),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bespeak_model::attribute::Attribute;
    use proptest::prelude::*;

    use super::*;

    fn meet(one: &str, other: &str) -> Option<bool> {
        Wanted::of(&one.parse().unwrap()).may_meet(&Wanted::of(&other.parse().unwrap()))
    }

    #[test]
    fn ranges_meet_across_units_and_words_without_capitals() {
        assert_eq!(meet("w<=25kg", "w>=25000g"), Some(true));
        assert_eq!(meet("w<=25kg", "w>=25001g"), Some(false));
        assert_eq!(meet("w=20..30kg", "w=25kg"), Some(true));
        assert_eq!(meet("w<=25kg", "w<=1g"), Some(true));
        assert_eq!(meet("colour=Red", "colour=red"), Some(true));
        assert_eq!(meet("colour=red", "colour=blue"), Some(false));
        assert_eq!(meet("folding=yes", "folding=no"), Some(false));
        assert_eq!(meet("w<=25kg", "w>=25cm"), None);
        assert_eq!(meet("w<=25kg", "w>=25"), None);
        assert_eq!(meet("w=heavy", "w>=25kg"), None);
    }

    fn conditions() -> impl Strategy<Value = String> {
        let unit = prop::sample::select(vec!["", "kg", "g"]);
        let test = prop::sample::select(vec!["=", "<=", ">="]);
        (test, -20..20_i32, unit).prop_map(|(test, number, unit)| format!("w{test}{number}{unit}"))
    }

    proptest! {
        #[test]
        fn what_both_accept_lets_them_meet(one in conditions(), other in conditions(), value in -20..20_i32) {
            let (left, right): (Condition, Condition) = (one.parse().unwrap(), other.parse().unwrap());
            for unit in ["", "kg", "g"] {
                let goods: Attribute = format!("w={value}{unit}").parse().unwrap();
                if left.accepts(&goods) == Some(true) && right.accepts(&goods) == Some(true) {
                    prop_assert_eq!(meet(&one, &other), Some(true));
                }
            }
            prop_assert_eq!(meet(&one, &other), meet(&other, &one));
        }
    }
}
