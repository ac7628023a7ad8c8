//! Opening a damaged home as the program does, and holding what it shows against what it should.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, path::Path};

use bespeak_api::{
    Doors,
    client::{Client, segment},
};
use bespeak_node::{
    Before, Home, Node, NodeOptions, Role, Unlock,
    home::{Needs, Warning},
};
use futures::FutureExt;
use serde_json::Value;

use super::{lived::Lived, panics::Counting};
use crate::market::LISTEN;

/// What became of a damaged home.
pub(crate) enum Judgement {
    /// It was not opened, and this was said.
    Refused(String),
    /// Something is missing or another, and the node says that it is damaged.
    Named,
    /// Everything is there.
    Whole,
    /// Something is missing or another, and nothing says so.
    Silent(String),
    /// Something panicked.
    Panicked(String),
}

/// What a node shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// A line for each thing.
    lines: BTreeSet<String>,
    /// How many damaged places it names.
    damaged: u64,
}

/// Opens a damaged home and judges it.
pub(crate) async fn judge(path: &Path, home: &Lived, counting: &Counting) -> Judgement {
    let opened = AssertUnwindSafe(open(path, home)).catch_unwind().await;
    let panics = counting.take();
    if opened.is_err() || !panics.is_empty() {
        return Judgement::Panicked(panics.join("; "));
    }
    match opened {
        Ok(Ok(shown)) => compare(&home.whole, &shown),
        Ok(Err(sentence)) => refused(path, &sentence),
        Err(_) => Judgement::Panicked("a panic that nobody saw".to_owned()),
    }
}

/// A refusal says which file or folder it is about.
fn refused(path: &Path, sentence: &str) -> Judgement {
    let folder = path.display().to_string();
    if sentence.contains(&folder) {
        Judgement::Refused(kind_of(&sentence.replace(&folder, "HOME")))
    } else {
        Judgement::Silent(format!("refused without naming a file: {sentence}"))
    }
}

/// A sentence without the words that are another each time: those in quotes.
fn kind_of(sentence: &str) -> String {
    let even =
        sentence.split(['`', '"']).enumerate().map(|(place, words)| if place % 2 == 0 { words } else { "…" });
    even.collect()
}

fn compare(whole: &Shown, shown: &Shown) -> Judgement {
    let lost = whole.lines.difference(&shown.lines).map(|line| format!("gone: {line}"));
    let risen = shown.lines.difference(&whole.lines).map(|line| format!("new: {line}"));
    let differs: Vec<_> = lost.chain(risen).collect();
    match (differs.is_empty(), shown.damaged) {
        (true, _) => Judgement::Whole,
        (false, 0) => Judgement::Silent(differs.join("; ").chars().take(600).collect()),
        (false, _) => Judgement::Named,
    }
}

/// Opens a home as `bespeak run` does, and reads everything. An error is what the person would be told.
pub(crate) async fn open(path: &Path, home: &Lived) -> Result<Shown, String> {
    if Home::needs(path).map_err(|error| error.to_string())? == Needs::Passphrase
        && matches!(home.unlock, Unlock::Open)
    {
        return Err(format!("{} asks for a passphrase that nobody chose", path.display()));
    }
    let opened = Home::open(path, &home.unlock).map_err(|error| error.to_string())?;
    let options =
        NodeOptions { listen: vec![LISTEN.to_owned()], peers: Vec::new(), ..NodeOptions::default() };
    let told = opened.warnings().iter().any(|warning| matches!(warning, Warning::NotBroughtOver { .. }));
    let node = Node::start(opened, options).await.map_err(|error| error.to_string())?;
    let port = "127.0.0.1:0".parse().ok();
    let doors = Doors { home: path.to_owned(), port };
    let shown = match bespeak_api::serve(node.clone(), &doors).await {
        Ok(serving) => {
            let shown = read(&Client::new(path), &node, home).await;
            serving.stop().await;
            shown
        }
        Err(error) => Err(error.to_string()),
    };
    node.shutdown().await;
    shown.map(|shown| Shown { damaged: shown.damaged + u64::from(told), ..shown })
}

async fn read(client: &Client, node: &Node, home: &Lived) -> Result<Shown, String> {
    let mut shown = Shown::default();
    shown.lines.insert(format!("party {}", node.party()));
    shown.lines.insert(format!("network {} role {}", node.network(), node.role()));
    let intentions = if home.role == Role::Vendor { "inbox" } else { "intentions" };
    for list in [intentions, "offers", "orders", "receipts", "data"] {
        shown.add(client, list).await?;
    }
    if home.role == Role::Vendor {
        let found: Vec<Value> = ask(client, "/v1/catalogue/search?text=lamp&limit=200").await?;
        // In the order of their keys, not of the search: of equals that is nobody's business.
        shown.lines.extend(found.iter().map(|hit| format!("goods {} {}", hit["sku"], hit["title"])));
        shown.lines.insert(format!("auto {}", ask::<Value>(client, "/v1/auto").await?));
    } else {
        let done = node.done_before(&home.once).await;
        shown.lines.insert(format!("done under a key: {}", matches!(done, Ok(Before::Done(_)))));
    }
    // Last: what was found damaged while it was read is counted too.
    let status: Value = ask(client, "/v1/status").await?;
    shown.damaged = status["store"]["damaged"].as_u64().unwrap_or_default();
    Ok(shown)
}

impl Shown {
    /// A list, and what belongs to each of its elements.
    async fn add(&mut self, client: &Client, list: &str) -> Result<(), String> {
        let found: Vec<Value> = ask(client, &format!("/v1/{list}")).await?;
        for one in found {
            if let Some(thread) = one["thread"].as_str() {
                let path = format!("/v1/threads/{}/messages", segment(thread));
                let said: Vec<Value> = ask(client, &path).await?;
                self.lines.extend(said.iter().map(|line| format!("message {thread} {line}")));
            }
            if list == "data" {
                let path = format!("/v1/data/{}/content", segment(one["id"].as_str().unwrap_or_default()));
                let content = client.get_bytes(&path).await;
                // That it cannot be read is counted as damage, or found below to differ.
                self.lines.insert(format!("content {:?}", content.map_err(|error| error.to_string())));
            }
            self.lines.insert(format!("{list} {one}"));
        }
        Ok(())
    }
}

async fn ask<T: serde::de::DeserializeOwned>(client: &Client, path: &str) -> Result<T, String> {
    client.get(path).await.map_err(|error| format!("{path}: {error}"))
}
