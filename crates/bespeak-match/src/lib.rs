//! Which goods meet what an intention asks for in figures and facts: conditions, GTIN, budget, state.
//!
//! Here live pure rules over the values of `bespeak-model`: no catalogue, no clock, no IO, and no search by
//! words, which belongs to `bespeak-catalogue`; but what counts as one word is said here, in [`words`], for both.
//! What cannot be told is said to be unknown, never guessed. Start reading with [`fits`].

mod fit;
mod reason;
pub mod words;

pub use fit::{Asked, Fit, Thing, Verdict, fits};
pub use reason::{Reason, Told};
