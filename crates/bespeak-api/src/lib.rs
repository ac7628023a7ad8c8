//! The local HTTP API of a node: routes, their description, and the doors they are served at.
//!
//! Here live the shapes of requests ([`request`]), the routes (`route/`, one module for each noun), the doors
//! with their guard ([`door`]), what makes a repeated request harmless ([`idempotency`]), and a [`client`] for
//! the command line. What is decided about a trade may not live here: a handler reads, asks the node, and
//! shows. Start reading with `route.rs`, then `door/guard.rs`.

mod asked;
pub mod body;
pub mod client;
pub mod door;
pub mod idempotency;
pub mod inspection;
mod openapi;
pub mod problem;
pub mod request;
mod route;
pub mod said;
pub mod schema;

use bespeak_node::Node;
use tokio::sync::watch;

pub use door::{Doors, ServeError, Serving};
pub use problem::Problem;
pub use route::{openapi, router};

/// What programs above this floor need of the ones below to read words and show answers.
pub mod words {
    pub use bespeak_agent::command::ChatText;
    pub use bespeak_agent::notice::Notice;
    pub use bespeak_agent::view;
    pub use bespeak_model::attribute::Condition;
    pub use bespeak_model::card::Name;
    pub use bespeak_model::decimal::Decimal;
    pub use bespeak_model::fulfilment::FulfilmentKind;
    pub use bespeak_model::intention::{GoodsCondition, Prose, Title};
    pub use bespeak_model::money::Money;
    pub use bespeak_model::network::Network;
    pub use bespeak_model::offer::Sku;
    pub use bespeak_model::payment::PaymentInstruction;
    pub use bespeak_model::place::Place;
    pub use bespeak_model::reason::{Reason, RefusalCode, WithdrawalReason};
    pub use bespeak_model::terms::TermsId;
    pub use bespeak_model::time::{Date, Lifetime, Span, Time};
    pub use bespeak_protocol::deal::Note;
}

/// Serves a node at its doors until [`Serving::stop`].
///
/// # Errors
/// When a door cannot be opened.
pub async fn serve(node: Node, doors: &Doors) -> Result<Serving, ServeError> {
    let closing = watch::Sender::new(false);
    let router = router(node, closing.subscribe());
    door::serve_router(router, doors, closing).await
}
