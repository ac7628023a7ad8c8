//! What a customer wants, and what a vendor heard.

use axum::Json;
use axum::extract::{Path, State};
use bespeak_agent::command::{Command, CustomerCommand, Reply, Wish, WishLine};
use bespeak_agent::view::IntentionView;
use bespeak_identity::RecordId;
use bespeak_model::category::{self, Slug};
use bespeak_model::intention::{Budget, Intention};
use bespeak_model::quantity::Quantity;
use bespeak_model::reason::{RefusalCode, WithdrawalReason};
use bespeak_model::time::Time;
use bespeak_node::{IdKind, Node, Role};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App, Done, act, just_do, odd};
use crate::asked::{Asked, record_id};
use crate::problem::Problem;
use crate::request::{Nothing, Want, WithdrawIntention};
use crate::schema;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, want))
        .routes(routes!(show))
        .routes(routes!(withdraw))
        .routes(routes!(renew))
        .routes(routes!(inbox))
}

/// An intention that was cast.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Cast {
    /// Its id.
    #[schema(value_type = String)]
    intention: RecordId<Intention>,
    /// What kind of thing.
    #[schema(value_type = String)]
    category: Slug,
    /// When everybody forgets it.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
}

/// One's own intentions (a customer).
#[utoipa::path(get, path = "/v1/intentions", tag = "intentions", responses(
    (status = 200, body = Vec<schema::Intention>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<App>) -> Answer<Vec<IntentionView>> {
    only_for(&app.node, Role::Customer, "a vendor casts no intentions; those it heard: `bespeak inbox`")?;
    Ok(Json(app.node.intentions().await))
}

/// Cast an intention.
#[utoipa::path(post, path = "/v1/intentions", tag = "intentions", request_body = Want, responses(
    (status = 200, body = Cast),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn want(State(app): State<App>, Asked(want): Asked<Want>) -> Answer<Cast> {
    let wish = wish_of(want, &app.node).await?;
    let command = CustomerCommand::Want(Box::new(wish));
    cast_by(&app.node, Command::Customer(command)).await
}

/// One intention, one's own or one that was heard.
#[utoipa::path(get, path = "/v1/intentions/{id}", tag = "intentions", params(("id" = String, Path)), responses(
    (status = 200, body = schema::Intention),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>, Path(id): Path<String>) -> Answer<IntentionView> {
    let id = record_id(&app.node, IdKind::Intention, &id).await?;
    view(&app.node, id).await.map(Json)
}

/// Take an intention back.
#[utoipa::path(post, path = "/v1/intentions/{id}/withdraw", tag = "intentions", params(("id" = String, Path)),
    request_body = WithdrawIntention, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn withdraw(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(asked): Asked<WithdrawIntention>,
) -> Answer<Done> {
    let intention = record_id(&app.node, IdKind::Intention, &id).await?;
    let reason = asked.reason.map_or(WithdrawalReason::ChangedMind, |reason| reason.0);
    just_do(&app.node, Command::Customer(CustomerCommand::Withdraw { intention, reason })).await
}

/// Cast the same wish again under fresh keys; the old intention is superseded.
#[utoipa::path(post, path = "/v1/intentions/{id}/renew", tag = "intentions", params(("id" = String, Path)),
    request_body = Nothing, responses(
    (status = 200, body = Cast),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn renew(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer<Cast> {
    let intention = record_id(&app.node, IdKind::Intention, &id).await?;
    let placement = app.node.placement().await?;
    let command = CustomerCommand::Renew { intention, placement };
    cast_by(&app.node, Command::Customer(command)).await
}

/// The intentions a vendor heard.
#[utoipa::path(get, path = "/v1/inbox", tag = "intentions", responses(
    (status = 200, body = Vec<schema::Intention>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn inbox(State(app): State<App>) -> Answer<Vec<IntentionView>> {
    only_for(&app.node, Role::Vendor, "only a vendor hears intentions; your own: `bespeak intention list`")?;
    Ok(Json(app.node.inbox().await))
}

/// A list of the other role would be empty or mean something else: better to say where to look.
fn only_for(node: &Node, role: Role, sentence: &str) -> Result<(), Problem> {
    if node.role() == role {
        return Ok(());
    }
    Err(Problem::refused(RefusalCode::NotAllowedByState, sentence))
}

async fn view(node: &Node, id: RecordId<Intention>) -> Result<IntentionView, Problem> {
    let found = node.intention(id).await;
    found.ok_or_else(|| Problem::not_found(format!("The intention {id} is not known here any more.")))
}

async fn cast_by(node: &Node, command: Command) -> Answer<Cast> {
    match act(node, command).await? {
        Reply::Cast(id) => cast(node, id).await,
        other => Err(odd(&other)),
    }
}

/// What is said of an intention that was cast.
pub(super) async fn cast(node: &Node, id: RecordId<Intention>) -> Answer<Cast> {
    let view = view(node, id).await?;
    Ok(Json(Cast { intention: id, category: view.category, expires_at: view.expires_at }))
}

async fn wish_of(want: Want, node: &Node) -> Result<Wish, Problem> {
    let category = match &want.category {
        Some(said) => said.0.0.clone(),
        None => guess(&want)?,
    };
    let (min, max) = (want.min.map(|amount| amount.0), want.max.map(|amount| amount.0));
    let budget = match (min, max) {
        (None, None) => None,
        _ => Some(Budget::new(min, max).map_err(|error| Problem::unreadable(error.to_string()))?),
    };
    let line = |line: crate::request::WantLine| WishLine {
        name: line.name.0,
        quantity: line.quantity.map_or_else(Quantity::one, |quantity| quantity.0),
        gtin: line.gtin.map(|gtin| gtin.0),
    };
    Ok(Wish {
        category,
        budget,
        title: want.title.0,
        text: want.text.map(|text| text.0),
        lines: want.lines.into_iter().map(line).collect(),
        conditions: want.attributes.into_iter().map(|said| said.0).collect(),
        condition: want.condition,
        place: want.near.map(|said| said.0),
        needed_by: want.need_by.map(|said| said.0),
        lifetime: want.live.map(|said| said.0).unwrap_or_default(),
        terms: want.terms.into_iter().map(|said| said.0).collect(),
        placement: node.placement().await?,
    })
}

/// The category that the words of a wish suggest.
fn guess(want: &Want) -> Result<Slug, Problem> {
    let lines = want.lines.iter().map(|line| line.name.0.as_str());
    let mut words = std::iter::once(want.title.0.as_str()).chain(lines);
    words.find_map(category::guess).ok_or_else(|| {
        let roots: Vec<_> = category::roots().map(|slug| slug.to_string()).collect();
        Problem::unreadable(format!(
            "The words of “{}” suggest no category; name one, such as one of {}.",
            want.title.0,
            roots.join(", ")
        ))
    })
}
