//! How the node is.

use axum::Json;
use axum::extract::State;
use bespeak_node::Status;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::{problem::Problem, schema};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(status)).routes(routes!(health))
}

/// Role, party, network, peers, and how much is under way.
#[utoipa::path(get, path = "/v1/status", tag = "node", responses(
    (status = 200, body = schema::NodeStatus),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn status(State(app): State<App>) -> Answer<Status> {
    Ok(Json(app.node.status().await))
}

/// Whether the node answers.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct Health {
    /// Always true: a node that is not well answers with a problem.
    ok: bool,
}

/// Answers as soon as the node's loop does; a problem when that has ended, or the disk takes nothing at the moment.
#[utoipa::path(get, path = "/v1/health", tag = "node", responses(
    (status = 200, body = Health),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn health(State(app): State<App>) -> Answer<Health> {
    app.node.health().await?;
    Ok(Json(Health { ok: true }))
}
