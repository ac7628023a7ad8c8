//! The bytes around a payload: COSE_Sign1 and COSE_Sign (RFC 9052) in the one form we write and read.
//!
//! Protected headers are exactly `{1: -19, 4: key, 16: type}` for one signer; for two, `{16: type}` for the body
//! and `{1: -19, 4: key}` for each signer, the customer first. Unprotected headers are empty, the payload is
//! attached, nothing is left to choose: reading is writing again and comparing.

use crate::cbor::{self, ARRAY, BYTES, Item, MAP, NEGATIVE, Reader, TAG, UNSIGNED};
use crate::{DecodeError, KeyError, PublicKey, RecordError, SIGNATURE_LEN, SignKey, drisl};

/// COSE_Sign1 (RFC 9052 §2).
const TAG_SIGN1: u64 = 18;
/// COSE_Sign (RFC 9052 §2).
const TAG_SIGN: u64 = 98;
/// Ed25519 (RFC 9864); −8 (EdDSA) is deprecated there.
const ED25519: i128 = -19;
/// Header label: algorithm (RFC 9052 §3.1).
const ALG: u64 = 1;
/// Header label: key identifier (RFC 9052 §3.1).
const KID: u64 = 4;
/// Header label: typ (RFC 9596).
const TYP: u64 = 16;

/// Room for the headers, keys, signatures and type of an envelope; the largest (two signers) needs about 330.
const OVERHEAD: usize = 1024;

/// The longest envelope that is looked at, in bytes.
pub(crate) const MAX_LEN: usize = drisl::MAX_LEN + OVERHEAD;

type Signature = [u8; SIGNATURE_LEN];

/// The media type of a kind of record.
pub(crate) fn content_type(kind: &str) -> String {
    format!("application/vnd.bespeak.{kind}+cbor")
}

/// What a COSE_Sign1 of ours says, before anybody has checked the signature.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sign1<'a> {
    pub(crate) signer: PublicKey,
    pub(crate) content_type: &'a str,
    pub(crate) protected: &'a [u8],
    pub(crate) payload: &'a [u8],
    pub(crate) signature: Signature,
}

/// One signer of a COSE_Sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Half {
    pub(crate) signer: PublicKey,
    pub(crate) signature: Signature,
}

/// What a COSE_Sign of ours says, before anybody has checked the signatures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sign<'a> {
    pub(crate) content_type: &'a str,
    pub(crate) payload: &'a [u8],
    /// Customer, vendor.
    pub(crate) halves: [Half; 2],
}

impl<'a> Sign1<'a> {
    /// Signs a payload and gives the envelope.
    pub(crate) fn seal(content_type: &str, payload: &[u8], key: &SignKey) -> Vec<u8> {
        let protected = protected(Some(&key.public()), Some(content_type));
        let signature = key.sign(&to_be_signed("Signature1", &[&protected, &[], payload]));
        envelope(TAG_SIGN1, &protected, payload, |out| cbor::bytes(out, &signature))
    }

    /// Reads an envelope; the payload is not looked at.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let mut reader = open(bytes, TAG_SIGN1)?;
        let (protected, payload) = body(&mut reader)?;
        let signature = signature(&mut reader)?;
        reader.end().map_err(RecordError::Cbor)?;
        let header = Header::read(protected)?;
        let (Some(signer), Some(content_type)) = (header.signer, header.content_type) else {
            return Err(RecordError::Headers);
        };
        Ok(Self { signer, content_type, protected, payload, signature })
    }

    /// Whether the signer named signed this.
    pub(crate) fn holds(&self) -> bool {
        let message = to_be_signed("Signature1", &[self.protected, &[], self.payload]);
        self.signer.verify(&message, &self.signature)
    }
}

impl<'a> Sign<'a> {
    /// Puts an agreement together from its two halves.
    pub(crate) fn write(content_type: &str, payload: &[u8], halves: &[Half; 2]) -> Vec<u8> {
        let protected = protected(None, Some(content_type));
        envelope(TAG_SIGN, &protected, payload, |out| {
            cbor::head(out, ARRAY, 2);
            for half in halves {
                cbor::head(out, ARRAY, 3);
                cbor::bytes(out, &self::protected(Some(&half.signer), None));
                cbor::head(out, MAP, 0);
                cbor::bytes(out, &half.signature);
            }
        })
    }

    /// Reads an envelope; the payload is not looked at.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let mut reader = open(bytes, TAG_SIGN)?;
        let (protected, payload) = body(&mut reader)?;
        expect(&mut reader, Item::Array(2))?;
        let halves = [half(&mut reader)?, half(&mut reader)?];
        reader.end().map_err(RecordError::Cbor)?;
        match Header::read(protected)? {
            Header { signer: None, content_type: Some(content_type) } => {
                Ok(Self { content_type, payload, halves })
            }
            _ => Err(RecordError::Headers),
        }
    }

    /// The first signer whose signature does not hold, if any.
    pub(crate) fn broken(&self) -> Option<PublicKey> {
        let broken = self.halves.iter().find(|half| !half.holds(self.content_type, self.payload));
        broken.map(|half| half.signer)
    }
}

impl Half {
    /// Signs one's half of an agreement.
    pub(crate) fn sign(content_type: &str, payload: &[u8], key: &SignKey) -> Self {
        let signer = key.public();
        Self { signer, signature: key.sign(&half_message(content_type, payload, &signer)) }
    }

    /// Whether the signer named signed this.
    pub(crate) fn holds(&self, content_type: &str, payload: &[u8]) -> bool {
        self.signer.verify(&half_message(content_type, payload, &self.signer), &self.signature)
    }
}

fn half_message(content_type: &str, payload: &[u8], signer: &PublicKey) -> Vec<u8> {
    let body = protected(None, Some(content_type));
    to_be_signed("Signature", &[&body, &protected(Some(signer), None), &[], payload])
}

/// The Sig_structure of RFC 9052 §4.4: the context and then byte strings.
fn to_be_signed(context: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(OVERHEAD + parts.iter().map(|part| part.len()).sum::<usize>());
    cbor::head(&mut out, ARRAY, 1 + parts.len() as u64);
    cbor::text(&mut out, context);
    parts.iter().for_each(|part| cbor::bytes(&mut out, part));
    out
}

/// A protected header with those of our three entries that belong to it, in order.
fn protected(signer: Option<&PublicKey>, content_type: Option<&str>) -> Vec<u8> {
    let mut out = Vec::new();
    let entries = 2 * u64::from(signer.is_some()) + u64::from(content_type.is_some());
    cbor::head(&mut out, MAP, entries);
    if let Some(signer) = signer {
        cbor::head(&mut out, UNSIGNED, ALG);
        cbor::head(&mut out, NEGATIVE, (-1 - ED25519) as u64);
        cbor::head(&mut out, UNSIGNED, KID);
        cbor::bytes(&mut out, &signer.multikey());
    }
    if let Some(content_type) = content_type {
        cbor::head(&mut out, UNSIGNED, TYP);
        cbor::text(&mut out, content_type);
    }
    out
}

fn envelope(tag: u64, protected: &[u8], payload: &[u8], rest: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + OVERHEAD);
    cbor::head(&mut out, TAG, tag);
    cbor::head(&mut out, ARRAY, 4);
    cbor::bytes(&mut out, protected);
    cbor::head(&mut out, MAP, 0);
    cbor::head(&mut out, BYTES, payload.len() as u64);
    out.extend_from_slice(payload);
    rest(&mut out);
    out
}

fn open(bytes: &[u8], tag: u64) -> Result<Reader<'_>, RecordError> {
    if bytes.len() > MAX_LEN {
        return Err(RecordError::Cbor(DecodeError::TooLong { len: bytes.len(), max: MAX_LEN }));
    }
    let mut reader = Reader::new(bytes);
    match reader.item().map_err(RecordError::Cbor)? {
        Item::Tag(found) if found == tag => {}
        Item::Tag(found) => return Err(RecordError::Tag { expected: tag, found: Some(found) }),
        _ => return Err(RecordError::Tag { expected: tag, found: None }),
    }
    expect(&mut reader, Item::Array(4))?;
    Ok(reader)
}

/// Protected header, empty unprotected header, payload.
fn body<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], &'a [u8]), RecordError> {
    let protected = byte_string(reader)?;
    no_unprotected(reader)?;
    Ok((protected, byte_string(reader)?))
}

fn half(reader: &mut Reader<'_>) -> Result<Half, RecordError> {
    expect(reader, Item::Array(3))?;
    let protected = byte_string(reader)?;
    no_unprotected(reader)?;
    let signature = signature(reader)?;
    match Header::read(protected)? {
        Header { signer: Some(signer), content_type: None } => Ok(Half { signer, signature }),
        _ => Err(RecordError::Headers),
    }
}

/// A protected header that was read and, written again, gave the same bytes.
struct Header<'a> {
    signer: Option<PublicKey>,
    content_type: Option<&'a str>,
}

impl<'a> Header<'a> {
    fn read(protected: &'a [u8]) -> Result<Self, RecordError> {
        let mut header = Self { signer: None, content_type: None };
        let mut reader = Reader::new(protected);
        let Item::Map(entries) = next(&mut reader)? else {
            return Err(RecordError::Headers);
        };
        for _ in 0..entries {
            match (next(&mut reader)?, next(&mut reader)?) {
                (Item::Integer(1), Item::Integer(ED25519)) => {}
                (Item::Integer(1), Item::Integer(_) | Item::Text(_)) => return Err(RecordError::Algorithm),
                (Item::Integer(4), Item::Bytes(key)) => header.signer = Some(signer(key)?),
                (Item::Integer(16), Item::Text(text)) => header.content_type = Some(text),
                _ => return Err(RecordError::Headers),
            }
        }
        let same = self::protected(header.signer.as_ref(), header.content_type) == protected;
        if same { Ok(header) } else { Err(RecordError::Headers) }
    }
}

fn signer(key: &[u8]) -> Result<PublicKey, RecordError> {
    PublicKey::from_multikey(key).map_err(|error: KeyError| RecordError::Key(error))
}

fn next<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, RecordError> {
    reader.item().map_err(RecordError::Cbor)
}

fn expect(reader: &mut Reader<'_>, item: Item<'_>) -> Result<(), RecordError> {
    let at = reader.at();
    if next(reader)? == item { Ok(()) } else { Err(RecordError::Envelope { at }) }
}

fn no_unprotected(reader: &mut Reader<'_>) -> Result<(), RecordError> {
    if next(reader)? == Item::Map(0) { Ok(()) } else { Err(RecordError::Headers) }
}

fn byte_string<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], RecordError> {
    let at = reader.at();
    match next(reader)? {
        Item::Bytes(bytes) => Ok(bytes),
        _ => Err(RecordError::Envelope { at }),
    }
}

fn signature(reader: &mut Reader<'_>) -> Result<Signature, RecordError> {
    let at = reader.at();
    byte_string(reader)?.try_into().map_err(|_| RecordError::Envelope { at })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    const PAYLOAD: &[u8] = b"This is the content.";

    fn unhex(text: &str) -> Vec<u8> {
        multibase::Base::Base16Upper.decode(text.to_uppercase()).unwrap()
    }

    /// RFC 8032's first key, which the COSE working group's Ed25519 examples use.
    fn key() -> SignKey {
        let secret = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        SignKey::from_bytes(&secret.try_into().unwrap())
    }

    /// `eddsa-sig-01` and `eddsa-01` of the working group: what is signed, and the signature under −8.
    #[test]
    fn working_group_examples() {
        let message = to_be_signed("Signature1", &[&unhex("a201270300"), &[], PAYLOAD]);
        let expected = "846A5369676E61747572653145A2012703004054546869732069732074686520636F6E74656E742E";
        assert_eq!(message, unhex(expected));
        let expected = "7142FD2FF96D56DB85BEE905A76BA1D0B7321A95C8C4D3607C5781932B7AFB87\
                        11497DFA751BF40B58B3BCC32300B1487F3DB34085EEF013BF08F4A44D6FEF0D";
        assert_eq!(key().sign(&message).to_vec(), unhex(expected));

        let message = to_be_signed("Signature", &[&unhex("a10300"), &unhex("a10127"), &[], PAYLOAD]);
        let expected = "85695369676E617475726543A1030043A101274054546869732069732074686520636F6E74656E742E";
        assert_eq!(message, unhex(expected));
        let expected = "77F3EACD11852C4BF9CB1D72FABE6B26FBA1D76092B2B5B7EC83B83557652264\
                        E69690DBC1172DDC0BF88411C0D25A507FDB247A20C40D5E245FABD3FC9EC106";
        assert_eq!(key().sign(&message).to_vec(), unhex(expected));
    }

    /// The first example with −19 in place of −8 and no other header; computed by a second implementation too
    /// (plain Python, from RFC 8032).
    #[test]
    fn the_example_under_the_new_algorithm_number() {
        let message = to_be_signed("Signature1", &[&unhex("a10132"), &[], PAYLOAD]);
        let expected = "d492f52368492eefde152b706cced7c257bade0d041020909154f68b9b375ccc\
                        058a5ebf6da9e526a7e56abdfdefce6f73dc08fb4bd7667e471986c12f81c705";
        assert_eq!(key().sign(&message).to_vec(), unhex(expected));
    }
}
