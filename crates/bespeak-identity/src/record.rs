//! Records said by one party: [`Unverified`] is all that decodes, [`Signed`] is all that is believed.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cose::{Sign1, content_type};
use crate::{DecodeError, EncodeError, KeyError, PublicKey, RecordId, SignKey, drisl};

/// Something one party says with its signature.
pub trait Document: Serialize + DeserializeOwned {
    /// The kind, as in `application/vnd.bespeak.<TYPE>+cbor`. The signature covers it, so a signature over one kind
    /// never holds for another. A kind whose shape changes so that old nodes cannot read it takes a new name.
    const TYPE: &'static str;

    /// Who says it; in the payload the key `iss`. Must be the key that signs.
    fn issuer(&self) -> &PublicKey;
}

/// Why bytes are not a record, or not one to believe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The envelope is not CBOR in its one form.
    #[error("the envelope: {0}")]
    Cbor(#[source] DecodeError),
    /// The outermost tag is another, or missing.
    #[error("tag {expected} was wanted, {} found", found.map_or_else(|| "none".to_owned(), |tag| tag.to_string()))]
    Tag {
        /// 18 for a record, 98 for an agreement.
        expected: u64,
        /// The tag there is, if any.
        found: Option<u64>,
    },
    /// The envelope does not have the parts it must have.
    #[error("not the envelope of a record, at byte {at}")]
    Envelope {
        /// Offset of the part at fault.
        at: usize,
    },
    /// The headers hold more, less or other than they must, or in another order.
    #[error("headers other than those a record has")]
    Headers,
    /// The algorithm is not Ed25519 (−19).
    #[error("an algorithm other than Ed25519 (-19)")]
    Algorithm,
    /// The signer's key cannot be used.
    #[error("the signer's key: {0}")]
    Key(#[source] KeyError),
    /// A record of another kind.
    #[error("a record of type {found}, where {expected} was wanted")]
    Type {
        /// The media type wanted.
        expected: String,
        /// The media type found, cut to a bounded length.
        found: String,
    },
    /// The payload is outside the profile, or not the document its type says.
    #[error("the payload: {0}")]
    Payload(#[source] DecodeError),
    /// A signature does not hold.
    #[error("the signature of {} does not hold", signer.short())]
    Signature {
        /// Whose it should be.
        signer: PublicKey,
    },
    /// The payload names another party than the one that signed.
    #[error("the payload names {}, but {} signed", named.short(), signer.short())]
    Issuer {
        /// The party the payload names.
        named: PublicKey,
        /// The party that signed.
        signer: PublicKey,
    },
    /// An agreement of a party with itself.
    #[error("{} cannot agree with itself", party.short())]
    OneParty {
        /// The party.
        party: PublicKey,
    },
}

/// What an error says about the peer that handed the bytes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// No honest node of any version hands this on.
    Invalid,
    /// Something this version does not know; a newer one may.
    Unknown,
}

impl RecordError {
    /// What the error says about the peer that handed the bytes on.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Algorithm | Self::Type { .. } => Severity::Unknown,
            _ => Severity::Invalid,
        }
    }
}

/// Why a document was not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The document names another party than the key's.
    #[error("the document names {}, but the key is {}", named.short(), key.short())]
    Issuer {
        /// The party the document names.
        named: PublicKey,
        /// The key that was to sign.
        key: PublicKey,
    },
    /// The document cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The document, once encoded, could not be read again by anybody.
    #[error("could not be read again: {0}")]
    Unreadable(#[source] DecodeError),
    /// An agreement of a party with itself.
    #[error("{} cannot agree with itself", party.short())]
    OneParty {
        /// The party.
        party: PublicKey,
    },
}

/// A record whose form is good but whose signature nobody has checked. Only this decodes.
pub struct Unverified<T> {
    value: T,
    /// Who is said to have signed.
    signer: PublicKey,
    id: RecordId<T>,
    bytes: Vec<u8>,
}

impl<T: Document> Unverified<T> {
    /// Reads a record: envelope, type, payload. Costs no signature check.
    ///
    /// # Errors
    /// Any [`RecordError`] except those of signature and issuer.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, RecordError> {
        let envelope = Sign1::read(&bytes)?;
        expect_type(T::TYPE, envelope.content_type)?;
        let value = drisl::from_slice(envelope.payload).map_err(RecordError::Payload)?;
        let id = RecordId::of_payload(envelope.payload);
        Ok(Self { value, signer: envelope.signer, id, bytes })
    }

    /// The id the record has if it holds.
    pub fn id(&self) -> RecordId<T> {
        self.id
    }

    /// The bytes as they were received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the record claims, for the cheap checks that come before the signature (network, stamp, expiry).
    /// Nothing may be believed or kept because of it.
    pub fn claim(&self) -> &T {
        &self.value
    }

    /// Checks signature and issuer.
    ///
    /// # Errors
    /// [`RecordError::Signature`], [`RecordError::Issuer`].
    pub fn verify(self) -> Result<Signed<T>, RecordError> {
        self.check_issuer()?;
        if !Sign1::read(&self.bytes)?.holds() {
            return Err(RecordError::Signature { signer: self.signer });
        }
        Ok(self.believe())
    }

    /// Believes a record that was verified before and has since lain under a seal of one's own: whoever can break that
    /// seal has the keys too. Checks the issuer, and not the signature again, which is most of what a start costs (35 of
    /// 60 µs a record, `performance.md`).
    ///
    /// # Errors
    /// [`RecordError::Issuer`].
    pub fn recall(self) -> Result<Signed<T>, RecordError> {
        self.check_issuer()?;
        Ok(self.believe())
    }

    fn check_issuer(&self) -> Result<(), RecordError> {
        let (named, signer) = (*self.value.issuer(), self.signer);
        if named == signer { Ok(()) } else { Err(RecordError::Issuer { named, signer }) }
    }

    fn believe(self) -> Signed<T> {
        Signed(Arc::new(Inner { value: self.value, id: self.id, bytes: self.bytes }))
    }
}

impl<T> fmt::Debug for Unverified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unverified({})", self.id)
    }
}

/// Fails unless `found` is the media type of `kind`.
pub(crate) fn expect_type(kind: &str, found: &str) -> Result<(), RecordError> {
    let expected = content_type(kind);
    if found == expected {
        return Ok(());
    }
    // A stranger wrote this; 64 characters are enough to see what it is (wild guess).
    Err(RecordError::Type { expected, found: found.chars().take(64).collect() })
}

/// A record whose signer said it. Holds the document and the bytes as they were received or first written; cheap
/// to clone; equal when the bytes are equal; prints only its id.
pub struct Signed<T>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    id: RecordId<T>,
    bytes: Vec<u8>,
}

impl<T: Document> Signed<T> {
    /// Signs a document with its issuer's key.
    ///
    /// # Errors
    /// [`SignError`]; among them when the key is not the issuer's.
    pub fn sign(document: T, key: &SignKey) -> Result<Self, SignError> {
        let (named, public) = (*document.issuer(), key.public());
        if named != public {
            return Err(SignError::Issuer { named, key: public });
        }
        let payload = readable_payload(&document)?;
        let bytes = Sign1::seal(&content_type(T::TYPE), &payload, key);
        Ok(Self(Arc::new(Inner { value: document, id: RecordId::of_payload(&payload), bytes })))
    }

    /// Who said it.
    pub fn issuer(&self) -> &PublicKey {
        self.0.value.issuer()
    }
}

/// Encodes a document and makes sure that it can be read again: what nobody can read must not be signed.
pub(crate) fn readable_payload<T: Serialize + DeserializeOwned>(document: &T) -> Result<Vec<u8>, SignError> {
    let payload = drisl::to_vec(document)?;
    drisl::from_slice::<T>(&payload).map_err(SignError::Unreadable)?;
    Ok(payload)
}

impl<T> Signed<T> {
    /// The record's id.
    pub fn id(&self) -> RecordId<T> {
        self.0.id
    }

    /// The record's bytes, to be kept and handed on as they are.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The document.
    pub fn value(&self) -> &T {
        &self.0.value
    }
}

impl<T> Deref for Signed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Clone for Signed<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for Signed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes == other.0.bytes
    }
}

impl<T> Eq for Signed<T> {}

impl<T> fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({})", self.0.id)
    }
}
