//! The actors: what they want of the nodes, and how they get it although nodes die.

mod asker;
mod deal;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use tokio::{sync::watch, task::JoinSet};

use super::{
    ledger::{Effect, Ledger},
    world::{Who, World},
};
use crate::dice::Dice;
pub(crate) use asker::Clients;
use asker::{Asker, Body, Unasked};
use serde_json::json;

/// Deals under way at once. Source: wild guess; each waits most of the time for the other side.
const DEALS: u64 = 4;
/// Longest pause of an actor between two requests, in milliseconds. Source: wild guess; lists stay short enough to be
/// read after each start.
const PAUSE: u64 = 200;
/// Articles in one import. Source: wild guess.
const ARTICLES: usize = 3;

/// All actors at work.
pub(crate) struct Load {
    stop: watch::Sender<bool>,
    actors: JoinSet<()>,
    wrong: Arc<Mutex<Vec<String>>>,
    doing: Arc<Mutex<Vec<String>>>,
}

impl Load {
    /// Sets them to work. With the same seed they make the same choices.
    pub(crate) fn start(world: &World, ledger: &Arc<Ledger>, seed: u64) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mut load = Self { stop, actors: JoinSet::new(), wrong: Arc::default(), doing: Arc::default() };
        let clients = Clients { vendor: world.client(Who::Vendor), customer: world.client(Who::Customer) };
        for number in 0..DEALS + 3 {
            let (dice, stopping) = (Dice::of(seed, number + 1), stopping.clone());
            let mut asker = Asker::new(clients.clone(), Arc::clone(ledger), dice, number, stopping);
            let (wrong, doing) = (Arc::clone(&load.wrong), Arc::clone(&load.doing));
            lock(&doing).push(String::new());
            load.actors.spawn(async move {
                let place = usize::try_from(number).unwrap_or(usize::MAX);
                let tell = move |what: &str| {
                    if let Some(said) = lock(&doing).get_mut(place) {
                        what.clone_into(said);
                    }
                };
                if let Err(why) = act(number, &mut asker, &tell).await {
                    lock(&wrong).push(why.to_string());
                }
                tell("");
            });
        }
        load
    }

    /// Lets them finish what they began; says what was refused that should not have been, and what did not end.
    pub(crate) async fn finish(mut self, deadline: Instant) -> Vec<String> {
        self.stop.send_replace(true);
        let all = async { while self.actors.join_next().await.is_some() {} };
        let ended = tokio::time::timeout_at(deadline.into(), all).await;
        let mut wrong = std::mem::take(&mut *lock(&self.wrong));
        if ended.is_err() {
            let open = lock(&self.doing).clone();
            wrong.extend(
                open.into_iter().filter(|what| !what.is_empty()).map(|what| format!("no end to: {what}")),
            );
        }
        wrong
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does everything once after the other, so many times, where nobody is killed.
pub(crate) async fn trade(
    clients: Clients,
    ledger: &Arc<Ledger>,
    dice: Dice,
    times: usize,
) -> Result<(), impl std::error::Error> {
    let (_going_on, stopping) = watch::channel(false);
    let mut asker = Asker::new(clients, Arc::clone(ledger), dice, 0, stopping);
    let tell = |_: &str| {};
    for _ in 0..times {
        deal::make(&mut asker, &tell).await?;
        wish(&mut asker, &tell).await?;
        import(&mut asker, &tell).await?;
        keep(&mut asker, &tell).await?;
    }
    Ok::<(), Unasked>(())
}

async fn act(number: u64, asker: &mut Asker, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<(), Unasked> {
    while !asker.is_to_stop() {
        match number.checked_sub(DEALS) {
            None => deal::make(asker, tell).await?,
            Some(0) => wish(asker, tell).await?,
            Some(1) => import(asker, tell).await?,
            Some(_) => keep(asker, tell).await?,
        }
        asker.rest(PAUSE).await;
    }
    Ok(())
}

async fn wish(asker: &mut Asker, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<(), Unasked> {
    tell("an intention is cast");
    let title = asker.mark("wish");
    let body = Body::Json(json!({ "title": title, "category": "furniture" }));
    asker.ask(Who::Customer, "/v1/intentions", &body, Effect::Intention(title)).await.map(drop)
}

async fn import(asker: &mut Asker, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<(), Unasked> {
    tell("goods are imported");
    let skus: Vec<_> = (0..ARTICLES).map(|_| asker.mark("sku")).collect();
    let lines = skus.iter().map(|sku| json!({ "sku": sku, "title": "Desk lamp", "price": "20 EUR" }));
    let body = Body::Bytes(lines.map(|line| format!("{line}\n")).collect::<String>().into_bytes());
    let effects = skus.into_iter().map(Effect::Goods).collect();
    asker.ask_for_all(Who::Vendor, "/v1/catalogue/import?format=jsonl", &body, effects).await.map(drop)
}

async fn keep(asker: &mut Asker, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<(), Unasked> {
    tell("personal data is kept");
    let name = asker.mark("item");
    let path = format!("/v1/data?type=note&name={name}");
    let body = Body::Bytes(format!("content of {name}").into_bytes());
    let who = if asker.dice().below(2) == 0 { Who::Customer } else { Who::Vendor };
    asker.ask(who, &path, &body, Effect::Item(name)).await.map(drop)
}
