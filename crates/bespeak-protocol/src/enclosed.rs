//! A record inside a message: opaque bytes until somebody verifies them.

use std::marker::PhantomData;

use bespeak_identity::{Document, RecordError, Signed, Unverified};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The bytes of a signed record, carried inside another message and verified where they are used.
pub struct Enclosed<T>(Vec<u8>, PhantomData<fn() -> T>);

impl<T: Document> Enclosed<T> {
    /// Encloses a record.
    pub fn new(record: &Signed<T>) -> Self {
        Self(record.bytes().to_vec(), PhantomData)
    }

    /// Verifies what is enclosed.
    ///
    /// # Errors
    /// When the bytes are no record of this type or the signature does not hold.
    pub fn open(&self) -> Result<Signed<T>, RecordError> {
        Unverified::<T>::from_bytes(self.0.clone())?.verify()
    }
}

impl<T> Enclosed<T> {
    /// The length of what is enclosed, in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is enclosed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Clone for Enclosed<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T> PartialEq for Enclosed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Enclosed<T> {}

impl<T> std::fmt::Debug for Enclosed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "enclosed record of {} bytes", self.0.len())
    }
}

impl<T> Serialize for Enclosed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de, T> Deserialize<'de> for Enclosed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(serde_bytes::ByteBuf::deserialize(deserializer)?.into_vec(), PhantomData))
    }
}
