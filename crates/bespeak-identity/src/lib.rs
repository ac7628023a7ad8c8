//! Who spoke: keys, did:key, canonical bytes, record ids, and records that are verified or not yet.
//!
//! This is the ground floor. Here live the root seed and every key derived from it ([`Seed`], [`Purpose`]), the
//! keys themselves ([`SignKey`], [`PublicKey`], [`SealSecret`], [`SealPublic`]), the one profile of CBOR that is
//! signed ([`drisl`]), the typed id of a record ([`RecordId`]), and the two ways something is said with
//! authority: by one party ([`Unverified`] → [`Signed`]) and by two ([`UnverifiedAgreement`] → [`CoSigned`]).
//! What may not live here: what the records say (that is the model), encryption of messages (the protocol), and
//! any clock, file, socket or randomness of its own: [`Entropy`] is seeded by whoever calls.
//!
//! Start reading at [`record`], then `cose.rs` for the bytes around a payload and [`drisl`] for the payload.

pub mod agreement;
mod cbor;
mod cose;
mod diagnostic;
pub mod drisl;
mod entropy;
mod id;
mod inspect;
mod key;
mod nonce;
mod purpose;
pub mod record;
mod seal;
mod seed;

pub use agreement::{Agreement, CoSigned, HalfSigned, Side, UnverifiedAgreement};
pub use drisl::{DecodeError, EncodeError};
pub use entropy::Entropy;
pub use id::{IdError, RecordId};
pub use inspect::{Inspection, Kind, inspect};
pub use key::{KeyError, PublicKey, SignKey};
pub use nonce::Nonce;
pub use purpose::Purpose;
pub use record::{Document, RecordError, Severity, SignError, Signed, Unverified};
pub use seal::{SealPublic, SealSecret};
pub use seed::{PhraseError, Seed};

/// The length of an Ed25519 signature in bytes (RFC 8032 §5.1.6).
pub const SIGNATURE_LEN: usize = 64;
