//! The bytes of a vault. All numbers are big-endian.
//!
//! ```text
//! 14  "bespeak vault" and a line feed
//!  2  version: 1
//!  1  number of slots: 1 to 3, one of each kind, in the order of their kinds
//!     each slot:
//!  1    kind: 1 passphrase, 2 words, 3 open
//! 12    only passphrase: memory in KiB, passes, lanes of argon2id, four bytes each
//! 32    only passphrase and words: salt
//! 24    only passphrase and words: nonce
//! 48    only passphrase and words: the sealed master key and its tag
//! 32    only open: the master key
//! 24  nonce
//!  …  the sealed content and its tag, to the end; bound to everything before its nonce
//! ```

use zeroize::Zeroizing;

use crate::{
    Cost, Limits, MasterKey, VaultError,
    crypt::{NONCE, TAG},
    slot::{Slot, Wrap},
};

/// The first line of a vault.
pub(crate) const MAGIC_WORDS: &str = "bespeak vault";
const MAGIC: &[u8; 14] = b"bespeak vault\n";
/// The format written here, and the newest that is read.
pub(crate) const VERSION: u16 = 1;
/// A sealed master key and its tag.
pub(crate) const WRAPPED: usize = 32 + TAG;

const PASSPHRASE: u8 = 1;
const WORDS: u8 = 2;
const OPEN: u8 = 3;
const WRAP: usize = 32 + NONCE + WRAPPED;
/// The three slots one can have.
const MAX_SLOTS: usize = (1 + 12 + WRAP) + (1 + WRAP) + (1 + 32);

/// The most bytes of content. Source: wild guess; a home's takes under 300.
pub const MAX_CONTENTS: usize = 64 << 10;
/// The most bytes a vault has: whoever reads one need not read on.
pub const MAX_BYTES: usize = MAGIC.len() + 2 + 1 + MAX_SLOTS + NONCE + MAX_CONTENTS + TAG;

/// What stands before a passphrase slot's salt.
pub(crate) fn passphrase_head(cost: Cost) -> Vec<u8> {
    let mut head = vec![PASSPHRASE];
    for number in [cost.memory_kib, cost.passes, cost.lanes] {
        head.extend(number.to_be_bytes());
    }
    head
}

/// What stands before a words slot's salt.
pub(crate) const WORDS_HEAD: [u8; 1] = [WORDS];

/// Everything before the content's nonce.
pub(crate) fn header(slots: &[Slot]) -> Zeroizing<Vec<u8>> {
    // Room for all of it: an open slot's key must leave no copy behind by growing.
    let mut out = Zeroizing::new(Vec::with_capacity(MAGIC.len() + 3 + MAX_SLOTS));
    out.extend(MAGIC);
    out.extend(VERSION.to_be_bytes());
    out.push(slots.len() as u8);
    for slot in slots {
        match slot {
            Slot::Passphrase(cost, wrap) => push_wrap(&mut out, &passphrase_head(*cost), wrap),
            Slot::Words(wrap) => push_wrap(&mut out, &WORDS_HEAD, wrap),
            Slot::Open(master) => {
                out.push(OPEN);
                out.extend(master.as_bytes());
            }
        }
    }
    out
}

fn push_wrap(out: &mut Vec<u8>, head: &[u8], wrap: &Wrap) {
    out.extend(head);
    out.extend(wrap.salt);
    out.extend(wrap.nonce);
    out.extend(wrap.sealed);
}

/// What was read: the slots, the content's nonce, and the sealed content.
pub(crate) struct Parts {
    pub(crate) slots: Vec<Slot>,
    pub(crate) nonce: [u8; NONCE],
    pub(crate) sealed: Vec<u8>,
}

pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Parts, VaultError> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or(VaultError::NoVault)?;
    let version = u16::from_be_bytes(take(&mut rest)?);
    if version > VERSION {
        return Err(VaultError::Newer { found: version });
    }
    if version < VERSION || bytes.len() > MAX_BYTES {
        return Err(VaultError::Damaged);
    }
    let [count] = take(&mut rest)?;
    let slots = (0..count).map(|_| slot(&mut rest, limits)).collect::<Result<Vec<_>, _>>()?;
    if slots.is_empty() || !slots.is_sorted_by(|one, next| one.kind() < next.kind()) {
        return Err(VaultError::Damaged);
    }
    let nonce = take(&mut rest)?;
    if rest.len() < TAG {
        return Err(VaultError::Damaged);
    }
    Ok(Parts { slots, nonce, sealed: rest.to_vec() })
}

fn slot(rest: &mut &[u8], limits: &Limits) -> Result<Slot, VaultError> {
    let [kind] = take(rest)?;
    match kind {
        PASSPHRASE => {
            let mut number = || take(rest).map(u32::from_be_bytes);
            let cost = Cost { memory_kib: number()?, passes: number()?, lanes: number()? };
            limits.check(cost)?;
            Ok(Slot::Passphrase(cost, wrap(rest)?))
        }
        WORDS => Ok(Slot::Words(wrap(rest)?)),
        OPEN => Ok(Slot::Open(MasterKey::from_bytes(&Zeroizing::new(take(rest)?)))),
        _ => Err(VaultError::Damaged),
    }
}

fn wrap(rest: &mut &[u8]) -> Result<Wrap, VaultError> {
    Ok(Wrap { salt: take(rest)?, nonce: take(rest)?, sealed: take(rest)? })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], VaultError> {
    let (taken, after) = rest.split_first_chunk().ok_or(VaultError::Damaged)?;
    *rest = after;
    Ok(*taken)
}
