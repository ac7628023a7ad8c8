//! The records of an export, each verified as what it says it is.

use bespeak_agent::export::Held;
use bespeak_identity::{Agreement, Document, RecordError, Unverified, UnverifiedAgreement};
use bespeak_model::{
    card::VendorCard,
    intention::{Intention, Withdrawal},
    network::Network,
    offer::Offer,
    order::Order,
    receipt::Receipt,
};
use bespeak_protocol::channel::{message::Message, opening::Introduction};

/// The types of records that an export holds, each in a folder of that name.
pub const KINDS: [&str; 8] = [
    Intention::TYPE,
    Withdrawal::TYPE,
    VendorCard::TYPE,
    Introduction::TYPE,
    Message::TYPE,
    Offer::TYPE,
    Order::TYPE,
    Receipt::TYPE,
];

/// The type of that name, if records of it are exported.
pub fn known_kind(name: &str) -> Option<&'static str> {
    KINDS.into_iter().find(|kind| *kind == name)
}

/// Why a record is not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// It does not verify.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// It has another id than its file's name says.
    #[error("it is the record {0}")]
    OtherId(String),
    /// It is of another network.
    #[error("it is of the network {0}")]
    OtherNetwork(Network),
}

/// Verifies a record's form, type, signatures, id and network.
///
/// # Errors
/// [`RecordFault`].
pub fn verify(held: &Held, network: &Network) -> Result<(), RecordFault> {
    let (id, net) = match held.kind {
        Intention::TYPE => signed(held, |record: &Intention| &record.net)?,
        Withdrawal::TYPE => signed(held, |record: &Withdrawal| &record.net)?,
        VendorCard::TYPE => signed(held, |record: &VendorCard| &record.net)?,
        Introduction::TYPE => signed(held, |record: &Introduction| &record.net)?,
        Message::TYPE => signed(held, |record: &Message| &record.net)?,
        Offer::TYPE => signed(held, |record: &Offer| &record.net)?,
        Order::TYPE => agreed(held, |record: &Order| &record.net)?,
        _ => agreed(held, |record: &Receipt| &record.net)?,
    };
    if id != held.id {
        return Err(RecordFault::OtherId(id));
    }
    if net != *network { Err(RecordFault::OtherNetwork(net)) } else { Ok(()) }
}

fn signed<T: Document>(held: &Held, net: fn(&T) -> &Network) -> Result<(String, Network), RecordError> {
    let record = Unverified::<T>::from_bytes(held.bytes.clone())?.verify()?;
    Ok((record.id().to_string(), net(&record).clone()))
}

fn agreed<T: Agreement>(held: &Held, net: fn(&T) -> &Network) -> Result<(String, Network), RecordError> {
    let record = UnverifiedAgreement::<T>::from_bytes(held.bytes.clone())?.verify()?;
    Ok((record.id().to_string(), net(&record).clone()))
}
