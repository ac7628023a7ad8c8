//! Which goods and standing rules meet what an intention asks for: conditions, words, places, budget, state.
//!
//! Here live pure rules over the values of `bespeak-model`: no catalogue, no clock, no IO, and no search for goods by
//! words, which belongs to `bespeak-catalogue`; but what counts as one word is said here, in [`words`], for both.
//! What cannot be told is said to be unknown, never guessed. Start reading with [`fits`] for goods, with [`rule`] for
//! what a standing rule can say, and with [`Rules`] for very many of them.

mod fit;
mod reason;
pub mod rule;
mod rules;
#[cfg(test)]
mod testing;
mod wanted;
mod wish;
pub mod words;

pub use fit::{Asked, Fit, Thing, Verdict, fits};
pub use reason::{Reason, Told};
pub use rule::{Rule, Standing, explain};
pub use rules::{MAX_RULES, RuleId, Rules, Scratch, TooMany};
pub use wish::Wish;
