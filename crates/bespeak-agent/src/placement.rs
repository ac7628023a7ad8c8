//! Where mail for a party is left.

use bespeak_model::{
    bounded::{Bounded, LengthError},
    intention::MAX_DROPS,
    queue::{Drop, HostAddress, MAX_HOST_ADDRESS, MAX_HOST_ADDRESSES, QueueId},
    reason::RefusalCode,
};

use crate::{output::Refusal, relation::internal};

/// Most bytes that the addresses of all hosts take together. Source: one of the longest for each of the most hosts, so
/// that each can be named; what says where mail is left must fit into an envelope beside the longest message.
const MAX_PLACEMENT: usize = MAX_DROPS * MAX_HOST_ADDRESS;

/// Where mail for this party may be left: made by the node, which knows its relays and addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The hosts, 1 to 4, each with its addresses, best first, 1 to 8: mail is left at every host, and each address of one
    /// is tried in turn.
    pub hosts: Vec<Vec<String>>,
}

impl Placement {
    /// At one host.
    pub fn at(addresses: Vec<String>) -> Self {
        Self { hosts: vec![addresses] }
    }

    /// The drops of one's own queue, one for each of these hosts. Where all addresses together take too much, the worst
    /// of each are left out.
    pub(crate) fn drops(&self, queue: QueueId) -> Result<Bounded<Drop, 1, MAX_DROPS>, Refusal> {
        let mut kept = vec![0; self.hosts.len()];
        let mut room = MAX_PLACEMENT;
        for place in 0..MAX_HOST_ADDRESSES {
            for (count, host) in kept.iter_mut().zip(&self.hosts) {
                let fits = host.get(place).and_then(|address| room.checked_sub(address.len()));
                if let Some(left) = fits.filter(|_| *count == place) {
                    (room, *count) = (left, place + 1);
                }
            }
        }
        let each = self.hosts.iter().zip(kept).map(|(host, kept)| {
            let addresses: Result<Vec<HostAddress>, _> =
                host.iter().take(kept).cloned().map(HostAddress::try_from).collect();
            let hosts = Bounded::new(addresses.map_err(|error| internal(&error))?)
                .map_err(|error| too_many("addresses of a host", &error))?;
            Ok(Drop { queue, hosts })
        });
        let drops: Result<Vec<Drop>, Refusal> = each.collect();
        Bounded::new(drops?).map_err(|error| too_many("hosts of a queue", &error))
    }
}

fn too_many(what: &str, error: &LengthError) -> Refusal {
    Refusal::new(RefusalCode::TooLarge, format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn address(length: usize) -> String {
        format!("/{}", "a".repeat(length - 1))
    }

    fn lengths(hosts: &[&[usize]]) -> Result<Vec<Vec<usize>>, RefusalCode> {
        let host = |host: &&[usize]| host.iter().copied().map(address).collect();
        let placement = Placement { hosts: hosts.iter().map(host).collect() };
        let queue = QueueId::from_bytes([7; 32]);
        let drops = placement.drops(queue).map_err(|refusal| refusal.code)?;
        assert!(drops.iter().all(|drop| drop.queue == queue), "one queue at every host");
        let lengths = |drop: &Drop| drop.hosts.iter().map(|host| host.as_str().len()).collect();
        Ok(drops.iter().map(lengths).collect())
    }

    #[test]
    fn each_host_is_a_drop_with_its_addresses_in_their_order() {
        assert_eq!(lengths(&[&[90, 80], &[100]]), Ok(vec![vec![90, 80], vec![100]]));
    }

    #[test]
    fn the_worst_addresses_go_where_all_take_too_much_and_each_host_keeps_one() {
        let longest: &[usize] = &[MAX_HOST_ADDRESS; MAX_HOST_ADDRESSES];
        assert_eq!(lengths(&[longest; MAX_DROPS]), Ok(vec![vec![MAX_HOST_ADDRESS]; MAX_DROPS]));
        assert_eq!(lengths(&[longest, &[100]]), Ok(vec![vec![MAX_HOST_ADDRESS; 3], vec![100]]));
    }

    #[test]
    fn too_many_hosts_none_and_a_host_without_an_address_are_refused() {
        let one: &[usize] = &[20];
        assert_eq!(lengths(&[one; MAX_DROPS + 1]), Err(RefusalCode::TooLarge));
        assert_eq!(lengths(&[]), Err(RefusalCode::TooLarge));
        assert_eq!(lengths(&[one, &[]]), Err(RefusalCode::TooLarge));
        assert_eq!(lengths(&[&[MAX_HOST_ADDRESS + 1]]), Err(RefusalCode::Internal));
    }
}
