//! A vendor's goods.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use bespeak_node::IdKind;
use bespeak_node::catalogue::{Feed, Format, Goods, Hit, ImportOptions, ImportProgress, ImportReport, Match};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::asked::{Params, record_id};
use crate::problem::Problem;
use crate::schema;

/// Hits when no limit is named. Source: wild guess, a screen's worth.
const DEFAULT_LIMIT: usize = 20;
/// Most hits of one search. Source: wild guess.
const MAX_LIMIT: usize = 200;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(import, progress))
        .routes(routes!(search))
        .routes(routes!(matching))
        .routes(routes!(show))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Import {
    /// `auto` (when absent), `jsonl`, `merchant-tsv`, `merchant-xml`, `shopify-csv`, `json-ld` or `csv`.
    format: Option<String>,
    /// What the file is called; tells the format where its content does not.
    name: Option<String>,
    /// The name of the feed it is, up to 200 bytes.
    feed: Option<String>,
    /// What the columns of a table of one's own mean, in TOML, up to 64 KiB.
    mapping: Option<String>,
    /// The feed is the whole stock: what came from it before and is no longer in it is removed.
    #[serde(default)]
    complete: bool,
    /// Removed even where that looks like a mistake.
    #[serde(default)]
    confirmed: bool,
}

impl Import {
    fn options(self) -> Result<ImportOptions, Problem> {
        let Self { format, name, feed, mapping, complete, confirmed } = self;
        let format = format.as_deref().unwrap_or("auto").parse::<Format>();
        let format = format.map_err(|error| Problem::unreadable(error.to_string()))?;
        let feed = feed.map(|name| Feed::new(&name)).transpose();
        let feed = feed.map_err(|error| Problem::unreadable(format!("the feed's name: {error}")))?;
        Ok(ImportOptions { format, name, feed, mapping, complete, confirmed })
    }
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

/// Take in a catalogue, up to 64 MiB, gzipped or not. Goods that are there already are updated; of a feed that is the
/// whole stock, those that are no longer in it are removed.
#[utoipa::path(post, path = "/v1/catalogue/import", tag = "catalogue", params(Import),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = schema::ImportReport),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn import(State(app): State<App>, Params(asked): Params<Import>, body: Bytes) -> Answer<ImportReport> {
    Ok(Json(app.node.import(asked.options()?, body.into()).await?))
}

/// How far the import is that is going on; all zero where none is.
#[utoipa::path(get, path = "/v1/catalogue/import", tag = "catalogue", responses(
    (status = 200, body = schema::ImportProgress),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn progress(State(app): State<App>) -> Answer<ImportProgress> {
    Ok(Json(app.node.import_progress()?.unwrap_or_default()))
}

/// Search one's goods.
#[utoipa::path(get, path = "/v1/catalogue/search", tag = "catalogue", params(Search), responses(
    (status = 200, body = Vec<schema::Hit>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn search(State(app): State<App>, Params(asked): Params<Search>) -> Answer<Vec<Hit>> {
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    Ok(Json(app.node.search(asked.text, limit).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Most {
    /// How many at most, 1 to 200; 20 when absent.
    limit: Option<usize>,
}

/// One's goods that may fill an intention: the best of each of its lines, then the second of each.
#[utoipa::path(get, path = "/v1/catalogue/match/{id}", tag = "catalogue",
    params(("id" = String, Path, description = "The intention's id, or the beginning of it"), Most), responses(
    (status = 200, body = Vec<schema::Match>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn matching(
    State(app): State<App>,
    Path(id): Path<String>,
    Params(asked): Params<Most>,
) -> Answer<Vec<Match>> {
    let intention = record_id(&app.node, IdKind::Intention, &id).await?;
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    Ok(Json(app.node.matching(intention, limit).await?))
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
