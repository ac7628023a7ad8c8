//! Standing: whether goods are the thing wished for or only made for it, as far as their words tell.

use std::collections::HashSet;

use crate::search::fields::Field;
use crate::search::index::{Index, Slot, Term};
use crate::search::wish::{Concept, Part, Plan};
use bespeak_match::words::terms;

/// Goods that something is put into, onto or under: after the name of a thing, they are not the thing. Further ones
/// are learned from the names of the goods themselves.
const BESIDE: &str = "accessory adapter bag basket battery bracket brush cable cartridge case charger cleaner \
    cover cradle dock docking drum enclosure film filter guard helmet holder holster keyboard \
    kit lamp lens light lock mount mounting oil pad part pouch protector pump rack refill \
    replacement roller screen seat shell skin sleeve spare stand station strap stylus toner tray \
    warranty";
/// Words that say no more than the one before: a `notebook pc` is a notebook.
const SAY_NO_MORE: &str = "bundle computer device display edition kit machine model pack pc product series set system \
    unit version";
/// A word is one for a kind of goods once so many names of goods end in it, and this share of all goods. Source: wild
/// guess; once or twice may be a maker's fancy.
const LEARNED: u32 = 4;
/// See [`LEARNED`].
const LEARNED_ONE_IN: usize = 10_000;
/// Of so many goods that have the word, the names of [`LEARNED_ENDS`] end in it. Source: measured; at 7 of 10 the figure
/// is as without, at 3 of 10, where colours and places are taken for goods, it is 0.006 worse.
const LEARNED_OF: usize = 10;
/// See [`LEARNED_OF`].
const LEARNED_ENDS: usize = 7;

/// A word with a digit and at least so many bytes is a maker's number for one thing; shorter ones, as `ps4`, name what much
/// is made for. Source: wild guess.
const CODE: usize = 5;

/// How goods stand to the thing wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Their kind is a name of it.
    Kind,
    /// They are called by all the words of a wish of several.
    Named,
    /// A name of them ends in another name of it.
    OtherName,
    /// They are not the thing but made for it.
    MadeForIt,
    /// Their words do not tell.
    Open,
}

/// What the words of a wish mean here, found out once for all goods.
pub(crate) struct Words {
    beside: HashSet<Term>,
    say_no_more: HashSet<Term>,
    wished: HashSet<Term>,
    /// Those of the wish that are numbers of makers.
    codes: HashSet<Term>,
    learned: u32,
}

impl Words {
    pub(crate) fn of(index: &Index, plan: &Plan<'_>) -> Self {
        let listed = |list: &str| terms(list).iter().filter_map(|word| index.term(word)).collect();
        let parts = plan.concepts.iter().flat_map(|concept| &concept.parts);
        let learned = u32::try_from(index.live() / LEARNED_ONE_IN).unwrap_or(u32::MAX);
        let is_code = |part: &&Part<'_>| {
            let long = part.name.split(' ').any(|word| word.len() >= CODE);
            long && part.name.contains(|c: char| c.is_ascii_digit())
        };
        Self {
            codes: parts.clone().filter(is_code).flat_map(|part| part.terms.iter().copied()).collect(),
            beside: listed(BESIDE),
            say_no_more: listed(SAY_NO_MORE),
            wished: parts.flat_map(|part| part.terms.iter().copied()).collect(),
            learned: learned.max(LEARNED),
        }
    }

    /// Does this word, after the name of a thing, name something else?
    fn is_beside(&self, index: &Index, word: Term) -> bool {
        !self.wished.contains(&word) && (self.beside.contains(&word) || self.is_learned(index, word))
    }

    /// Do the names of goods here mostly end in this word where they have it?
    fn is_learned(&self, index: &Index, word: Term) -> bool {
        let (names, holders) = (index.heads_in(word), index.holders(word));
        let mostly = usize::try_from(names).is_ok_and(|names| names * LEARNED_OF >= holders * LEARNED_ENDS);
        names >= self.learned && mostly && !self.say_no_more.contains(&word)
    }
}

/// How the goods at a slot stand to the thing of a wish.
pub(crate) fn standing(index: &Index, slot: Slot, plan: &Plan<'_>, words: &Words) -> Standing {
    let Some(thing) = plan.concepts.get(plan.thing) else { return Standing::Open };
    let kind = index.field(slot, Field::Kind);
    if thing.names().any(|name| kind.ends_with(name)) {
        return Standing::Kind;
    }
    if is_made_for(index, slot, thing, words) {
        return Standing::MadeForIt;
    }
    if is_named(index, slot, plan, thing) {
        return Standing::Named;
    }
    let mut others = thing.parts.iter().filter(|part| !part.own && !part.terms.is_empty());
    if others.any(|part| index.heads(slot).any(|head| head.ends_with(&part.terms))) {
        return Standing::OtherName;
    }
    Standing::Open
}

/// Do the goods' title or description begin with a name that has all the customer's words and ends in the thing?
/// One word alone is met too often: brands and series are called like things.
fn is_named(index: &Index, slot: Slot, plan: &Plan<'_>, thing: &Concept<'_>) -> bool {
    let own: Vec<&Part<'_>> =
        plan.concepts.iter().flat_map(|concept| &concept.parts).filter(|part| part.own).collect();
    let has_all = |head: &[Term]| own.iter().all(|part| part.terms.iter().all(|term| head.contains(term)));
    let is_thing = |head: &[Term]| thing.names().any(|name| head.ends_with(name));
    own.len() > 1 && index.heads(slot).any(|head| has_all(head) && is_thing(head))
}

/// Is the thing named only as what these goods are for: `laptop bag`, `bag for laptop`? Told from the title,
/// or where that does not name it, from the description.
fn is_made_for(index: &Index, slot: Slot, thing: &Concept<'_>, words: &Words) -> bool {
    for phrases in index.phrases(slot) {
        let mut made_for = false;
        for (phrase, after_for) in phrases {
            for name in thing.names() {
                // What follows a number says what the thing is: `FS-9130DN laser printer`.
                let is_code = name.iter().any(|term| words.codes.contains(term));
                for (at, _) in phrase.windows(name.len()).enumerate().filter(|(_, window)| *window == name) {
                    let mut rest = phrase.iter().skip(at + name.len());
                    if !after_for && (is_code || !rest.any(|word| words.is_beside(index, *word))) {
                        return false;
                    }
                    made_for = true;
                }
            }
        }
        if made_for {
            return true;
        }
    }
    false
}
