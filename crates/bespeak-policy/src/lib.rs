//! What one keeps to oneself: standing rules and preferences.
//!
//! No message can name anything that lives here, because the crate that defines messages cannot see this one. Which
//! intentions a rule is about is said in `bespeak-match`; what is then done, here. Start with [`answer`], how an
//! intention is answered without a person.

pub mod answer;
pub mod auto;
pub mod delivery;
pub mod hours;
pub mod limits;
pub mod mandate;
pub mod price;
