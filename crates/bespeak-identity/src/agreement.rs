//! Records said by two parties: terms and orders, co-signed, held by both in identical bytes.
//!
//! One side signs its half ([`sign_half`]) and sends payload and signature. The other checks it
//! ([`HalfSigned::verify`]), adds its own ([`HalfSigned::countersign`]) and sends only its signature back, from
//! which the first completes the agreement ([`HalfSigned::complete`]). Both then hold the same bytes: signatures
//! are deterministic and the customer's always comes first, whoever began.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cose::{Half, Sign, content_type};
use crate::record::{expect_type, readable_payload};
use crate::{PublicKey, RecordError, RecordId, SIGNATURE_LEN, SignError, SignKey, drisl};

/// Something two parties say together.
pub trait Agreement: Serialize + DeserializeOwned {
    /// The kind, as in `application/vnd.bespeak.<TYPE>+cbor`; see [`Document::TYPE`](crate::Document::TYPE).
    const TYPE: &'static str;

    /// The customer's key; in the payload the key `customer`.
    fn customer(&self) -> &PublicKey;

    /// The vendor's key; in the payload the key `vendor`.
    fn vendor(&self) -> &PublicKey;
}

/// One of the two sides of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Signs first in the bytes.
    Customer,
    /// Signs second in the bytes.
    Vendor,
}

impl Side {
    /// The other side.
    pub const fn other(self) -> Self {
        match self {
            Self::Customer => Self::Vendor,
            Self::Vendor => Self::Customer,
        }
    }

    fn key<T: Agreement>(self, agreement: &T) -> &PublicKey {
        match self {
            Self::Customer => agreement.customer(),
            Self::Vendor => agreement.vendor(),
        }
    }
}

/// An agreement that one side has signed. Exists only with a signature that holds.
#[derive(Clone)]
pub struct HalfSigned<T> {
    value: T,
    payload: Vec<u8>,
    side: Side,
    half: Half,
}

/// Signs one's half of an agreement; the key says which side one is.
///
/// # Errors
/// [`SignError::Issuer`] when the key is neither party's, [`SignError::OneParty`] when both are the same, and what
/// encoding can bring.
pub fn sign_half<T: Agreement>(document: T, key: &SignKey) -> Result<HalfSigned<T>, SignError> {
    let (customer, vendor, public) = (*document.customer(), *document.vendor(), key.public());
    if customer == vendor {
        return Err(SignError::OneParty { party: customer });
    }
    let side = match public {
        _ if public == customer => Side::Customer,
        _ if public == vendor => Side::Vendor,
        _ => return Err(SignError::Issuer { named: customer, key: public }),
    };
    let payload = readable_payload(&document)?;
    let half = Half::sign(&content_type(T::TYPE), &payload, key);
    Ok(HalfSigned { value: document, payload, side, half })
}

impl<T: Agreement> HalfSigned<T> {
    /// Checks a half that came from the other side or from one's own store.
    ///
    /// # Errors
    /// [`RecordError::Payload`], [`RecordError::OneParty`], [`RecordError::Signature`].
    pub fn verify(payload: Vec<u8>, side: Side, signature: [u8; SIGNATURE_LEN]) -> Result<Self, RecordError> {
        let value: T = drisl::from_slice(&payload).map_err(RecordError::Payload)?;
        two_parties(&value)?;
        let half = Half { signer: *side.key(&value), signature };
        if !half.holds(&content_type(T::TYPE), &payload) {
            return Err(RecordError::Signature { signer: half.signer });
        }
        Ok(Self { value, payload, side, half })
    }

    /// The id the agreement will have.
    pub fn id(&self) -> RecordId<T> {
        RecordId::of_payload(&self.payload)
    }

    /// The payload both sign.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The side that has signed.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The signature there is.
    pub fn signature(&self) -> &[u8; SIGNATURE_LEN] {
        &self.half.signature
    }

    /// What is to be agreed.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Adds one's own signature to the other side's.
    ///
    /// # Errors
    /// [`SignError::Issuer`] when the key is not the missing party's.
    pub fn countersign(self, key: &SignKey) -> Result<CoSigned<T>, SignError> {
        let (named, public) = (*self.side.other().key(&self.value), key.public());
        if named != public {
            return Err(SignError::Issuer { named, key: public });
        }
        let other = Half::sign(&content_type(T::TYPE), &self.payload, key);
        Ok(self.join(other))
    }

    /// Adds the other side's signature to one's own.
    ///
    /// # Errors
    /// [`RecordError::Signature`] when it is not the missing party's over this payload.
    pub fn complete(self, signature: [u8; SIGNATURE_LEN]) -> Result<CoSigned<T>, RecordError> {
        let other = Half { signer: *self.side.other().key(&self.value), signature };
        if !other.holds(&content_type(T::TYPE), &self.payload) {
            return Err(RecordError::Signature { signer: other.signer });
        }
        Ok(self.join(other))
    }

    fn join(self, other: Half) -> CoSigned<T> {
        let halves = match self.side {
            Side::Customer => [self.half, other],
            Side::Vendor => [other, self.half],
        };
        let id = RecordId::of_payload(&self.payload);
        let bytes = Sign::write(&content_type(T::TYPE), &self.payload, &halves);
        CoSigned(Arc::new(Inner { value: self.value, id, bytes, halves }))
    }
}

impl<T> fmt::Debug for HalfSigned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HalfSigned({}, by the {:?})", RecordId::<T>::of_payload(&self.payload), self.side)
    }
}

fn two_parties<T: Agreement>(agreement: &T) -> Result<(), RecordError> {
    let party = *agreement.customer();
    if party == *agreement.vendor() { Err(RecordError::OneParty { party }) } else { Ok(()) }
}

/// An agreement whose form is good but whose signatures nobody has checked.
pub struct UnverifiedAgreement<T> {
    value: T,
    id: RecordId<T>,
    bytes: Vec<u8>,
}

impl<T: Agreement> UnverifiedAgreement<T> {
    /// Reads an agreement: envelope, type, payload. Costs no signature check.
    ///
    /// # Errors
    /// Any [`RecordError`] except those of signatures and parties.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, RecordError> {
        let envelope = Sign::read(&bytes)?;
        expect_type(T::TYPE, envelope.content_type)?;
        let value = drisl::from_slice(envelope.payload).map_err(RecordError::Payload)?;
        let id = RecordId::of_payload(envelope.payload);
        Ok(Self { value, id, bytes })
    }

    /// The id the agreement has if it holds.
    pub fn id(&self) -> RecordId<T> {
        self.id
    }

    /// The bytes as they were received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Checks both signatures, and that they are the customer's and the vendor's, in this order.
    ///
    /// # Errors
    /// [`RecordError::OneParty`], [`RecordError::Issuer`], [`RecordError::Signature`].
    pub fn verify(self) -> Result<CoSigned<T>, RecordError> {
        two_parties(&self.value)?;
        let envelope = Sign::read(&self.bytes)?;
        for (half, side) in envelope.halves.iter().zip([Side::Customer, Side::Vendor]) {
            let (named, signer) = (*side.key(&self.value), half.signer);
            if named != signer {
                return Err(RecordError::Issuer { named, signer });
            }
        }
        if let Some(signer) = envelope.broken() {
            return Err(RecordError::Signature { signer });
        }
        let halves = envelope.halves;
        Ok(CoSigned(Arc::new(Inner { value: self.value, id: self.id, bytes: self.bytes, halves })))
    }
}

impl<T> fmt::Debug for UnverifiedAgreement<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnverifiedAgreement({})", self.id)
    }
}

/// An agreement that both sides have signed. Cheap to clone; equal when the bytes are equal; prints only its id.
pub struct CoSigned<T>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    id: RecordId<T>,
    bytes: Vec<u8>,
    halves: [Half; 2],
}

impl<T> CoSigned<T> {
    /// The agreement's id.
    pub fn id(&self) -> RecordId<T> {
        self.0.id
    }

    /// The agreement's bytes, the same on both sides.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// What is agreed.
    pub fn value(&self) -> &T {
        &self.0.value
    }

    /// One side's signature, to be sent to the other.
    pub fn signature(&self, side: Side) -> &[u8; SIGNATURE_LEN] {
        let [customer, vendor] = &self.0.halves;
        match side {
            Side::Customer => &customer.signature,
            Side::Vendor => &vendor.signature,
        }
    }
}

impl<T> Deref for CoSigned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Clone for CoSigned<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for CoSigned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes == other.0.bytes
    }
}

impl<T> Eq for CoSigned<T> {}

impl<T> fmt::Debug for CoSigned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CoSigned({})", self.0.id)
    }
}
