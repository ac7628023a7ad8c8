//! The outside of every envelope: what kind it is, how long, and padding.

use super::limits::ENVELOPE_SIZES;

/// How an envelope is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// To an intention's key: a vendor's first words.
    Opening,
    /// By the ratchet of a conversation.
    Ratchet,
    /// To the other side's key: its ratchet is lost.
    Resumption,
}

/// Why bytes are no envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Larger than the largest size.
    #[error("{0} bytes do not fit into an envelope")]
    TooLarge(usize),
    /// Neither of the two sizes.
    #[error("an envelope has 4 or 16 KiB, not {0} bytes")]
    Size(usize),
    /// A kind nobody knows, or a length that does not fit.
    #[error("the envelope's head makes no sense")]
    Head,
}

const HEAD: usize = 5;

/// Pads sealed bytes to one of the two sizes.
///
/// # Errors
/// When they do not fit into the larger one.
pub fn wrap(sealing: Sealing, sealed: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let needed = sealed.len() + HEAD;
    let too_large = EnvelopeError::TooLarge(sealed.len());
    let size = ENVELOPE_SIZES.into_iter().find(|size| needed <= *size).ok_or(too_large)?;
    let mut envelope = Vec::with_capacity(size);
    envelope.push(match sealing {
        Sealing::Opening => 1,
        Sealing::Ratchet => 2,
        Sealing::Resumption => 3,
    });
    let length = u32::try_from(sealed.len()).map_err(|_| too_large)?;
    envelope.extend_from_slice(&length.to_be_bytes());
    envelope.extend_from_slice(sealed);
    envelope.resize(size, 0);
    Ok(envelope)
}

/// Takes the padding off.
///
/// # Errors
/// When the bytes are no envelope.
pub fn unwrap(envelope: &[u8]) -> Result<(Sealing, &[u8]), EnvelopeError> {
    if !ENVELOPE_SIZES.contains(&envelope.len()) {
        return Err(EnvelopeError::Size(envelope.len()));
    }
    let (head, body) = envelope.split_at_checked(HEAD).ok_or(EnvelopeError::Head)?;
    let sealing = match head[0] {
        1 => Sealing::Opening,
        2 => Sealing::Ratchet,
        3 => Sealing::Resumption,
        _ => return Err(EnvelopeError::Head),
    };
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    let (sealed, padding) = body.split_at_checked(length).ok_or(EnvelopeError::Head)?;
    if padding.iter().any(|byte| *byte != 0) { Err(EnvelopeError::Head) } else { Ok((sealing, sealed)) }
}
