//! Making the same conversation again from what was kept of it.

use bespeak_identity::{Side, Signed, Unverified};
use bespeak_protocol::channel::{opening::Introduction, ratchet::Ratchet};

use super::Relation;
use crate::document::Kept;

impl Relation {
    /// Takes back a document of a running conversation.
    pub(crate) fn recall_document(&mut self, document: Kept) {
        match document {
            Kept::Introduced { record, .. } => {
                let record =
                    Unverified::<Introduction>::from_bytes(record.into_vec()).map(Unverified::verify);
                if let Ok(Ok(record)) = record {
                    self.introduce(record);
                }
            }
            Kept::Said { by_vendor, record, .. } => {
                let side = if by_vendor { Side::Vendor } else { Side::Customer };
                let message: Result<Result<Signed<_>, _>, _> =
                    Unverified::from_bytes(record.into_vec()).map(Unverified::verify);
                if let Ok(Ok(message)) = message {
                    self.recall(side, message);
                }
            }
            Kept::Confirmed { count, .. } => self.confirmed = count,
            Kept::Posted { count, in_drop, .. } => self.recall_delivery(count, in_drop),
            Kept::Revealed { on, .. } => self.revealed = on,
            Kept::Turned { state, .. } => self.ratchet = Ratchet::from_bytes(&state).ok(),
            Kept::Asked { record, .. } => {
                if let Ok(Ok(record)) = Unverified::from_bytes(record.into_vec()).map(Unverified::verify) {
                    self.recall_asked(record);
                }
            }
            Kept::Resumed { record, .. } => {
                if let Ok(Ok(record)) = Unverified::from_bytes(record.into_vec()).map(Unverified::verify) {
                    self.recall_resumption(record);
                    self.take_back_delivery(0);
                }
            }
            Kept::Rewound { to, .. } => {
                self.log.rewind(self.side, to);
                self.take_back_delivery(to);
            }
            Kept::Whole { .. } => self.recall_whole(),
            _ => {}
        }
    }
}
