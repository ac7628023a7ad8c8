//! Standing: whether goods are the thing wished for or only made for it, as far as their words tell.

use crate::search::fields::Field;
use crate::search::index::{Index, Slot, Term};
use crate::search::wish::{Concept, Part, Plan};
use bespeak_match::words::terms;

/// How many words after `for` still name what goods are for. Source: wild guess, `for 15.6 inch Lenovo laptops`.
const NEAR: usize = 5;

/// Goods that something is put into, onto or under: after the name of a thing, they are not the thing.
const BESIDE: &str = "accessory adapter bag basket battery bracket brush cable cartridge case charger cleaner \
    cover cradle dock docking drum enclosure film filter guard helmet holder holster keyboard \
    kit lamp lens light lock mount mounting oil pad part pouch protector pump rack refill \
    replacement roller screen seat shell skin sleeve spare stand station strap stylus toner tray \
    warranty";

/// How goods stand to the thing wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Their kind is a name of it.
    Kind,
    /// They are called by all the words of a wish of several.
    Named,
    /// They are not the thing but made for it.
    MadeForIt,
    /// Their words do not tell.
    Open,
}

/// How the goods at a slot stand to the thing of a wish.
pub(crate) fn standing(index: &Index, slot: Slot, plan: &Plan, beside: &[Term]) -> Standing {
    match plan.concepts.get(plan.thing) {
        Some(thing) if is_kind(index, slot, thing) => Standing::Kind,
        Some(thing) if is_made_for(index, slot, thing, beside) => Standing::MadeForIt,
        Some(thing) if is_named(index, slot, plan, thing) => Standing::Named,
        _ => Standing::Open,
    }
}

/// Do the goods' title or description begin with a name that has all the customer's words and ends in the thing?
/// One word alone is met too often: brands and series are called like things.
fn is_named(index: &Index, slot: Slot, plan: &Plan, thing: &Concept) -> bool {
    let own: Vec<&Part> =
        plan.concepts.iter().flat_map(|concept| &concept.parts).filter(|part| part.own).collect();
    let has_all = |head: &[Term]| own.iter().all(|part| part.terms.iter().all(|term| head.contains(term)));
    let is_thing = |head: &[Term]| thing.names().any(|name| head.ends_with(name));
    own.len() > 1 && index.heads(slot).any(|head| has_all(head) && is_thing(head))
}

/// Does the kind of the goods end in a name of this thing?
fn is_kind(index: &Index, slot: Slot, thing: &Concept) -> bool {
    let kind = index.field(slot, Field::Kind);
    thing.names().any(|name| kind.ends_with(name))
}

/// Is the thing named only as what these goods are for: `laptop bag`, `bag for laptop`? Told from the title,
/// or where that does not name it, from the description.
fn is_made_for(index: &Index, slot: Slot, thing: &Concept, beside: &[Term]) -> bool {
    let link = index.term("for");
    let mut made_for = false;
    for field in [Field::Title, Field::Description] {
        let text = index.field(slot, field);
        for name in thing.names() {
            for (at, _) in text.windows(name.len()).enumerate().filter(|(_, window)| *window == name) {
                let next = text.get(at + name.len());
                let before = text.get(at.saturating_sub(NEAR)..at).unwrap_or_default();
                let follows_for = link.is_some_and(|link| before.contains(&link));
                if !follows_for && !next.is_some_and(|next| beside.contains(next)) {
                    return false;
                }
                made_for = true;
            }
        }
        if made_for {
            return true;
        }
    }
    false
}

/// The terms of [`BESIDE`] that are not wished for themselves.
pub(crate) fn beside(index: &Index, concepts: &[Concept]) -> Vec<Term> {
    let wished = |term: &Term| {
        concepts.iter().flat_map(|concept| &concept.parts).any(|part| part.terms.contains(term))
    };
    let all = terms(BESIDE);
    all.iter().filter_map(|word| index.term(word)).filter(|term| !wished(term)).collect()
}
