//! What of a vendor's leaves with it.

use bespeak_identity::SignKey;
use bespeak_model::network::Network;

use super::Vendor;

impl Vendor {
    /// The party's own key.
    pub(crate) fn own_key(&self) -> SignKey {
        self.key.clone()
    }

    pub(crate) fn own_network(&self) -> &Network {
        &self.network
    }
}
