//! A relay as a stranger sees it: what it does while its disk refuses, and what it counts.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use bespeak_identity::SignKey;
use bespeak_model::{queue::QueueId, reason::RefusalCode};
use bespeak_net::{MarketIdentity, Net, NetConfig, TransportIdentity};
use bespeak_protocol::drop::{DropReply, DropRequest, Errand, Proof};
use bespeak_store::Options;
use serde_bytes::ByteBuf;

use super::*;
use crate::refusing_disk::{EIO, ENOSPC, Refusing, until};

/// Somebody with a queue, and somebody who leaves mail in it.
struct Asker {
    net: Net,
    key: SignKey,
}

impl Asker {
    async fn new() -> Self {
        let (net, _events) = Net::start(NetConfig::new(MarketIdentity::Fresh, "main")).await.unwrap();
        Self { net, key: SignKey::from_bytes(&[7; 32]) }
    }

    fn queue(&self) -> QueueId {
        QueueId::from_bytes(*self.key.public().as_bytes())
    }

    async fn ask(&self, relay: &Relay, who: u8, request: &DropRequest) -> DropReply {
        let bytes = request.to_bytes().unwrap();
        let identity = TransportIdentity([who; 32]);
        let reply = self.net.request(&identity, &relay.listen_addresses(), bytes).await.unwrap();
        DropReply::from_bytes(&reply).unwrap()
    }

    async fn put(&self, relay: &Relay, envelope: &[u8]) -> DropReply {
        let envelope = ByteBuf::from(envelope);
        self.ask(relay, 1, &DropRequest::Put { queue: self.queue(), envelope, stamp: None }).await
    }

    async fn get(&self, relay: &Relay) -> DropReply {
        let proof = Proof::new(&self.key, &relay.peer(), &Errand::Get { after: 0 });
        self.ask(relay, 2, &DropRequest::Get { queue: self.queue(), after: 0, wait: 0, proof }).await
    }

    async fn ack(&self, relay: &Relay, ids: Vec<u64>) -> DropReply {
        let proof = Proof::new(&self.key, &relay.peer(), &Errand::Ack { ids: &ids });
        self.ask(relay, 2, &DropRequest::Ack { queue: self.queue(), ids, proof }).await
    }

    /// What is in the queue, once the relay hands it out.
    async fn mail(&self, relay: &Relay) -> Vec<(u64, Vec<u8>)> {
        until("the mail", || async {
            match self.get(relay).await {
                DropReply::Mail { items } => {
                    Some(items.into_iter().map(|item| (item.id, item.envelope.into_vec())).collect())
                }
                _ => None,
            }
        })
        .await
    }
}

const INTERNAL: DropReply = DropReply::Refused { code: RefusalCode::Internal };

async fn relay_on(disk: &Refusing, home: &std::path::Path) -> Relay {
    let stored = Options { disk: Arc::new(disk.clone()), ..Options::default() };
    let listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
    Relay::start_on(RelayOptions { listen, ..RelayOptions::new(home) }, stored).await.unwrap()
}

/// The value of a line of the metrics.
fn metric(relay: &Relay, line: &str) -> u64 {
    let text = relay.metrics();
    let found = text.lines().find_map(|said| said.strip_prefix(line)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("{line} is not in {text}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_refuses_what_is_held_is_handed_out_and_nothing_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Refusing::default();
    let (relay, asker) = (relay_on(&disk, dir.path()).await, Asker::new().await);
    assert_eq!(asker.put(&relay, b"too early").await, DropReply::Refused { code: RefusalCode::NotFound });
    assert_eq!(asker.mail(&relay).await, []);
    assert_eq!(asker.put(&relay, b"before").await, DropReply::Stored {});
    let [(id, _)] = asker.mail(&relay).await[..] else { panic!("one envelope") };

    for code in [EIO, ENOSPC] {
        let held = asker.mail(&relay).await;
        disk.refuse(code);
        assert_eq!(asker.put(&relay, b"refused").await, INTERNAL);
        assert_eq!(asker.mail(&relay).await, held, "what it has it hands out");
        assert_eq!(
            asker.ack(&relay, vec![id]).await,
            INTERNAL,
            "what cannot be deleted is not called deleted"
        );
        assert_eq!(asker.ask(&relay, 3, &DropRequest::About {}).await, DropReply::About { holds_mail: true });
        until("the refusal is counted", || async {
            (metric(&relay, "bespeak_relay_store_refusing") == 1).then_some(())
        })
        .await;
        disk.repair();
        let after = format!("after {code}");
        until("it goes on by itself", || async {
            (asker.put(&relay, after.as_bytes()).await == DropReply::Stored {}).then_some(())
        })
        .await;
    }
    let held = asker.mail(&relay).await;
    let texts: Vec<_> = held.iter().map(|(_, text)| text.as_slice()).collect();
    assert_eq!(
        texts,
        [&b"before"[..], format!("after {EIO}").as_bytes(), format!("after {ENOSPC}").as_bytes()]
    );
    assert!(metric(&relay, "bespeak_relay_store_failures_total") >= 2);

    relay.shutdown().await;
    let relay = relay_on(&disk, dir.path()).await;
    assert_eq!(asker.mail(&relay).await, held, "what was acknowledged outlives the relay");
    assert_eq!(asker.ack(&relay, held.iter().map(|(id, _)| *id).collect()).await, DropReply::Done {});
    assert_eq!(asker.mail(&relay).await, []);
    relay.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted_and_names_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let (relay, asker) = (relay_on(&Refusing::default(), dir.path()).await, Asker::new().await);
    assert_eq!(asker.put(&relay, b"nobody").await, DropReply::Refused { code: RefusalCode::NotFound });
    assert_eq!(asker.mail(&relay).await, []);
    for _ in 0..2 {
        assert_eq!(asker.put(&relay, b"letter").await, DropReply::Stored {});
    }
    let [(id, _)] = asker.mail(&relay).await[..] else { panic!("one envelope") };
    let held = || async { (metric(&relay, "bespeak_relay_mail_held_bytes") == 6).then_some(()) };
    until("the gauges follow", held).await;
    assert_eq!(metric(&relay, "bespeak_relay_mail_held_envelopes"), 1);
    assert_eq!(asker.ack(&relay, vec![id]).await, DropReply::Done {});
    for (line, count) in [
        ("queues", 1),
        ("queues_opened_total", 1),
        ("mail_accepted_envelopes_total", 1),
        ("mail_accepted_bytes_total", 6),
        ("mail_repeated_envelopes_total", 1),
        ("mail_refused_envelopes_total{reason=\"not_found\"}", 1),
        ("mail_delivered_envelopes_total", 1),
        ("mail_acknowledged_envelopes_total", 1),
        ("peers_cut_off_total", 0),
    ] {
        assert_eq!(metric(&relay, &format!("bespeak_relay_{line}")), count, "{line}");
    }
    let text = relay.metrics();
    let labels: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once('{')?.1.split_once('='))
        .map(|(name, _)| name)
        .collect();
    assert!(labels.iter().all(|name| ["reason", "verdict"].contains(name)), "{labels:?}");
    assert!(text.ends_with("# EOF\n"));
    relay.shutdown().await;
}

/// Every metric, with its kind and what it tells, as the text says it.
fn told(text: &str) -> Vec<(String, String, String)> {
    let helps = text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' '));
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let both = helps.zip(types).map(|((name, help), (typed, kind))| {
        assert_eq!(name, typed);
        let end = if kind == "counter" { "_total" } else { "" };
        (format!("{name}{end}"), kind.to_owned(), help.trim_end_matches('.').to_owned())
    });
    both.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_lists_every_metric_and_every_limit() {
    let dir = tempfile::tempdir().unwrap();
    let relay = relay_on(&Refusing::default(), dir.path()).await;
    let document = include_str!("../../../../docs/relay.md");
    let rows: Vec<Vec<&str>> = document
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    // The name of a label follows what is told by it.
    let words = |cell: &str| cell.split(" (`").next().unwrap().to_owned();
    let mut listed: Vec<(String, String, String)> = rows
        .iter()
        .filter(|row| row[0].starts_with("bespeak_relay_"))
        .map(|row| (row[0].to_owned(), row[1].to_owned(), words(row[2])))
        .collect();
    let mut counted = told(&relay.metrics());
    listed.sort();
    counted.sort();
    assert_eq!(listed, counted);
    let default = |limit: &NamedLimit| limit.get(&RelayLimits::default()).to_string();
    let limits: Vec<(&str, String, &str)> =
        LIMITS.iter().map(|limit| (limit.name, default(limit), limit.words.trim_end_matches('.'))).collect();
    let said: Vec<(&str, String, &str)> = rows
        .iter()
        .filter(|row| LIMITS.iter().any(|limit| limit.name == row[0]))
        .map(|row| (row[0], row[1].replace('_', ""), row[2]))
        .collect();
    assert_eq!(
        said, limits,
        "docs/relay.md lists the limits with their defaults, in the order and the words of the configuration"
    );
    relay.shutdown().await;
}
