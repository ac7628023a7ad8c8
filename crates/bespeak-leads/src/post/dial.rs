//! A connection to the very address that was checked.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, lookup_host},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::{Host, Url};

use crate::{address, outcome::Fault};

/// Addresses of one name that are tried. Source: wild guess; a name with one of each family, and one to spare.
const MAX_ADDRESSES: usize = 4;

/// A connection, sealed or not.
pub(super) enum Wire {
    Clear(TcpStream),
    Sealed(Box<TlsStream<TcpStream>>),
}

/// Finds, checks and dials; the first of a name's addresses that answers is taken.
pub(super) async fn dial(url: &Url, allow_http: bool, tls: &TlsConnector) -> Result<Wire, Fault> {
    let clear = url.scheme() == "http";
    let stream = connected(url, clear, allow_http).await?;
    // A lead is one small write: it need not wait for more.
    stream.set_nodelay(true).map_err(unreachable)?;
    if clear {
        return Ok(Wire::Clear(stream));
    }
    let name = server_name(url)?;
    let sealed = tls.connect(name, stream).await.map_err(|error| match error.get_ref() {
        Some(inner) if inner.is::<rustls::Error>() => Fault::Tls(inner.to_string()),
        _ => unreachable(error),
    })?;
    Ok(Wire::Sealed(Box::new(sealed)))
}

async fn connected(url: &Url, clear: bool, allow_http: bool) -> Result<TcpStream, Fault> {
    let mut failed = Fault::Unreachable("no address is known for its name".to_owned());
    for found in found(url).await?.into_iter().take(MAX_ADDRESSES) {
        if let Err(why) = address::check(found.ip(), clear, allow_http) {
            failed = Fault::Address(why.to_string());
            continue;
        }
        match TcpStream::connect(found).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = unreachable(error),
        }
    }
    Err(failed)
}

async fn found(url: &Url) -> Result<Vec<SocketAddr>, Fault> {
    let port = url.port_or_known_default().unwrap_or_default();
    match url.host() {
        Some(Host::Ipv4(ip)) => Ok(vec![SocketAddr::new(ip.into(), port)]),
        Some(Host::Ipv6(ip)) => Ok(vec![SocketAddr::new(ip.into(), port)]),
        Some(Host::Domain(name)) => Ok(lookup_host((name, port)).await.map_err(unreachable)?.collect()),
        None => Err(Fault::Address("there is no host in it".to_owned())),
    }
}

fn server_name(url: &Url) -> Result<ServerName<'static>, Fault> {
    let name = match url.host() {
        Some(Host::Ipv4(ip)) => ServerName::from(std::net::IpAddr::from(ip)),
        Some(Host::Ipv6(ip)) => ServerName::from(std::net::IpAddr::from(ip)),
        Some(Host::Domain(name)) => {
            ServerName::try_from(name.to_owned()).map_err(|error| Fault::Address(error.to_string()))?
        }
        None => return Err(Fault::Address("there is no host in it".to_owned())),
    };
    Ok(name)
}

fn unreachable(error: io::Error) -> Fault {
    Fault::Unreachable(error.to_string())
}

macro_rules! either {
    ($this:expr, $stream:ident => $then:expr) => {
        match $this.get_mut() {
            Wire::Clear($stream) => {
                let $stream = Pin::new($stream);
                $then
            }
            Wire::Sealed($stream) => {
                let $stream = Pin::new($stream.as_mut());
                $then
            }
        }
    };
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_shutdown(cx))
    }
}
