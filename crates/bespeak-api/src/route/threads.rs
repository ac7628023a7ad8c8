//! Conversations.

use axum::Json;
use axum::extract::{Path, State};
use bespeak_agent::command::{Command, CustomerCommand, EitherCommand};
use bespeak_agent::view::MessageView;
use bespeak_node::{IdKind, Node};
use bespeak_protocol::thread::ThreadId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App, Done, just_do};
use crate::asked::{Asked, full_id};
use crate::problem::Problem;
use crate::request::{Nothing, Reveal, Say};
use crate::schema;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, say)).routes(routes!(read)).routes(routes!(reveal))
}

async fn thread_id(node: &Node, text: &str) -> Result<ThreadId, Problem> {
    let full = full_id(node, IdKind::Thread, text).await?;
    full.parse().map_err(|_| Problem::internal(format!("The id “{full}” cannot be read.")))
}

/// What was said, oldest first.
#[utoipa::path(get, path = "/v1/threads/{id}/messages", tag = "threads", params(("id" = String, Path)), responses(
    (status = 200, body = Vec<schema::Message>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<App>, Path(id): Path<String>) -> Answer<Vec<MessageView>> {
    let thread = thread_id(&app.node, &id).await?;
    Ok(Json(app.node.messages(thread).await))
}

/// Say something.
#[utoipa::path(post, path = "/v1/threads/{id}/messages", tag = "threads", params(("id" = String, Path)),
    request_body = Say, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn say(State(app): State<App>, Path(id): Path<String>, Asked(asked): Asked<Say>) -> Answer<Done> {
    let thread = thread_id(&app.node, &id).await?;
    just_do(&app.node, Command::Either(EitherCommand::Say { thread, text: asked.text.0 })).await
}

/// Let the vendor see the address of this node, or no longer: a customer's own decision, of which nothing is sent.
#[utoipa::path(post, path = "/v1/threads/{id}/reveal", tag = "threads", params(("id" = String, Path)),
    request_body = Reveal, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn reveal(State(app): State<App>, Path(id): Path<String>, Asked(asked): Asked<Reveal>) -> Answer<Done> {
    let thread = thread_id(&app.node, &id).await?;
    just_do(&app.node, Command::Customer(CustomerCommand::Reveal { thread, on: asked.on })).await
}

/// Say that everything up to now was read.
#[utoipa::path(post, path = "/v1/threads/{id}/read", tag = "threads", params(("id" = String, Path)),
    request_body = Nothing, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer<Done> {
    let thread = thread_id(&app.node, &id).await?;
    just_do(&app.node, Command::Either(EitherCommand::Read { thread })).await
}
