//! Why a node does not start.

use std::path::PathBuf;

use crate::home::{HomeError, Role};
pub use crate::shelf::FormError;

/// Why a node does not start; each has a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process runs on this home.
    #[error("a node is already running on {}{}; stop it first, or use another home", home.display(),
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Busy {
        /// The home.
        home: PathBuf,
        /// Its process, where known.
        pid: Option<u32>,
    },
    /// The home cannot be opened.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The home is for something else.
    #[error("{} is the home of a {role}; {}", home.display(),
        if *role == Role::Relay { "run it with `bespeak-relay`" } else { "run it with `bespeak`" })]
    Role {
        /// The home.
        home: PathBuf,
        /// What it is for.
        role: Role,
    },
    /// The home is of another network than asked for.
    #[error("{} is a home on the network {has:?}, not {asked:?}; use another home for that", home.display())]
    Network {
        /// The home.
        home: PathBuf,
        /// Its network.
        has: String,
        /// What was asked for.
        asked: String,
    },
    /// The store cannot be opened.
    #[error("the store cannot be opened: {0}")]
    Store(bespeak_store::OpenError),
    /// What is kept was written by a later version, or it cannot be told by which.
    #[error("{} cannot be used: {source}", home.display())]
    Form {
        /// The home.
        home: PathBuf,
        /// What is wrong.
        source: FormError,
    },
    /// What is kept cannot be read.
    #[error("what is kept cannot be read: {0}")]
    Kept(String),
    /// An address cannot be read.
    #[error("cannot read the address {address:?}: {reason}; write it like /ip4/127.0.0.1/tcp/4001")]
    Address {
        /// As given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A port is taken.
    #[error("the address {address} is in use by another program; choose another port, or 0 for any")]
    AddressInUse {
        /// As given.
        address: String,
    },
    /// The limits of a relay do not fit together.
    #[error(transparent)]
    Limits(#[from] crate::LimitError),
    /// The wires cannot be set up.
    #[error("the network cannot be started: {0}")]
    Net(bespeak_net::StartError),
    /// The system gave no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] crate::clock::NoRandomness),
}

impl StartError {
    /// Whether no further try can work before somebody changes the words of the command or the home they name; a
    /// program ends with its code for wrong usage then, and a service manager does not try again.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Home(error) => error.is_usage(),
            Self::Address { .. } | Self::Network { .. } | Self::Role { .. } | Self::Limits(_) => true,
            Self::Form { source, .. } => matches!(source, FormError::Newer { .. }),
            Self::Busy { .. }
            | Self::Store(_)
            | Self::Kept(_)
            | Self::AddressInUse { .. }
            | Self::Net(_)
            | Self::NoRandomness(_) => false,
        }
    }

    pub(crate) fn store(home: PathBuf) -> impl FnOnce(bespeak_store::OpenError) -> Self {
        move |error| match error {
            bespeak_store::OpenError::Busy { pid } => Self::Busy { home, pid },
            other => Self::Store(other),
        }
    }
}

impl From<bespeak_net::StartError> for StartError {
    fn from(error: bespeak_net::StartError) -> Self {
        match error {
            bespeak_net::StartError::Address { address, reason } => Self::Address { address, reason },
            bespeak_net::StartError::AddressInUse { address } => Self::AddressInUse { address },
            other => Self::Net(other),
        }
    }
}
