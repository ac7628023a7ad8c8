//! What can be said of bytes of which nobody knows yet what they are.

use bespeak_identity::Kind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A description of a record, an agreement, a bare payload, or of what is none of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Inspected {
    /// `record` (one signer), `agreement` (two), `payload` (none) or `unknown`.
    pub kind: String,
    /// The type a record states: `intention`, `offer`, `order`, …
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The media type it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The id of its payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Who signed, or is said to have: the customer first in an agreement.
    pub signers: Vec<String>,
    /// Whether form, signatures and parties hold.
    pub verified: bool,
    /// Why not, when they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// The whole in the diagnostic notation of CBOR.
    pub diagnostic: String,
}

/// Describes bytes. Never fails: what is wrong is part of the answer.
pub fn inspect(bytes: &[u8]) -> Inspected {
    let found = bespeak_identity::inspect(bytes);
    Inspected {
        kind: match found.kind {
            Kind::Record => "record",
            Kind::Agreement => "agreement",
            Kind::Payload => "payload",
            Kind::Unknown => "unknown",
        }
        .to_owned(),
        document: found.content_type.as_deref().and_then(document_of).map(str::to_owned),
        content_type: found.content_type,
        id: found.id,
        signers: found.signers.iter().map(ToString::to_string).collect(),
        verified: found.verified.is_ok(),
        why_not: found.verified.err(),
        diagnostic: found.diagnostic,
    }
}

fn document_of(content_type: &str) -> Option<&str> {
    content_type.strip_prefix("application/vnd.bespeak.")?.strip_suffix("+cbor")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_too_odd_to_be_described() {
        let odd = inspect(b"not a record");
        assert_eq!(odd.kind, "unknown");
        assert!(!odd.verified && odd.why_not.is_some());
        assert_eq!(document_of("application/vnd.bespeak.offer+cbor"), Some("offer"));
    }
}
