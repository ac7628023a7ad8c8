//! What happens, as it happens: server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use bespeak_agent::notice::Notice;
use futures::{Stream, StreamExt};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use crate::asked::Params;
use crate::door::until_closed;
use crate::problem::Problem;
use crate::schema;

/// How often something is said on a quiet stream, so that a client that is gone is noticed. Source: the HTML
/// standard recommends about 15 seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(follow))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct From {
    /// Start just after this event; a `Last-Event-ID` header says the same and comes first.
    after: Option<u64>,
}

/// Follow what happens. Each event has a number (`id:`), a kind (`event:`) and a notice (`data:`) that names
/// ids and holds no content. The last 1,000 are kept while the node runs: with `Last-Event-ID`, or `?after=`,
/// one starts where one left off.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(From,
    ("Last-Event-ID" = Option<u64>, Header, description = "The number of the last event that was read")),
    responses(
    (status = 200, body = schema::Notice, content_type = "text/event-stream"),
    (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn follow(
    State(app): State<App>,
    headers: HeaderMap,
    Params(from): Params<From>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let after = last_event(&headers)?.or(from.after);
    let mut closing = app.closing;
    let closed = async move { until_closed(&mut closing).await };
    let events = app.node.events(after).take_until(Box::pin(closed));
    let events = events.map(|(number, notice)| Ok(event(number, &notice)));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn last_event(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    number.map(Some).ok_or_else(|| Problem::unreadable("Last-Event-ID is the number of an event."))
}

fn event(number: u64, notice: &Notice) -> Event {
    let data = serde_json::to_value(notice).unwrap_or_default();
    let kind = data.get("kind").and_then(|kind| kind.as_str()).unwrap_or("notice").to_owned();
    Event::default().id(number.to_string()).event(kind).data(data.to_string())
}
