//! Deals: an order from its confirmation to its receipt.

pub mod guard;
mod message;
mod state;

pub use message::{
    DealMessage, FulfilmentMessage, MAX_INSTRUCTIONS, Note, OrderMessage, PaymentMessage, ReceiptMessage,
};
pub use state::{Cancel, Deal, DealEvent, LineState, Payment, Phase, ReceiptState};
