//! How the node and its home stand, line by line.

use axum::Json;
use axum::extract::State;
use bespeak_node::doctor::Examination;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::{problem::Problem, schema};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(doctor))
}

/// What was looked at, whether it is well, and what mends it: home, files, vault, store, disk, backup, clock, network.
#[utoipa::path(get, path = "/v1/doctor", tag = "node", responses(
    (status = 200, body = schema::Examination),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn doctor(State(app): State<App>) -> Answer<Examination> {
    Ok(Json(app.node.doctor().await))
}
