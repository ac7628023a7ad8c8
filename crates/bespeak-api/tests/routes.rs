//! The API of real nodes: what is asked, what is answered, and whether that is what its description says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bespeak_api::client::ClientError;
use bespeak_api::problem::Problem;
use bespeak_node::Role;
use common::{House, until};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::watch;
use tower::ServiceExt;

fn problem<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> Problem {
    match answer {
        Err(ClientError::Refused(problem)) => *problem,
        other => panic!("a problem is expected, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intention_is_cast_found_by_a_prefix_and_withdrawn() {
    let house = House::start(Role::Customer, &[]).await;
    let want = json!({
        "title": "Office move", "category": "furniture", "min": "100 EUR", "near": "DE-u33d",
        "max": { "amount": 25_000, "currency": "EUR" }, "need_by": "2099-01-15", "live": "30d",
        "lines": [{ "name": "Desk lamp", "quantity": "12x" }, { "name": "Chair" }],
        "attributes": ["weight<=9kg"], "terms": ["SD-BASE", "PDC-INTENT"], "text": "Third floor",
    });
    let cast: Value = house.client.post("/v1/intentions", &want).await.unwrap();
    let id = cast["intention"].as_str().unwrap();
    assert_eq!(cast["category"], "furniture");
    for part in [id, &id[..12], &id[7..14]] {
        let shown: Value = house.client.get(&format!("/v1/intentions/{part}")).await.unwrap();
        assert_eq!(shown["intention"], cast["intention"], "{part}");
        assert_eq!(shown["lines"].as_array().unwrap().len(), 2);
        assert_eq!(
            shown["budget"],
            json!({"min": {"amount": 10_000, "currency": "EUR"}, "max": {"amount": 25_000, "currency": "EUR"}})
        );
    }
    let listed: Value = house.client.get("/v1/intentions").await.unwrap();
    assert_eq!(listed[0]["expires_at"], cast["expires_at"]);
    let record = house.client.get_bytes(&format!("/v1/records/{id}")).await.unwrap();
    let from_bytes: Value = house.client.post_bytes("/v1/inspect", record.to_vec()).await.unwrap();
    let from_id: Value = house.client.get(&format!("/v1/inspect/{id}")).await.unwrap();
    assert_eq!(from_bytes, from_id);
    assert_eq!((&from_id["type"], &from_id["verified"]), (&json!("intention"), &json!(true)));

    let renewed: Value = house.client.post(&format!("/v1/intentions/{id}/renew"), &json!({})).await.unwrap();
    assert_ne!(renewed["intention"], cast["intention"]);
    let next = renewed["intention"].as_str().unwrap();
    let path = format!("/v1/intentions/{next}/withdraw");
    let done: Value = house.client.post(&path, &json!({ "reason": "fulfilled" })).await.unwrap();
    assert_eq!(done, json!({ "done": true }));
    let again = problem(house.client.post::<Value>(&path, &json!({})).await);
    assert_eq!(again.status, 409, "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_as_a_problem() {
    let house = House::start(Role::Customer, &[]).await;
    let cases = [
        (json!({}), "missing field `title`"),
        (json!({ "title": "Bicycle", "maximum": "5 EUR" }), "unknown field"),
        (json!({ "title": "Bicycle", "max": "5" }), "19.99 EUR"),
        (json!({ "title": "Bicycle", "category": "vehicles.bycicles" }), "vehicles.bicycles"),
        (json!({ "title": "Qwxyz" }), "name one"),
        (json!({ "title": "Bicycle", "min": "5 EUR", "max": "4 EUR" }), "least"),
        (json!({ "title": "Bicycle", "min": "5 EUR", "max": "6 USD" }), "one currency"),
        (json!({ "title": "a\u{202e}b" }), "hidden"),
        (json!([1, 2]), "invalid type"),
    ];
    for (body, wanted) in cases {
        let problem = problem(house.client.post::<Value>("/v1/intentions", &body).await);
        assert_eq!(problem.status, 400, "{body}");
        assert!(problem.detail.contains(wanted), "{body}: {}", problem.detail);
        assert!(!problem.detail.contains(" at line "), "{}", problem.detail);
    }
    let not_here = [
        "/v1/intentions/zzzzzzz",
        "/v1/offers/zzzzzzz",
        "/v1/orders/..%2fstatus",
        "/v1/receipts/zzz/export",
        "/v1/threads/zzzzzzz/messages",
        "/v1/records/bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae",
        "/v1/nothing",
        "/nothing",
    ];
    for path in not_here {
        let problem = problem(house.client.get::<Value>(path).await);
        assert_eq!(
            (problem.status, problem.code.map(|code| code.as_str())),
            (404, Some("not_found")),
            "{path}"
        );
    }
    let vendors = problem(house.client.get::<Value>("/v1/catalogue/search?text=lamp").await);
    assert_eq!(vendors.status, 409);
    for query in ["/v1/catalogue/search", "/v1/offers?other=1", "/v1/events?after=x"] {
        assert_eq!(problem(house.client.get::<Value>(query).await).status, 400, "{query}");
    }
    assert_eq!(problem(house.client.put::<Value>("/v1/status", &json!({})).await).status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_wish_is_cast_once() {
    let house = House::start(Role::Customer, &[]).await;
    let router = bespeak_api::router(house.node.clone(), watch::Sender::new(false).subscribe());
    let cast = |key: &str, title: &str| {
        let request = Request::post("/v1/intentions")
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(Body::from(json!({ "title": title }).to_string()))
            .unwrap();
        let router = router.clone();
        async move {
            let response = router.oneshot(request).await.unwrap();
            let status = response.status();
            (status, response.into_body().collect().await.unwrap().to_bytes())
        }
    };
    let first = cast("a", "City bicycle").await;
    assert_eq!(first.0, StatusCode::OK);
    assert_eq!(cast("a", "City bicycle").await, first);
    assert_eq!(cast("a", "Racing bicycle").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let all: Value = house.client.get("/v1/intentions").await.unwrap();
    assert_eq!(all.as_array().unwrap().len(), 1);
    let plain = Request::post("/v1/intentions")
        .header("content-type", "text/plain")
        .body(Body::from("{\"title\":\"x\"}"));
    let refused = router.clone().oneshot(plain.unwrap()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_repeated_after_a_new_start_is_cast_once() {
    let folder = tempfile::tempdir().unwrap();
    let want = json!({ "title": "City bicycle" });
    let house = House::make(folder.path(), Role::Customer, &[]).await;
    let first: Value = house.client.post_once("/v1/intentions", "a", &want).await.unwrap();
    house.end().await;
    let house = House::open(folder.path(), &[]).await;
    let again: Value = house.client.post_once("/v1/intentions", "a", &want).await.unwrap();
    assert_eq!(again, first);
    let other = json!({ "title": "Racing bicycle" });
    let refused = problem(house.client.post_once::<Value>("/v1/intentions", "a", &other).await);
    assert_eq!(refused.status, 422, "{refused:?}");
    let path = format!("/v1/intentions/{}/withdraw", first["intention"].as_str().unwrap());
    let done: Value = house.client.post_once(&path, "b", &json!({})).await.unwrap();
    house.end().await;
    let house = House::open(folder.path(), &[]).await;
    let again: Value = house.client.post_once(&path, "b", &json!({})).await.unwrap();
    assert_eq!(again, done, "a second withdrawal would be refused");
    let all: Value = house.client.get("/v1/intentions").await.unwrap();
    assert_eq!(all.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_start_where_one_left_off() {
    let house = House::start(Role::Customer, &[]).await;
    let mut live = house.client.events(None).await.unwrap();
    let mut numbers = Vec::new();
    for title in ["City bicycle", "Racing bicycle", "Folding bicycle"] {
        let cast: Value = house.client.post("/v1/intentions", &json!({ "title": title })).await.unwrap();
        let event =
            tokio::time::timeout(Duration::from_secs(10), live.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(event.data["kind"], "intention_cast");
        assert_eq!(event.data["intention"], cast["intention"]);
        numbers.push(event.id.unwrap());
    }
    assert!(numbers.is_sorted() && numbers[0] < numbers[2]);
    let mut later = house.client.events(Some(numbers[0])).await.unwrap();
    for number in &numbers[1..] {
        let event =
            tokio::time::timeout(Duration::from_secs(10), later.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(event.id, Some(*number));
    }
    let closing = watch::Sender::new(false);
    let router = bespeak_api::router(house.node.clone(), closing.subscribe());
    let resume = Request::get("/v1/events").header("last-event-id", numbers[1].to_string());
    let response = router.clone().oneshot(resume.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await.unwrap().unwrap().unwrap();
    let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
    assert!(
        text.contains(&format!("id: {}", numbers[2])) && text.contains("event: intention_cast"),
        "{text}"
    );
    let odd = Request::get("/v1/events").header("last-event-id", "x").body(Body::empty()).unwrap();
    assert_eq!(router.oneshot(odd).await.unwrap().status(), StatusCode::BAD_REQUEST);
    // Closing the doors ends the streams in good order, and soon.
    let before = std::time::Instant::now();
    house.serving.stop().await;
    let end = tokio::time::timeout(Duration::from_secs(10), live.next()).await.unwrap();
    assert!(matches!(end, Ok(None)), "{end:?}");
    assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_goes_all_the_way_and_answers_are_as_described() {
    let vendor = House::start(Role::Vendor, &[]).await;
    let customer = House::start(Role::Customer, &vendor.node.listen_addresses()).await;
    let mut described = Described::new();
    described.check("NodeStatus", &customer.client.get("/v1/status").await.unwrap());
    goods(&vendor, &mut described).await;

    let want = json!({ "title": "Desk lamp", "category": "home", "lines": [{ "name": "Desk lamp", "quantity": "3x" }], "max": "100 EUR" });
    let cast: Value = customer.client.post("/v1/intentions", &want).await.unwrap();
    let id = cast["intention"].as_str().unwrap().to_owned();
    let heard = until(async || {
        let inbox: Value = vendor.client.get("/v1/inbox").await.unwrap();
        inbox.as_array().unwrap().iter().find(|heard| heard["intention"] == id.as_str()).cloned()
    })
    .await;
    described.check("Intention", &heard);
    matches(&vendor, &id, &mut described).await;
    let offer =
        json!({ "intention": id, "items": [{ "sku": "L1" }], "delivery": "4.90 EUR", "text": "In stock" });
    vendor.client.post::<Value>("/v1/offers", &offer).await.unwrap();
    let offer = until(async || {
        let offers: Value = customer.client.get(&format!("/v1/offers?intention={id}")).await.unwrap();
        offers.as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!(offer["total"], json!({ "amount": 3 * 1999 + 490, "currency": "EUR" }));
    described.check("Offer", &offer);
    described.check("OfferLine", &offer["lines"][0]);
    described.check("Party", &offer["vendor"]);
    let thread = offer["thread"].as_str().unwrap();
    let say = format!("/v1/threads/{thread}/messages");
    customer.client.post::<Value>(&say, &json!({ "text": "Is it dimmable?" })).await.unwrap();
    let message = until(async || {
        let said: Value = vendor.client.get(&say).await.unwrap();
        said.as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!((&message["from"], &message["text"]), (&json!("them"), &json!("Is it dimmable?")));
    described.check("Message", &message);
    assert_eq!(message.get("delivery"), None, "theirs is not on its way from here");
    let own = until(async || {
        let said: Value = customer.client.get(&say).await.unwrap();
        said.as_array().unwrap().first().filter(|said| said["delivery"] == "received").cloned()
    })
    .await;
    described.check("Message", &own);
    reveal(&customer, &vendor, thread).await;
    vendor.client.post::<Value>(&format!("/v1/threads/{thread}/read"), &json!({})).await.unwrap();

    let path = format!("/v1/offers/{}/accept", &offer["offer"].as_str().unwrap()[..20]);
    let ordered: Value = customer.client.post(&path, &json!({})).await.unwrap();
    let order = format!("/v1/orders/{}", ordered["order"].as_str().unwrap());
    until(async || vendor.client.get::<Value>(&order).await.ok()).await;
    trade(&customer, &vendor, &order, &mut described).await;
    described.all_seen();
}

/// A customer lets a vendor see where her node is, and takes it back; a vendor has nothing to reveal.
async fn reveal(customer: &House, vendor: &House, thread: &str) {
    let path = format!("/v1/threads/{thread}/reveal");
    for on in [true, false] {
        customer.client.post::<Value>(&path, &json!({ "on": on })).await.unwrap();
        let offers: Value = customer.client.get("/v1/offers").await.unwrap();
        assert_eq!(offers[0]["revealed"], on);
    }
    assert!(vendor.client.post::<Value>(&path, &json!({ "on": true })).await.is_err());
    assert!(customer.client.post::<Value>(&path, &json!({})).await.is_err(), "it is said which");
    let offers: Value = vendor.client.get("/v1/offers").await.unwrap();
    assert_eq!(offers[0].get("revealed"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn quantities_are_said_in_the_unit_of_their_line() {
    let vendor = House::start(Role::Vendor, &[]).await;
    let customer = House::start(Role::Customer, &vendor.node.listen_addresses()).await;
    let lines = json!([{ "name": "Flour", "quantity": "1.5 kg" }]);
    let want = json!({ "title": "Flour", "category": "food-and-drink", "lines": lines });
    let cast: Value = customer.client.post("/v1/intentions", &want).await.unwrap();
    let offer = json!({ "intention": cast["intention"], "items": [{ "name": "Flour", "price": "2 EUR" }] });
    until(async || vendor.client.post::<Value>("/v1/offers", &offer).await.ok()).await;
    let offer = until(async || {
        let offers: Value = customer.client.get("/v1/offers").await.unwrap();
        offers[0]["offer"].as_str().map(str::to_owned)
    })
    .await;
    let ordered: Value =
        customer.client.post(&format!("/v1/offers/{offer}/accept"), &json!({})).await.unwrap();
    let order = format!("/v1/orders/{}", ordered["order"].as_str().unwrap());
    until(async || vendor.client.post::<Value>(&format!("{order}/accept"), &json!({})).await.ok()).await;

    let fulfil = format!("{order}/fulfil");
    let part = |line: u8, quantity: Value| json!({ "lines": [{ "line": line, "quantity": quantity }] });
    for (body, wanted) in [
        (part(1, json!("0.25")), "multiple of 0.1"),
        (part(1, json!(0)), "more than nothing"),
        (part(1, json!("-1")), "more than nothing"),
        (part(1, json!(0.5)), "“0.5”"),
        (part(2, json!(1)), "no line 2"),
        (part(0, json!(1)), "no line 0"),
    ] {
        let problem = problem(vendor.client.post::<Value>(&fulfil, &body).await);
        assert_eq!(problem.status, 400, "{body}: {problem:?}");
        assert!(problem.detail.contains(wanted), "{body}: {problem:?}");
    }
    let too_much = problem(vendor.client.post::<Value>(&fulfil, &part(1, json!(2))).await);
    assert_eq!(too_much.status, 409, "{too_much:?}");
    vendor.client.post::<Value>(&fulfil, &part(1, json!("0.5"))).await.unwrap();
    let shown: Value = vendor.client.get(&order).await.unwrap();
    let line = &shown["lines"][0];
    assert_eq!((&line["ordered"], &line["fulfilled"], &line["scale"]), (&json!(15), &json!(5), &json!(1)));
    assert_eq!(
        (&line["quantity_text"], &line["fulfilled_text"]),
        (&json!("1.5 kg"), &json!("0.5 of 1.5 kg"))
    );
    assert!(shown["display"].as_str().unwrap().contains("0.5 of 1.5 kg"), "{shown}");
    let log = shown["log"].as_array().unwrap().last().unwrap();
    assert_eq!(log["detail"], "delivered: 0.5 kg of line 1");
    vendor.client.post::<Value>(&fulfil, &part(1, json!(1))).await.unwrap();
    let shown: Value = vendor.client.get(&order).await.unwrap();
    assert_eq!(shown["lines"][0]["fulfilled"], 15);
}

async fn goods(vendor: &House, described: &mut Described) {
    let lamp =
        b"{\"sku\":\"L1\",\"title\":\"Desk lamp\",\"price\":\"19.99 EUR\",\"brand\":\"Lux\"}\nnonsense\n";
    let report: Value =
        vendor.client.post_bytes("/v1/catalogue/import?format=jsonl", lamp.to_vec()).await.unwrap();
    described.check("ImportReport", &report);
    described.check("SkippedLine", &report["skipped"][0]);
    let hits: Value = vendor.client.get("/v1/catalogue/search?text=lamp&limit=3").await.unwrap();
    described.check("Hit", &hits[0]);
    described.check("Goods", &vendor.client.get("/v1/catalogue/goods/L1").await.unwrap());
    described.check("Auto", &vendor.client.put("/v1/auto", &json!({ "limit": "100 EUR" })).await.unwrap());
    let odd = vendor.client.post_bytes::<Value>("/v1/catalogue/import?format=xml", lamp.to_vec()).await;
    assert_eq!(problem(odd).status, 400);
    whole_stock(vendor, described).await;
}

/// A feed that no longer has goods, and one that has nearly none of them.
async fn whole_stock(vendor: &House, described: &mut Described) {
    let lines = |numbers: std::ops::Range<u8>| {
        let line = |n| format!("{{\"sku\":\"W{n}\",\"title\":\"Wool {n}\"}}\n");
        numbers.map(line).collect::<String>().into_bytes()
    };
    let path = "/v1/catalogue/import?feed=wool&complete=true";
    let report: Value = vendor.client.post_bytes(path, lines(0..4)).await.unwrap();
    assert_eq!((&report["imported"], &report["removed"]), (&json!(4), &json!(0)));
    let report: Value = vendor.client.post_bytes(path, lines(0..3)).await.unwrap();
    assert_eq!((&report["unchanged"], &report["removed"]), (&json!(3), &json!(1)));
    let report: Value = vendor.client.post_bytes(path, lines(0..1)).await.unwrap();
    described.check("ImportReport", &report);
    assert!(report["not_removed"].as_str().unwrap().contains("2 of the 3"), "{report}");
    let sure = format!("{path}&confirmed=true");
    let report: Value = vendor.client.post_bytes(&sure, lines(0..1)).await.unwrap();
    assert_eq!(report["removed"], 2);
    let progress: Value = vendor.client.get("/v1/catalogue/import").await.unwrap();
    described.check("ImportProgress", &progress);
    let nameless = vendor.client.post_bytes::<Value>("/v1/catalogue/import?complete=true", lines(0..1)).await;
    assert!(problem(nameless).status >= 400);
    let mapping = "/v1/catalogue/import?mapping=%5Bcolumns%5D%0Asku%20%3D%201%0Atitle%20%3D%202%0A";
    let report: Value = vendor.client.post_bytes(mapping, b"no,name\nW9,Wool\n".to_vec()).await.unwrap();
    assert_eq!(report["imported"], 1);
}

/// The goods that fill an intention that was heard.
async fn matches(vendor: &House, intention: &str, described: &mut Described) {
    let path = format!("/v1/catalogue/match/{}?limit=5", &intention[..20]);
    let found: Value = vendor.client.get(&path).await.unwrap();
    described.check("Match", &found[0]);
    assert_eq!(
        (&found[0]["sku"], &found[0]["line"], &found[0]["fits"]),
        (&json!("L1"), &json!(1), &json!(true))
    );
    let unheard = vendor.client.get::<Value>("/v1/catalogue/match/zzzzzz").await;
    assert_eq!(problem(unheard).status, 404);
}

/// From the order to the receipt.
async fn trade(customer: &House, vendor: &House, order: &str, described: &mut Described) {
    let steps: [(&House, &str, Value, &str, &str); 8] = [
        (vendor, "accept", json!({}), "phase", "accepted"),
        (
            vendor,
            "request-payment",
            json!({ "payto": ["payto://iban/DE75512108001245126199"] }),
            "payment",
            "requested",
        ),
        (customer, "paid", json!({ "proof": "ref 7" }), "payment", "sent"),
        (vendor, "payment-received", json!({}), "payment", "received"),
        (
            vendor,
            "fulfil",
            json!({ "lines": [{ "line": 1, "quantity": 1 }], "event": "delivered" }),
            "/lines/0/fulfilled",
            "1",
        ),
        (vendor, "fulfil", json!({}), "/lines/0/fulfilled", "3"),
        (customer, "complete", json!({}), "phase", ""),
        (vendor, "complete", json!({}), "phase", "completed"),
    ];
    for (who, what, body, field, wanted) in steps {
        let done = who.client.post::<Value>(&format!("{order}/{what}"), &body).await;
        if what == "complete" && done.is_err() {
            continue; // One side's word may be enough.
        }
        assert_eq!(done.unwrap_or_else(|error| panic!("{what}: {error}")), json!({ "done": true }), "{what}");
        let pointer = if field.starts_with('/') { field.to_owned() } else { format!("/{field}") };
        for house in [customer, vendor] {
            until(async || {
                let shown: Value = house.client.get(order).await.unwrap();
                let value = shown.pointer(&pointer).cloned().unwrap_or_default();
                let text = value.as_str().map_or(value.to_string(), str::to_owned);
                (wanted.is_empty() || text == wanted).then_some(())
            })
            .await;
        }
    }
    let odd = problem(vendor.client.post::<Value>(&format!("{order}/accept"), &json!({})).await);
    assert_eq!((odd.status, odd.code.map(|code| code.as_str())), (409, Some("not_allowed_by_state")));
    let shown: Value = until(async || {
        let shown: Value = customer.client.get(order).await.unwrap();
        shown["receipt"].is_string().then_some(shown)
    })
    .await;
    described.check("Order", &shown);
    described.check("OrderLine", &shown["lines"][0]);
    shown["log"].as_array().unwrap().iter().for_each(|entry| described.check("LogEntry", entry));
    receipt(customer, &shown, described).await;
}

async fn receipt(customer: &House, order: &Value, described: &mut Described) {
    let path = format!("/v1/receipts/{}", order["receipt"].as_str().unwrap());
    let receipt: Value = customer.client.get(&path).await.unwrap();
    described.check("Receipt", &receipt);
    assert_eq!(receipt["verified"], true);
    let view: Value = customer.client.get(&format!("{path}/export?format=json-ld")).await.unwrap();
    assert_eq!((&view["@type"], &view["totalPaymentDue"]["value"]), (&json!("Invoice"), &json!("64.87")));
    let bytes = customer.client.get_bytes(&format!("{path}/export?format=cose")).await.unwrap();
    let found = bespeak_api::inspection::inspect(&bytes);
    assert!(found.verified, "{found:?}");
    assert_eq!((found.document.as_deref(), found.signers.len()), (Some("receipt"), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_kept_shown_taken_along_and_forgotten() {
    let house = House::start(Role::Customer, &[]).await;
    let mut described = Described::new();
    let path = "/v1/data?type=address&name=Home&media_type=application%2Fjson&tags=post%0Ahome";
    let address = br#"{"street":"Lindenweg 7"}"#.to_vec();
    let kept: Value = house.client.post_bytes(path, address.clone()).await.unwrap();
    described.check("KeptData", &kept);
    described.check("DataItem", &kept["item"]);
    assert_eq!((&kept["added"], &kept["item"]["tags"]), (&json!(true), &json!(["post", "home"])));
    let again: Value = house.client.post_bytes(path, address.clone()).await.unwrap();
    assert_eq!(again, json!({ "added": false, "item": kept["item"] }));
    let id = kept["item"]["id"].as_str().unwrap();
    for part in [id, &id[..9], &id[5..15]] {
        let shown: Value = house.client.get(&format!("/v1/data/{part}")).await.unwrap();
        assert_eq!(shown, kept["item"], "{part}");
    }
    let router = bespeak_api::router(house.node.clone(), watch::Sender::new(false).subscribe());
    let content = Request::get(format!("/v1/data/{id}/content")).body(Body::empty()).unwrap();
    let content = router.oneshot(content).await.unwrap();
    assert_eq!(content.headers()["content-type"], "application/json");
    assert_eq!(content.headers()["content-disposition"], "attachment");
    assert_eq!(content.into_body().collect().await.unwrap().to_bytes(), address);

    let export = house.client.get_bytes("/v1/export").await.unwrap().to_vec();
    let removed: Value = house.client.delete(&format!("/v1/data/{}", &id[..12])).await.unwrap();
    assert_eq!(removed, kept["item"]);
    assert_eq!(house.client.get::<Value>("/v1/data").await.unwrap(), json!([]));
    for (added, known) in [(1, 0), (0, 1)] {
        let taken: Value = house.client.post_bytes("/v1/import", export.clone()).await.unwrap();
        described.check("TakenIn", &taken);
        assert_eq!(taken, json!({ "added": added, "known": known }));
    }
    assert_eq!(house.client.get::<Value>("/v1/data").await.unwrap(), json!([kept["item"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_data_and_no_export_is_refused_with_a_sentence() {
    let house = House::start(Role::Customer, &[]).await;
    let posted =
        async |path: &str, body: &[u8]| problem(house.client.post_bytes::<Value>(path, body.to_vec()).await);
    let too_large = vec![0; bespeak_node::data::MAX_ITEM + 1];
    let cases: [(&str, &[u8], u16, &str); 9] = [
        ("/v1/data", b"x", 400, "type"),
        ("/v1/data?type=%20", b"x", 400, "empty"),
        ("/v1/data?type=a&colour=red", b"x", 400, "unknown field"),
        ("/v1/data?type=a&media_type=json", b"x", 400, "application/json"),
        ("/v1/data?type=a&media_type=application%2Fjson", b"{", 400, "no JSON"),
        ("/v1/data?type=a", b"", 400, "nothing in it"),
        ("/v1/data?type=a", &too_large, 413, "smaller"),
        ("/v1/import", b"", 422, "manifest.json"),
        ("/v1/import", &[1; 700], 422, "cut short or damaged"),
    ];
    for (path, body, status, words) in cases {
        let problem = posted(path, body).await;
        assert_eq!(problem.status, status, "{path}: {problem:?}");
        assert!(problem.detail.contains(words), "{path}: {}", problem.detail);
    }
    for path in ["/v1/data/data-", "/v1/data/data-00", "/v1/data/zzz/content"] {
        let problem = problem(house.client.get::<Value>(path).await);
        assert!(problem.status == 404 && problem.detail.contains("bespeak data list"), "{path}: {problem:?}");
    }
    assert_eq!(problem(house.client.delete::<Value>("/v1/data/data-00").await).status, 404);
    let other = House::start(Role::Customer, &[]).await;
    let theirs = other.client.get_bytes("/v1/export").await.unwrap();
    let refused = posted("/v1/import", &theirs).await;
    assert_eq!((refused.status, refused.code.map(|code| code.as_str())), (403, Some("not_party")));
    assert!(refused.detail.contains("24 words"), "{}", refused.detail);
}

/// Compares answers with the description: every field answered is described, and every field described as
/// required is answered.
struct Described {
    schemas: Value,
    seen: std::collections::BTreeMap<String, std::collections::BTreeSet<String>>,
}

impl Described {
    fn new() -> Self {
        let description = serde_json::to_value(bespeak_api::openapi()).unwrap();
        Self { schemas: description["components"]["schemas"].clone(), seen: Default::default() }
    }

    fn check(&mut self, name: &str, answer: &Value) {
        let schema = &self.schemas[name];
        let properties = schema["properties"].as_object().unwrap_or_else(|| panic!("no schema {name}"));
        let answer = answer.as_object().unwrap_or_else(|| panic!("{name} is no object: {answer}"));
        let seen = self.seen.entry(name.to_owned()).or_default();
        for key in answer.keys() {
            assert!(properties.contains_key(key), "{name}.{key} is not described");
            seen.insert(key.clone());
        }
        for key in schema["required"].as_array().into_iter().flatten() {
            assert!(answer.contains_key(key.as_str().unwrap()), "{name}.{key} is not answered: {answer:?}");
        }
    }

    /// Enough shapes were compared for the test to mean something.
    fn all_seen(&self) {
        assert!(self.seen.len() >= 15, "{:?}", self.seen.keys());
    }
}

/// Everything that can be asked.
const PATHS: [&str; 55] = [
    "/v1/status",
    "/v1/doctor",
    "/v1/peers",
    "/v1/health",
    "/v1/intentions",
    "/v1/intentions/{id}",
    "/v1/intentions/{id}/withdraw",
    "/v1/intentions/{id}/renew",
    "/v1/intentions/{id}/pass",
    "/v1/inbox",
    "/v1/offers",
    "/v1/offers/{id}",
    "/v1/offers/{id}/counter",
    "/v1/offers/{id}/decline",
    "/v1/offers/{id}/accept",
    "/v1/offers/{id}/withdraw",
    "/v1/threads/{id}/messages",
    "/v1/threads/{id}/read",
    "/v1/threads/{id}/reveal",
    "/v1/orders",
    "/v1/orders/{id}",
    "/v1/orders/{id}/accept",
    "/v1/orders/{id}/reject",
    "/v1/orders/{id}/cancel",
    "/v1/orders/{id}/refuse-cancel",
    "/v1/orders/{id}/request-payment",
    "/v1/orders/{id}/paid",
    "/v1/orders/{id}/payment-received",
    "/v1/orders/{id}/payment-failed",
    "/v1/orders/{id}/fulfil",
    "/v1/orders/{id}/received",
    "/v1/orders/{id}/complete",
    "/v1/receipts",
    "/v1/receipts/{id}",
    "/v1/receipts/{id}/export",
    "/v1/catalogue/import",
    "/v1/catalogue/search",
    "/v1/catalogue/match/{id}",
    "/v1/catalogue/goods/{sku}",
    "/v1/auto",
    "/v1/rules",
    "/v1/rules/test",
    "/v1/rules/try",
    "/v1/rules/waiting",
    "/v1/rules/approve",
    "/v1/records/{id}",
    "/v1/inspect",
    "/v1/inspect/{id}",
    "/v1/events",
    "/v1/data",
    "/v1/data/{id}",
    "/v1/data/{id}/content",
    "/v1/backup",
    "/v1/export",
    "/v1/import",
];

#[tokio::test]
async fn the_description_is_openapi_3_1_and_names_every_path() {
    let description = serde_json::to_value(bespeak_api::openapi()).unwrap();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = description["paths"].as_object().unwrap();
    let known: std::collections::BTreeSet<_> = paths.keys().map(String::as_str).collect();
    assert_eq!(known, PATHS.into_iter().collect());
    let text = description.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(description["components"]["schemas"][name].is_object(), "{name} is referred to and missing");
    }
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("200") && responses.contains_key("default"), "{method} {path}");
            assert!(
                operation["description"].is_string() || operation["summary"].is_string(),
                "{method} {path}"
            );
        }
    }
}
