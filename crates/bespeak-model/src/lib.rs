//! What is said aloud in a market: intention, offer, order, receipt, and the values they are made of.
//!
//! Here live documents and values that cannot be wrong: money, quantity, place, time, text, categories. What
//! one keeps to oneself does not belong here, nor do messages, exchanges, clocks or files. Every value checks
//! itself when it is made and when it is decoded, and has one form only, so that a record read and written
//! again is the same bytes. Start reading with [`money`], then the documents.

pub mod attribute;
pub mod bounded;
pub mod card;
pub mod category;
pub mod decimal;
pub mod fulfilment;
pub mod gtin;
pub mod intention;
pub mod manifest;
pub mod money;
pub mod network;
pub mod offer;
pub mod order;
pub mod payment;
pub mod place;
pub mod quantity;
pub mod queue;
pub mod reason;
pub mod receipt;
pub mod terms;
#[cfg(test)]
mod testing;
pub mod text;
pub mod time;
pub mod unit;
pub mod written;
