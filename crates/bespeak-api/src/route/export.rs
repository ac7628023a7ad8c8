//! Everything the owner holds, out and in.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bespeak_node::export::{MEDIA_TYPE, TakenIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::problem::Problem;
use crate::schema;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export)).routes(routes!(import))
}

/// Everything the owner holds, as a tar of files: records as they were signed, views of them, personal data, and a
/// manifest signed by the party's key. Nothing in it is encrypted.
#[utoipa::path(get, path = "/v1/export", tag = "export", responses(
    (status = 200, body = Vec<u8>, content_type = "application/x-tar"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn export(State(app): State<App>) -> Result<Response, Problem> {
    let packed = app.node.export().await?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], packed).into_response())
}

/// Take an export of this party in, from a tar of its files. Everything is verified before anything is kept; what is
/// here already is left as it is.
#[utoipa::path(post, path = "/v1/import", tag = "export",
    request_body(content = Vec<u8>, content_type = "application/x-tar"), responses(
    (status = 200, body = schema::TakenIn),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn import(State(app): State<App>, body: Bytes) -> Answer<TakenIn> {
    Ok(Json(app.node.take_in(body.into()).await?))
}
