//! A backup of the whole home.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bespeak_node::backup::{BackupSecret, MEDIA_TYPE};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::request::Backup;

/// Where a backup is asked for.
pub(crate) const PATH: &str = "/v1/backup";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(backup))
}

/// A backup of the whole home, keys and all, while the node runs: an age file, encrypted to the 24 words of the party,
/// or to a passphrase where one is given. An answer that breaks off is no backup. An `Idempotency-Key` is passed over:
/// each answer is another backup.
#[utoipa::path(post, path = "/v1/backup", tag = "backup", request_body = Backup, responses(
    (status = 200, body = Vec<u8>, content_type = "application/age"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn backup(State(app): State<App>, Asked(asked): Asked<Backup>) -> Result<Response, Problem> {
    let secret = asked.take().map(BackupSecret::passphrase);
    let pieces = app.node.backup(secret).map_err(|error| Problem::unreadable(format!("{error}.")))?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], Body::from_stream(pieces)).into_response())
}
