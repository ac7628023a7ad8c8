//! A door in front of a relay, which counts what goes through it.

use std::{
    collections::BTreeSet,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    task::JoinHandle,
};

use crate::delivery::MeasureError;

/// Most bytes of one piece. Source: about what a packet on loopback holds.
const PIECE: usize = 64 * 1024;

/// What went through, without the headers of IP and TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Bytes to the relay.
    pub sent: u64,
    /// Bytes from it.
    pub received: u64,
    /// Pieces in which they came, both ways.
    pub pieces: u64,
}

impl Counted {
    /// What went through since then.
    pub fn since(self, then: Self) -> Self {
        Self {
            sent: self.sent - then.sent,
            received: self.received - then.received,
            pieces: self.pieces - then.pieces,
        }
    }
}

#[derive(Debug, Default)]
struct Counters {
    sent: AtomicU64,
    received: AtomicU64,
    pieces: AtomicU64,
    /// Ports from which the relay is called.
    ports: Mutex<BTreeSet<u16>>,
}

/// The door; it closes when dropped.
pub struct Proxy {
    address: String,
    counters: Arc<Counters>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The port of a multiaddr with TCP, and the name behind it.
fn place(relay: &str) -> Option<(u16, &str)> {
    let (_, rest) = relay.split_once("/tcp/")?;
    let (port, peer) = rest.split_once("/p2p/")?;
    Some((port.parse().ok()?, peer))
}

fn place_of(relay: &str) -> Result<(u16, &str), MeasureError> {
    place(relay).ok_or_else(|| MeasureError::SetUp(format!("{relay} is no place with a port and a name")))
}

impl Proxy {
    /// Opens one in front of a relay on loopback.
    ///
    /// # Errors
    /// When there is no port, or the relay's address is of another form.
    pub async fn before(relay: &str) -> Result<Self, MeasureError> {
        let (port, peer) = place_of(relay)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(MeasureError::set_up)?;
        let own = listener.local_addr().map_err(MeasureError::set_up)?.port();
        let counters = Arc::new(Counters::default());
        let task = tokio::spawn(serve(listener, (Ipv4Addr::LOCALHOST, port).into(), Arc::clone(&counters)));
        Ok(Self { address: format!("/ip4/127.0.0.1/tcp/{own}/p2p/{peer}"), counters, task })
    }

    /// The relay's address, as it is by this door.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What went through so far.
    pub fn counted(&self) -> Counted {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { sent, received, pieces, .. } = &*self.counters;
        Counted { sent: read(sent), received: read(received), pieces: read(pieces) }
    }
}

async fn serve(listener: TcpListener, relay: SocketAddr, counters: Arc<Counters>) {
    while let Ok((inside, _)) = listener.accept().await {
        let counters = Arc::clone(&counters);
        tokio::spawn(async move {
            // One that breaks is called again by whoever needs it.
            let _ = carry(inside, relay, &counters).await;
        });
    }
}

async fn carry(inside: TcpStream, relay: SocketAddr, counters: &Counters) -> io::Result<()> {
    let outside = TcpStream::connect(relay).await?;
    inside.set_nodelay(true)?;
    outside.set_nodelay(true)?;
    counters.ports.lock().unwrap_or_else(PoisonError::into_inner).insert(outside.local_addr()?.port());
    let (from_node, to_node) = inside.into_split();
    let (from_relay, to_relay) = outside.into_split();
    let pieces = &counters.pieces;
    tokio::try_join!(
        pass(from_node, to_relay, [&counters.sent, pieces]),
        pass(from_relay, to_node, [&counters.received, pieces])
    )?;
    Ok(())
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    [bytes, pieces]: [&AtomicU64; 2],
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        bytes.fetch_add(read as u64, Ordering::Relaxed);
        pieces.fetch_add(1, Ordering::Relaxed);
        to.write_all(piece.get(..read).unwrap_or_default()).await?;
    }
}

/// Fails when anybody is connected with the relay by TCP who did not come through one of these doors.
///
/// # Errors
/// Then, and where the system does not tell.
pub fn nobody_goes_round(relay: &str, doors: &[&Proxy]) -> Result<(), MeasureError> {
    let (port, _) = place_of(relay)?;
    let table = std::fs::read_to_string("/proc/net/tcp").map_err(MeasureError::set_up)?;
    let mut ports = callers(&table, port);
    for door in doors {
        let own = door.counters.ports.lock().unwrap_or_else(PoisonError::into_inner);
        ports.retain(|port| !own.contains(port));
    }
    if ports.is_empty() {
        return Ok(());
    }
    Err(MeasureError::SetUp(format!("not all went through the door: the relay was called from {ports:?}")))
}

/// The local ports of connections that lead to this port, of a table as `/proc/net/tcp` has it.
fn callers(table: &str, port: u16) -> Vec<u16> {
    const ESTABLISHED: &str = "01";
    let port_of = |place: &str| u16::from_str_radix(place.rsplit_once(':')?.1, 16).ok();
    let caller = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (here, there, state) = (words.next()?, words.next()?, words.next()?);
        (state == ESTABLISHED && port_of(there) == Some(port)).then(|| port_of(here))?
    };
    table.lines().filter_map(caller).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn whoever_calls_a_port_is_found() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
                     0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0\n\
                     1: 0100007F:8000 0100007F:1F90 01 00000000:00000000 00:00000000 00000000 0\n\
                     2: 0100007F:1F90 0100007F:8000 01 00000000:00000000 00:00000000 00000000 0\n\
                     3: 0100007F:8001 0100007F:1F90 06 00000000:00000000 00:00000000 00000000 0\n";
        assert_eq!(callers(table, 0x1f90), [0x8000]);
    }

    #[tokio::test]
    async fn what_goes_through_is_counted_and_who_goes_round_is_found() {
        let relay = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = format!("/ip4/127.0.0.1/tcp/{}/p2p/name", relay.local_addr().unwrap().port());
        let door = Proxy::before(&address).await.unwrap();
        let (port, peer) = place(door.address()).unwrap();
        assert_eq!(peer, "name");
        let mut node = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let (mut host, _) = relay.accept().await.unwrap();
        node.write_all(b"hello").await.unwrap();
        host.read_exact(&mut [0; 5]).await.unwrap();
        host.write_all(b"you").await.unwrap();
        node.read_exact(&mut [0; 3]).await.unwrap();
        assert_eq!(door.counted(), Counted { sent: 5, received: 3, pieces: 2 });
        nobody_goes_round(&address, &[&door]).unwrap();
        let _round = TcpStream::connect(relay.local_addr().unwrap()).await.unwrap();
        assert!(nobody_goes_round(&address, &[&door]).is_err());
    }
}
