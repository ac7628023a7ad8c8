//! How money is sent: instructions that the vendor signs, so that nobody can swap an account on the way.

use serde::{Deserialize, Serialize};

/// Longest payment instruction, in bytes. Source: a BOLT12 offer with blinded paths stays below it (wild guess).
pub const MAX_INSTRUCTION: usize = 1024;

/// The schemes an instruction may have: payto: (RFC 8905), bitcoin: (BIP 21), lightning: (BOLT12, LNURL), taler:, https:.
pub const SCHEMES: [&str; 5] = ["payto://", "bitcoin:", "lightning:", "taler://", "https://"];

/// One way to pay: a URI of a known scheme, printable ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PaymentInstruction(String);

/// Text that is no payment instruction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstructionError {
    /// An unknown scheme.
    #[error("a payment instruction is a URI such as payto://iban/DE75512108001245126199; it starts with one of {}", SCHEMES.join(", "))]
    Scheme,
    /// Too long.
    #[error("a payment instruction has at most {MAX_INSTRUCTION} characters, not {0}")]
    Length(usize),
    /// A character that belongs into no URI.
    #[error("a payment instruction holds printable ASCII without spaces, quotes or angle brackets")]
    Character,
}

impl PaymentInstruction {
    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PaymentInstruction {
    type Error = InstructionError;

    fn try_from(uri: String) -> Result<Self, InstructionError> {
        if uri.len() > MAX_INSTRUCTION {
            return Err(InstructionError::Length(uri.len()));
        }
        let scheme =
            SCHEMES.iter().find(|scheme| uri.starts_with(**scheme)).ok_or(InstructionError::Scheme)?;
        if uri.len() == scheme.len() {
            return Err(InstructionError::Scheme);
        }
        if uri.bytes().any(|b| !b.is_ascii_graphic() || matches!(b, b'<' | b'>' | b'"' | b'`')) {
            return Err(InstructionError::Character);
        }
        Ok(Self(uri))
    }
}

impl std::str::FromStr for PaymentInstruction {
    type Err = InstructionError;

    fn from_str(uri: &str) -> Result<Self, InstructionError> {
        uri.to_owned().try_into()
    }
}

impl From<PaymentInstruction> for String {
    fn from(instruction: PaymentInstruction) -> Self {
        instruction.0
    }
}

impl std::fmt::Display for PaymentInstruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
