//! Who sent what no honest node sends, and how often.

use std::collections::HashMap;

/// Offences after which a peer is cut off. Source: wild guess; an honest peer validates before it forwards and commits
/// none, so that few are needed, and one is allowed for a fault nobody thought of.
const MAX_OFFENCES: u32 = 5;

/// Peers remembered. Source: wild guess; when there are more, all are forgiven, so that nobody can fill the memory.
const MAX_PEERS: usize = 10_000;

/// Counts offences by peer.
#[derive(Debug, Default)]
pub(crate) struct Offences(HashMap<String, u32>);

impl Offences {
    /// Notes an offence; says whether it is the one too many.
    pub(crate) fn note(&mut self, peer: &str) -> bool {
        if self.0.len() >= MAX_PEERS && !self.0.contains_key(peer) {
            self.0.clear();
        }
        let count = self.0.entry(peer.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count == MAX_OFFENCES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_offence_is_one_too_many_and_only_that_one() {
        let mut offences = Offences::default();
        let cut: Vec<bool> = (0..7).map(|_| offences.note("mallory")).collect();
        assert_eq!(cut, [false, false, false, false, true, false, false]);
        assert!(!offences.note("alice"));
    }

    #[test]
    fn memory_is_bounded() {
        let mut offences = Offences::default();
        for peer in 0..MAX_PEERS * 2 + 7 {
            offences.note(&peer.to_string());
        }
        assert!(offences.0.len() <= MAX_PEERS);
    }
}
