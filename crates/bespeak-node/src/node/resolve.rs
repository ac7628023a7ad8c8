//! Ids that people shorten.

use super::Node;

/// What an id is the id of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// An intention.
    Intention,
    /// An offer.
    Offer,
    /// An order.
    Order,
    /// A receipt.
    Receipt,
    /// A conversation.
    Thread,
    /// Anything that has an id.
    Any,
}

impl IdKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intention => "intention",
            Self::Offer => "offer",
            Self::Order => "order",
            Self::Receipt => "receipt",
            Self::Thread => "thread",
            Self::Any => "record",
        }
    }
}

/// Why a shortened id names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// Nothing begins like this.
    #[error("nothing here has an id that begins like this")]
    NotFound,
    /// Several do.
    #[error("{0} ids begin like this; write more of it")]
    Ambiguous(usize),
}

/// How every id begins: CIDv1, dag-cbor, sha2-256 of 32 bytes, in base 32. Source: the CID specification.
pub const ID_BEGINNING: &str = "bafyrei";

impl Node {
    /// The full id that a text stands for: the id itself, or a beginning that only one id has, with or without the
    /// `bafyrei` with which all begin. Records and receipts that came in by an import are looked for last.
    ///
    /// # Errors
    /// When none or several fit.
    pub async fn resolve(&self, kind: IdKind, text: &str) -> Result<String, ResolveError> {
        let ids = self.read(|agent, _| agent.ids()).await.unwrap_or_default();
        let kinds = ids.into_iter().filter(|(known, _)| kind == IdKind::Any || *known == kind.as_str());
        match (pick(kinds.map(|(_, id)| id), text), kind) {
            (Err(ResolveError::NotFound), IdKind::Any) => {
                pick(self.archived_ids(None).await.into_iter(), text)
            }
            (Err(ResolveError::NotFound), IdKind::Receipt) => {
                pick(self.archived_ids(Some(kind.as_str())).await.into_iter(), text)
            }
            (found, _) => found,
        }
    }
}

fn pick(ids: impl Iterator<Item = String>, text: &str) -> Result<String, ResolveError> {
    let text = text.trim().to_ascii_lowercase();
    let rest = text.strip_prefix(ID_BEGINNING).unwrap_or(&text);
    // The common beginning alone names everything, and so nothing.
    if rest.is_empty() || ID_BEGINNING.starts_with(&text) {
        return Err(ResolveError::NotFound);
    }
    let mut found: Vec<String> =
        ids.filter(|id| id.strip_prefix(ID_BEGINNING).is_some_and(|own| own.starts_with(rest))).collect();
    found.sort();
    found.dedup();
    match found.len() {
        0 => Err(ResolveError::NotFound),
        1 => Ok(found.remove(0)),
        several => Err(ResolveError::Ambiguous(several)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(text: &str) -> Result<String, ResolveError> {
        let ids = ["bafyreiaaaa", "bafyreiaabb", "bafyreibaaa", "bafyreibaaa"];
        pick(ids.into_iter().map(str::to_owned), text)
    }

    #[test]
    fn a_beginning_that_is_unique_is_enough() {
        for text in ["bafyreiaaaa", "aaaa", "AAAA", "bafyreiaaa", " aaa "] {
            assert_eq!(among(text).as_deref(), Ok("bafyreiaaaa"), "{text}");
        }
        assert_eq!(among("b").as_deref(), Err(&ResolveError::NotFound));
        assert_eq!(among("bafyreib").as_deref(), Ok("bafyreibaaa"));
        assert_eq!(among("ba").as_deref(), Err(&ResolveError::NotFound));
        assert_eq!(among("baaa").as_deref(), Ok("bafyreibaaa"));
    }

    #[test]
    fn none_and_several_are_told_apart() {
        assert_eq!(among("zzz"), Err(ResolveError::NotFound));
        assert_eq!(among(""), Err(ResolveError::NotFound));
        assert_eq!(among("bafyrei"), Err(ResolveError::NotFound));
        assert_eq!(among("aa"), Err(ResolveError::Ambiguous(2)));
        assert_eq!(among("bafyreia"), Err(ResolveError::Ambiguous(2)));
        assert_eq!(among("aaaaaaaa"), Err(ResolveError::NotFound));
    }
}
