//! Personal data: whatever its owner keeps beside her trades, with a word for what it is.

use std::{fmt, str::FromStr};

use bespeak_model::{text::Text, time::Time};
use mime::Mime;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use sha2::{Digest, Sha256};

/// Largest item, in bytes: 8 MiB. Source: half of the largest commit of the store (16 MiB), so that the item, its key and
/// its description go into one, and two wait without filling the queue.
pub const MAX_ITEM: usize = 8 << 20;
/// Most bytes of all items: 128 MiB. Source: wild guess; an export is held in memory, and a quarter of it may be these.
pub const MAX_ALL: u64 = 128 << 20;
/// Most tags of an item. Source: wild guess.
pub const MAX_TAGS: usize = 16;
/// Longest media type, in bytes. Source: twice the 127 that RFC 6838 gives each of its halves.
const MAX_MEDIA_TYPE: usize = 254;

/// The version of an item's description.
const VERSION: u8 = 1;

/// Says what an item is: `address`, `https://schema.org/PostalAddress`.
pub type Word = Text<200>;
/// A word under which an item is found again.
pub type Tag = Text<80>;

/// Why something is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// Nothing.
    #[error("there is nothing in it; personal data has at least one byte")]
    Empty,
    /// More than an item may have.
    #[error("it has {0} bytes, and an item has at most 8 MiB; divide it")]
    TooLarge(usize),
    /// More tags than an item may have.
    #[error("an item has at most {MAX_TAGS} tags")]
    Tags,
    /// No media type.
    #[error("“{0}” is no media type; write it as application/json or image/png")]
    MediaType(String),
    /// It says that it is JSON, and is not.
    #[error("it is said to be {media_type}, but it is no JSON: {why}")]
    NotJson {
        /// What it is said to be.
        media_type: String,
        /// What is wrong with it.
        why: String,
    },
    /// A description that does not fit what it describes.
    #[error("its description is of something else")]
    OtherId,
    /// A description of a later version.
    #[error("its description has version {0}, which this program does not know; use a newer one")]
    Newer(u8),
}

/// The name of an item: a hash of what it is and how it is described, so that the same is kept once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DataId(String);

/// A text that is no name of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an item's id is `data-` and 64 hexadecimal digits")]
pub struct DataIdError;

impl DataId {
    /// What every id begins with.
    pub const PREFIX: &'static str = "data-";

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DataId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DataId {
    type Err = DataIdError;

    fn from_str(text: &str) -> Result<Self, DataIdError> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let digits = text.strip_prefix(Self::PREFIX).ok_or(DataIdError)?;
        let whole = digits.len() == 64 && digits.bytes().all(digit);
        if whole { Ok(Self(text.to_owned())) } else { Err(DataIdError) }
    }
}

impl TryFrom<String> for DataId {
    type Error = DataIdError;

    fn try_from(text: String) -> Result<Self, DataIdError> {
        text.parse()
    }
}

impl From<DataId> for String {
    fn from(id: DataId) -> Self {
        id.0
    }
}

/// What an owner says of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// What it is.
    pub kind: Word,
    /// What it is called.
    pub name: Option<Word>,
    /// How it is written.
    pub media_type: String,
    /// Under which words it is found again.
    pub tags: Vec<Tag>,
}

/// An item without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The version of this description.
    pub v: u8,
    /// Its id.
    pub id: DataId,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Word,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Word>,
    /// How it is written.
    pub media_type: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Under which words it is found again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// When it was first kept.
    pub added_at: Time,
}

/// An item. Its content is its owner's, and is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// What is said of it.
    pub meta: Meta,
    /// What it is.
    pub content: Vec<u8>,
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Item({}, {} bytes)", self.meta.id, self.content.len())
    }
}

impl Item {
    /// Checks and names an item.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn new(said: Description, content: Vec<u8>, added_at: Time) -> Result<Self, DataError> {
        if content.is_empty() {
            return Err(DataError::Empty);
        }
        if content.len() > MAX_ITEM {
            return Err(DataError::TooLarge(content.len()));
        }
        if said.tags.len() > MAX_TAGS {
            return Err(DataError::Tags);
        }
        let media_type = written_as(&said.media_type, &content)?;
        let said = Description { media_type, ..said };
        let (id, bytes) = (name_of(&said, &content), content.len() as u64);
        let Description { kind, name, media_type, tags } = said;
        Ok(Self { meta: Meta { v: VERSION, id, kind, name, media_type, bytes, tags, added_at }, content })
    }

    /// Takes an item back from what was written down, checked as when it was made.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn again(meta: Meta, content: Vec<u8>) -> Result<Self, DataError> {
        if meta.v > VERSION {
            return Err(DataError::Newer(meta.v));
        }
        let Meta { kind, name, media_type, tags, added_at, .. } = meta.clone();
        let item = Self::new(Description { kind, name, media_type, tags }, content, added_at)?;
        if item.meta == meta { Ok(item) } else { Err(DataError::OtherId) }
    }
}

/// The media type in its plain form; what says that it is JSON is read as such.
fn written_as(media_type: &str, content: &[u8]) -> Result<String, DataError> {
    let wrong = || DataError::MediaType(media_type.chars().take(80).collect());
    if media_type.len() > MAX_MEDIA_TYPE {
        return Err(wrong());
    }
    let read: Mime = media_type.trim().parse().map_err(|_| wrong())?;
    if read.type_() == mime::STAR || read.subtype() == mime::STAR {
        return Err(wrong());
    }
    if read.subtype() == mime::JSON || read.suffix() == Some(mime::JSON) {
        let read = serde_json::from_slice::<IgnoredAny>(content);
        read.map_err(|why| DataError::NotJson { media_type: media_type.to_owned(), why: why.to_string() })?;
    }
    Ok(read.to_string())
}

/// Hashes every part behind its length, so that no two descriptions run into each other.
fn name_of(said: &Description, content: &[u8]) -> DataId {
    let Description { kind, name, media_type, tags } = said;
    let mut hash = Sha256::new_with_prefix(b"bespeak/data/1");
    let mut put = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    put(kind.as_bytes());
    put(name.as_deref().unwrap_or_default().as_bytes());
    put(media_type.as_bytes());
    put(&(tags.len() as u64).to_be_bytes());
    tags.iter().for_each(|tag| put(tag.as_bytes()));
    put(content);
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    DataId(format!("{}{digits}", DataId::PREFIX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn said(media_type: &str) -> Description {
        let tags = vec!["home".parse().unwrap()];
        Description { kind: "address".parse().unwrap(), name: None, media_type: media_type.to_owned(), tags }
    }

    fn item(media_type: &str, content: &[u8]) -> Result<Item, DataError> {
        Item::new(said(media_type), content.to_vec(), Time::EPOCH)
    }

    #[test]
    fn the_same_has_one_name_and_anything_else_another() {
        let one = item("application/json", b"{}").unwrap();
        let later = Item::new(said("application/json"), b"{}".to_vec(), Time::MAX).unwrap();
        assert_eq!(one.meta.id, later.meta.id);
        assert_eq!(one.meta.id.to_string().parse(), Ok(one.meta.id.clone()));
        let mut names = vec![one.meta.id];
        names.push(item("application/json", b"[]").unwrap().meta.id);
        names.push(item("text/plain", b"{}").unwrap().meta.id);
        let named = Description { name: "address".parse().ok(), ..said("text/plain") };
        names.push(Item::new(named, b"{}".to_vec(), Time::EPOCH).unwrap().meta.id);
        let untagged = Description { tags: Vec::new(), ..said("text/plain") };
        names.push(Item::new(untagged, b"{}".to_vec(), Time::EPOCH).unwrap().meta.id);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 5);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = [
            (item("json", b"{}"), "application/json"),
            (item("*/*", b"{}"), "no media type"),
            (item(&format!("text/{}", "x".repeat(300)), b"{}"), "no media type"),
            (item("application/json", b"{"), "no JSON"),
            (item("application/ld+json; charset=utf-8", b"\xff"), "no JSON"),
            (item("text/plain", b""), "nothing"),
            (item("text/plain", &vec![0; MAX_ITEM + 1]), "8 MiB"),
        ];
        for (answer, words) in wrong {
            assert!(answer.as_ref().is_err_and(|error| error.to_string().contains(words)), "{answer:?}");
        }
        let many = Description { tags: vec!["t".parse().unwrap(); MAX_TAGS + 1], ..said("text/plain") };
        assert_eq!(Item::new(many, vec![1], Time::EPOCH), Err(DataError::Tags));
        assert!(item("IMAGE/png", b"x").is_ok_and(|item| item.meta.media_type == "image/png"));
        assert!(item("text/plain", &vec![0; MAX_ITEM]).is_ok());
    }

    #[test]
    fn a_description_of_something_else_is_refused() {
        let one = item("text/plain", b"one").unwrap();
        assert_eq!(Item::again(one.meta.clone(), one.content.clone()), Ok(one.clone()));
        assert_eq!(Item::again(one.meta.clone(), b"two".to_vec()), Err(DataError::OtherId));
        assert_eq!(Item::again(Meta { v: 2, ..one.meta.clone() }, one.content), Err(DataError::Newer(2)));
        for text in ["data-", "data-00", "bafyreia", &one.meta.id.as_str().to_uppercase()] {
            assert_eq!(text.parse::<DataId>(), Err(DataIdError), "{text}");
        }
    }
}
