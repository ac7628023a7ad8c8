//! Whom the node is connected with.

use axum::Json;
use axum::extract::State;
use bespeak_node::Peer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::{problem::Problem, schema};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(peers))
}

/// Peers of this network that are connected, the longest known first.
#[utoipa::path(get, path = "/v1/peers", tag = "node", responses(
    (status = 200, body = [schema::Peer]),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn peers(State(app): State<App>) -> Answer<Vec<Peer>> {
    Ok(Json(app.node.peers()))
}
