//! Answering without a person.

use axum::Json;
use axum::extract::State;
use bespeak_policy::auto::AutoSettings;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::asked::Asked;
use crate::problem::Problem;
use crate::request::AutoChange;
use crate::schema;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// How intentions are answered without a person (a vendor).
#[utoipa::path(get, path = "/v1/auto", tag = "catalogue", responses(
    (status = 200, body = schema::Auto),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>) -> Answer<AutoSettings> {
    Ok(Json(app.node.auto().await?))
}

/// Change it; what is absent stays as it is.
#[utoipa::path(put, path = "/v1/auto", tag = "catalogue", request_body = AutoChange, responses(
    (status = 200, body = schema::Auto),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn change(State(app): State<App>, Asked(asked): Asked<AutoChange>) -> Answer<AutoSettings> {
    let mut settings = app.node.auto().await?;
    settings.on = asked.on.unwrap_or(settings.on);
    settings.margin_percent = asked.margin.map_or(settings.margin_percent, |margin| margin.0.0);
    settings.limit = asked.limit.map_or(settings.limit, |limit| limit.map(|amount| amount.0));
    settings.valid = asked.valid.map_or(settings.valid, |valid| valid.0);
    let kept = settings.near.filter(|_| !asked.everywhere);
    settings.near = asked.near.map(|place| place.0).or(kept);
    settings.check().map_err(|error| Problem::unreadable(error.to_string()))?;
    app.node.set_auto(settings.clone()).await?;
    Ok(Json(settings))
}
