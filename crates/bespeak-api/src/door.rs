//! The doors: who may come in, and how long they may take.
//!
//! Two doors lead to the same router. The *socket* (`api.sock` in the home, mode 0600, same user only) is for
//! the command line. The *port* (loopback only, off unless asked for) is for the browser and other programs:
//! a [`guard`] checks host, origin and token of every request.

pub mod guard;
mod listen;
pub mod token;

pub(crate) use listen::until_closed;
pub use listen::{Doors, SOCKET_FILE, ServeError, Serving, serve_router};
