//! The rooms behind the doors: one module for each noun. Every handler reads what was asked, hands it to the
//! node, and shows what came of it; nothing is decided here.

mod auto;
mod backup;
mod catalogue;
mod data;
mod doctor;
mod events;
mod export;
mod intentions;
mod offers;
mod orders;
mod peers;
mod receipts;
mod records;
mod rules;
mod status;
mod threads;

pub(crate) use backup::PATH as BACKUP;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use bespeak_agent::command::{Command, Reply};
use bespeak_node::Node;
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::body::bounded;
use crate::idempotency::{Remembered, once};
use crate::problem::Problem;

/// What every handler can reach.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) node: Node,
    /// Turns true when the doors close.
    pub(crate) closing: watch::Receiver<bool>,
}

/// What a handler answers.
pub(crate) type Answer<T> = Result<Json<T>, Problem>;

/// It was done.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Always true.
    done: bool,
}

/// All routes, and their description.
fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(crate::openapi::head())
        .merge(status::routes())
        .merge(doctor::routes())
        .merge(peers::routes())
        .merge(intentions::routes())
        .merge(offers::routes())
        .merge(threads::routes())
        .merge(orders::routes())
        .merge(receipts::routes())
        .merge(catalogue::routes())
        .merge(auto::routes())
        .merge(rules::routes())
        .merge(records::routes())
        .merge(data::routes())
        .merge(export::routes())
        .merge(backup::routes())
        .merge(events::routes())
}

/// The description of the API.
pub fn openapi() -> OpenApi {
    described().into_openapi()
}

/// The router of a node, as both doors serve it (the port with a guard before it). Events end when `closing`
/// turns true.
pub fn router(node: Node, closing: watch::Receiver<bool>) -> Router {
    let (router, description) = described().split_for_parts();
    let remembered = Remembered::by(node.clone());
    router
        .route("/openapi.json", routing::get(|| async move { Json(description) }))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_so)
        .with_state(App { node, closing })
        .layer(middleware::from_fn_with_state(remembered, once))
        .layer(middleware::from_fn(bounded))
        .layer(DefaultBodyLimit::disable())
}

async fn nothing_here() -> Problem {
    Problem::not_found("There is nothing at this path; see /openapi.json.")
}

async fn not_so() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This path is used in another way; see /openapi.json.")
}

/// Has something done.
pub(crate) async fn act(node: &Node, command: Command) -> Result<Reply, Problem> {
    Ok(node.command(command).await?)
}

/// Has something done of which there is nothing more to say.
pub(crate) async fn just_do(node: &Node, command: Command) -> Answer<Done> {
    act(node, command).await.map(|_| Json(Done { done: true }))
}

/// The answer to a command that was carried out before.
pub(crate) async fn answer_of(node: &Node, reply: Reply) -> Result<Response, Problem> {
    Ok(match reply {
        Reply::Cast(intention) => intentions::cast(node, intention).await?.into_response(),
        Reply::Offered(offer) => Json(offers::Made { offer }).into_response(),
        Reply::Ordered { order, thread } => Json(offers::Ordered { order, thread }).into_response(),
        Reply::Done => Json(Done { done: true }).into_response(),
    })
}

/// A reply that does not fit its command.
pub(crate) fn odd(reply: &Reply) -> Problem {
    Problem::internal(format!("The node gave another answer than it was asked for: {reply:?}."))
}
