//! What signs a webhook and opens a door, and prints nothing.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use bespeak_identity::{PublicKey, SignKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Fewest and most bytes of a shared secret. Source: Standard Webhooks 1.0.0, signature scheme (192 and 512 bits).
const SHARED_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Longest hidden text. Source: wild guess; tokens of CRMs have up to about 1,500 characters, headers end at 8 KiB.
const MAX_HIDDEN: usize = 4_096;

/// How a shared secret, a signing key and a public key begin. Source: Standard Webhooks 1.0.0, signature scheme.
const SHARED: &str = "whsec_";
const SIGNING: &str = "whsk_";
const PUBLIC: &str = "whpk_";

/// Why a text is no secret. It never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Another beginning.
    #[error(
        "a secret begins with whsec_ (shared) or whsk_ (a signing key), a key to verify with begins with whsec_ or whpk_"
    )]
    Beginning,
    /// Not base64.
    #[error("what follows the beginning of the secret is not base64")]
    Base64,
    /// Too short or too long.
    #[error("a shared secret has 24 to 64 bytes, a signing key 32 or 64, a public key 32; this has {0}")]
    Length(usize),
    /// A signing key whose public half belongs to another, or a public key that is none.
    #[error("the key is no Ed25519 key")]
    Key,
}

/// A secret that signs webhooks. It prints as `…`; written down, in the sealed store, it is itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret(Held);

#[derive(Clone, PartialEq, Eq)]
enum Held {
    Shared(Zeroizing<Vec<u8>>),
    Signing(Zeroizing<[u8; 32]>),
}

impl Secret {
    /// A shared secret of these bytes, which are random.
    ///
    /// # Errors
    /// [`SecretError::Length`].
    pub fn shared(bytes: Vec<u8>) -> Result<Self, SecretError> {
        let bytes = Zeroizing::new(bytes);
        let fits = SHARED_BYTES.contains(&bytes.len());
        if fits { Ok(Self(Held::Shared(bytes))) } else { Err(SecretError::Length(bytes.len())) }
    }

    /// A signing key of these bytes, which are random.
    pub fn signing(seed: [u8; 32]) -> Self {
        Self(Held::Signing(Zeroizing::new(seed)))
    }

    /// The secret as it is handed to a receiver's settings, to be shown once.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(match &self.0 {
            Held::Shared(bytes) => format!("{SHARED}{}", STANDARD.encode(bytes.as_slice())),
            // As other libraries write it: the seed and the public half behind it.
            Held::Signing(seed) => {
                let public = SignKey::from_bytes(seed).public();
                format!("{SIGNING}{}", STANDARD.encode([seed.as_slice(), public.as_bytes()].concat()))
            }
        })
    }

    /// What a receiver verifies with.
    pub fn verifier(&self) -> Verifier {
        match &self.0 {
            Held::Shared(bytes) => Verifier::Shared(bytes.clone()),
            Held::Signing(seed) => Verifier::Public(SignKey::from_bytes(seed).public()),
        }
    }

    /// The public key, `whpk_…`, of a signing key; a shared secret has none.
    pub fn public(&self) -> Option<String> {
        match &self.0 {
            Held::Shared(_) => None,
            Held::Signing(seed) => {
                let public = SignKey::from_bytes(seed).public();
                Some(format!("{PUBLIC}{}", STANDARD.encode(public.as_bytes())))
            }
        }
    }

    pub(crate) fn signer(&self) -> Signer<'_> {
        match &self.0 {
            Held::Shared(bytes) => Signer::Shared(bytes),
            Held::Signing(seed) => Signer::Signing(seed),
        }
    }
}

/// What signs.
pub(crate) enum Signer<'a> {
    Shared(&'a [u8]),
    Signing(&'a [u8; 32]),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        if let Some(rest) = text.strip_prefix(SHARED) {
            return Self::shared(decoded(rest)?.to_vec());
        }
        let bytes = decoded(text.strip_prefix(SIGNING).ok_or(SecretError::Beginning)?)?;
        let (seed, public) = bytes.split_first_chunk::<32>().ok_or(SecretError::Length(bytes.len()))?;
        match public.len() {
            0 => {}
            32 if SignKey::from_bytes(seed).public().as_bytes() == public => {}
            32 => return Err(SecretError::Key),
            _ => return Err(SecretError::Length(bytes.len())),
        }
        Ok(Self::signing(*seed))
    }
}

impl TryFrom<String> for Secret {
    type Error = SecretError;

    fn try_from(text: String) -> Result<Self, SecretError> {
        Zeroizing::new(text).parse()
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.reveal().to_string()
    }
}

/// What a receiver verifies with: a shared secret, or a public key.
#[derive(Clone)]
pub enum Verifier {
    /// The secret both know.
    Shared(Zeroizing<Vec<u8>>),
    /// The public half of a signing key.
    Public(PublicKey),
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared(_) => f.write_str("Shared(…)"),
            Self::Public(key) => write!(f, "Public({key})"),
        }
    }
}

impl FromStr for Verifier {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let Some(rest) = text.strip_prefix(PUBLIC) else { return Ok(text.parse::<Secret>()?.verifier()) };
        let bytes = decoded(rest)?;
        let key: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| SecretError::Length(bytes.len()))?;
        PublicKey::from_bytes(key).map(Self::Public).map_err(|_| SecretError::Key)
    }
}

fn decoded(text: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    STANDARD.decode(text).map(Zeroizing::new).map_err(|_| SecretError::Base64)
}

/// A text that opens a door at a target: a token, a password. It prints as `…`; written down, in the sealed store, it is
/// itself. Printable ASCII only, so that it can stand in a header and cannot end one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hidden(Zeroizing<String>);

/// Why a text cannot be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token has 1 to {MAX_HIDDEN} printable characters of ASCII")]
pub struct HiddenError;

impl Hidden {
    /// The text, to be sent.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl TryFrom<String> for Hidden {
    type Error = HiddenError;

    fn try_from(text: String) -> Result<Self, HiddenError> {
        let text = Zeroizing::new(text);
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let fits = (1..=MAX_HIDDEN).contains(&text.len());
        if printable && fits { Ok(Self(text)) } else { Err(HiddenError) }
    }
}

impl FromStr for Hidden {
    type Err = HiddenError;

    fn from_str(text: &str) -> Result<Self, HiddenError> {
        text.to_owned().try_into()
    }
}

impl From<Hidden> for String {
    fn from(hidden: Hidden) -> Self {
        hidden.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_secret_is_written_as_it_was_read_and_prints_nothing() {
        let shared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let secret: Secret = shared.parse().unwrap();
        assert_eq!(secret.reveal().as_str(), shared);
        assert_eq!(format!("{secret:?}"), "…");
        assert_eq!(secret.public(), None);
        let signing = Secret::signing([7; 32]);
        let again: Secret = signing.reveal().parse().unwrap();
        assert_eq!(again, signing);
        let seed_alone = format!("whsk_{}", STANDARD.encode([7; 32]));
        assert_eq!(seed_alone.parse::<Secret>().unwrap(), signing);
        assert!(signing.public().unwrap().parse::<Verifier>().is_ok());
        assert!(!format!("{:?}{:?}", secret.verifier(), signing).contains("Mf"));
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_repeated() {
        let other = [[1; 32], [2; 32]].concat();
        let wrong = [
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(), SecretError::Beginning),
            ("whsec_*".to_owned(), SecretError::Base64),
            (format!("whsec_{}", STANDARD.encode([1; 23])), SecretError::Length(23)),
            (format!("whsec_{}", STANDARD.encode([1; 65])), SecretError::Length(65)),
            (format!("whsk_{}", STANDARD.encode([1; 31])), SecretError::Length(31)),
            (format!("whsk_{}", STANDARD.encode([1; 33])), SecretError::Length(33)),
            (format!("whsk_{}", STANDARD.encode(other)), SecretError::Key),
        ];
        for (text, error) in wrong {
            assert_eq!(text.parse::<Secret>(), Err(error), "{text}");
        }
        assert_eq!("whpk_AAAA".parse::<Verifier>().unwrap_err(), SecretError::Length(3));
        let weak = format!("whpk_{}", STANDARD.encode([0; 32]));
        assert_eq!(weak.parse::<Verifier>().unwrap_err(), SecretError::Key);
    }

    #[test]
    fn a_token_cannot_end_a_header() {
        assert!("Bearer abc".parse::<Hidden>().is_ok());
        for text in ["", "a\r\nHost: b", "ü", &"x".repeat(MAX_HIDDEN + 1)] {
            assert_eq!(text.parse::<Hidden>(), Err(HiddenError));
        }
    }
}
