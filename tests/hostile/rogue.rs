//! A peer that speaks real libp2p and keeps to nothing: its streams carry whatever bytes it is told to send.

use std::{collections::HashMap, io, time::Duration};

use bespeak_tests::PATIENCE;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, identify,
    identity::Keypair,
    noise,
    request_response::{self, Message, OutboundRequestId, ProtocolSupport, ResponseChannel},
    swarm::{NetworkBehaviour, SwarmEvent, behaviour::toggle::Toggle},
    tcp, yamux,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::AbortHandle,
    time::timeout,
};

use super::{
    past::{self, Memory},
    wire,
};

/// Nothing of the rogue's own ends a stream or a connection. Source: longer than any test.
const FOREVER: Duration = Duration::from_secs(3600);
/// The network everybody in these tests is on.
pub(crate) const NETWORK: &str = "hostile";

/// What goes out on one stream.
#[derive(Debug)]
pub(crate) enum Out {
    /// These bytes, then the end.
    Once(Raw),
    /// Whatever comes by the channel, until that ends.
    Talk(mpsc::UnboundedReceiver<Vec<u8>>),
}

/// A request, down to its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    /// All of them, the length before the body included.
    pub(crate) bytes: Vec<u8>,
    /// How many go out at a time.
    pub(crate) portion: usize,
    /// How long to wait after each portion.
    pub(crate) pause: Duration,
    /// Whether the stream just breaks behind them.
    pub(crate) breaks: bool,
}

impl Raw {
    /// Bytes as they are, at once.
    pub(crate) fn bytes(bytes: Vec<u8>) -> Self {
        Self { portion: bytes.len().max(1), bytes, pause: Duration::ZERO, breaks: false }
    }

    /// A request in the frame it should have.
    pub(crate) fn framed(body: &[u8]) -> Self {
        Self::bytes(framed(body))
    }

    /// Broken off after so many bytes.
    pub(crate) fn cut(mut self, at: usize) -> Self {
        self.bytes.truncate(at);
        self.breaks = true;
        self
    }

    /// A byte at a time.
    pub(crate) fn slowly(mut self, pause: Duration) -> Self {
        (self.portion, self.pause) = (1, pause);
        self
    }
}

/// A length, and as many bytes, however many.
fn framed(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes(), body].concat()
}

/// The bytes behind a length, if there are as many.
pub(crate) fn unframed(frame: &[u8]) -> Option<&[u8]> {
    let (length, body) = frame.split_first_chunk::<4>()?;
    (u32::from_be_bytes(*length) as usize == body.len()).then_some(body)
}

/// Reads and writes whatever there is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loose;

async fn drain<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    io.take(4 << 20).read_to_end(&mut all).await?;
    Ok(all)
}

async fn pour<T: AsyncWrite + Unpin + Send>(io: &mut T, raw: Raw) -> io::Result<()> {
    for portion in raw.bytes.chunks(raw.portion) {
        io.write_all(portion).await?;
        io.flush().await?;
        if !raw.pause.is_zero() {
            tokio::time::sleep(raw.pause).await;
        }
    }
    if raw.breaks { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
}

impl request_response::Codec for Loose {
    type Protocol = StreamProtocol;
    type Request = Out;
    type Response = Vec<u8>;

    /// Nobody asks a rogue; what others gossip to it is read and thrown away.
    async fn read_request<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Out> {
        let mut sink = vec![0; 64 * 1024];
        while io.read(&mut sink).await? > 0 {}
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Vec<u8>> {
        drain(io).await
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        out: Out,
    ) -> io::Result<()> {
        match out {
            Out::Once(raw) => pour(io, raw).await,
            Out::Talk(mut words) => {
                while let Some(word) = words.recv().await {
                    io.write_all(&word).await?;
                    io.flush().await?;
                }
                Ok(())
            }
        }
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        _: &mut T,
        _: Vec<u8>,
    ) -> io::Result<()> {
        Ok(())
    }
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    identify: identify::Behaviour,
    drops: request_response::Behaviour<Loose>,
    gossip: request_response::Behaviour<Loose>,
    past: Toggle<past::Past>,
}

fn behaviour(key: &Keypair, remembers: bool) -> Behaviour {
    let config = || {
        request_response::Config::default().with_request_timeout(FOREVER).with_max_concurrent_streams(1000)
    };
    let spoken = |name, side| {
        request_response::Behaviour::with_codec(Loose, [(StreamProtocol::new(name), side)], config())
    };
    Behaviour {
        identify: identify::Behaviour::new(identify::Config::new(
            format!("/bespeak/1/{NETWORK}"),
            key.public(),
        )),
        drops: spoken("/bespeak/drop/1", ProtocolSupport::Outbound),
        gossip: spoken("/meshsub/1.1.0", ProtocolSupport::Full),
        past: remembers.then(past::past).into(),
    }
}

fn swarm(key: Keypair, remembers: bool) -> Swarm<Behaviour> {
    SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|key| behaviour(key, remembers))
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(FOREVER))
        .build()
}

type Answer = oneshot::Sender<Result<Vec<u8>, String>>;

/// How it stands with the one host a rogue deals with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Being dialled.
    Dialling,
    /// Connected, and both have said who they are.
    Up,
    /// Connected once, and no more.
    Cut,
}

/// A running rogue; it is gone when dropped.
pub(crate) struct Rogue {
    key: Keypair,
    asks: mpsc::UnboundedSender<(Raw, Answer)>,
    words: mpsc::UnboundedSender<Vec<u8>>,
    link: watch::Receiver<Link>,
    task: AbortHandle,
}

impl Drop for Rogue {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Rogue {
    /// Dials a host and waits until they know each other. `None` when the host does not let it in.
    async fn try_meet(key: Keypair, address: &str, memory: Option<Memory>) -> Option<Self> {
        let (asks, asked) = mpsc::unbounded_channel();
        let (words, spoken) = mpsc::unbounded_channel();
        let (linked, link) = watch::channel(Link::Dialling);
        let mut swarm = swarm(key.clone(), memory.is_some());
        swarm.dial(address.parse::<Multiaddr>().unwrap()).unwrap();
        let spoken = Some(spoken);
        let life = Life { swarm, linked, spoken, answers: HashMap::new(), memory, held: Vec::new() };
        let task = tokio::spawn(life.run(asked)).abort_handle();
        let mut rogue = Self { key, asks, words, link, task };
        rogue.reaches(|link| link != Link::Dialling, "an answer to the dial").await;
        (rogue.link() == Link::Up).then_some(rogue)
    }

    /// Dials a host that lets it in.
    pub(crate) async fn meet(address: &str) -> Self {
        Self::try_meet(Keypair::generate_ed25519(), address, None).await.expect("a stranger is let in")
    }

    /// Dials as one who can be asked what was said before. `None` when the host does not let it in.
    pub(crate) async fn remembering(key: &Keypair, address: &str, memory: Memory) -> Option<Self> {
        Self::try_meet(key.clone(), address, Some(memory)).await
    }

    /// Dials under the same name once more; whether it is let in.
    pub(crate) async fn is_let_in_again(&self, address: &str) -> bool {
        Self::try_meet(self.key.clone(), address, None).await.is_some()
    }

    async fn reaches(&mut self, is: impl Fn(Link) -> bool, what: &str) {
        let reached = timeout(PATIENCE, self.link.wait_for(|link| is(*link))).await;
        assert!(reached.is_ok(), "waited in vain for {what}");
    }

    /// How it stands with the host now.
    pub(crate) fn link(&self) -> Link {
        *self.link.borrow()
    }

    /// Waits until the host has closed the connection.
    pub(crate) async fn is_cut_off(&mut self, why: &str) {
        self.reaches(|link| link == Link::Cut, &format!("the end of a peer that sent {why}")).await;
    }

    /// Says something on the stream of gossip: parts of one frame.
    pub(crate) fn say(&self, parts: &[Vec<u8>]) {
        self.shout(wire::frame(parts));
    }

    /// Sends bytes on the stream of gossip.
    pub(crate) fn shout(&self, bytes: Vec<u8>) {
        // After a cut there is nobody to hear it.
        let _ = self.words.send(bytes);
    }

    /// Sends a request; the reply comes later. Bytes come back as they are.
    pub(crate) fn ask(&self, raw: Raw) -> oneshot::Receiver<Result<Vec<u8>, String>> {
        let (answer, answered) = oneshot::channel();
        let _ = self.asks.send((raw, answer));
        answered
    }

    /// Sends a request and waits for its end: the reply, or how the stream ended.
    pub(crate) async fn told(&self, raw: Raw) -> Result<Vec<u8>, String> {
        let answer = timeout(PATIENCE, self.ask(raw)).await.expect("a request comes to an end");
        answer.unwrap_or_else(|_| Err("the rogue was cut off".to_owned()))
    }
}

struct Life {
    swarm: Swarm<Behaviour>,
    linked: watch::Sender<Link>,
    spoken: Option<mpsc::UnboundedReceiver<Vec<u8>>>,
    answers: HashMap<OutboundRequestId, Answer>,
    memory: Option<Memory>,
    /// Questions that are never answered.
    held: Vec<ResponseChannel<Vec<u8>>>,
}

impl Life {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<(Raw, Answer)>) {
        let mut host = None;
        loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.happened(event, &mut host),
                Some((raw, answer)) = asked.recv() => {
                    if let Some(host) = host {
                        let id = self.swarm.behaviour_mut().drops.send_request(&host, Out::Once(raw));
                        self.answers.insert(id, answer);
                    }
                }
            }
        }
    }

    fn happened(&mut self, event: SwarmEvent<BehaviourEvent>, host: &mut Option<PeerId>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, .. } => *host = Some(peer_id),
            SwarmEvent::ConnectionClosed { num_established: 0, .. }
            | SwarmEvent::OutgoingConnectionError { .. } => {
                *host = None;
                self.answers.clear();
                self.linked.send_replace(Link::Cut);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received {
                peer_id, ..
            })) => {
                if let Some(spoken) = self.spoken.take() {
                    self.swarm.behaviour_mut().gossip.send_request(&peer_id, Out::Talk(spoken));
                    self.linked.send_replace(Link::Up);
                }
            }
            SwarmEvent::Behaviour(BehaviourEvent::Drops(event)) => self.answered(event),
            SwarmEvent::Behaviour(BehaviourEvent::Past(request_response::Event::Message {
                message: Message::Request { request, channel, .. },
                ..
            })) => self.asked(&request, channel),
            _ => {}
        }
    }

    fn asked(&mut self, frame: &[u8], channel: ResponseChannel<Vec<u8>>) {
        // A stream that broke off asks nothing.
        let Some(question) = unframed(frame) else { return };
        let answer = self.memory.as_mut().and_then(|memory| memory(question));
        match (answer, self.swarm.behaviour_mut().past.as_mut()) {
            // Whoever asked may wait no longer.
            (Some(answer), Some(past)) => drop(past.send_response(channel, framed(&answer))),
            _ => self.held.push(channel),
        }
    }

    fn answered(&mut self, event: request_response::Event<Out, Vec<u8>>) {
        let (id, result) = match event {
            request_response::Event::Message {
                message: Message::Response { request_id, response }, ..
            } => (request_id, Ok(response)),
            request_response::Event::OutboundFailure { request_id, error, .. } => {
                (request_id, Err(error.to_string()))
            }
            _ => return,
        };
        if let Some(answer) = self.answers.remove(&id) {
            // Whoever asked may wait no longer.
            let _ = answer.send(result);
        }
    }
}
