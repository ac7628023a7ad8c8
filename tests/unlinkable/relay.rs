//! A relay that writes everything down.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bespeak_model::{queue::QueueId, time::Time};
use bespeak_net::{Hosting, MarketIdentity, Net, NetConfig, NetEvent, ReplyToken, Verdict};
use bespeak_protocol::{
    drop::{DropReply, DropRequest, Host, HostStep, MailItem, Quotas, Sender},
    market::{self, Gate},
};
use bespeak_tests::LISTEN;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};
use tokio::{sync::mpsc, time::Instant};

use super::NETWORK;

pub(crate) fn now() -> Time {
    Time::from_unix(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// A request as it came.
#[derive(Clone)]
pub(crate) struct Asked {
    /// From whom.
    pub(crate) peer: String,
    /// All its bytes.
    pub(crate) bytes: Vec<u8>,
    /// What they say.
    pub(crate) request: DropRequest,
}

/// Everything that reached the relay.
#[derive(Default)]
pub(crate) struct Log {
    /// Market messages: from whom, and their bytes.
    pub(crate) gossip: Vec<(String, Vec<u8>)>,
    pub(crate) asked: Vec<Asked>,
    /// Who was connected, from which address.
    pub(crate) connected: Vec<(String, String)>,
}

/// The relay.
pub(crate) struct RecordingRelay {
    net: Net,
    log: Arc<Mutex<Log>>,
}

impl RecordingRelay {
    pub(crate) async fn start() -> Self {
        let mut config = NetConfig::new(MarketIdentity::Fixed([0xfe; 32]), NETWORK);
        config.listen = vec![LISTEN.to_owned()];
        config.topics = market::topics(&NETWORK.parse().unwrap());
        (config.be_found, config.hosting) = (true, Some(Hosting::default()));
        let (net, events) = Net::start(config).await.unwrap();
        let log = Arc::<Mutex<Log>>::default();
        let work = Work {
            host: Host::new(net.peer(), now(), Quotas::default()),
            gate: Gate::new(NETWORK.parse().unwrap()),
            net: net.clone(),
            log: Arc::clone(&log),
            mail: BTreeMap::new(),
            parked: Vec::new(),
        };
        tokio::spawn(work.run(events));
        Self { net, log }
    }

    pub(crate) fn addresses(&self) -> Vec<String> {
        self.net.listen_addresses()
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    /// Every byte string that reached the relay, whoever sent it.
    pub(crate) fn all_bytes(&self) -> Vec<Vec<u8>> {
        let log = self.log();
        let gossip = log.gossip.iter().map(|(_, bytes)| bytes.clone());
        gossip.chain(log.asked.iter().map(|asked| asked.bytes.clone())).collect()
    }

    /// From where a peer came.
    pub(crate) fn addresses_of(&self, peer: &str) -> Vec<String> {
        let of = |(who, _): &&(String, String)| who == peer;
        self.log().connected.iter().filter(of).map(|(_, address)| address.clone()).collect()
    }

    pub(crate) async fn stop(&self) {
        self.net.shutdown().await;
    }
}

struct Work {
    host: Host,
    gate: Gate,
    net: Net,
    log: Arc<Mutex<Log>>,
    mail: BTreeMap<(QueueId, u64), Vec<u8>>,
    parked: Vec<(QueueId, DropRequest, ReplyToken, Instant)>,
}

impl Work {
    async fn run(mut self, mut events: mpsc::Receiver<NetEvent>) {
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.heard(event),
                    None => return,
                },
                _ = tick.tick() => self.over(),
            }
        }
    }

    fn heard(&mut self, event: NetEvent) {
        match event {
            NetEvent::Gossip { topic, bytes, from, token } => {
                let verdict = match self.gate.judge(&topic, &bytes, now()) {
                    market::Verdict::Accept => Verdict::Accept,
                    market::Verdict::Ignore => Verdict::Ignore,
                    market::Verdict::Reject => Verdict::Reject,
                };
                self.net.judge(token, verdict);
                self.log.lock().unwrap().gossip.push((from, bytes));
            }
            NetEvent::Request { peer, request: bytes, reply } => {
                let request = DropRequest::from_bytes(&bytes).expect("honest nodes ask well");
                self.log.lock().unwrap().asked.push(Asked { peer, bytes, request: request.clone() });
                self.serve(request, reply);
            }
            NetEvent::Connected { peer, address } => self.log.lock().unwrap().connected.push((peer, address)),
            _ => {}
        }
    }

    fn serve(&mut self, request: DropRequest, reply: ReplyToken) {
        let digest = match &request {
            DropRequest::Put { envelope, .. } => Sha256::digest(envelope.as_slice()).into(),
            _ => [0; 32],
        };
        let mut step = self.host.handle(&request, digest, Sender::alone(0), now());
        while let HostStep::Open { then, .. } = step {
            step = *then;
        }
        match step {
            HostStep::Reply(said) => self.answer(reply, &said),
            HostStep::Keep { mail: stored, .. } => {
                if let DropRequest::Put { envelope, .. } = request {
                    self.mail.insert((stored.queue, stored.id), envelope.into_vec());
                }
                self.answer(reply, &DropReply::Stored {});
                let (here, others) = self.parked.drain(..).partition(|(queue, ..)| *queue == stored.queue);
                self.parked = others;
                let here: Vec<(QueueId, DropRequest, ReplyToken, Instant)> = here;
                here.into_iter().for_each(|(_, request, reply, _)| self.serve(request, reply));
            }
            HostStep::Read { queue, ids } => {
                let items = ids.iter().filter_map(|id| {
                    Some(MailItem { id: *id, envelope: ByteBuf::from(self.mail.get(&(queue, *id))?.clone()) })
                });
                let mail = DropReply::Mail { items: items.collect() };
                self.answer(reply, &mail);
            }
            HostStep::Delete { queue, ids } => {
                ids.iter().for_each(|id| drop(self.mail.remove(&(queue, *id))));
                self.answer(reply, &DropReply::Done {});
            }
            HostStep::Wait { queue, seconds } => {
                let until = Instant::now() + Duration::from_secs(seconds.into());
                self.parked.push((queue, request, reply, until));
            }
            HostStep::Open { .. } => unreachable!("opened above"),
        }
    }

    fn over(&mut self) {
        let (over, waiting) = self.parked.drain(..).partition(|(.., until)| *until <= Instant::now());
        self.parked = waiting;
        let over: Vec<(QueueId, DropRequest, ReplyToken, Instant)> = over;
        for (_, _, reply, _) in over {
            self.answer(reply, &DropReply::Mail { items: Vec::new() });
        }
    }

    fn answer(&self, reply: ReplyToken, said: &DropReply) {
        self.net.reply(reply, said.to_bytes().unwrap()).unwrap();
    }
}
