//! Reasons: what was compared, and what came of it, in words for both sides.

use std::fmt;

use bespeak_model::attribute::Condition;
use bespeak_model::gtin::Gtin;
use bespeak_model::intention::GoodsCondition;
use bespeak_model::money::Money;

/// What came of one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    /// As asked.
    Meets,
    /// Not as asked.
    Misses,
    /// The goods do not say, or say it in a way that cannot be compared.
    Unknown,
}

/// One thing that was asked, and whether the goods meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// These very goods were asked for.
    Gtin {
        /// The number asked for.
        asked: Gtin,
        /// Whether the goods bear it.
        told: Told,
    },
    /// An attribute was to be so.
    Condition {
        /// What was asked.
        asked: Condition,
        /// Whether it is so.
        told: Told,
    },
    /// The goods were to be in a state.
    State {
        /// Which.
        asked: GoodsCondition,
        /// Whether they are.
        told: Told,
    },
    /// No less than this was to be spent.
    AtLeast {
        /// The lower end of the budget.
        asked: Money,
        /// The price, where there is one.
        price: Option<Money>,
        /// Whether the price is not below it.
        told: Told,
    },
    /// No more than this was to be spent.
    AtMost {
        /// The upper end of the budget.
        asked: Money,
        /// The price, where there is one.
        price: Option<Money>,
        /// Whether the price is not above it.
        told: Told,
    },
}

impl Reason {
    /// What came of it.
    pub fn told(&self) -> Told {
        match self {
            Self::Gtin { told, .. }
            | Self::Condition { told, .. }
            | Self::State { told, .. }
            | Self::AtLeast { told, .. }
            | Self::AtMost { told, .. } => *told,
        }
    }
}

/// One short line, such as `weight<=25kg is met` or `the price 120.00 EUR is above 100.00 EUR`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gtin { asked, told } => match told {
                Told::Meets => write!(f, "it is GTIN {}", asked.as_14()),
                Told::Misses => write!(f, "it is another article than GTIN {}", asked.as_14()),
                Told::Unknown => write!(f, "it has no GTIN; {} was asked for", asked.as_14()),
            },
            Self::Condition { asked, told } => match told {
                Told::Meets => write!(f, "{asked} is met"),
                Told::Misses => write!(f, "{asked} is not met"),
                Told::Unknown => write!(f, "{asked} cannot be told"),
            },
            Self::State { asked, told } => match told {
                Told::Meets => write!(f, "it is {}", state(*asked)),
                Told::Misses => write!(f, "it is not {}", state(*asked)),
                Told::Unknown => write!(f, "whether it is {} is not said", state(*asked)),
            },
            Self::AtLeast { asked, price, told } => {
                price_line(f, price.as_ref(), *told, ("below", "not below"), asked)
            }
            Self::AtMost { asked, price, told } => {
                price_line(f, price.as_ref(), *told, ("above", "within"), asked)
            }
        }
    }
}

fn state(state: GoodsCondition) -> &'static str {
    match state {
        GoodsCondition::New => "new",
        GoodsCondition::Refurbished => "refurbished",
        GoodsCondition::Used => "used",
    }
}

fn price_line(
    f: &mut fmt::Formatter<'_>,
    price: Option<&Money>,
    told: Told,
    (missed, met): (&str, &str),
    asked: &Money,
) -> fmt::Result {
    match (price, told) {
        (None, _) => write!(f, "there is no price to hold against {asked}"),
        (Some(price), Told::Meets) => write!(f, "the price {price} is {met} {asked}"),
        (Some(price), Told::Misses) => write!(f, "the price {price} is {missed} {asked}"),
        (Some(price), Told::Unknown) => write!(f, "the price {price} cannot be compared with {asked}"),
    }
}
