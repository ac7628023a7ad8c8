//! How far one's own messages came, as far as hosts and the other side say.

use bespeak_identity::Side;

use super::Relation;
use crate::{
    document::Kept,
    output::{Arrival, Held, Outputs},
};

/// Most postings that are under way at a time. Source: wild guess; one more is made every few seconds at most, and each
/// is reported within a minute. What is under way beyond them is shown as kept.
const MAX_UNDER_WAY: usize = 64;

/// Where a message of one's own is.
///
/// ```text
/// kept ──posted──▶ sent ──a host stored it──▶ in a drop ──confirmed──▶ received ──read──▶ read
///   ◀──arrived nowhere──┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Durable here.
    Kept,
    /// Under way, or at the other side's own node; nobody has said that it is kept.
    Sent,
    /// A host keeps it durably for the other side.
    InDrop,
    /// The other side says that it is durable there.
    Received,
    /// The other side says that it was read.
    Read,
}

impl Stage {
    /// Its name for programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Sent => "sent",
            Self::InDrop => "in_drop",
            Self::Received => "received",
            Self::Read => "read",
        }
    }
}

/// What hosts said of one's own messages, counted from the beginning of one's chain.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// Postings that were not reported yet.
    under_way: Vec<Held>,
    /// How many reached the other side's own node.
    straight: u64,
    /// How many wait at a host.
    dropped: u64,
    /// How often one of the two lost some of its memory: a report from before says nothing of what is said now.
    era: u32,
}

impl Delivery {
    /// How many are somewhere where the other side finds them.
    pub(super) fn posted(&self) -> u64 {
        self.straight.max(self.dropped)
    }

    fn stage(&self, place: u64) -> Stage {
        let sent = self.under_way.iter().map(|held| held.up_to).max().unwrap_or(0).max(self.straight);
        match place {
            _ if place <= self.dropped => Stage::InDrop,
            _ if place <= sent => Stage::Sent,
            _ => Stage::Kept,
        }
    }
}

impl Relation {
    /// Where the message of one's own in this place is.
    pub(crate) fn stage(&self, place: u64) -> Stage {
        let read = self.state.read[usize::from(self.side.other() == Side::Vendor)];
        match place {
            _ if place <= read => Stage::Read,
            _ if place <= self.confirmed => Stage::Received,
            _ => self.delivery.stage(place),
        }
    }

    /// Names what a posting holds, so that its report can say so.
    pub(super) fn held(&self, up_to: u64) -> Held {
        Held { up_to, era: self.delivery.era }
    }

    /// A posting that will be reported is under way.
    pub(super) fn set_out(&mut self, held: Held) {
        if self.delivery.under_way.len() < MAX_UNDER_WAY {
            self.delivery.under_way.push(held);
        }
    }

    /// What came of a posting. Reports come in any order; each says what it is about.
    pub(crate) fn was_posted(&mut self, held: Held, to: Arrival, out: &mut Outputs) {
        if let Some(place) = self.delivery.under_way.iter().position(|other| *other == held) {
            self.delivery.under_way.swap_remove(place);
        }
        if held.era != self.delivery.era || held.up_to > self.log.head(self.side) {
            return;
        }
        let counted = match to {
            Arrival::Nowhere => return,
            Arrival::Node => &mut self.delivery.straight,
            Arrival::Drop => &mut self.delivery.dropped,
        };
        let grew = held.up_to > *counted;
        *counted = held.up_to.max(*counted);
        // An opening is sent until somebody has it, and then no more: that it arrived must outlive this node. Of what is
        // confirmed later, a host's word is kept for the owner to see.
        if grew && (to == Arrival::Drop || !self.is_met()) {
            self.keep_delivery(out);
        }
        if !self.is_met() {
            self.pace.rest();
        }
    }

    fn keep_delivery(&self, out: &mut Outputs) {
        let (count, in_drop) = (self.delivery.posted(), self.delivery.dropped);
        out.keep.push(Kept::Posted { thread: self.thread, count, in_drop });
    }

    pub(super) fn recall_delivery(&mut self, count: u64, in_drop: u64) {
        (self.delivery.straight, self.delivery.dropped) = (count, in_drop);
    }

    /// What was said beyond this place was lost on the way: no earlier report speaks of what takes its place.
    pub(super) fn take_back_delivery(&mut self, to: u64) {
        let delivery = &mut self.delivery;
        delivery.era = delivery.era.wrapping_add(1);
        delivery.under_way.clear();
        (delivery.straight, delivery.dropped) = (delivery.straight.min(to), delivery.dropped.min(to));
    }

    /// The same, and keeps what is left.
    pub(super) fn lose_delivery(&mut self, to: u64, out: &mut Outputs) {
        self.take_back_delivery(to);
        self.keep_delivery(out);
    }
}
