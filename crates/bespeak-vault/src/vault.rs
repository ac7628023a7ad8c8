//! A vault, and what is done with it.

use std::fmt;

use zeroize::Zeroizing;

use crate::{
    Cost, Limits, MasterKey, Passphrase, SlotInfo, SlotKind, VaultError, crypt,
    crypt::NONCE,
    layout::{self, MAX_CONTENTS, Parts},
    slot::{Slot, words_key},
};

/// A way to open a vault that it is given.
#[derive(Clone, Copy)]
pub enum Guard<'a> {
    /// A passphrase of at least 8 characters, and what trying one shall cost.
    Passphrase(&'a Passphrase, Cost),
    /// The secret behind a recovery phrase.
    Words(&'a Secret),
    /// None: whoever can read the bytes opens it.
    Open,
}

/// A strong secret of 32 bytes.
pub type Secret = Zeroizing<[u8; 32]>;

/// With what a vault is opened.
#[derive(Clone, Copy)]
pub enum Unlock<'a> {
    /// A passphrase.
    Passphrase(&'a Passphrase),
    /// The secret behind a recovery phrase.
    Words(&'a Secret),
    /// Nothing.
    Open,
}

/// What an opened vault gives.
pub struct Opened {
    /// The master key.
    pub key: MasterKey,
    /// What was sealed under it.
    pub contents: Zeroizing<Vec<u8>>,
}

/// A master key in slots, and a content sealed under it. A changed byte anywhere is noticed when it is opened.
#[derive(Clone)]
pub struct Vault {
    slots: Vec<Slot>,
    nonce: [u8; NONCE],
    sealed: Vec<u8>,
}

impl Vault {
    /// Makes a vault with a fresh master key.
    ///
    /// # Errors
    /// When there is no guard or two of a kind, a passphrase is too short, the content is too large, or the system gives
    /// no memory or randomness.
    pub fn create(contents: &[u8], guards: &[Guard<'_>]) -> Result<(Self, MasterKey), VaultError> {
        let master = MasterKey::random()?;
        let mut slots: Vec<_> = guards.iter().map(|guard| slot(&master, *guard)).collect::<Result<_, _>>()?;
        slots.sort_by_key(Slot::kind);
        if slots.is_empty() || !slots.is_sorted_by(|one, next| one.kind() < next.kind()) {
            return Err(VaultError::Slots);
        }
        Ok((Self::sealed(slots, &master, contents)?, master))
    }

    /// Reads a vault; nothing is opened yet.
    ///
    /// # Errors
    /// When the bytes are no vault, one of a later version, or one that asks for an absurd cost.
    pub fn from_bytes(bytes: &[u8], limits: &Limits) -> Result<Self, VaultError> {
        let Parts { slots, nonce, sealed } = layout::read(bytes, limits)?;
        Ok(Self { slots, nonce, sealed })
    }

    /// The bytes to keep. They are a secret as long as there is an open slot.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let header = layout::header(&self.slots);
        let mut out = Zeroizing::new(Vec::with_capacity(header.len() + NONCE + self.sealed.len()));
        out.extend(header.iter());
        out.extend(self.nonce);
        out.extend(&self.sealed);
        out
    }

    /// What may be told of its slots, in the order of their kinds.
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.slots.iter().map(Slot::info).collect()
    }

    /// Whether there is a slot of a kind.
    pub fn has(&self, kind: SlotKind) -> bool {
        self.find(kind).is_some()
    }

    /// Opens it. A passphrase is stretched whether there is a slot for it or not, so that the time tells nothing.
    ///
    /// # Errors
    /// [`VaultError::Refused`] when that does not open it, [`VaultError::Damaged`] when it does and the rest is not what
    /// was written.
    pub fn unlock(&self, with: &Unlock<'_>) -> Result<Opened, VaultError> {
        let key = match with {
            Unlock::Passphrase(passphrase) => self.by_passphrase(passphrase)?,
            Unlock::Words(secret) => match self.find(SlotKind::Words) {
                Some(Slot::Words(wrap)) => wrap.open(&words_key(&wrap.salt, secret), &layout::WORDS_HEAD)?,
                _ => return Err(VaultError::Refused),
            },
            Unlock::Open => match self.find(SlotKind::Open) {
                Some(Slot::Open(master)) => master.clone(),
                _ => return Err(VaultError::Refused),
            },
        };
        let contents = self.contents(&key)?;
        Ok(Opened { key, contents })
    }

    fn by_passphrase(&self, passphrase: &Passphrase) -> Result<MasterKey, VaultError> {
        if let Some(Slot::Passphrase(cost, wrap)) = self.find(SlotKind::Passphrase) {
            let key = passphrase.stretch(&wrap.salt, *cost)?;
            return wrap.open(&key, &layout::passphrase_head(*cost));
        }
        passphrase.stretch(&[0; 32], Cost::DEFAULT)?;
        Err(VaultError::Refused)
    }

    /// Adds a slot, in the place of one of its kind.
    ///
    /// # Errors
    /// When the key is not this vault's, and as [`Vault::create`].
    pub fn guard(&mut self, key: &MasterKey, guard: Guard<'_>) -> Result<(), VaultError> {
        let added = slot(key, guard)?;
        let mut slots = self.slots.clone();
        slots.retain(|slot| slot.kind() != added.kind());
        slots.push(added);
        slots.sort_by_key(Slot::kind);
        self.replace(slots, key)
    }

    /// Takes a slot away. Older copies of the bytes can still be opened by it.
    ///
    /// # Errors
    /// When the key is not this vault's, or no slot would be left.
    pub fn unguard(&mut self, key: &MasterKey, kind: SlotKind) -> Result<(), VaultError> {
        let mut slots = self.slots.clone();
        slots.retain(|slot| slot.kind() != kind);
        if slots.is_empty() {
            return Err(VaultError::Slots);
        }
        self.replace(slots, key)
    }

    /// The content is bound to the slots: it is sealed anew with them.
    fn replace(&mut self, slots: Vec<Slot>, key: &MasterKey) -> Result<(), VaultError> {
        let contents = self.contents(key)?;
        *self = Self::sealed(slots, key, &contents)?;
        Ok(())
    }

    fn find(&self, kind: SlotKind) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.kind() == kind)
    }

    fn contents(&self, key: &MasterKey) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let header = layout::header(&self.slots);
        crypt::open(&contents_key(key), &self.nonce, &self.sealed, &header).ok_or(VaultError::Damaged)
    }

    fn sealed(slots: Vec<Slot>, key: &MasterKey, contents: &[u8]) -> Result<Self, VaultError> {
        if contents.len() > MAX_CONTENTS {
            return Err(VaultError::TooLarge);
        }
        let nonce = crypt::random()?;
        let sealed = crypt::seal(&contents_key(key), &nonce, contents, &layout::header(&slots));
        Ok(Self { slots, nonce, sealed })
    }
}

fn contents_key(key: &MasterKey) -> Zeroizing<[u8; 32]> {
    key.derive("vault/contents")
}

fn slot(master: &MasterKey, guard: Guard<'_>) -> Result<Slot, VaultError> {
    match guard {
        Guard::Passphrase(passphrase, cost) => {
            passphrase.check_chosen()?;
            Slot::for_passphrase(master, passphrase, cost)
        }
        Guard::Words(secret) => Slot::for_words(master, secret),
        Guard::Open => Ok(Slot::Open(master.clone())),
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("slots", &self.slots()).finish_non_exhaustive()
    }
}
