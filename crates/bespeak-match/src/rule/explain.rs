//! Why a rule matches an intention, or does not: one ground for each condition.

use std::fmt;

use bespeak_model::{
    attribute::Condition,
    intention::{Budget, GoodsCondition, Intention},
};

use super::{Aspect, Keyword, Rule, Standing, accept::Stated};
use crate::{
    reason::Told,
    wish::{Wish, WishLine},
};

/// Which condition of a rule a ground is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// `categories`
    Category,
    /// `price`
    Price,
    /// `places`
    Place,
    /// `keywords.any`
    AnyKeyword,
    /// `keywords.all`
    AllKeywords,
    /// `keywords.none`
    NoKeyword,
    /// One of `attributes`
    Attribute,
    /// `terms`
    Terms,
    /// `standing`
    Standing,
    /// `condition`
    Condition,
    /// `quantity`
    Quantity,
    /// `gtins`
    Gtin,
}

/// One condition, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Which.
    pub part: Part,
    /// What came of it; what is not said is [`Told::Unknown`] and does not exclude.
    pub told: Told,
    /// What the rule wants.
    pub wanted: String,
    /// What the intention says of it, if anything.
    pub said: Option<String>,
}

/// What each condition of the rule says of this intention, of a customer known so well. The rule matches where no
/// ground [`Told::Misses`]. Conditions on lines are told of the line that comes nearest.
pub fn explain(rule: &Rule, intention: &Intention, standing: Standing) -> Vec<Ground> {
    let wish = Wish::of(intention, standing);
    let line = nearest(rule, &wish);
    let quoted = line.and_then(|at| intention.lines.get(at));
    let mut grounds = Vec::new();
    rule.of_category(&wish, &mut grounds);
    rule.of_price(&wish, &mut grounds);
    rule.of_place(&wish, &mut grounds);
    rule.of_keywords(&wish, &mut grounds);
    rule.of_offered(&wish, &mut grounds);
    if let Some((line, quoted)) = line.and_then(|at| wish.lines.get(at)).zip(quoted) {
        rule.of_line(line, &quoted.conditions, &mut grounds);
    }
    grounds
}

/// The line that meets most of what the rule wants of lines; the first of several.
fn nearest(rule: &Rule, wish: &Wish) -> Option<usize> {
    let all = wish.lines.iter().map(|line| rule.nearness(line)).enumerate();
    all.max_by_key(|(at, near)| (*near, std::cmp::Reverse(*at))).map(|(at, _)| at)
}

impl Rule {
    fn of_category(&self, wish: &Wish, grounds: &mut Vec<Ground>) {
        if !self.categories.is_empty() {
            let told = said(self.in_category(wish));
            grounds.push(Ground::new(
                Part::Category,
                told,
                any(&self.categories),
                Some(wish.category.to_string()),
            ));
        }
    }

    fn of_price(&self, wish: &Wish, grounds: &mut Vec<Ground>) {
        let must = self.must(Aspect::Price);
        let wanted = self.price.map(|band| from_to(band.min.as_ref(), band.max.as_ref()));
        let budget = wish.budget.as_ref().map(|budget: &Budget| from_to(budget.min(), budget.max()));
        stated(grounds, Part::Price, self.by_price(wish), wanted, must, budget);
    }

    fn of_place(&self, wish: &Wish, grounds: &mut Vec<Ground>) {
        let must = self.must(Aspect::Place);
        let wanted = (!self.places.is_empty()).then(|| any(&self.places));
        let place = wish.place.map(|place| place.to_string());
        stated(grounds, Part::Place, self.by_place(wish), wanted, must, place);
    }

    fn of_keywords(&self, wish: &Wish, grounds: &mut Vec<Ground>) {
        let words = &self.keywords;
        let there = |keyword: &&Keyword| keyword.stands_in(wish);
        if !words.any.is_empty() {
            let found = words.any.iter().find(there).map(ToString::to_string);
            grounds.push(Ground::new(Part::AnyKeyword, said(found.is_some()), any(&words.any), found));
        }
        if !words.all.is_empty() {
            let missing = words.all.iter().find(|keyword| !there(keyword)).map(ToString::to_string);
            grounds.push(Ground::new(Part::AllKeywords, said(missing.is_none()), all(&words.all), missing));
        }
        if !words.none.is_empty() {
            let found = words.none.iter().find(there).map(ToString::to_string);
            grounds.push(Ground::new(Part::NoKeyword, said(found.is_none()), any(&words.none), found));
        }
    }

    /// Terms, standing and the state of the goods.
    fn of_offered(&self, wish: &Wish, grounds: &mut Vec<Ground>) {
        if !self.terms.is_empty() {
            let told = said(self.by_terms(wish));
            grounds.push(Ground::new(Part::Terms, told, any(&self.terms), Some(any(&wish.terms))));
        }
        if let Some(least) = self.standing {
            let told = said(wish.standing >= least);
            let standing = Some(wish.standing.to_string());
            grounds.push(Ground::new(Part::Standing, told, least.to_string(), standing));
        }
        let states =
            |all: &[GoodsCondition]| any(&all.iter().map(|state| state_word(*state)).collect::<Vec<_>>());
        let must = self.must(Aspect::Condition);
        let wanted = (!self.condition.is_empty()).then(|| states(&self.condition));
        let is = wish.condition.map(|state| state_word(state).to_owned());
        stated(grounds, Part::Condition, self.by_condition(wish), wanted, must, is);
    }

    fn of_line(&self, line: &WishLine, conditions: &[Condition], grounds: &mut Vec<Ground>) {
        if let Some(range) = self.quantity {
            let (told, wanted) =
                (said(self.has_quantity(line)), from_to(range.min.as_ref(), range.max.as_ref()));
            grounds.push(Ground::new(Part::Quantity, told, wanted, Some(line.quantity.to_string())));
        }
        if !self.gtins.is_empty() {
            let number = line.gtin.map(|gtin| gtin.to_string());
            grounds.push(Ground::new(Part::Gtin, said(self.has_gtin(line)), any(&self.gtins), number));
        }
        for ours in self.attributes.iter() {
            let asked: Vec<_> = conditions.iter().filter(|asked| asked.name() == ours.name()).collect();
            let told = self.by_attribute(ours, line).told();
            let asked = (!asked.is_empty()).then(|| all(&asked));
            grounds.push(Ground::new(Part::Attribute, told, ours.to_string(), asked));
        }
    }
}

/// A ground for what may be left open: where the rule wants something of it, or that it be said.
fn stated(
    grounds: &mut Vec<Ground>,
    part: Part,
    is: Stated,
    wanted: Option<String>,
    must: bool,
    found: Option<String>,
) {
    if wanted.is_some() || must {
        grounds.push(Ground::new(part, is.told(), wanted.unwrap_or_else(|| "anything".to_owned()), found));
    }
}

fn said(meets: bool) -> Told {
    if meets { Told::Meets } else { Told::Misses }
}

fn listed<T: fmt::Display>(items: &[T], last: &str) -> String {
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        match at {
            0 => {}
            at if at + 1 == items.len() => out += last,
            _ => out += ", ",
        }
        out += &item.to_string();
    }
    out
}

fn any<T: fmt::Display>(items: &[T]) -> String {
    listed(items, " or ")
}

fn all<T: fmt::Display>(items: &[T]) -> String {
    listed(items, " and ")
}

fn from_to<T: fmt::Display>(min: Option<&T>, max: Option<&T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("{max} or less"),
        (None, None) => "any".to_owned(),
    }
}

fn state_word(state: GoodsCondition) -> &'static str {
    match state {
        GoodsCondition::New => "new",
        GoodsCondition::Refurbished => "refurbished",
        GoodsCondition::Used => "used",
    }
}

impl Ground {
    fn new(part: Part, told: Told, wanted: String, said: Option<String>) -> Self {
        Self { part, told, wanted, said }
    }
}

/// One short line, such as `the category vehicles.bicycles is under vehicles` or `the budget is not said; 500.00 EUR
/// or more is wanted`.
impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wanted, said) = (&self.wanted, self.said.as_deref());
        let meets = self.told == Told::Meets;
        match self.part {
            Part::AnyKeyword => match said {
                Some(word) => write!(f, "“{word}” is there"),
                None => write!(f, "none of {wanted} is there"),
            },
            Part::AllKeywords => match said {
                Some(word) => write!(f, "“{word}” is not there"),
                None => write!(f, "all of {wanted} is there"),
            },
            Part::NoKeyword => match said {
                Some(word) => write!(f, "“{word}” is there and is refused"),
                None => write!(f, "no {wanted} is there"),
            },
            Part::Standing if meets => {
                write!(f, "the customer is {}, at least {wanted}", said.unwrap_or_default())
            }
            Part::Standing => write!(f, "the customer is {}, less than {wanted}", said.unwrap_or_default()),
            Part::Attribute if said.is_none() || self.told == Told::Unknown => match said {
                Some(asked) => write!(f, "{asked} is asked, which cannot be held against {wanted}"),
                None if self.told == Told::Unknown => write!(f, "nothing is asked that excludes {wanted}"),
                None => write!(f, "nothing is asked of {wanted}, and must be"),
            },
            Part::Attribute if meets => {
                write!(f, "{} is asked, which {wanted} can meet", said.unwrap_or_default())
            }
            Part::Attribute => write!(f, "{} is asked, which {wanted} cannot meet", said.unwrap_or_default()),
            part => compared(f, part, self.told, wanted, said),
        }
    }
}

fn compared(
    f: &mut fmt::Formatter<'_>,
    part: Part,
    told: Told,
    wanted: &str,
    said: Option<&str>,
) -> fmt::Result {
    let name = match part {
        Part::Category => "category",
        Part::Price => "budget",
        Part::Place => "place",
        Part::Terms => "terms",
        Part::Condition => "condition",
        Part::Quantity => "quantity",
        _ => "GTIN",
    };
    match (said, told) {
        (None, Told::Misses) => write!(f, "the {name} is not said, and must be; {wanted} is wanted"),
        (None, _) => write!(f, "the {name} is not said; {wanted} is wanted"),
        (Some(said), Told::Misses) => write!(f, "the {name} {said} does not meet {wanted}"),
        (Some(said), _) => write!(f, "the {name} {said} meets {wanted}"),
    }
}
