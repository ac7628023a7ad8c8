//! The doors themselves: binding, accepting, and closing them in good order.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::guard::{Guard, guarded, with_headers};
use super::token::{Token, TokenError};

/// The socket's name in a home.
pub const SOCKET_FILE: &str = "api.sock";
/// How long a client may take to send the head of a request, and how long a connection may lie idle.
/// Source: wild guess; everything here is on the same machine.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Most connections of one door at a time. Source: wild guess, well below 1,024 file descriptors; further
/// clients wait until one is done.
const MOST_CONNECTIONS: usize = 256;
/// Longest head of a request, in bytes. Source: wild guess; ids and a token need less than 1 KiB.
const HEAD_BYTES: usize = 16 * 1024;
/// How long requests under way may take when the doors close. Source: wild guess.
const CLOSING_TIME: Duration = Duration::from_secs(3);
/// How long to wait after a failed accept (usually: no file descriptors left). Source: wild guess.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where to serve.
#[derive(Clone, Debug)]
pub struct Doors {
    /// The home, in which the socket and the token lie.
    pub home: PathBuf,
    /// The loopback address of the port; `None`: no port.
    pub port: Option<SocketAddr>,
}

/// Why a door cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address that others could reach.
    #[error("the API is served on this machine only: use 127.0.0.1 or [::1] instead of {0}")]
    NotLoopback(SocketAddr),
    /// The port cannot be bound.
    #[error("the API cannot be served on {address}: {cause}")]
    Port {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// The socket cannot be bound.
    #[error("the API's socket {path} cannot be made ({cause}); its path may have at most about 100 characters", path = path.display())]
    Socket {
        /// The path.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// Open doors. Dropping it closes them at once; [`Serving::stop`] lets requests under way end.
#[derive(Debug)]
pub struct Serving {
    socket: PathBuf,
    address: Option<SocketAddr>,
    closing: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Serving {
    /// The path of the socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The address of the port, where there is one.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Closes the doors; requests under way have three seconds to end.
    pub async fn stop(mut self) {
        self.closing.send_replace(true);
        for task in std::mem::take(&mut self.tasks) {
            if let Err(failed) = task.await {
                tracing::warn!(%failed, "a door did not close in good order");
            }
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        // Absent when it was never made or somebody took it away: nothing is left to do then.
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Serves `router` at the doors. `closing` turns true when they close, so that answers without an end
/// (events) can end then.
///
/// # Errors
/// When a door cannot be opened; none is open then.
pub async fn serve_router(
    router: Router,
    doors: &Doors,
    closing: watch::Sender<bool>,
) -> Result<Serving, ServeError> {
    let closed = closing.subscribe();
    let mut serving =
        Serving { socket: doors.home.join(SOCKET_FILE), address: None, closing, tasks: Vec::new() };
    let router = router.layer(middleware::from_fn(with_headers));
    let (listener, owner) = bind_socket(&serving.socket)?;
    if let Some(address) = doors.port {
        let token = Token::of_home(&doors.home)?;
        let (port, address) = bind_port(address).await?;
        let guard = Guard::new(address, token);
        let guarded = router.clone().layer(middleware::from_fn_with_state(guard, guarded));
        // The guard's own answers carry the headers too.
        let guarded = guarded.layer(middleware::from_fn(with_headers));
        serving.address = Some(address);
        serving.tasks.push(tokio::spawn(attend(Port(port), guarded, closed.clone())));
    }
    serving.tasks.push(tokio::spawn(attend(Socket { listener, owner }, router, closed)));
    Ok(serving)
}

async fn bind_port(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address));
    }
    let failed = |cause| ServeError::Port { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Binds the socket and finds out whose it is: the user that runs this process. The home is locked by the
/// node, so a socket that is there already was left by a process that is gone.
fn bind_socket(path: &Path) -> Result<(UnixListener, u32), ServeError> {
    let failed = |cause| ServeError::Socket { path: path.to_owned(), cause };
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(failed(cause)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    let owner = std::fs::symlink_metadata(path).map_err(failed)?.uid();
    Ok((listener, owner))
}

/// Something that clients come in by. Errors of a single client are dealt with inside.
trait Door: Send + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    fn next(&mut self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

struct Port(TcpListener);

impl Door for Port {
    type Stream = tokio::net::TcpStream;
    async fn next(&mut self) -> io::Result<Self::Stream> {
        self.0.accept().await.map(|(stream, _)| stream)
    }
}

struct Socket {
    listener: UnixListener,
    owner: u32,
}

impl Door for Socket {
    type Stream = UnixStream;
    async fn next(&mut self) -> io::Result<Self::Stream> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let user = stream.peer_cred()?.uid();
            if may_enter(user, self.owner) {
                return Ok(stream);
            }
            tracing::warn!(user, "another user tried the API's socket and was sent away");
        }
    }
}

/// Whether a user may use the socket of `owner`: nobody but the owner, not even root by this way.
fn may_enter(user: u32, owner: u32) -> bool {
    user == owner
}

/// Accepts until the doors close, then lets those inside finish.
async fn attend<D: Door>(mut door: D, router: Router, mut closed: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut inside = JoinSet::new();
    let leaving = closed.clone();
    loop {
        let next = async {
            let place = Arc::clone(&room).acquire_owned().await;
            (place, door.next().await)
        };
        tokio::select! {
            () = until_closed(&mut closed) => break,
            Some(_) = inside.join_next() => {}
            (place, came) = next => match (place, came) {
                (Ok(place), Ok(stream)) => {
                    let talk = converse(stream, router.clone(), leaving.clone());
                    inside.spawn(async move { talk.await; drop(place) });
                }
                _ => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    drop(door);
    let all_gone = async { while inside.join_next().await.is_some() {} };
    // Whoever is still there after that time is cut off when the set is dropped.
    let _ = tokio::time::timeout(CLOSING_TIME, all_gone).await;
}

/// Returns when the doors close, or when nobody is left who could close them.
pub(crate) async fn until_closed(closed: &mut watch::Receiver<bool>) {
    let _ = closed.wait_for(|closed| *closed).await;
}

async fn converse<S>(stream: S, router: Router, mut closed: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES);
    let talk = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(talk);
    let ended = tokio::select! {
        ended = talk.as_mut() => Some(ended),
        () = until_closed(&mut closed) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            talk.as_mut().graceful_shutdown();
            talk.await
        }
    };
    if let Err(cause) = ended {
        tracing::debug!(%cause, "a client went away");
    }
}

#[cfg(test)]
mod tests {
    use super::may_enter;

    #[test]
    fn another_user_may_not_enter() {
        assert!(may_enter(1000, 1000));
        assert!(!may_enter(1001, 1000));
        assert!(!may_enter(0, 1000));
    }
}
