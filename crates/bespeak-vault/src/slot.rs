//! A slot: the master key, locked away for one way to open it.

use zeroize::Zeroizing;

use crate::{Cost, MasterKey, Passphrase, VaultError, crypt, crypt::NONCE, layout};

/// How a slot is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotKind {
    /// By a passphrase.
    Passphrase,
    /// By the secret behind a recovery phrase.
    Words,
    /// By anybody who can read the bytes.
    Open,
}

/// What may be told of a slot without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotInfo {
    /// How it is opened.
    pub kind: SlotKind,
    /// What trying a passphrase costs, where it is opened by one.
    pub cost: Option<Cost>,
}

/// The master key wrapped under another key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Wrap {
    pub(crate) salt: [u8; 32],
    pub(crate) nonce: [u8; NONCE],
    pub(crate) sealed: [u8; layout::WRAPPED],
}

#[derive(Clone)]
pub(crate) enum Slot {
    Passphrase(Cost, Wrap),
    Words(Wrap),
    Open(MasterKey),
}

impl Slot {
    pub(crate) fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(..) => SlotKind::Passphrase,
            Self::Words(_) => SlotKind::Words,
            Self::Open(_) => SlotKind::Open,
        }
    }

    pub(crate) fn info(&self) -> SlotInfo {
        let cost = match self {
            Self::Passphrase(cost, _) => Some(*cost),
            Self::Words(_) | Self::Open(_) => None,
        };
        SlotInfo { kind: self.kind(), cost }
    }

    pub(crate) fn for_passphrase(
        master: &MasterKey,
        passphrase: &Passphrase,
        cost: Cost,
    ) -> Result<Self, VaultError> {
        let salt = crypt::random()?;
        let key = passphrase.stretch(&salt, cost)?;
        Ok(Self::Passphrase(cost, Wrap::make(master, &key, salt, &layout::passphrase_head(cost))?))
    }

    pub(crate) fn for_words(master: &MasterKey, secret: &[u8; 32]) -> Result<Self, VaultError> {
        let salt = crypt::random()?;
        let key = words_key(&salt, secret);
        Ok(Self::Words(Wrap::make(master, &key, salt, &layout::WORDS_HEAD)?))
    }
}

/// The wrapping key behind a recovery phrase; its secret is strong, so nothing needs stretching.
pub(crate) fn words_key(salt: &[u8; 32], secret: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    crypt::derive(salt, secret, b"bespeak/vault/words/1")
}

impl Wrap {
    fn make(master: &MasterKey, key: &[u8; 32], salt: [u8; 32], head: &[u8]) -> Result<Self, VaultError> {
        let nonce = crypt::random()?;
        let sealed = crypt::seal(key, &nonce, master.as_bytes(), &bound_to(head, &salt));
        let Ok(sealed) = sealed.try_into() else { unreachable!("32 bytes and a tag are 48") };
        Ok(Self { salt, nonce, sealed })
    }

    pub(crate) fn open(&self, key: &[u8; 32], head: &[u8]) -> Result<MasterKey, VaultError> {
        let master = crypt::open(key, &self.nonce, &self.sealed, &bound_to(head, &self.salt));
        let master = master.ok_or(VaultError::Refused)?;
        let master = master.as_slice().try_into().map_err(|_| VaultError::Refused)?;
        Ok(MasterKey::from_bytes(master))
    }
}

/// A wrapped key is bound to its version, its kind, what the kind costs and its salt.
fn bound_to(head: &[u8], salt: &[u8; 32]) -> Vec<u8> {
    [layout::VERSION.to_be_bytes().as_slice(), head, salt].concat()
}
