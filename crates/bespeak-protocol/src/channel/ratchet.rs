//! The double ratchet of a conversation: vodozemac's Olm behind four verbs.
//!
//! The library draws its keys from the system itself; nothing in the state of a conversation depends on them, so that
//! a simulated market still replays from its seed.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use vodozemac::{
    Curve25519PublicKey,
    olm::{
        Account, AccountPickle, DecryptionError, InboundCreationResult, OlmMessage, Session, SessionConfig,
        SessionPickle,
    },
};
use zeroize::Zeroizing;

/// What the customer needs to answer a vendor: its identity key and one key for this conversation alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatchetKeys {
    /// The vendor's identity key, made for this conversation.
    #[serde(with = "serde_bytes")]
    pub identity: Vec<u8>,
    /// The vendor's one-time key.
    #[serde(with = "serde_bytes")]
    pub one_time: Vec<u8>,
}

/// One side of a conversation's ratchet.
///
/// ```text
/// vendor:   offered ──first envelope opened──▶ live
/// customer: (answer) ─────────────────────────▶ live
/// ```
pub struct Ratchet(State);

enum State {
    Offered(Box<Account>),
    Live(Box<Session>, Heard),
}

#[derive(Serialize, Deserialize)]
enum Pickle {
    Offered(Box<AccountPickle>),
    /// What homes of earlier versions kept.
    Live(Box<SessionPickle>),
    Turned(Box<SessionPickle>, Heard),
}

/// Most turns of the other side that are remembered. Source: wild guess; a second host that gives what was said longer
/// ago makes this side ask what it missed, which does no harm.
const MAX_HEARD: usize = 64;

/// Beginnings of the keys of the other side's last turns, oldest first. The library forgets a turn after the fifth that
/// follows, and a copy that another host gives so late would look like mail that was never read.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Heard(VecDeque<u32>);

impl Heard {
    fn of(message: &OlmMessage) -> u32 {
        let key = match message {
            OlmMessage::Normal(message) => message.ratchet_key(),
            OlmMessage::PreKey(first) => first.message().ratchet_key(),
        };
        let [a, b, c, d, ..] = key.to_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    fn note(&mut self, turn: u32) {
        if self.0.contains(&turn) {
            return;
        }
        if self.0.len() >= MAX_HEARD {
            self.0.pop_front();
        }
        self.0.push_back(turn);
    }
}

/// Why the ratchet did not turn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatchetError {
    /// The other side's keys are none.
    #[error("the keys of the other side are invalid")]
    Keys,
    /// Not for this conversation, forged, or damaged.
    #[error("the envelope does not open: {0}")]
    Closed(String),
    /// It was opened before, or is of a turn that is long over.
    #[error("the envelope was opened before")]
    Repeated,
    /// There is nobody to talk to yet.
    #[error("the other side has not answered yet")]
    NotLive,
    /// The kept state is unreadable.
    #[error("the kept ratchet is unreadable: {0}")]
    Pickle(String),
}

impl Ratchet {
    /// The vendor's side: keys to offer, and the state that waits for the answer.
    ///
    /// # Errors
    /// When the library makes no one-time key.
    pub fn offer() -> Result<(Self, RatchetKeys), RatchetError> {
        let mut account = Account::new();
        account.generate_one_time_keys(1);
        let one_time = account.one_time_keys().into_values().next().ok_or(RatchetError::Keys)?;
        let identity = account.curve25519_key().to_bytes().to_vec();
        account.mark_keys_as_published();
        Ok((
            Self(State::Offered(Box::new(account))),
            RatchetKeys { identity, one_time: one_time.to_bytes().to_vec() },
        ))
    }

    /// The customer's side, live at once. Its identity key is made here and used nowhere else.
    ///
    /// # Errors
    /// When the vendor's keys are invalid.
    pub fn answer(keys: &RatchetKeys) -> Result<Self, RatchetError> {
        let read = |bytes: &[u8]| Curve25519PublicKey::from_slice(bytes).map_err(|_| RatchetError::Keys);
        let session = Account::new()
            .create_outbound_session(SessionConfig::version_1(), read(&keys.identity)?, read(&keys.one_time)?)
            .map_err(|_| RatchetError::Keys)?;
        Ok(Self(State::Live(Box::new(session), Heard::default())))
    }

    /// Whether the other side can be spoken to.
    pub const fn is_live(&self) -> bool {
        matches!(self.0, State::Live(..))
    }

    /// Encrypts; the new state must be kept before the result is sent.
    ///
    /// # Errors
    /// When the other side has not answered yet.
    pub fn seal(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, RatchetError> {
        let State::Live(session, _) = &mut self.0 else {
            return Err(RatchetError::NotLive);
        };
        let (kind, body) =
            session.encrypt(plaintext).map_err(|error| RatchetError::Closed(error.to_string()))?.to_parts();
        let mut sealed = vec![u8::from(kind != 0)];
        sealed.extend(body);
        Ok(sealed)
    }

    /// Decrypts; the new state must be kept with what was learned.
    ///
    /// # Errors
    /// When the envelope does not open; the state is then as before.
    pub fn open(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, RatchetError> {
        let (kind, body) = sealed.split_first().ok_or_else(|| RatchetError::Closed("empty".to_owned()))?;
        let message = OlmMessage::from_parts(usize::from(*kind), body)
            .map_err(|error| RatchetError::Closed(error.to_string()))?;
        let closed = |error: String| RatchetError::Closed(error);
        match &mut self.0 {
            State::Live(session, heard) => {
                let turn = Heard::of(&message);
                let opened = session.decrypt(&message).map(Zeroizing::new).map_err(|error| match error {
                    DecryptionError::MissingMessageKey(_) => RatchetError::Repeated,
                    DecryptionError::InvalidMAC(_) if heard.0.contains(&turn) => RatchetError::Repeated,
                    other => closed(other.to_string()),
                })?;
                heard.note(turn);
                Ok(opened)
            }
            State::Offered(account) => {
                let turn = Heard::of(&message);
                let OlmMessage::PreKey(first) = message else {
                    return Err(closed("not a first envelope".to_owned()));
                };
                let InboundCreationResult { session, plaintext } = account
                    .create_inbound_session(SessionConfig::version_1(), first.identity_key(), &first)
                    .map_err(|error| closed(error.to_string()))?;
                let mut heard = Heard::default();
                heard.note(turn);
                self.0 = State::Live(Box::new(session), heard);
                Ok(Zeroizing::new(plaintext))
            }
        }
    }

    /// Whether bytes look like something a ratchet sealed, this one or another.
    pub fn is_envelope(sealed: &[u8]) -> bool {
        let parts = sealed.split_first();
        parts.is_some_and(|(kind, body)| OlmMessage::from_parts(usize::from(*kind), body).is_ok())
    }

    /// The state, to be kept sealed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RatchetError> {
        let pickle = match &self.0 {
            State::Offered(account) => Pickle::Offered(Box::new(account.pickle())),
            State::Live(session, heard) => Pickle::Turned(Box::new(session.pickle()), heard.clone()),
        };
        serde_json::to_vec(&pickle).map_err(|error| RatchetError::Pickle(error.to_string()))
    }

    /// The state, from what was kept.
    ///
    /// # Errors
    /// When the bytes are unreadable.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RatchetError> {
        let pickle =
            serde_json::from_slice(bytes).map_err(|error| RatchetError::Pickle(error.to_string()))?;
        Ok(Self(match pickle {
            Pickle::Offered(account) => State::Offered(Box::new(Account::from_pickle(*account))),
            Pickle::Live(session) => State::Live(Box::new(Session::from_pickle(*session)), Heard::default()),
            Pickle::Turned(session, heard) => State::Live(Box::new(Session::from_pickle(*session)), heard),
        }))
    }
}

impl std::fmt::Debug for Ratchet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_live() { "ratchet (live)" } else { "ratchet (offered)" })
    }
}
