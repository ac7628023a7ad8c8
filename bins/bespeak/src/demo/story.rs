//! The steps of the story, from a wish to a verified receipt.

use serde_json::{Value, json};

use super::{
    Market,
    actor::Actor,
    tell::{by, chapter, line, money, offers},
};
use crate::failure::Failure;
use crate::render::{moment, short, word};

const GOODS: [&str; 3] = [
    include_str!("goods/radhaus.jsonl"),
    include_str!("goods/klapprad.jsonl"),
    include_str!("goods/gartenwelt.jsonl"),
];

/// What one chapter leaves to the next.
struct Trade {
    intention: String,
    offer: String,
    order: String,
    thread: String,
}

/// Tells it, as it happens.
pub(super) async fn tell(market: &Market) -> Result<(), Failure> {
    market.meet().await?;
    stock(market).await?;
    let mut trade = want(market).await?;
    compare(market, &mut trade).await?;
    haggle(market, &mut trade).await?;
    order(market, &mut trade).await?;
    talk(market, &trade).await?;
    pay(market, &trade).await?;
    fulfil(market, &trade).await?;
    receipt(market, &trade).await
}

async fn stock(market: &Market) -> Result<(), Failure> {
    chapter(1, "The vendors read their catalogues.");
    for (vendor, goods) in [&market.radhaus, &market.klapprad, &market.gartenwelt].into_iter().zip(GOODS) {
        let report = vendor.import(goods).await?;
        by(vendor.name, &format!("{} articles", report["imported"]));
    }
    for vendor in [&market.klapprad, &market.gartenwelt] {
        let rule = json!({"on": true, "margin": "5%", "limit": "5000 EUR"});
        vendor.put("/v1/auto", rule).await?;
        by(vendor.name, "answers by itself: list price and 5 %, up to 5000 EUR");
    }
    by(market.radhaus.name, "answers by hand");
    Ok(())
}

async fn want(market: &Market) -> Result<Trade, Failure> {
    chapter(2, "Anna says once what she wants. Her intention carries a key made for it alone, and no name.");
    let wish = json!({
        "title": "folding e-bike", "lines": [{"name": "folding e-bike", "quantity": "2x"}],
        "category": "vehicles.bicycles", "attributes": ["weight<=25kg"], "max": "3000 EUR",
        "near": "DE-u33d", "live": "7d", "terms": ["SD-BASE"],
    });
    let cast = market.anna.post("/v1/intentions", wish).await?;
    let intention = word(&cast, "intention").to_owned();
    line("2x folding e-bike, under 25 kg each, up to 3000 EUR for both, near Berlin, for seven days,");
    line("on the terms SD-BASE: her data serve this trade and nothing else.");
    line(&format!("intention {}, heard until {}", short(&intention), moment(word(&cast, "expires_at"))));
    chapter(3, "Everybody on the market hears it.");
    for vendor in [&market.radhaus, &market.klapprad, &market.gartenwelt] {
        vendor
            .until("/v1/inbox", "the intention", |inbox| find(inbox, "intention", &intention).is_some())
            .await?;
        by(vendor.name, "heard it, and does not learn who asks");
    }
    Ok(Trade { intention, offer: String::new(), order: String::new(), thread: String::new() })
}

async fn compare(market: &Market, trade: &mut Trade) -> Result<(), Failure> {
    let by_hand = json!({"intention": trade.intention, "items": [{"sku": "RH-20"}], "valid": "3d", "text": "In stock in Berlin."});
    market.radhaus.post("/v1/offers", by_hand).await?;
    let path = format!("/v1/offers?intention={}", trade.intention);
    let both = |offers: &Value| offers.as_array().is_some_and(|offers| offers.len() == 2);
    let seen = market.anna.until(&path, "two offers", both).await?;
    chapter(4, "Two offers come back, each sealed to that intention.");
    offers(&seen)?;
    if market.gartenwelt.get("/v1/offers").await?.as_array().is_some_and(Vec::is_empty) {
        by(market.gartenwelt.name, "made none");
    }
    let radhaus = known(&seen, "vendor", market.radhaus.name)?;
    trade.offer = word(radhaus, "offer").to_owned();
    Ok(())
}

async fn haggle(market: &Market, trade: &mut Trade) -> Result<(), Failure> {
    chapter(5, "Anna likes the bigger wheels, not the price: she counters.");
    let counter = json!({"total": "2650 EUR"});
    market.anna.post(&format!("/v1/offers/{}/counter", trade.offer), counter).await?;
    let countered = |offers: &Value| find(offers, "state", "countered").is_some();
    let asked = market.radhaus.until("/v1/offers", "the counter-offer", countered).await?;
    let countered = &known(&asked, "state", "countered")?["countered"];
    by(market.anna.name, &format!("counters with {}", money(countered)?));
    let revised = json!({
        "intention": trade.intention, "items": [{"sku": "RH-20", "price": "1335 EUR"}], "valid": "3d",
        "text": "And that is my last word.",
    });
    let made = market.radhaus.post("/v1/offers", revised).await?;
    trade.offer = word(&made, "offer").to_owned();
    let path = format!("/v1/offers?intention={}", trade.intention);
    let seen = market
        .anna
        .until(&path, "the revision", |offers| find(offers, "offer", &trade.offer).is_some())
        .await?;
    let offer = known(&seen, "offer", &trade.offer)?;
    by(market.radhaus.name, &format!("{}. {}", money(&offer["total"])?, word(offer, "text")));
    Ok(())
}

async fn order(market: &Market, trade: &mut Trade) -> Result<(), Failure> {
    chapter(
        6,
        "She orders. The order binds that very offer by its hash; the vendor's signature makes it an agreement.",
    );
    let placed = market.anna.post(&format!("/v1/offers/{}/accept", trade.offer), json!({})).await?;
    (trade.order, trade.thread) = (word(&placed, "order").to_owned(), word(&placed, "thread").to_owned());
    let there = |orders: &Value| find(orders, "order", &trade.order).is_some();
    market.radhaus.until("/v1/orders", "the order", there).await?;
    act(&market.radhaus, trade, "accept", json!({})).await?;
    let seen = watch(&market.anna, trade, "the acceptance", |order| order["phase"] == "accepted").await?;
    line(&format!(
        "order {}: {}, on the terms {}",
        short(&trade.order),
        word(&seen, "display"),
        word(&seen, "terms")
    ));
    Ok(())
}

async fn talk(market: &Market, trade: &Trade) -> Result<(), Failure> {
    chapter(7, "They talk, over a channel that only the two of them can read.");
    let path = format!("/v1/threads/{}/messages", trade.thread);
    for (speaker, listener, words) in [
        (&market.anna, &market.radhaus, "Could I fetch one today and the other on Friday?"),
        (&market.radhaus, &market.anna, "Of course. The first one stands ready."),
    ] {
        speaker.post(&path, json!({"text": words})).await?;
        let said = listener.until(&path, "the words", |said| find(said, "text", words).is_some()).await?;
        by(speaker.name, word(known(&said, "text", words)?, "text"));
    }
    Ok(())
}

async fn pay(market: &Market, trade: &Trade) -> Result<(), Failure> {
    chapter(8, "Payment: the vendor signs where to, Anna pays in her own bank.");
    let way = "payto://iban/DE75512108001245126199?amount=EUR:2670";
    act(&market.radhaus, trade, "request-payment", json!({"payto": [way]})).await?;
    let told = watch(&market.anna, trade, "the request", |order| order["payment"] == "requested").await?;
    by(market.radhaus.name, told["instructions"][0].as_str().unwrap_or_default());
    act(&market.anna, trade, "paid", json!({"proof": "reference 4711"})).await?;
    let sent =
        watch(&market.radhaus, trade, "the word of payment", |order| order["payment"] == "sent").await?;
    by(market.anna.name, &payment(&sent));
    act(&market.radhaus, trade, "payment-received", json!({})).await?;
    let paid = watch(&market.anna, trade, "the money", |order| order["payment"] == "received").await?;
    by(market.radhaus.name, &payment(&paid));
    Ok(())
}

async fn fulfil(market: &Market, trade: &Trade) -> Result<(), Failure> {
    chapter(9, "The goods: one today, the other on Friday.");
    let first = json!({"lines": [{"line": 1, "quantity": 1}], "event": "delivered"});
    for (body, handed) in [(first, 1), (json!({"event": "delivered"}), 2)] {
        act(&market.radhaus, trade, "fulfil", body).await?;
        let fulfilled = |order: &Value| order["lines"][0]["fulfilled"] == handed;
        let seen = watch(&market.anna, trade, "the goods", fulfilled).await?;
        line(word(&seen, "display"));
    }
    Ok(())
}

async fn receipt(market: &Market, trade: &Trade) -> Result<(), Failure> {
    chapter(10, "Done. Both sign the receipt, and both hold the same bytes.");
    act(&market.anna, trade, "complete", json!({})).await?;
    let mut ids = Vec::new();
    for actor in [&market.anna, &market.radhaus] {
        let there = |receipts: &Value| find(receipts, "order", &trade.order).is_some();
        let receipts = actor.until("/v1/receipts", "the receipt", there).await?;
        let receipt = known(&receipts, "order", &trade.order)?;
        let verified = if receipt["verified"] == true { "both signatures verified" } else { "NOT VERIFIED" };
        let id = short(word(receipt, "receipt"));
        by(actor.name, &format!("receipt {id} over {}: {verified}", money(&receipt["total"])?));
        ids.push((receipt["receipt"].clone(), receipt["verified"] == true));
    }
    if !ids.iter().all(|(id, verified)| *verified && *id == ids[0].0) {
        return Err(Failure::failed("the two receipts differ or do not verify"));
    }
    left(market, trade).await
}

/// What the others see of the intention now.
async fn left(market: &Market, trade: &Trade) -> Result<(), Failure> {
    let path = format!("/v1/intentions/{}", trade.intention);
    for (actor, whose, state) in
        [(&market.anna, "her intention", "fulfilled"), (&market.klapprad, "the intention", "withdrawn")]
    {
        let seen = actor.until(&path, "the end of the intention", |seen| seen["state"] == state).await?;
        by(actor.name, &format!("{whose} is {}", word(&seen, "state")));
    }
    Ok(())
}

/// Where the payment of an order stands, and what was last said of it.
fn payment(order: &Value) -> String {
    let said = order["log"].as_array().and_then(|log| log.last()).map(|entry| word(entry, "detail"));
    format!("{} {}", word(order, "payment"), said.unwrap_or_default())
}

async fn act(actor: &Actor, trade: &Trade, what: &str, body: Value) -> Result<Value, Failure> {
    actor.post(&format!("/v1/orders/{}/{what}", trade.order), body).await
}

async fn watch(
    actor: &Actor,
    trade: &Trade,
    what: &str,
    holds: impl Fn(&Value) -> bool,
) -> Result<Value, Failure> {
    actor.until(&format!("/v1/orders/{}", trade.order), what, holds).await
}

/// The same, where it has been seen before.
fn known<'a>(list: &'a Value, field: &str, wanted: &str) -> Result<&'a Value, Failure> {
    find(list, field, wanted)
        .ok_or_else(|| Failure::failed(format!("nothing has {wanted} as its {field} any more")))
}

/// The item of a list whose field is this text; a vendor is found by its name.
fn find<'a>(list: &'a Value, field: &str, wanted: &str) -> Option<&'a Value> {
    let is = |item: &&Value| item[field] == wanted || item[field]["name"] == wanted;
    list.as_array()?.iter().find(is)
}
