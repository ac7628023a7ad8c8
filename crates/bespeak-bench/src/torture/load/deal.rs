//! One deal, from the wish to the receipt that both have signed.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    super::{ledger::Effect, world::Who},
    asker::{Asker, Body, Unasked},
};

/// How long an intention may take to be heard before something else is wanted. Source: wild guess; with everybody alive
/// it takes milliseconds.
const HEARING: Duration = Duration::from_secs(8);

/// A deal under way.
struct Deal<'a> {
    asker: &'a mut Asker,
    tell: &'a (dyn Fn(&str) + Send + Sync),
    order: String,
    thread: String,
}

/// Makes one.
pub(super) async fn make(asker: &mut Asker, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<(), Unasked> {
    let title = asker.mark("deal");
    let Some(intention) = want(asker, tell, &title).await? else { return Ok(()) };
    let (order, thread) = place(asker, tell, &title, intention).await?;
    let mut deal = Deal { asker, tell, order, thread };
    deal.accept().await?;
    deal.pay().await?;
    deal.fulfil().await?;
    deal.complete().await
}

/// An intention the vendor has heard; none when it was told while he was dead: gossip waits for nobody.
async fn want(
    asker: &Asker,
    tell: &(dyn Fn(&str) + Send + Sync),
    title: &str,
) -> Result<Option<String>, Unasked> {
    tell(&format!("{title} is wanted"));
    let lines = json!([{ "name": "Desk lamp", "quantity": "2x" }]);
    let wish = Body::Json(json!({ "title": title, "category": "furniture", "lines": lines }));
    let cast = asker.ask(Who::Customer, "/v1/intentions", &wish, Effect::Intention(title.to_owned())).await?;
    let intention = text(&cast, "intention");
    let path = format!("/v1/intentions/{intention}");
    Ok(asker.see_within(HEARING, Who::Vendor, &path).await.map(|_| intention))
}

/// From the offer to the order.
async fn place(
    asker: &mut Asker,
    tell: &(dyn Fn(&str) + Send + Sync),
    title: &str,
    intention: String,
) -> Result<(String, String), Unasked> {
    let word = asker.mark("offer");
    let items = json!([{ "name": "Desk lamp", "price": "10 EUR" }]);
    let offer = Body::Json(json!({ "intention": intention, "items": items, "text": word }));
    let made = asker.ask(Who::Vendor, "/v1/offers", &offer, Effect::Offer(word)).await?;
    let offer = text(&made, "offer");
    tell(&format!("{title}: the offer {offer} arrives"));
    asker.see(Who::Customer, &format!("/v1/offers/{offer}"), |_| true).await;
    let path = format!("/v1/offers/{offer}/accept");
    let ordered = asker.ask(Who::Customer, &path, &Body::Json(json!({})), Effect::Order(intention)).await?;
    Ok((text(&ordered, "order"), text(&ordered, "thread")))
}

impl Deal<'_> {
    async fn accept(&mut self) -> Result<(), Unasked> {
        self.see(Who::Vendor, |order| order["phase"] == "placed").await;
        self.say(Who::Customer).await?;
        self.step(Who::Vendor, "accept", json!({}), "order.accept", "").await?;
        self.see(Who::Customer, |order| order["phase"] == "accepted").await;
        Ok(())
    }

    async fn pay(&mut self) -> Result<(), Unasked> {
        let ways = json!({ "payto": ["payto://iban/DE75512108001245126199?amount=EUR:20"] });
        self.step(Who::Vendor, "request-payment", ways, "payment.request", "").await?;
        self.see(Who::Customer, |order| order["payment"] == "requested").await;
        self.step(Who::Customer, "paid", json!({}), "payment.sent", "").await?;
        self.see(Who::Vendor, |order| order["payment"] == "sent").await;
        self.say(Who::Vendor).await?;
        self.step(Who::Vendor, "payment-received", json!({}), "payment.received", "").await
    }

    async fn fulfil(&mut self) -> Result<(), Unasked> {
        for _ in 0..2 {
            let note = self.asker.mark("parcel");
            let part = json!({ "lines": [{ "line": 1, "quantity": 1 }], "note": note });
            self.step(Who::Vendor, "fulfil", part, "fulfilment.event", &note).await?;
        }
        self.see(Who::Customer, |order| order["lines"][0]["fulfilled"] == 2).await;
        Ok(())
    }

    async fn complete(&mut self) -> Result<(), Unasked> {
        self.see(Who::Customer, |order| order["payment"] == "received").await;
        self.step(Who::Customer, "complete", json!({}), "order.complete", "").await?;
        for who in [Who::Vendor, Who::Customer] {
            self.see(who, |order| order["receipt"].is_string()).await;
        }
        self.asker.ledger().complete();
        Ok(())
    }

    /// A step of the order.
    async fn step(
        &mut self,
        who: Who,
        verb: &str,
        body: Value,
        what: &'static str,
        detail: &str,
    ) -> Result<(), Unasked> {
        (self.tell)(&format!("order {}: {who:?} does {verb}", self.order));
        let effect = Effect::Step { order: self.order.clone(), what, detail: detail.to_owned() };
        let path = format!("/v1/orders/{}/{verb}", self.order);
        self.asker.ask(who, &path, &Body::Json(body), effect).await.map(drop)
    }

    async fn say(&mut self, who: Who) -> Result<(), Unasked> {
        let text = self.asker.mark("word");
        let path = format!("/v1/threads/{}/messages", self.thread);
        let body = Body::Json(json!({ "text": text }));
        let effect = Effect::Message { thread: self.thread.clone(), text };
        self.asker.ask(who, &path, &body, effect).await.map(drop)
    }

    async fn see(&self, who: Who, wished: impl Fn(&Value) -> bool) {
        (self.tell)(&format!("order {}: {who:?} sees what the other did", self.order));
        self.asker.see(who, &format!("/v1/orders/{}", self.order), wished).await;
    }
}

/// A text in an answer; what is not there is found nowhere later.
fn text(answer: &Value, field: &str) -> String {
    answer[field].as_str().unwrap_or_default().to_owned()
}
