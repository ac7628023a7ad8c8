//! Offers: as a customer gets them and a vendor makes them.

use axum::Json;
use axum::extract::{Path, State};
use bespeak_agent::command::{Command, CustomerCommand, Reply, VendorCommand};
use bespeak_agent::view::OfferView;
use bespeak_identity::RecordId;
use bespeak_model::offer::{Offer, PaymentRule};
use bespeak_model::order::Order;
use bespeak_model::time::Span;
use bespeak_node::{IdKind, Node, OfferItem, OfferRequest};
use bespeak_protocol::thread::ThreadId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App, Done, act, just_do, odd};
use crate::asked::{Asked, Params, record_id};
use crate::problem::Problem;
use crate::request::{Accept, Because, Counter, MakeOffer, Nothing, OfferedItem};
use crate::schema;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(show))
        .routes(routes!(counter))
        .routes(routes!(decline))
        .routes(routes!(accept))
        .routes(routes!(withdraw))
        .routes(routes!(pass))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only offers for this intention.
    intention: Option<String>,
}

/// An offer that was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Made {
    /// Its id.
    #[schema(value_type = String)]
    pub(super) offer: RecordId<Offer>,
}

/// An order that was placed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Ordered {
    /// Its id.
    #[schema(value_type = String)]
    pub(super) order: RecordId<Order>,
    /// Where the two talk.
    #[schema(value_type = String)]
    pub(super) thread: ThreadId,
}

/// Offers a customer got, or a vendor made.
#[utoipa::path(get, path = "/v1/offers", tag = "offers", params(Filter), responses(
    (status = 200, body = Vec<schema::Offer>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<App>, Params(filter): Params<Filter>) -> Answer<Vec<OfferView>> {
    let intention = match filter.intention {
        Some(id) => Some(record_id(&app.node, IdKind::Intention, &id).await?),
        None => None,
    };
    Ok(Json(app.node.offers(intention).await))
}

/// One offer.
#[utoipa::path(get, path = "/v1/offers/{id}", tag = "offers", params(("id" = String, Path)), responses(
    (status = 200, body = schema::Offer),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>, Path(id): Path<String>) -> Answer<OfferView> {
    let id: RecordId<Offer> = record_id(&app.node, IdKind::Offer, &id).await?;
    let found = app.node.offers(None).await.into_iter().find(|view| view.offer == id);
    found.map(Json).ok_or_else(|| Problem::not_found(format!("The offer {id} is not known here any more.")))
}

/// Answer an intention, or revise the answer already given (a vendor).
#[utoipa::path(post, path = "/v1/offers", tag = "offers", request_body = MakeOffer, responses(
    (status = 200, body = Made),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn make(State(app): State<App>, Asked(asked): Asked<MakeOffer>) -> Answer<Made> {
    let request = request_of(&app.node, asked).await?;
    Ok(Json(Made { offer: app.node.offer(request).await? }))
}

/// Answer an offer with a price of one's own (a customer).
#[utoipa::path(post, path = "/v1/offers/{id}/counter", tag = "offers", params(("id" = String, Path)),
    request_body = Counter, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn counter(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(asked): Asked<Counter>,
) -> Answer<Done> {
    let offer = record_id(&app.node, IdKind::Offer, &id).await?;
    let text = asked.text.map(|text| text.0);
    let command = CustomerCommand::Counter { offer, total: asked.total.0, text };
    just_do(&app.node, Command::Customer(command)).await
}

/// Say no to an offer (a customer).
#[utoipa::path(post, path = "/v1/offers/{id}/decline", tag = "offers", params(("id" = String, Path)),
    request_body = Because, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn decline(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(asked): Asked<Because>,
) -> Answer<Done> {
    let offer = record_id(&app.node, IdKind::Offer, &id).await?;
    let command = CustomerCommand::Decline { offer, reason: asked.reason.0 };
    just_do(&app.node, Command::Customer(command)).await
}

/// Order what is offered (a customer). The vendor's acceptance makes it binding for both.
#[utoipa::path(post, path = "/v1/offers/{id}/accept", tag = "offers", params(("id" = String, Path)),
    request_body = Accept, responses(
    (status = 200, body = Ordered),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn accept(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(asked): Asked<Accept>,
) -> Answer<Ordered> {
    let offer = record_id(&app.node, IdKind::Offer, &id).await?;
    let choose = asked.choose.into_iter().map(|sku| sku.0).collect();
    let placement = app.node.placement().await?;
    let command = CustomerCommand::Accept { offer, choose, anyway: asked.anyway, placement };
    match act(&app.node, Command::Customer(command)).await? {
        Reply::Ordered { order, thread } => Ok(Json(Ordered { order, thread })),
        other => Err(odd(&other)),
    }
}

/// Take an offer back, until an order for it has come (a vendor).
#[utoipa::path(post, path = "/v1/offers/{id}/withdraw", tag = "offers", params(("id" = String, Path)),
    request_body = Nothing, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn withdraw(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer<Done> {
    let offer = record_id(&app.node, IdKind::Offer, &id).await?;
    just_do(&app.node, Command::Vendor(VendorCommand::WithdrawOffer { offer })).await
}

/// Say that no more offers will follow for an intention (a vendor).
#[utoipa::path(post, path = "/v1/intentions/{id}/pass", tag = "offers", params(("id" = String, Path)),
    request_body = Nothing, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn pass(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer<Done> {
    let intention = record_id(&app.node, IdKind::Intention, &id).await?;
    just_do(&app.node, Command::Vendor(VendorCommand::Pass { intention })).await
}

async fn request_of(node: &Node, asked: MakeOffer) -> Result<OfferRequest, Problem> {
    let intention = record_id(node, IdKind::Intention, &asked.intention).await?;
    let items = asked.items.into_iter().map(item_of).collect::<Result<Vec<_>, _>>()?;
    if items.is_empty() {
        return Err(Problem::unreadable(
            "An offer has at least one item: name a sku, or a name with a price.",
        ));
    }
    Ok(OfferRequest {
        intention,
        items,
        delivery: asked.delivery.map(|amount| amount.0),
        valid: asked.valid.map_or(Span::THREE_DAYS, |said| said.0),
        firm: !asked.indicative,
        payment: if asked.prepaid { PaymentRule::BeforeFulfilment } else { PaymentRule::Open },
        text: asked.text.map(|text| text.0),
    })
}

fn item_of(item: OfferedItem) -> Result<OfferItem, Problem> {
    let price = item.price.map(|amount| amount.0);
    match (item.sku, item.name, price) {
        (Some(sku), None, price) => Ok(OfferItem::Sku { sku: sku.0, price }),
        (None, Some(name), Some(price)) => Ok(OfferItem::Named { name: name.0, price }),
        (None, Some(name), None) => Err(Problem::unreadable(format!("“{}” has no price.", name.0))),
        _ => Err(Problem::unreadable("An item names either a sku of the catalogue or a name, not both.")),
    }
}
