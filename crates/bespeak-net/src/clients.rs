//! The dial-only swarms alive: made on demand, one for each transport identity, bounded in number.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libp2p::PeerId;
use libp2p::identity::Keypair;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use crate::address::Address;
use crate::client::{Ask, AskError, Caller, Client};
use crate::config::TransportIdentity;
use crate::drop::MAX_REQUEST;
use crate::error::{RequestError, Tried};
use crate::event::NetEvent;

/// How long all addresses of a host together may take to be dialled, and how long a request waits for its turn.
const DIAL_BUDGET: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct Live {
    asks: mpsc::Sender<Ask>,
    /// Whether the other side may see at which address this node is.
    seen: bool,
    used: Instant,
    /// Copies are held by requests under way.
    busy: Arc<()>,
}

#[derive(Debug)]
pub(crate) struct Clients {
    live: Mutex<HashMap<PeerId, Live>>,
    /// As many requests at once as swarms, so that among too many swarms one is always idle.
    turns: Semaphore,
    most: usize,
    version: String,
    events: mpsc::WeakSender<NetEvent>,
}

impl Clients {
    /// `version` is what identify says of a swarm that may be seen; what comes straight is told to `events`.
    pub(crate) fn new(most: usize, version: String, events: mpsc::WeakSender<NetEvent>) -> Self {
        Self { live: Mutex::new(HashMap::new()), turns: Semaphore::new(most), most, version, events }
    }

    /// Takes every swarm down; requests under way are brought to their end, new ones refused.
    pub(crate) fn close(&self) {
        self.turns.close();
        self.lock().clear();
    }

    /// Asks the host at each address in turn, as `identity`, until one replies or refuses. `seen` says whether the other side
    /// may see where this node is; none where it is all the same, because the host sees it anyway.
    pub(crate) async fn request(
        &self,
        identity: &TransportIdentity,
        host: &[String],
        seen: Option<bool>,
        request: Vec<u8>,
    ) -> Result<Vec<u8>, RequestError> {
        if request.len() > MAX_REQUEST {
            return Err(RequestError::TooLarge { bytes: request.len(), most: MAX_REQUEST });
        }
        let key = identity.keypair().ok_or_else(|| identity_error("not an Ed25519 secret key"))?;
        let _turn = match timeout(DIAL_BUDGET, self.turns.acquire()).await {
            Ok(Ok(turn)) => turn,
            Ok(Err(_)) => return Err(RequestError::Closed),
            Err(_) => return Err(RequestError::Busy),
        };
        let started = Instant::now();
        let mut tried = Vec::with_capacity(host.len());
        for text in host {
            let reason = match Address::read(text) {
                Err(reason) => reason,
                Ok(_) if started.elapsed() >= DIAL_BUDGET => "not tried: the others took too long".to_owned(),
                Ok(address) => match self.ask(&key, seen, &address, &request).await? {
                    Ok(reply) => return Ok(reply),
                    Err(AskError::Unreachable(reason)) => reason,
                    Err(error) => return Err(request_error(text, error)),
                },
            };
            tried.push(Tried { address: text.clone(), reason });
        }
        Err(RequestError::Unreachable { tried })
    }

    async fn ask(
        &self,
        key: &Keypair,
        seen: Option<bool>,
        address: &Address,
        request: &[u8],
    ) -> Result<Result<Vec<u8>, AskError>, RequestError> {
        // A swarm may end, being idle, in the moment it is handed a request: then a new one takes it.
        for _ in 0..2 {
            let (asks, _busy) = self.client(key, seen)?;
            let (answer, reply) = oneshot::channel();
            let ask = Ask { address: address.clone(), request: request.to_vec(), answer };
            if asks.send(ask).await.is_ok()
                && let Ok(result) = reply.await
            {
                return Ok(result);
            }
        }
        Err(RequestError::Closed)
    }

    fn client(
        &self,
        key: &Keypair,
        seen: Option<bool>,
    ) -> Result<(mpsc::Sender<Ask>, Arc<()>), RequestError> {
        let peer = key.public().to_peer_id();
        let mut live = self.lock();
        if self.turns.is_closed() {
            return Err(RequestError::Closed);
        }
        // What is under way on a swarm that is not as wished is still brought to its end.
        live.retain(|known, client| {
            !client.asks.is_closed() && (*known != peer || seen.is_none_or(|seen| client.seen == seen))
        });
        if !live.contains_key(&peer) {
            make_room(&mut live, self.most);
            let seen = seen.unwrap_or_default();
            let (version, events) = (self.version.clone(), self.events.clone());
            let caller = Caller { key: key.clone(), seen, version, events };
            let asks = Client::start(caller).map_err(|e| identity_error(&e.to_string()))?;
            live.insert(peer, Live { asks, seen, used: Instant::now(), busy: Arc::new(()) });
        }
        let client = live.get_mut(&peer).ok_or(RequestError::Closed)?;
        client.used = Instant::now();
        Ok((client.asks.clone(), Arc::clone(&client.busy)))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PeerId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the swarm go that has been idle longest, if there are as many as allowed.
fn make_room(live: &mut HashMap<PeerId, Live>, most: usize) {
    while live.len() >= most {
        let idle = live.iter().filter(|(_, client)| Arc::strong_count(&client.busy) == 1);
        let Some(peer) = idle.min_by_key(|(_, client)| client.used).map(|(peer, _)| *peer) else { return };
        live.remove(&peer);
    }
}

fn identity_error(reason: &str) -> RequestError {
    RequestError::Identity { reason: reason.to_owned() }
}

fn request_error(address: &str, error: AskError) -> RequestError {
    let address = address.to_owned();
    match error {
        AskError::Refused(reason) => RequestError::Refused { address, reason },
        AskError::TimedOut => RequestError::TimedOut { address },
        AskError::TooLarge(over) => RequestError::TooLarge { bytes: over.bytes, most: over.most },
        AskError::Unreachable(reason) => RequestError::Unreachable { tried: vec![Tried { address, reason }] },
    }
}
