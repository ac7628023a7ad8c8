//! Records as they are: bytes, and what can be said of them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bespeak_node::{IdKind, Node};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::asked::full_id;
use crate::inspection::{Inspected, inspect};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(bytes)).routes(routes!(inspect_bytes)).routes(routes!(inspect_known))
}

/// The bytes of a record that this node holds, verbatim.
#[utoipa::path(get, path = "/v1/records/{id}", tag = "records", params(("id" = String, Path)), responses(
    (status = 200, body = Vec<u8>, content_type = "application/cose"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn bytes(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let bytes = record(&app.node, &id).await?;
    Ok(([(header::CONTENT_TYPE, "application/cose")], bytes).into_response())
}

/// What can be said of some bytes: type, id, signers, whether it holds, diagnostic notation.
#[utoipa::path(post, path = "/v1/inspect", tag = "records",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = Inspected),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn inspect_bytes(body: Bytes) -> Answer<Inspected> {
    Ok(Json(inspect(&body)))
}

/// The same of a record that this node holds.
#[utoipa::path(get, path = "/v1/inspect/{id}", tag = "records", params(("id" = String, Path)), responses(
    (status = 200, body = Inspected),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn inspect_known(State(app): State<App>, Path(id): Path<String>) -> Answer<Inspected> {
    Ok(Json(inspect(&record(&app.node, &id).await?)))
}

async fn record(node: &Node, text: &str) -> Result<Vec<u8>, Problem> {
    let id = full_id(node, IdKind::Any, text).await?;
    let held = node.record(&id).await;
    held.ok_or_else(|| Problem::not_found(format!("The record {id} is not held here any more.")))
}
