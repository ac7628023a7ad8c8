//! Looking at bytes of which nobody knows yet what they are.

use ipld_core::ipld::Ipld;

use crate::cose::{Sign, Sign1};
use crate::diagnostic::{hex, newline, print, quote};
use crate::{DecodeError, PublicKey, RecordError, RecordId, drisl};

/// What kind of thing the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Said by one party (COSE_Sign1).
    Record,
    /// Said by two parties (COSE_Sign).
    Agreement,
    /// A payload without signature.
    Payload,
    /// None of these.
    Unknown,
}

/// What can be said about bytes without knowing their type beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What they are.
    pub kind: Kind,
    /// The media type a record states.
    pub content_type: Option<String>,
    /// The id of the payload.
    pub id: Option<String>,
    /// Who signed, or is said to have: the customer first in an agreement.
    pub signers: Vec<PublicKey>,
    /// Whether form, signatures and parties hold, or why not. The document's own rules are not looked at.
    pub verified: Result<(), String>,
    /// The whole in diagnostic notation, as far as it can be read; payload and headers opened.
    pub diagnostic: String,
}

/// Describes a record, an agreement or a bare payload. Never fails: what is wrong is part of the answer.
pub fn inspect(bytes: &[u8]) -> Inspection {
    match (Sign1::read(bytes), Sign::read(bytes), drisl::check(bytes)) {
        (Ok(envelope), ..) => record(&envelope),
        (_, Ok(envelope), _) => agreement(&envelope),
        (.., Ok(())) => payload(bytes),
        (Err(RecordError::Tag { .. }), Err(error), _) | (Err(error), ..) => unknown(bytes, &error),
    }
}

fn record(envelope: &Sign1<'_>) -> Inspection {
    let verified = parties(envelope.payload, &[("iss", &envelope.signer)]).and_then(|()| {
        if envelope.holds() {
            Ok(())
        } else {
            Err(RecordError::Signature { signer: envelope.signer }.to_string())
        }
    });
    Inspection {
        kind: Kind::Record,
        content_type: Some(envelope.content_type.to_owned()),
        id: Some(id(envelope.payload)),
        signers: vec![envelope.signer],
        verified,
        diagnostic: opened(18, envelope.content_type, envelope.payload, &[envelope.signer], |out| {
            out.push_str(&hex(&envelope.signature));
        }),
    }
}

fn agreement(envelope: &Sign<'_>) -> Inspection {
    let [customer, vendor] = envelope.halves;
    let signers = vec![customer.signer, vendor.signer];
    let named = [("customer", &customer.signer), ("vendor", &vendor.signer)];
    let verified = parties(envelope.payload, &named).and_then(|()| match envelope.broken() {
        Some(signer) => Err(RecordError::Signature { signer }.to_string()),
        None if customer.signer == vendor.signer => {
            Err(RecordError::OneParty { party: customer.signer }.to_string())
        }
        None => Ok(()),
    });
    Inspection {
        kind: Kind::Agreement,
        content_type: Some(envelope.content_type.to_owned()),
        id: Some(id(envelope.payload)),
        diagnostic: opened(98, envelope.content_type, envelope.payload, &[], |out| {
            out.push('[');
            for (index, half) in envelope.halves.iter().enumerate() {
                newline(out, 2);
                out.push_str(&format!("[<< {{1: -19, 4: {}}} >>, {{}}, ", hex(&half.signer.multikey())));
                out.push_str(&format!("{}]{}", hex(&half.signature), if index == 0 { "," } else { "" }));
            }
            newline(out, 1);
            out.push(']');
        }),
        signers,
        verified,
    }
}

fn payload(bytes: &[u8]) -> Inspection {
    Inspection {
        kind: Kind::Payload,
        content_type: None,
        id: Some(id(bytes)),
        signers: Vec::new(),
        verified: Err("a payload without signature".to_owned()),
        diagnostic: print(bytes, 0).unwrap_or_default(),
    }
}

fn unknown(bytes: &[u8], error: &RecordError) -> Inspection {
    let too_long = bytes.len() > crate::cose::MAX_LEN;
    let readable = if too_long { None } else { print(bytes, 0).ok() };
    Inspection {
        kind: Kind::Unknown,
        content_type: None,
        id: None,
        signers: Vec::new(),
        verified: Err(error.to_string()),
        diagnostic: readable.unwrap_or_else(|| hex(&bytes[..bytes.len().min(SHOWN)])),
    }
}

/// Bytes shown of what cannot be read (wild guess: enough to recognise a file's kind).
const SHOWN: usize = 64;

fn id(payload: &[u8]) -> String {
    RecordId::<()>::of_payload(payload).to_string()
}

/// Whether the payload is of the profile and names these parties under these keys.
fn parties(payload: &[u8], wanted: &[(&str, &PublicKey)]) -> Result<(), String> {
    let value: Ipld = drisl::from_slice(payload).map_err(|error: DecodeError| error.to_string())?;
    for (key, signer) in wanted {
        let named = match value.get(*key) {
            Ok(Some(Ipld::Bytes(named))) => named,
            _ => return Err(format!("the payload does not say who the {key} is")),
        };
        if named.as_slice() != signer.multikey() {
            return Err(format!("the payload names another {key} than the one that signed"));
        }
    }
    Ok(())
}

/// An envelope with its headers and payload opened (`<< >>`, RFC 8610 §G.3).
fn opened(
    tag: u64,
    content_type: &str,
    payload: &[u8],
    signers: &[PublicKey],
    rest: impl FnOnce(&mut String),
) -> String {
    let mut out = format!("{tag}([");
    newline(&mut out, 1);
    out.push_str("<< {");
    for signer in signers {
        out.push_str(&format!("1: -19, 4: {}, ", hex(&signer.multikey())));
    }
    out.push_str("16: ");
    quote(&mut out, content_type);
    out.push_str("} >>,");
    newline(&mut out, 1);
    out.push_str("{},");
    newline(&mut out, 1);
    match print(payload, 1) {
        Ok(payload) => out.push_str(&format!("<< {payload} >>,")),
        Err(_) => out.push_str(&format!("{},", hex(payload))),
    }
    newline(&mut out, 1);
    rest(&mut out);
    newline(&mut out, 0);
    out.push_str("])");
    out
}
