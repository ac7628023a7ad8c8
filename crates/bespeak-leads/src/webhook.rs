//! How a receiver knows that a webhook is genuine: the headers of Standard Webhooks 1.0.0
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).
//!
//! Signed is `id.timestamp.body`. Each secret of a target makes one signature, `v1` (HMAC-SHA256) or `v1a` (Ed25519), and
//! they stand side by side, so that a secret can be replaced while both are known.

use base64::{Engine, engine::general_purpose::STANDARD};
use bespeak_identity::SignKey;
use bespeak_model::time::Time;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::{Secret, Signer, Verifier};

/// The name of the message: the same at every attempt.
pub const ID: &str = "webhook-id";
/// When the attempt was made, in seconds of unix time.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The signatures, with spaces between them.
pub const SIGNATURE: &str = "webhook-signature";

/// How far a message's time may be from now, in seconds. Source: five minutes, as the libraries of Standard Webhooks have it.
pub const TOLERANCE: u64 = 300;

/// Signatures that are looked at in one header. Source: wild guess; two secrets overlap while one is replaced.
const MAX_SIGNATURES: usize = 16;

/// The three headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// [`ID`].
    pub id: String,
    /// [`TIMESTAMP`].
    pub timestamp: String,
    /// [`SIGNATURE`]; empty without secrets.
    pub signature: String,
}

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The time is no number.
    #[error("webhook-timestamp is no number of seconds")]
    Timestamp,
    /// Too old, or from the future.
    #[error("webhook-timestamp is more than {TOLERANCE} seconds from now")]
    Stale,
    /// No signature of a known secret.
    #[error("no signature in webhook-signature was made with a known secret")]
    Signature,
}

/// Signs a message with each of the secrets.
pub fn sign(secrets: &[Secret], id: &str, at: Time, body: &[u8]) -> Headers {
    let timestamp = at.unix().to_string();
    let signed = content(id, &timestamp, body);
    let signatures: Vec<String> = secrets.iter().filter_map(|secret| signature(secret, &signed)).collect();
    Headers { id: id.to_owned(), timestamp, signature: signatures.join(" ") }
}

fn content(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

fn signature(secret: &Secret, signed: &[u8]) -> Option<String> {
    match secret.signer() {
        Signer::Shared(bytes) => {
            // A key of any length is taken.
            let mut mac = Hmac::<Sha256>::new_from_slice(bytes).ok()?;
            mac.update(signed);
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        }
        Signer::Signing(seed) => {
            let made = SignKey::from_bytes(seed).sign(signed);
            Some(format!("v1a,{}", STANDARD.encode(made)))
        }
    }
}

/// Verifies a message as a receiver does: one signature of one known secret is enough. Whoever calls must also remember
/// the ids of the last minutes: a message may come more than once.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(known: &[Verifier], headers: &Headers, body: &[u8], now: Time) -> Result<(), VerifyError> {
    let at: u64 = headers.timestamp.parse().map_err(|_| VerifyError::Timestamp)?;
    if at.abs_diff(now.unix()) > TOLERANCE {
        return Err(VerifyError::Stale);
    }
    let signed = content(&headers.id, &headers.timestamp, body);
    let mut signatures = headers.signature.split(' ').take(MAX_SIGNATURES);
    let holds = signatures.any(|one| known.iter().any(|verifier| is_of(verifier, one, &signed)));
    if holds { Ok(()) } else { Err(VerifyError::Signature) }
}

fn is_of(verifier: &Verifier, signature: &str, signed: &[u8]) -> bool {
    let Some((version, text)) = signature.split_once(',') else { return false };
    let Ok(bytes) = STANDARD.decode(text) else { return false };
    match (verifier, version) {
        (Verifier::Shared(secret), "v1") => {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return false };
            mac.update(signed);
            // Takes the same time whatever differs.
            mac.verify_slice(&bytes).is_ok()
        }
        (Verifier::Public(key), "v1a") => bytes.try_into().is_ok_and(|bytes| key.verify(signed, &bytes)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    // The vector of Standard Webhooks' libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn at() -> Time {
        Time::from_unix(1_614_265_330).unwrap()
    }

    fn shared() -> Secret {
        SECRET.parse().unwrap()
    }

    #[test]
    fn the_vector_of_the_standard_holds() {
        let headers = sign(&[shared()], MESSAGE, at(), BODY);
        assert_eq!(headers.signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!((headers.id.as_str(), headers.timestamp.as_str()), (MESSAGE, "1614265330"));
        assert_eq!(verify(&[SECRET.parse().unwrap()], &headers, BODY, at()), Ok(()));
    }

    #[test]
    fn one_of_several_signatures_is_enough_whichever_is_known() {
        let (old, new) = (shared(), Secret::signing([3; 32]));
        let headers = sign(&[old.clone(), new.clone()], MESSAGE, at(), BODY);
        assert!(headers.signature.starts_with("v1,") && headers.signature.contains(" v1a,"));
        let stranger = Secret::signing([4; 32]);
        for known in [vec![old.verifier()], vec![new.verifier()], vec![stranger.verifier(), new.verifier()]] {
            assert_eq!(verify(&known, &headers, BODY, at()), Ok(()));
        }
        assert_eq!(verify(&[stranger.verifier()], &headers, BODY, at()), Err(VerifyError::Signature));
        assert_eq!(verify(&[], &headers, BODY, at()), Err(VerifyError::Signature));
    }

    #[test]
    fn whatever_is_changed_is_noticed() {
        let secret = Secret::signing([3; 32]);
        let known = [secret.verifier(), shared().verifier()];
        let good = sign(&[secret, shared()], MESSAGE, at(), BODY);
        let other = |change: fn(&mut Headers)| {
            let mut headers = good.clone();
            change(&mut headers);
            verify(&known, &headers, BODY, at())
        };
        assert_eq!(verify(&known, &good, b"{}", at()), Err(VerifyError::Signature));
        assert_eq!(other(|headers| headers.id.push('x')), Err(VerifyError::Signature));
        assert_eq!(other(|headers| headers.timestamp = "1614265331".to_owned()), Err(VerifyError::Signature));
        assert_eq!(other(|headers| headers.timestamp = "soon".to_owned()), Err(VerifyError::Timestamp));
        assert_eq!(other(|headers| headers.signature.clear()), Err(VerifyError::Signature));
        // A signature of one kind does not stand for the other.
        assert_eq!(
            other(
                |headers| headers.signature = headers.signature.replace("v1a,", "v2,").replace("v1,", "v1a,")
            ),
            Err(VerifyError::Signature)
        );
    }

    #[test]
    fn an_old_message_is_not_believed_nor_one_of_the_future() {
        let headers = sign(&[shared()], MESSAGE, at(), BODY);
        let known = [shared().verifier()];
        for now in [at().saturating_add(TOLERANCE), at().saturating_sub(TOLERANCE)] {
            assert_eq!(verify(&known, &headers, BODY, now), Ok(()));
        }
        for now in [at().saturating_add(TOLERANCE + 1), at().saturating_sub(TOLERANCE + 1)] {
            assert_eq!(verify(&known, &headers, BODY, now), Err(VerifyError::Stale));
        }
    }
}
