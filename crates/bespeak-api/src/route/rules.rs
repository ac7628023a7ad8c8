//! Standing rules: which intentions are answered without a person, and how.

use axum::Json;
use axum::extract::State;
use bespeak_identity::RecordId;
use bespeak_model::intention::Intention;
use bespeak_node::rules::{DecisionView, RulesView};
use bespeak_node::{IdKind, MOST_TRIED};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::offers::Made;
use super::{Answer, App};
use crate::asked::{Asked, record_id};
use crate::problem::Problem;
use crate::request::{Approve, SetRules, TestRules, TryRules};
use crate::schema;

/// Intentions of a dry run when no number is named. Source: wild guess.
const DEFAULT_LAST: usize = 100;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, set))
        .routes(routes!(test))
        .routes(routes!(dry_run))
        .routes(routes!(waiting))
        .routes(routes!(approve))
}

/// The rule book (a vendor).
#[utoipa::path(get, path = "/v1/rules", tag = "rules", responses(
    (status = 200, body = schema::Rules),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>) -> Answer<RulesView> {
    Ok(Json(app.node.rules()?))
}

/// Another rule book, up to 64 MiB; intentions that were not answered are decided anew.
#[utoipa::path(put, path = "/v1/rules", tag = "rules", request_body = SetRules, responses(
    (status = 200, body = schema::Rules),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn set(State(app): State<App>, Asked(asked): Asked<SetRules>) -> Answer<RulesView> {
    Ok(Json(app.node.set_rules(asked.toml).await?))
}

/// What rules decide about one intention, and why; nothing is done.
#[utoipa::path(post, path = "/v1/rules/test", tag = "rules", request_body = TestRules, responses(
    (status = 200, body = schema::Decision),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn test(State(app): State<App>, Asked(asked): Asked<TestRules>) -> Answer<DecisionView> {
    let intention: RecordId<Intention> = record_id(&app.node, IdKind::Intention, &asked.intention).await?;
    Ok(Json(app.node.test_rules(intention, asked.toml).await?))
}

/// What rules would have done about the last intentions, the newest first; nothing is done.
#[utoipa::path(post, path = "/v1/rules/try", tag = "rules", request_body = TryRules, responses(
    (status = 200, body = Vec<schema::Decision>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn dry_run(State(app): State<App>, Asked(asked): Asked<TryRules>) -> Answer<Vec<DecisionView>> {
    let last = asked.last.unwrap_or(DEFAULT_LAST);
    if last > MOST_TRIED {
        return Err(Problem::unreadable(format!("At most {MOST_TRIED} intentions are tried at once.")));
    }
    Ok(Json(app.node.try_rules(last, asked.toml).await?))
}

/// Offers that wait for a person's approval.
#[utoipa::path(get, path = "/v1/rules/waiting", tag = "rules", responses(
    (status = 200, body = Vec<schema::Decision>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn waiting(State(app): State<App>) -> Answer<Vec<DecisionView>> {
    Ok(Json(app.node.waiting_for_approval()?))
}

/// Offer what a rule would offer and a person must approve.
#[utoipa::path(post, path = "/v1/rules/approve", tag = "rules", request_body = Approve, responses(
    (status = 200, body = Made),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn approve(State(app): State<App>, Asked(asked): Asked<Approve>) -> Answer<Made> {
    let intention: RecordId<Intention> = record_id(&app.node, IdKind::Intention, &asked.intention).await?;
    Ok(Json(Made { offer: app.node.approve(intention).await? }))
}
