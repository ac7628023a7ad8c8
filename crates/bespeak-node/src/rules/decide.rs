//! What is done about one intention: the first rule that it meets decides, or the settings where there are no rules.

use bespeak_agent::{
    command::{DraftLine, OfferDraft, Placement},
    taken::Taken,
};
use bespeak_catalogue::{Catalogue, Sku};
use bespeak_identity::Signed;
use bespeak_match::{Standing, Wish};
use bespeak_model::{
    intention::Intention,
    money::Money,
    offer::MAX_ALTERNATIVES,
    time::{Date, Time},
};
use bespeak_policy::{
    answer::Answer,
    auto::AutoSettings,
    delivery::{Way, Zone, way},
    limits::Spent,
    mandate::{Mandate, RuleName},
};

use super::{
    RuleBook,
    book::{StandingRule, Then},
};
use crate::candidates::{Candidate, Looking, candidates};

/// Most alternatives for one line. Source: wild guess; what a person compares.
const ALTERNATIVES: usize = 5;
/// Seconds of a day; source: definition.
const DAY: u64 = 24 * 3600;

/// An intention to decide about, and what must be known for it.
pub(crate) struct Case<'a> {
    pub(crate) wish: &'a Signed<Intention>,
    pub(crate) settings: &'a AutoSettings,
    /// What is taken from the stock.
    pub(crate) taken: &'a Taken,
    /// What was offered by rule within the last day.
    pub(crate) spent: Spent,
    /// Where the customer's answers are to be left.
    pub(crate) placement: Placement,
    pub(crate) now: Time,
    /// A person approved it: limits for offers without one do not hold.
    pub(crate) approved: bool,
}

/// What was decided, and why.
#[derive(Debug)]
pub(crate) struct Decision {
    /// The rule that decided, by its place in the book.
    pub(crate) rule: Option<usize>,
    pub(crate) outcome: Outcome,
    /// How it came to that, a sentence each.
    pub(crate) why: Vec<String>,
}

/// What is done.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// This is offered.
    Offer(Box<OfferDraft>, Money),
    /// This would be offered, and a person must approve.
    Approve(Box<OfferDraft>, Money),
    /// It is left to a person.
    Tell,
    /// It is not for this vendor.
    Nothing,
    /// No rule is about it, or nothing can be offered.
    Unanswered,
}

/// Decides.
pub(crate) fn decide(catalogue: &Catalogue, book: &RuleBook, case: &Case<'_>) -> Decision {
    let mut why = Vec::new();
    let (rule, outcome) = if book.is_empty() {
        let outcome = if case.settings.serves(case.wish.place.as_ref()) {
            answer(catalogue, book, case, None, &Answer::from(case.settings), &mut why)
        } else {
            Err("it is for another place than the settings say".to_owned())
        };
        (None, outcome)
    } else {
        match book.met(&Wish::of(case.wish, Standing::Stranger)).first() {
            Some(&at) => (Some(at), by_rule(catalogue, book, case, at, &mut why)),
            None => (None, Err("no rule is about it".to_owned())),
        }
    };
    let outcome = outcome.unwrap_or_else(|sentence| {
        why.push(sentence);
        Outcome::Unanswered
    });
    Decision { rule, outcome, why }
}

fn by_rule(
    catalogue: &Catalogue,
    book: &RuleBook,
    case: &Case<'_>,
    at: usize,
    why: &mut Vec<String>,
) -> Result<Outcome, String> {
    let Some(StandingRule { name, then, offer, .. }) = book.rules().get(at) else {
        return Err("no rule is about it".to_owned());
    };
    match then {
        Then::Tell => Ok(Outcome::Tell),
        Then::Nothing => Ok(Outcome::Nothing),
        Then::Offer => {
            let default = Answer::default();
            answer(catalogue, book, case, Some(name.clone()), offer.as_ref().unwrap_or(&default), why)
        }
    }
}

/// Makes an offer, or says why there is none.
fn answer(
    catalogue: &Catalogue,
    book: &RuleBook,
    case: &Case<'_>,
    rule: Option<RuleName>,
    answer: &Answer,
    why: &mut Vec<String>,
) -> Result<Outcome, String> {
    let wish = case.wish;
    let terms = answer.accepts(&wish.terms).ok_or("none of the terms it offers is accepted")?;
    let (zone, sure) = match way(&answer.delivery, wish.place.as_ref()) {
        Way::Unsaid => (None, true),
        Way::To(zone) => (Some(zone), true),
        Way::AtMost(zone) => (Some(zone), false),
        Way::No => return Err("nothing is brought where it is wanted".to_owned()),
    };
    let deliver_by = deliver_by(answer, zone, case.now);
    if let (Some(there), Some(needed)) = (deliver_by, wish.needed_by)
        && there > needed
    {
        return Err(format!("it is needed by {needed} and could be there by {there}"));
    }
    let made = Made::of(catalogue, case, answer).ok_or("nothing in the catalogue fits it")?;
    let sums = made
        .sums(answer, zone)
        .ok_or("the sum is out of range, or delivery is priced in another currency")?;
    why.extend(made.why(answer));
    why.extend(sums.delivery.map(|cost| format!("delivery {cost}")));
    if !in_budget(wish, sums.total) {
        return Err(format!("{} is above the budget", sums.total));
    }
    let firm = made.certain && answer.firm && sure;
    let mandate = Mandate {
        rule,
        least: sums.least.filter(|_| answer.counters > 0),
        counters: answer.counters,
        held_until: answer.hold.filter(|_| firm).map(|hold| case.now.saturating_add(hold.seconds())),
        accepts: answer.accept_orders,
    };
    let draft = OfferDraft {
        intention: wish.id(),
        lines: made.lines(answer),
        alternatives: made.alternatives,
        delivery: sums.delivery,
        valid: answer.valid,
        firm,
        payment: answer.payment,
        text: answer.text.clone(),
        placement: case.placement.clone(),
        terms: Some(terms),
        deliver_by,
        mandate: Some(mandate),
    };
    let (draft, total) = (Box::new(draft), sums.total);
    match waits(book, case, answer, total) {
        Some(sentence) => {
            why.push(sentence);
            Ok(Outcome::Approve(draft, total))
        }
        None => Ok(Outcome::Offer(draft, total)),
    }
}

/// Why a person must approve an offer of this total, if one must.
fn waits(book: &RuleBook, case: &Case<'_>, answer: &Answer, total: Money) -> Option<String> {
    if case.approved {
        return None;
    }
    if answer.needs_approval(total) {
        return Some(format!("{total} waits for a person's approval"));
    }
    book.limits.check(case.spent, total).err().map(|reached| reached.to_string())
}

/// The day by which goods would be there, where the rule says how long they take.
fn deliver_by(answer: &Answer, zone: Option<&Zone>, now: Time) -> Option<Date> {
    let days = u64::from(answer.lead_days) + u64::from(zone.map_or(0, |zone| zone.days));
    (days > 0).then(|| now.saturating_add(days * DAY).date())
}

/// The goods that were found for the lines.
struct Made<'a> {
    best: Vec<(u8, Candidate<'a>)>,
    alternatives: Vec<DraftLine>,
    certain: bool,
}

/// What an offer comes to.
struct Sums {
    delivery: Option<Money>,
    total: Money,
    /// The least that is ever agreed to, where there is a floor.
    least: Option<Money>,
}

impl<'a> Made<'a> {
    /// Takes the best for each line, and the next as alternatives. A line nothing is found for is left to others.
    fn of(catalogue: &'a Catalogue, case: &Case<'_>, answer: &Answer) -> Option<Self> {
        let wish = case.wish;
        let looking = Looking { wish, price: &answer.price, taken: case.taken, now: case.now };
        let most = ALTERNATIVES.min(MAX_ALTERNATIVES / wish.lines.len().max(1));
        let mut made = Self { best: Vec::new(), alternatives: Vec::new(), certain: true };
        for (number, line) in (0u8..).zip(wish.lines.iter()) {
            let currency = made.best.first().map(|(_, best)| best.price.currency());
            let mut found = candidates(catalogue, &looking, line, currency).into_iter();
            let Some(best) = found.next() else { continue };
            let currency = best.price.currency();
            made.certain &= best.certain;
            made.best.push((number, best));
            let others = found.filter(|other| other.price.currency() == currency);
            made.alternatives.extend(others.take(most).map(|other| other.line(number, other.price)));
        }
        (!made.best.is_empty()).then_some(made)
    }

    fn skus(&self) -> Vec<Sku> {
        self.best.iter().map(|(_, best)| best.goods.sku.clone()).collect()
    }

    /// Each with its price in the offer, in which what belongs together is cheaper.
    fn priced(&self, answer: &Answer) -> Vec<(u8, &Candidate<'a>, Money)> {
        let skus = self.skus();
        let price = |best: &Candidate<'a>| {
            let together = answer.price.together(&best.goods.sku, &skus);
            best.goods.price.and_then(|list| answer.price.unit(list, best.quantity, together))
        };
        self.best.iter().map(|(number, best)| (*number, best, price(best).unwrap_or(best.price))).collect()
    }

    fn lines(&self, answer: &Answer) -> Vec<DraftLine> {
        self.priced(answer).into_iter().map(|(number, best, price)| best.line(number, price)).collect()
    }

    fn why(&self, answer: &Answer) -> Vec<String> {
        let sentence = |(number, best, price): (u8, &Candidate<'a>, Money)| {
            let list = best.goods.price.map(|list| format!("list {list}, ")).unwrap_or_default();
            let sure = if best.certain { "" } else { "; not everything asked for can be told" };
            format!(
                "line {}: {} at {price} ({list}{}){sure}",
                number + 1,
                best.goods.sku.as_str(),
                best.found
            )
        };
        self.priced(answer).into_iter().map(sentence).collect()
    }

    fn sums(&self, answer: &Answer, zone: Option<&Zone>) -> Option<Sums> {
        let sum = |amounts: Vec<Option<Money>>| {
            amounts
                .into_iter()
                .collect::<Option<Vec<Money>>>()?
                .into_iter()
                .map(Some)
                .reduce(|sum, amount| sum?.checked_add(amount?).ok())?
        };
        let priced = self.priced(answer);
        let goods =
            sum(priced.iter().map(|(_, best, price)| price.for_quantity(best.quantity).ok()).collect())?;
        let least =
            |best: &Candidate<'a>| answer.price.least(best.goods.price?)?.for_quantity(best.quantity).ok();
        let least = sum(priced.iter().map(|(_, best, _)| least(best)).collect());
        let delivery = match zone {
            Some(zone) => zone.cost_of(goods).ok()?,
            None => None,
        };
        let with_delivery = |sum: Money| delivery.map_or(Some(sum), |cost| sum.checked_add(cost).ok());
        Some(Sums { delivery, total: with_delivery(goods)?, least: least.and_then(with_delivery) })
    }
}

fn in_budget(wish: &Intention, total: Money) -> bool {
    let most = wish.budget.as_ref().and_then(|budget| budget.max());
    most.is_none_or(|most| most.currency() == total.currency() && total.amount() <= most.amount())
}

#[cfg(test)]
mod tests;
