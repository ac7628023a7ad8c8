//! Mail that a relay said is stored, while it is killed again and again.

use std::collections::BTreeSet;

use bespeak_bench::letter_box::{self, LetterBox};
use bespeak_net::{MarketIdentity, Net, NetConfig, TransportIdentity};
use bespeak_protocol::drop::{DropReply, DropRequest};
use bespeak_tests::{LISTEN, PATIENCE, until};
use tokio::{sync::watch, task::JoinSet, time::timeout};

use super::process::Running;

/// How often the relay is killed.
const KILLS: usize = 4;
/// Senders at a time, each with a letter box of its own.
const SENDERS: u8 = 4;
/// Envelopes that are stored between two kills, at least.
const STORED: usize = 20;

fn letter_box_of(sender: u8) -> LetterBox {
    LetterBox::new(&[sender + 1; 32])
}

/// The answer, unless the relay is dead or dies over it.
async fn asked(net: &Net, who: u8, host: &str, request: &DropRequest) -> Option<DropReply> {
    let identity = TransportIdentity([who + 1; 32]);
    letter_box::ask(net, &identity, &[host.to_owned()], request).await.ok()
}

async fn got(net: &Net, sender: u8, host: &str, after: u64) -> Option<DropReply> {
    let name = host.rsplit_once("/p2p/").expect("an address with a name").1;
    asked(net, sender, host, &letter_box_of(sender).get(name, after, 0)).await
}

/// Leaves envelope after envelope, and counts what is stored; a refusal for too many ends it.
async fn pour(net: Net, sender: u8, host: String, stored: watch::Sender<BTreeSet<(u8, u32)>>) {
    for number in 0_u32.. {
        let envelope = [&number.to_be_bytes()[..], &[sender; 4092]].concat();
        let put = letter_box::put(letter_box_of(sender).queue(), envelope);
        match asked(&net, sender, &host, &put).await {
            Some(DropReply::Stored {}) => stored.send_modify(|all| {
                all.insert((sender, number));
            }),
            Some(DropReply::Refused { .. }) => return,
            // It may be kept or not: nobody was told that it is.
            _ => {}
        }
    }
}

/// Waits until so many are stored.
async fn reaches(stored: &watch::Receiver<BTreeSet<(u8, u32)>>, many: usize) {
    let mut stored = stored.clone();
    let reached = timeout(PATIENCE, stored.wait_for(|all| all.len() >= many)).await;
    assert!(reached.is_ok_and(|stored| stored.is_ok()), "{many} envelopes are not stored in time");
}

/// Everything in a letter box.
async fn fetched(net: &Net, sender: u8, host: &str) -> Vec<u32> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let reply = until("the relay hands out mail", || got(net, sender, host, after)).await;
        let DropReply::Mail { items } = reply else { panic!("{reply:?}") };
        let Some(last) = items.last() else { return all };
        after = last.id;
        for item in &items {
            let (number, rest) = item.envelope.split_first_chunk::<4>().expect("whole");
            assert!(rest.len() == 4092 && rest.iter().all(|byte| *byte == sender), "as it was left");
            all.push(u32::from_be_bytes(*number));
        }
    }
}

/// Kills the relay under load, and holds what comes out of it against what it said is stored.
pub(super) async fn outlives_kills() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("relay").display().to_string();
    let words = ["run", "--home", &home, "--json", "--listen", LISTEN];
    let mut relay = Running::start("bespeak-relay", &words);
    // It keeps its port and its name.
    let host = relay.address();
    let (net, _events) = Net::start(NetConfig::new(MarketIdentity::Fresh, "main")).await.unwrap();
    for sender in 0..SENDERS {
        until("a letter box opens", || got(&net, sender, &host, 0)).await;
    }
    let (stored, seen) = watch::channel(BTreeSet::new());
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        senders.spawn(pour(net.clone(), sender, host.clone(), stored.clone()));
    }
    for kill in 1..=KILLS {
        reaches(&seen, kill * STORED).await;
        relay.kill();
        relay = Running::start("bespeak-relay", &words);
        assert_eq!(relay.address(), host);
    }
    reaches(&seen, (KILLS + 1) * STORED).await;
    senders.shutdown().await;
    let told: Vec<(u8, u32)> = stored.borrow().iter().copied().collect();
    for sender in 0..SENDERS {
        let all = fetched(&net, sender, &host).await;
        let lost: Vec<_> =
            told.iter().filter(|(of, number)| *of == sender && !all.contains(number)).collect();
        assert!(lost.is_empty(), "stored and lost: {lost:?}");
        let mut once = all.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), all.len(), "kept twice");
    }
}
