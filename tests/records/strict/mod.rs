//! A strict reading of the part of CDDL (RFC 8610) that the schema uses; anything else in it is an error.
//!
//! It exists because the validators at hand let too much pass (any list for a number, text for bytes) for a test of what
//! must be refused.

mod judge;
mod parse;

use std::collections::BTreeMap;

/// A type of the schema.
#[derive(Debug, Clone)]
pub(crate) enum Type {
    Choice(Vec<Type>),
    Name(String),
    Text(String),
    Range(i128, i128),
    Size(Box<Type>, usize, usize),
    Regexp(String),
    Cbor(Box<Type>),
    Tag(u64, Box<Type>),
    Map(Vec<Member>),
    List(Vec<Member>),
}

/// A member of a map or a list.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) least: usize,
    pub(crate) most: usize,
    pub(crate) what: What,
}

/// What a member is.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A value under a key that is a text or a number.
    Keyed(Key, Type),
    /// A value in a list.
    Bare(Type),
    /// A group that others may fill.
    Socket,
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Text(String),
    Number(i128),
}

/// The rules of a schema by their names.
pub(crate) struct Schema {
    rules: BTreeMap<String, Type>,
    /// Whether sockets take any other text keys.
    open: bool,
}
