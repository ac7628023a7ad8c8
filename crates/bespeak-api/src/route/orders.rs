//! Orders, from both sides.

use axum::Json;
use axum::extract::{Path, State};
use bespeak_agent::command::{Command, CustomerCommand, EitherCommand, VendorCommand};
use bespeak_agent::view::{OrderLineView, OrderView};
use bespeak_identity::RecordId;
use bespeak_model::decimal::Decimal;
use bespeak_model::fulfilment::{FulfilmentKind, LineSteps};
use bespeak_model::order::Order;
use bespeak_model::reason::Reason;
use bespeak_node::{IdKind, Node};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App, Done, just_do};
use crate::asked::{Asked, record_id};
use crate::problem::Problem;
use crate::request::{
    Arrived, Because, Cancel, Failed, Fulfil, FulfilLine, Nothing, Paid, Received, RequestPayment,
};
use crate::schema;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(accept))
        .routes(routes!(reject))
        .routes(routes!(cancel))
        .routes(routes!(refuse_cancel))
        .routes(routes!(request_payment))
        .routes(routes!(paid))
        .routes(routes!(payment_received))
        .routes(routes!(payment_failed))
        .routes(routes!(fulfil))
        .routes(routes!(received))
        .routes(routes!(complete))
}

async fn order_id(node: &Node, text: &str) -> Result<RecordId<Order>, Problem> {
    record_id(node, IdKind::Order, text).await
}

/// All orders.
#[utoipa::path(get, path = "/v1/orders", tag = "orders", responses(
    (status = 200, body = Vec<schema::Order>),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn list(State(app): State<App>) -> Answer<Vec<OrderView>> {
    Ok(Json(app.node.orders().await))
}

/// One order, with everything that happened.
#[utoipa::path(get, path = "/v1/orders/{id}", tag = "orders", params(("id" = String, Path)), responses(
    (status = 200, body = schema::Order),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>, Path(id): Path<String>) -> Answer<OrderView> {
    let id = order_id(&app.node, &id).await?;
    let found = app.node.order(id).await;
    found.map(Json).ok_or_else(|| Problem::not_found(format!("The order {id} is not known here any more.")))
}

/// Accept an order (a vendor): this is the moment it binds.
#[utoipa::path(post, path = "/v1/orders/{id}/accept", tag = "orders", params(("id" = String, Path)),
    request_body = Nothing, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn accept(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    just_do(&app.node, Command::Vendor(VendorCommand::AcceptOrder { order })).await
}

/// Refuse an order (a vendor).
#[utoipa::path(post, path = "/v1/orders/{id}/reject", tag = "orders", params(("id" = String, Path)),
    request_body = Because, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn reject(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(asked): Asked<Because>,
) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    just_do(&app.node, Command::Vendor(VendorCommand::RejectOrder { order, reason: asked.reason.0 })).await
}

/// Cancel: alone before acceptance, by request after it; also agrees to the other side's request.
#[utoipa::path(post, path = "/v1/orders/{id}/cancel", tag = "orders", params(("id" = String, Path)),
    request_body = Cancel, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn cancel(State(app): State<App>, Path(id): Path<String>, Asked(asked): Asked<Cancel>) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    let reason = asked.reason.map_or(Reason::Other, |reason| reason.0);
    just_do(&app.node, Command::Either(EitherCommand::Cancel { order, reason })).await
}

/// Refuse the other side's request to cancel.
#[utoipa::path(post, path = "/v1/orders/{id}/refuse-cancel", tag = "orders", params(("id" = String, Path)),
    request_body = Nothing, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn refuse_cancel(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    just_do(&app.node, Command::Either(EitherCommand::RefuseCancel { order })).await
}

/// Ask for the money (a vendor).
#[utoipa::path(post, path = "/v1/orders/{id}/request-payment", tag = "orders", params(("id" = String, Path)),
    request_body = RequestPayment, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn request_payment(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(asked): Asked<RequestPayment>,
) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    if asked.payto.is_empty() {
        return Err(Problem::unreadable(
            "Name at least one way to pay, such as payto://iban/DE75512108001245126199.",
        ));
    }
    let instructions = asked.payto.into_iter().map(|said| said.0).collect();
    just_do(&app.node, Command::Vendor(VendorCommand::RequestPayment { order, instructions })).await
}

/// Say that the money is on its way (a customer).
#[utoipa::path(post, path = "/v1/orders/{id}/paid", tag = "orders", params(("id" = String, Path)),
    request_body = Paid, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn paid(State(app): State<App>, Path(id): Path<String>, Asked(asked): Asked<Paid>) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    let proof = asked.proof.map(|proof| proof.0);
    just_do(&app.node, Command::Customer(CustomerCommand::Paid { order, proof })).await
}

/// Say that the money came (a vendor).
#[utoipa::path(post, path = "/v1/orders/{id}/payment-received", tag = "orders", params(("id" = String, Path)),
    request_body = Received, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn payment_received(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(asked): Asked<Received>,
) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    let amount = asked.amount.map(|amount| amount.0);
    just_do(&app.node, Command::Vendor(VendorCommand::PaymentReceived { order, amount })).await
}

/// Say that a payment did not work (a vendor).
#[utoipa::path(post, path = "/v1/orders/{id}/payment-failed", tag = "orders", params(("id" = String, Path)),
    request_body = Failed, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn payment_failed(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(asked): Asked<Failed>,
) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    let detail = asked.detail.map(|detail| detail.0);
    just_do(&app.node, Command::Vendor(VendorCommand::PaymentFailed { order, detail })).await
}

/// Report what happened to goods (a vendor).
#[utoipa::path(post, path = "/v1/orders/{id}/fulfil", tag = "orders", params(("id" = String, Path)),
    request_body = Fulfil, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn fulfil(State(app): State<App>, Path(id): Path<String>, Asked(asked): Asked<Fulfil>) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    let lines = in_steps(&app.node, order, &asked.lines).await?;
    let event = asked.event.unwrap_or(FulfilmentKind::Delivered);
    let note = asked.note.map(|note| note.0);
    just_do(&app.node, Command::Vendor(VendorCommand::Fulfil { order, lines, event, note })).await
}

/// Say that goods are in one's hands.
#[utoipa::path(post, path = "/v1/orders/{id}/received", tag = "orders", params(("id" = String, Path)),
    request_body = Arrived, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn received(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(asked): Asked<Arrived>,
) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    let lines = in_steps(&app.node, order, &asked.lines).await?;
    just_do(&app.node, Command::Customer(CustomerCommand::Received { order, lines })).await
}

/// What people say of lines, as documents say it: people count lines from 1, documents from 0; people write
/// quantities in the unit of the line, documents in steps of it.
async fn in_steps(
    node: &Node,
    order: RecordId<Order>,
    asked: &[FulfilLine],
) -> Result<Vec<LineSteps>, Problem> {
    let lines = node.order(order).await.map(|view| view.lines).unwrap_or_default();
    let part = |asked: &FulfilLine| {
        let known = lines.iter().find(|line| line.line == asked.line);
        match (known, asked.line.checked_sub(1)) {
            (Some(known), Some(line)) => Ok(LineSteps { line, steps: steps_of(asked.quantity.0, known)? }),
            _ => Err(Problem::unreadable(format!(
                "The order has no line {}; its lines are counted from 1 to {}.",
                asked.line,
                lines.len()
            ))),
        }
    };
    asked.iter().map(part).collect()
}

/// How many steps of its line a quantity is.
fn steps_of(quantity: Decimal, line: &OrderLineView) -> Result<u64, Problem> {
    let Some(finer) = line.scale.checked_sub(quantity.scale()) else {
        let step = Decimal::new(1, line.scale).map_or_else(|_| "one".to_owned(), |step| step.to_string());
        return Err(Problem::unreadable(format!(
            "Line {} is an order of {}; name a multiple of {step}, not {quantity}.",
            line.line, line.quantity_text
        )));
    };
    let steps = u64::try_from(quantity.steps()).unwrap_or_default();
    let steps = steps.saturating_mul(10_u64.saturating_pow(u32::from(finer)));
    if steps == 0 { Err(Problem::unreadable("A quantity is more than nothing.")) } else { Ok(steps) }
}

/// Say that the order is done; the receipt follows.
#[utoipa::path(post, path = "/v1/orders/{id}/complete", tag = "orders", params(("id" = String, Path)),
    request_body = Nothing, responses(
    (status = 200, body = Done),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn complete(
    State(app): State<App>,
    Path(id): Path<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer<Done> {
    let order = order_id(&app.node, &id).await?;
    just_do(&app.node, Command::Either(EitherCommand::Complete { order })).await
}
