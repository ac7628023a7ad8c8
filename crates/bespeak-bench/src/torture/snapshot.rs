//! Everything one of the nodes shows, and how often an effect is found in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use bespeak_api::client::{Client, ClientError, segment};
use serde_json::Value;

use super::{
    TortureError,
    ledger::{Effect, Entry},
    world::{Who, World},
};

/// Pause between two looks at what is waited for. Source: wild guess.
const GLANCE: Duration = Duration::from_millis(100);

/// What a node shows.
pub(crate) struct Snapshot {
    who: Who,
    damaged: u64,
    intentions: Vec<Value>,
    offers: Vec<Value>,
    orders: Vec<Value>,
    receipts: Vec<Value>,
    items: Vec<Value>,
    messages: BTreeMap<String, Vec<Value>>,
    goods: BTreeSet<String>,
}

impl Snapshot {
    /// Reads all that the effects of these requests could be found in.
    pub(crate) async fn take(client: Client, who: Who, entries: &[Entry]) -> Result<Self, TortureError> {
        let list = async |path: &str| client.get::<Vec<Value>>(path).await.map_err(TortureError::set_up);
        let status: Value = client.get("/v1/status").await.map_err(TortureError::set_up)?;
        let intentions = if who == Who::Customer { list("/v1/intentions").await? } else { Vec::new() };
        let mut shown = Self {
            who,
            damaged: status["store"]["damaged"].as_u64().unwrap_or(u64::MAX),
            intentions,
            offers: list("/v1/offers").await?,
            orders: list("/v1/orders").await?,
            receipts: list("/v1/receipts").await?,
            items: list("/v1/data").await?,
            messages: BTreeMap::new(),
            goods: BTreeSet::new(),
        };
        for entry in entries {
            match &entry.effect {
                Effect::Message { thread, .. } if !shown.messages.contains_key(thread) => {
                    let path = format!("/v1/threads/{}/messages", segment(thread));
                    shown.messages.insert(thread.clone(), list(&path).await?);
                }
                Effect::Goods(sku) => {
                    let path = format!("/v1/catalogue/goods/{}", segment(sku));
                    match client.get::<Value>(&path).await {
                        Ok(_) => drop(shown.goods.insert(sku.clone())),
                        Err(ClientError::Refused(problem)) if problem.status == 404 => {}
                        Err(error) => return Err(TortureError::set_up(error)),
                    }
                }
                _ => {}
            }
        }
        Ok(shown)
    }

    /// What the node itself says is damaged.
    pub(crate) fn damage(&self) -> Option<String> {
        (self.damaged > 0).then(|| format!("{:?}: {} damaged places were found", self.who, self.damaged))
    }

    /// Orders that have more than one receipt.
    pub(crate) fn doubled_receipts(&self) -> Vec<String> {
        let mut orders: Vec<_> =
            self.receipts.iter().filter_map(|receipt| receipt["order"].as_str()).collect();
        orders.sort_unstable();
        let pairs = orders.windows(2).filter(|pair| pair[0] == pair[1]);
        pairs.map(|pair| format!("{:?}: a receipt for the order {}", self.who, pair[0])).collect()
    }

    /// How often an effect is there.
    pub(crate) fn count(&self, effect: &Effect) -> usize {
        let mine = |line: &&Value| line["from"] == "me";
        match effect {
            Effect::Intention(title) => with(&self.intentions, "title", title).count(),
            // One that stands in for another is the second: nobody here revises.
            Effect::Offer(text) => with(&self.offers, "text", text)
                .map(|offer| 1 + usize::from(!offer["replaces"].is_null()))
                .sum(),
            Effect::Order(intention) => with(&self.orders, "intention", intention).count(),
            Effect::Step { order, what, detail } => with(&self.orders, "order", order)
                .flat_map(|order| order["log"].as_array().into_iter().flatten())
                .filter(mine)
                .filter(|line| line["what"] == *what)
                .filter(|line| line["detail"].as_str().unwrap_or_default().contains(detail))
                .count(),
            Effect::Message { thread, text } => {
                self.messages.get(thread).map_or(0, |all| with(all, "text", text).filter(mine).count())
            }
            Effect::Item(name) => with(&self.items, "name", name).count(),
            Effect::Goods(sku) => usize::from(self.goods.contains(sku)),
        }
    }
}

fn with<'a>(all: &'a [Value], field: &'a str, text: &'a str) -> impl Iterator<Item = &'a Value> {
    all.iter().filter(move |one| one[field] == text)
}

/// What the two parties do not see alike in the end: orders, receipts, and what was said.
pub(crate) async fn unequal(world: &World, deadline: Instant) -> Result<Vec<String>, TortureError> {
    loop {
        let (vendor, customer) = (both(world, Who::Vendor).await?, both(world, Who::Customer).await?);
        if vendor == customer {
            return Ok(Vec::new());
        }
        if Instant::now() > deadline {
            let sides = [(Who::Vendor, &vendor, &customer), (Who::Customer, &customer, &vendor)];
            let alone = sides.iter().flat_map(|(who, one, other)| {
                one.difference(other).map(move |seen| format!("only the {who:?} sees {seen}"))
            });
            return Ok(alone.collect());
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// What both should see alike, a line for each; a thing that is there twice has a line for each time.
async fn both(world: &World, who: Who) -> Result<BTreeSet<String>, TortureError> {
    let shown = Snapshot::take(world.client(who), who, &[]).await?;
    let client = world.client(who);
    let mut lines = Vec::new();
    for order in &shown.orders {
        let fulfilled = &order["lines"][0]["fulfilled"];
        lines.push(format!("order {} {} {} {fulfilled}", order["order"], order["phase"], order["payment"]));
        let thread = order["thread"].as_str().unwrap_or_default();
        let path = format!("/v1/threads/{}/messages", segment(thread));
        let said: Vec<Value> = client.get(&path).await.map_err(TortureError::set_up)?;
        lines.extend(said.iter().map(|line| {
            // Who is "me" to one is "them" to the other.
            let vendor = (line["from"] == "me") == (who == Who::Vendor);
            format!("message {} {} by the vendor: {vendor}", line["id"], line["text"])
        }));
    }
    lines.extend(shown.receipts.iter().map(|receipt| {
        format!("receipt {} of {}, verified {}", receipt["receipt"], receipt["order"], receipt["verified"])
    }));
    lines.sort_unstable();
    let numbered = lines.iter().enumerate().map(|(place, line)| {
        let before = lines[..place].iter().rev().take_while(|other| *other == line).count();
        format!("{line} (copy {before})")
    });
    Ok(numbered.collect())
}
