//! A real relay with its store on disk: senders leave mail in queues, their owners wait for it and acknowledge it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bespeak_model::{queue::QueueId, reason::RefusalCode};
use bespeak_net::{MarketIdentity, Net, NetConfig, TransportIdentity};
use bespeak_node::{Relay, RelayLimits, RelayOptions};
use bespeak_protocol::{
    drop::{DropReply, DropRequest},
    rate::Rate,
};
use tokio::{sync::mpsc, task::JoinSet, time::timeout};

use super::{CONNECTIONS, Done};
use crate::{
    delivery::MeasureError,
    figures::Durations,
    letter_box::{self, LetterBox},
    market::{LISTEN, NETWORK, PATIENCE},
};

/// More than a machine sends.
const NO_END: Rate = Rate { burst: u32::MAX, per_second: u32::MAX };
/// How long an owner's request waits for mail, in seconds. Source: below what a relay allows.
const WAIT: u16 = 20;
/// Pause before a refused envelope is sent again. Source: wild guess; its owner empties the queue meanwhile.
const AGAIN: Duration = Duration::from_millis(5);

/// What came of it.
pub struct Mail {
    /// From leaving an envelope to the word that it is durable.
    pub stored: Done,
    /// From leaving it to having it at its owner.
    pub delivered: Done,
    /// Refusals; these were sent again.
    pub refused: usize,
}

/// A relay, and the wires by which it is asked.
#[derive(Clone)]
struct Post {
    net: Net,
    hosts: Vec<String>,
    name: String,
}

/// Leaves so many envelopes of so many bytes, `flight` at a time, each of those in a queue of its own.
///
/// # Errors
/// When something cannot be set up, or mail is lost.
pub async fn carry(
    folder: &Path,
    bytes: usize,
    flight: usize,
    envelopes: usize,
) -> Result<Mail, MeasureError> {
    let place = tempfile::tempdir_in(folder).map_err(MeasureError::set_up)?;
    // Who may leave how much is not what is measured.
    let limits = RelayLimits { put_rate: NO_END, put_rate_of_place: NO_END, ..RelayLimits::default() };
    let options = RelayOptions {
        network: Some(NETWORK.parse().map_err(MeasureError::set_up)?),
        listen: vec![LISTEN.to_owned()],
        limits,
        ..RelayOptions::new(place.path().join("relay"))
    };
    let relay = Relay::start(options).await.map_err(MeasureError::set_up)?;
    let (net, _events) =
        Net::start(NetConfig::new(MarketIdentity::Fresh, NETWORK)).await.map_err(MeasureError::set_up)?;
    let hosts = relay.listen_addresses();
    let name = letter_box::name(&hosts).map(str::to_owned);
    let name = name.ok_or_else(|| MeasureError::set_up("the relay has no name"))?;
    let post = Post { net, hosts, name };
    let mail = exchange(&post, bytes, flight, envelopes).await;
    post.net.shutdown().await;
    relay.shutdown().await;
    mail
}

async fn exchange(post: &Post, bytes: usize, flight: usize, envelopes: usize) -> Result<Mail, MeasureError> {
    let (arrived, mut arrivals) = mpsc::unbounded_channel();
    let mut owners = JoinSet::new();
    let mut queues = Vec::new();
    for number in 0..flight {
        let owner = Owner { post: post.clone(), number, letter_box: LetterBox::new(&secret(number, 1)) };
        owner.ask(&owner.get(0, 0)).await?;
        queues.push(owner.letter_box.queue());
        owners.spawn(owner.wait(arrived.clone()));
    }
    let (next, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut senders = JoinSet::new();
    let start = Instant::now();
    for (number, queue) in queues.into_iter().enumerate() {
        let (post, next, refused) = (post.clone(), Arc::clone(&next), Arc::clone(&refused));
        senders.spawn(async move {
            let mut sent = Vec::new();
            loop {
                let envelope = next.fetch_add(1, Ordering::Relaxed);
                if envelope >= envelopes {
                    return Ok::<_, MeasureError>(sent);
                }
                let begun = Instant::now();
                post.leave(number, queue, envelope, bytes, &refused).await?;
                sent.push((envelope, begun, begun.elapsed()));
            }
        });
    }
    let mut begun = vec![start; envelopes];
    let mut stored = Vec::with_capacity(envelopes);
    while let Some(sent) = senders.join_next().await {
        for (envelope, at, took) in sent.map_err(MeasureError::set_up)?? {
            stored.push(took);
            begun[envelope] = at;
        }
    }
    let stored = Done { took: Durations::new(stored), in_all: start.elapsed() };
    let mut there = Vec::with_capacity(envelopes);
    let mut last = start;
    while there.len() < envelopes {
        let Ok(Some((envelope, at))) = timeout(PATIENCE, arrivals.recv()).await else {
            let (arrived, seconds) = (there.len(), PATIENCE.as_secs());
            return Err(MeasureError::Lost { arrived, expected: envelopes, seconds });
        };
        let left = begun.get(envelope).copied().unwrap_or(start);
        there.push(at.duration_since(left));
        last = last.max(at);
    }
    owners.shutdown().await;
    let delivered = Done { took: Durations::new(there), in_all: last.duration_since(start) };
    Ok(Mail { stored, delivered, refused: refused.load(Ordering::Relaxed) })
}

/// Secret bytes of somebody in this measurement.
fn secret(number: usize, what: u8) -> [u8; 32] {
    let mut secret = [what; 32];
    secret[..8].copy_from_slice(&number.to_be_bytes());
    secret
}

impl Post {
    async fn ask(
        &self,
        identity: &TransportIdentity,
        request: &DropRequest,
    ) -> Result<DropReply, MeasureError> {
        letter_box::ask(&self.net, identity, &self.hosts, request).await
    }

    /// Leaves an envelope again and again until it is kept; refused for too long it never will be, its owner is gone.
    async fn leave(
        &self,
        sender: usize,
        queue: QueueId,
        number: usize,
        bytes: usize,
        refused: &AtomicUsize,
    ) -> Result<(), MeasureError> {
        let identity = TransportIdentity(secret(sender % CONNECTIONS, 2));
        let mut envelope = number.to_be_bytes().to_vec();
        envelope.resize(bytes, 7);
        let (put, begun) = (letter_box::put(queue, envelope), Instant::now());
        loop {
            match self.ask(&identity, &put).await? {
                DropReply::Stored {} => return Ok(()),
                DropReply::Refused { code: RefusalCode::TooLarge | RefusalCode::RateLimited }
                    if begun.elapsed() < PATIENCE =>
                {
                    refused.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(AGAIN).await;
                }
                other => return Err(MeasureError::SetUp(format!("an envelope was answered with {other:?}"))),
            }
        }
    }
}

struct Owner {
    post: Post,
    number: usize,
    letter_box: LetterBox,
}

impl Owner {
    fn get(&self, after: u64, wait: u16) -> DropRequest {
        self.letter_box.get(&self.post.name, after, wait)
    }

    async fn ask(&self, request: &DropRequest) -> Result<DropReply, MeasureError> {
        let identity = TransportIdentity(secret(self.number % CONNECTIONS, 3));
        self.post.ask(&identity, request).await
    }

    /// Tells of every envelope that comes, and has it deleted. An owner who is refused tells nothing more, which is missed.
    async fn wait(self, arrived: mpsc::UnboundedSender<(usize, Instant)>) {
        let mut after = 0;
        while let Ok(DropReply::Mail { items }) = self.ask(&self.get(after, WAIT)).await {
            let at = Instant::now();
            let ids: Vec<u64> = items.iter().map(|item| item.id).collect();
            for item in &items {
                let number = item.envelope.split_first_chunk::<8>();
                let number = number.map(|(number, _)| usize::from_be_bytes(*number));
                // Whoever listens has all it wants, or gave up.
                let _ = number.map(|number| arrived.send((number, at)));
            }
            after = ids.iter().copied().max().unwrap_or(after);
            let ack = self.letter_box.ack(&self.post.name, ids);
            if !items.is_empty() && self.ask(&ack).await.is_err() {
                return;
            }
        }
    }
}
