//! A vendor's goods.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use bespeak_node::catalogue::{Format, Goods, Hit, ImportReport};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::asked::Params;
use crate::problem::Problem;
use crate::schema;

/// Hits when no limit is named. Source: wild guess, a screen's worth.
const DEFAULT_LIMIT: usize = 20;
/// Most hits of one search. Source: wild guess.
const MAX_LIMIT: usize = 200;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(import)).routes(routes!(search)).routes(routes!(show))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Import {
    /// `auto` (when absent), `jsonl` or `merchant-tsv`.
    #[serde(default)]
    format: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Search {
    /// Words to look for.
    text: String,
    /// How many hits at most, 1 to 200; 20 when absent.
    limit: Option<usize>,
}

/// Take in a catalogue, up to 64 MiB, gzipped or not. Goods that are there already are updated.
#[utoipa::path(post, path = "/v1/catalogue/import", tag = "catalogue", params(Import),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = schema::ImportReport),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn import(State(app): State<App>, Params(asked): Params<Import>, body: Bytes) -> Answer<ImportReport> {
    let format = asked.format.as_deref().unwrap_or("auto").parse::<Format>();
    let format = format.map_err(|error| Problem::unreadable(error.to_string()))?;
    Ok(Json(app.node.import(format, body.into()).await?))
}

/// Search one's goods.
#[utoipa::path(get, path = "/v1/catalogue/search", tag = "catalogue", params(Search), responses(
    (status = 200, body = Vec<schema::Hit>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn search(State(app): State<App>, Params(asked): Params<Search>) -> Answer<Vec<Hit>> {
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    Ok(Json(app.node.search(asked.text, limit).await?))
}

/// One article.
#[utoipa::path(get, path = "/v1/catalogue/goods/{sku}", tag = "catalogue", params(("sku" = String, Path)),
    responses(
    (status = 200, body = schema::Goods),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>, Path(sku): Path<String>) -> Answer<Goods> {
    let found = app.node.goods(&sku).await?;
    let missing = || {
        Problem::not_found(format!("There is no “{sku}” in the catalogue; see `bespeak catalogue search`."))
    };
    found.map(Json).ok_or_else(missing)
}
