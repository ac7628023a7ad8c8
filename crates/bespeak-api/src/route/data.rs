//! Personal data.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bespeak_node::DataRefusal;
use bespeak_node::data::{DataError, Description, Kept, Meta, Tag, Unnamed, Word};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::asked::Params;
use crate::problem::Problem;
use crate::schema;

/// How an item is written when nothing is said; source: RFC 2046.
const ANYTHING: &str = "application/octet-stream";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, keep)).routes(routes!(show, forget)).routes(routes!(content))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Said {
    /// What it is, up to 200 bytes: `address`, `https://schema.org/PostalAddress`.
    r#type: String,
    /// What it is called, up to 200 bytes.
    name: Option<String>,
    /// How it is written; `application/octet-stream` when absent. What says that it is JSON is read as such.
    media_type: Option<String>,
    /// Up to 16 words under which it is found again, one on each line.
    tags: Option<String>,
}

/// Keep an item of personal data, up to 8 MiB, of any media type. The same item is kept once.
#[utoipa::path(post, path = "/v1/data", tag = "data", params(Said),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = schema::KeptData),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn keep(State(app): State<App>, Params(said): Params<Said>, body: Bytes) -> Answer<Kept> {
    let unreadable = |what: &str, why: &dyn std::fmt::Display| Problem::unreadable(format!("{what}: {why}."));
    let name = said.name.map(|name| name.parse::<Word>()).transpose();
    let tags = said.tags.iter().flat_map(|tags| tags.lines()).map(str::parse::<Tag>);
    let description = Description {
        kind: said.r#type.parse::<Word>().map_err(|why| unreadable("The type", &why))?,
        name: name.map_err(|why| unreadable("The name", &why))?,
        media_type: said.media_type.unwrap_or_else(|| ANYTHING.to_owned()),
        tags: tags.collect::<Result<_, _>>().map_err(|why| unreadable("A tag", &why))?,
    };
    Ok(Json(app.node.keep_data(description, body.into()).await?))
}

/// All items, the oldest first, without their content.
#[utoipa::path(get, path = "/v1/data", tag = "data", responses(
    (status = 200, body = Vec<schema::DataItem>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<App>) -> Answer<Vec<Meta>> {
    Ok(Json(app.node.data().await?))
}

/// What is said of one item.
#[utoipa::path(get, path = "/v1/data/{id}", tag = "data", params(("id" = String, Path)), responses(
    (status = 200, body = schema::DataItem),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>, Path(id): Path<String>) -> Answer<Meta> {
    Ok(Json(app.node.data_item(&id).await?.meta))
}

/// One item as it was given, under its media type.
#[utoipa::path(get, path = "/v1/data/{id}/content", tag = "data", params(("id" = String, Path)), responses(
    (status = 200, body = Vec<u8>, content_type = "*/*"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn content(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let item = app.node.data_item(&id).await?;
    let anything = || HeaderValue::from_static(ANYTHING);
    let media_type = HeaderValue::from_str(&item.meta.media_type).unwrap_or_else(|_| anything());
    // A page that is kept here must not be shown as one of ours.
    let attached = HeaderValue::from_static("attachment");
    let headers = [(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, attached)];
    Ok((headers, item.content).into_response())
}

/// Forget an item. It is gone at once; its sealed bytes leave the disk when the memory is next tidied.
#[utoipa::path(delete, path = "/v1/data/{id}", tag = "data", params(("id" = String, Path)), responses(
    (status = 200, body = schema::DataItem),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn forget(State(app): State<App>, Path(id): Path<String>) -> Answer<Meta> {
    Ok(Json(app.node.forget_data(&id).await?))
}

impl From<DataRefusal> for Problem {
    fn from(refusal: DataRefusal) -> Self {
        match refusal {
            DataRefusal::Wrong(DataError::TooLarge(_)) => {
                Self::refused(bespeak_model::reason::RefusalCode::TooLarge, refusal.to_string())
            }
            DataRefusal::Wrong(_) | DataRefusal::Unnamed(Unnamed::Ambiguous { .. }) => {
                Self::unreadable(refusal.to_string())
            }
            DataRefusal::Unnamed(Unnamed::NotFound(_)) => Self::not_found(refusal.to_string()),
            DataRefusal::Refused(refusal) => refusal.into(),
        }
    }
}
