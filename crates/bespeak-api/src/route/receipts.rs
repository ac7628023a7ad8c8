//! Receipts, and how they leave the house.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bespeak_agent::view::ReceiptView;
use bespeak_identity::RecordId;
use bespeak_model::receipt::Receipt;
use bespeak_node::{IdKind, Node, export::json_ld};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::asked::{Params, record_id};
use crate::problem::Problem;
use crate::schema;

/// The media type of COSE_Sign; source: RFC 9052, section 11.
const COSE: &str = "application/cose; cose-type=\"cose-sign\"";
/// The media type of JSON-LD; source: JSON-LD 1.1.
const JSON_LD: &str = "application/ld+json";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(export))
}

/// A form in which a receipt leaves.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Format {
    /// A schema.org view, for people's other programs.
    #[default]
    JsonLd,
    /// The very bytes both parties signed.
    Cose,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Export {
    /// `json-ld` (when absent) or `cose`.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// All receipts.
#[utoipa::path(get, path = "/v1/receipts", tag = "receipts", responses(
    (status = 200, body = Vec<schema::Receipt>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<App>) -> Answer<Vec<ReceiptView>> {
    Ok(Json(app.node.receipts().await))
}

/// One receipt; `verified` says whether both signatures hold over the same bytes.
#[utoipa::path(get, path = "/v1/receipts/{id}", tag = "receipts", params(("id" = String, Path)), responses(
    (status = 200, body = schema::Receipt),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>, Path(id): Path<String>) -> Answer<ReceiptView> {
    view(&app.node, &id).await.map(|(_, view)| Json(view))
}

/// One receipt in a form for elsewhere.
#[utoipa::path(get, path = "/v1/receipts/{id}/export", tag = "receipts", params(("id" = String, Path), Export),
    responses(
    (status = 200, content((Object = "application/ld+json"), (Vec<u8> = "application/cose"))),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn export(
    State(app): State<App>,
    Path(id): Path<String>,
    Params(asked): Params<Export>,
) -> Result<Response, Problem> {
    let (id, view) = view(&app.node, &id).await?;
    match asked.format {
        Format::JsonLd => {
            Ok(([(header::CONTENT_TYPE, JSON_LD)], Json(json_ld::alone(json_ld::receipt(&view))))
                .into_response())
        }
        Format::Cose => {
            let bytes = app.node.record(&id.to_string()).await;
            let bytes = bytes.ok_or_else(|| Problem::internal("The bytes of this receipt are missing."))?;
            Ok(([(header::CONTENT_TYPE, COSE)], bytes).into_response())
        }
    }
}

async fn view(node: &Node, text: &str) -> Result<(RecordId<Receipt>, ReceiptView), Problem> {
    let id = record_id(node, IdKind::Receipt, text).await?;
    let found = node.receipt(id).await;
    let view =
        found.ok_or_else(|| Problem::not_found(format!("The receipt {id} is not known here any more.")))?;
    Ok((id, view))
}
