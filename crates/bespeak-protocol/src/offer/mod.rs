//! Offers: submitted, revised, withdrawn by the vendor; countered and declined by the customer.

mod message;
mod state;

pub use message::OfferMessage;
pub use state::{Countered, Offering, Stand};
