//! How a request to a drop and its reply travel: `/bespeak/drop/1`, one request and one reply on a stream of their own,
//! each a big-endian `u32` length and that many bytes. A length over the bound is refused before a byte of it is read.

use std::fmt;
use std::io;
use std::time::Duration;

use futures::prelude::*;
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::StreamProtocol;

/// Name of the protocol on the wire.
pub const DROP_PROTOCOL: &str = "/bespeak/drop/1";

/// Largest request, in bytes: a blob of 16 KiB (`protocol.md` 3) and 4 KiB for what surrounds it.
pub const MAX_REQUEST: usize = 20 * 1024;

/// Largest reply, in bytes: the largest that is decoded, so that a full queue is fetched in parts.
pub const MAX_REPLY: usize = 64 * 1024;

/// How long a reply is waited for, on both sides: a quarter more than the longest long poll (60 s). After as long it is
/// noticed that the way to a host has changed.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(75);

/// Streams at once on one connection. Wild guess: a long poll and a handful of puts; more are refused.
const STREAMS: usize = 32;

pub(crate) type Drops = request_response::Behaviour<DropCodec>;

/// The drop protocol as the answering (`Inbound`) or asking (`Outbound`) side speaks it.
pub(crate) fn drops(side: ProtocolSupport) -> Drops {
    drops_with(side, DropCodec { max_request: MAX_REQUEST, max_reply: MAX_REPLY })
}

pub(crate) fn drops_with(side: ProtocolSupport, codec: DropCodec) -> Drops {
    let config = request_response::Config::default()
        .with_request_timeout(REQUEST_TIMEOUT)
        .with_max_concurrent_streams(STREAMS);
    let protocol = StreamProtocol::new(DROP_PROTOCOL);
    request_response::Behaviour::with_codec(codec, [(protocol, side)], config)
}

/// The codec; its bounds are fields so that a test can speak out of bounds.
#[derive(Debug, Clone)]
pub(crate) struct DropCodec {
    pub(crate) max_request: usize,
    pub(crate) max_reply: usize,
}

/// A length over the bound; travels inside [`io::Error`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Oversize {
    pub(crate) bytes: usize,
    pub(crate) most: usize,
}

impl fmt::Display for Oversize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes are over the {} allowed", self.bytes, self.most)
    }
}

impl std::error::Error for Oversize {}

async fn read<T: AsyncRead + Unpin + Send>(io: &mut T, most: usize) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    io.read_exact(&mut length).await?;
    let length = u32::from_be_bytes(length);
    let bytes = usize::try_from(length).unwrap_or(usize::MAX);
    if bytes > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, Oversize { bytes, most }));
    }
    // Grows with what arrives, not with what was announced.
    let mut body = Vec::new();
    io.take(length.into()).read_to_end(&mut body).await?;
    if body.len() == bytes { Ok(body) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

async fn write<T: AsyncWrite + Unpin + Send>(io: &mut T, body: &[u8], most: usize) -> io::Result<()> {
    let oversize = || io::Error::new(io::ErrorKind::InvalidData, Oversize { bytes: body.len(), most });
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= most).ok_or_else(oversize)?;
    io.write_all(&length.to_be_bytes()).await?;
    io.write_all(body).await?;
    io.flush().await
}

impl request_response::Codec for DropCodec {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io, self.max_request).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io, self.max_reply).await
    }

    async fn write_request<T>(&mut self, _: &StreamProtocol, io: &mut T, body: Vec<u8>) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &body, self.max_request).await
    }

    async fn write_response<T>(&mut self, _: &StreamProtocol, io: &mut T, body: Vec<u8>) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &body, self.max_reply).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures::executor::block_on;
    use futures::io::Cursor;

    use super::*;

    fn said(bytes: &[u8]) -> io::Result<Vec<u8>> {
        block_on(read(&mut Cursor::new(bytes.to_vec()), 5))
    }

    #[test]
    fn what_is_written_is_read() {
        for body in [&b""[..], b"a", b"hello"] {
            let mut wire = Cursor::new(Vec::new());
            block_on(write(&mut wire, body, 5)).unwrap();
            assert_eq!(said(wire.get_ref()).unwrap(), body);
        }
    }

    #[test]
    fn a_length_over_the_bound_is_refused_by_both() {
        assert_eq!(
            block_on(write(&mut Cursor::new(Vec::new()), b"hello!", 5)).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
        for length in [6u32, 1 << 20, u32::MAX] {
            let error = said(&length.to_be_bytes()).unwrap_err();
            let over = error.get_ref().and_then(|e| e.downcast_ref::<Oversize>()).unwrap();
            assert_eq!((over.bytes, over.most), (length as usize, 5));
        }
    }

    #[test]
    fn cut_at_every_byte_is_an_end_not_a_message() {
        let whole = [0, 0, 0, 5, b'h', b'e', b'l', b'l', b'o'];
        for cut in 0..whole.len() {
            assert_eq!(said(&whole[..cut]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}
