//! What of a customer's leaves with her.

use bespeak_identity::{Purpose, SignKey};
use bespeak_model::network::Network;

use super::{Customer, Own};
use crate::export::{Held, Superseded};

impl Customer {
    /// Her intentions and their withdrawals, the oldest first.
    pub(crate) fn own_records(&self) -> Vec<Held> {
        let mut own: Vec<&Own> = self.own.values().collect();
        own.sort_by_key(|own| (own.record.cast_at, own.record.id()));
        let held = |own: &Own| {
            let withdrawal = own.withdrawal.as_ref().map(|record| Held::signed(record, None));
            [Held::signed(&own.record, None)].into_iter().chain(withdrawal).collect::<Vec<_>>()
        };
        own.into_iter().flat_map(held).collect()
    }

    pub(crate) fn own_superseded(&self) -> Vec<Superseded> {
        self.own.values().filter_map(|own| Some((own.record.id(), own.superseded_by?))).collect()
    }

    /// The party's own key.
    pub(crate) fn own_key(&self) -> SignKey {
        self.seed.sign_key(Purpose::Party)
    }

    pub(crate) fn own_network(&self) -> &Network {
        &self.network
    }
}
