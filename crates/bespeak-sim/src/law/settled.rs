//! Law 8: when nothing goes wrong any more, everything arrives.

use bespeak_agent::inspect::Inside;
use bespeak_identity::Side;
use bespeak_protocol::deal::Phase;

use super::{Broken, Law};
use crate::{tally::Tally, world::World};

/// Both logs of every conversation that both have joined are equal, nothing waits in an outbox, and whoever placed an
/// order has an answer, or a vendor who can give one. A first word that nobody took up may wait: its intention is over.
///
/// # Errors
/// When something has not arrived.
pub fn everything_arrives(world: &World, tally: &mut Tally) -> Result<(), Broken> {
    for (who, person) in world.people.iter().enumerate() {
        let agent = person.agent.as_ref();
        let agent =
            agent.ok_or_else(|| Law::EverythingArrives.broken(format!("{} is down", person.address)))?;
        for inside in agent.conversations() {
            let other = world.partner(inside.thread, inside.side);
            let theirs = other.and_then(|other| other.conversation(inside.thread));
            match theirs {
                Some(theirs) if inside.customer.is_some() => met(who, &inside, &theirs)?,
                // Nobody opens a first word once the intention is over.
                Some(_)
                    if inside.facts.intention.expires_at <= world.now().saturating_add(world.plan.skew) =>
                {
                    tally.count("first word too late");
                }
                Some(theirs) => unmet(who, &inside, &theirs, tally)?,
                None => tally.count("first word never taken up"),
            }
        }
    }
    Ok(())
}

fn met(who: usize, inside: &Inside<'_>, theirs: &Inside<'_>) -> Result<(), Broken> {
    let nothing_said = inside.side == Side::Customer && inside.log.head(Side::Customer) == 0;
    let waits = |inside: &Inside<'_>| {
        let heads = [inside.log.head(Side::Customer), inside.log.head(Side::Vendor)];
        format!("{:?} {heads:?}, confirmed {}, waits {}", inside.side, inside.confirmed, inside.waiting)
    };
    let broken = || {
        let sides = [waits(inside), waits(theirs)];
        format!("{who} in {}: {}", inside.thread, sides.join("; "))
    };
    let equal =
        [Side::Customer, Side::Vendor].into_iter().all(|side| inside.log.head(side) == theirs.log.head(side));
    Law::EverythingArrives.holds(nothing_said || (equal && !inside.waiting && !theirs.waiting), broken)?;
    for deal in inside.state.deals.iter().filter(|deal| deal.phase == Phase::Placed) {
        let answerable = theirs.state.deal(deal.id).is_some_and(|there| there.phase == Phase::Placed);
        Law::EverythingArrives
            .holds(answerable, || format!("order {} waits for an answer that nobody can give", deal.id))?;
    }
    Ok(())
}

/// The vendor has spoken, the customer has not answered: its words wait with her, or at her host.
fn unmet(who: usize, inside: &Inside<'_>, theirs: &Inside<'_>, tally: &mut Tally) -> Result<(), Broken> {
    tally.count("never answered");
    let vendor = if inside.side == Side::Vendor { inside } else { theirs };
    Law::EverythingArrives.holds(!vendor.waiting, || {
        format!("{who}: the first words of {} were never stored for the customer", inside.thread)
    })
}
