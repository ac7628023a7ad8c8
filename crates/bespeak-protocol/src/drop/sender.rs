//! Who left mail, as far as a host tells senders apart, and whose mail gives way to whose.

use std::collections::BTreeMap;

/// Tags of a sender; a host needs to know whether two envelopes came from the same, not from whom. Identities are free,
/// addresses less so: of two senders the one whose place sent less is the quieter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sender {
    /// The network it sends from.
    pub place: u64,
    /// Its transport identity.
    pub peer: u64,
}

impl Sender {
    /// A sender of whom nothing else is known: in a place of its own.
    pub fn alone(tag: u64) -> Self {
        Self { place: tag, peer: tag }
    }
}

/// How much each sender has in a queue.
pub(super) struct Shares {
    by_sender: BTreeMap<Sender, Vec<u64>>,
    by_place: BTreeMap<u64, usize>,
}

impl FromIterator<(u64, Sender)> for Shares {
    /// From ids, the oldest first, and who left them.
    fn from_iter<I: IntoIterator<Item = (u64, Sender)>>(all: I) -> Self {
        let mut shares = Self { by_sender: BTreeMap::new(), by_place: BTreeMap::new() };
        for (id, sender) in all {
            shares.by_sender.entry(sender).or_default().push(id);
            *shares.by_place.entry(sender.place).or_default() += 1;
        }
        shares
    }
}

impl Shares {
    /// Takes the newest of the loudest sender who has at least two more than this one, by place or, in one place, by
    /// identity: so nobody is displaced by somebody who then has more. A sender's only envelope goes but for one from
    /// elsewhere, when more than a `crowd` came from its place.
    pub(super) fn yielded_to(&mut self, newcomer: &Sender, crowd: usize) -> Option<u64> {
        let own = self.by_sender.get(newcomer).map_or(0, Vec::len);
        let own_place = self.place(newcomer.place);
        self.take(|sender, peers, places| {
            if sender.place == newcomer.place {
                peers >= own + 2
            } else {
                places >= own_place + 2 && (peers > 1 || places > crowd)
            }
        })
    }

    /// Takes the newest of the loudest sender, but nobody's only envelope.
    pub(super) fn yielded(&mut self) -> Option<u64> {
        self.take(|_, peers, _| peers > 1)
    }

    fn take(&mut self, may: impl Fn(&Sender, usize, usize) -> bool) -> Option<u64> {
        let all = self.by_sender.iter().filter(|(_, ids)| !ids.is_empty());
        let all = all.map(|(sender, ids)| (self.place(sender.place), ids.len(), ids.last(), *sender));
        let loudest = all.filter(|(places, peers, _, sender)| may(sender, *peers, *places)).max();
        let (_, _, _, sender) = loudest?;
        if let Some(count) = self.by_place.get_mut(&sender.place) {
            *count -= 1;
        }
        self.by_sender.get_mut(&sender).and_then(Vec::pop)
    }

    fn place(&self, place: u64) -> usize {
        self.by_place.get(&place).copied().unwrap_or_default()
    }
}
