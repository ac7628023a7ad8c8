//! `bespeak run`: the node itself, in the foreground.

use std::net::SocketAddr;
use std::path::PathBuf;

use bespeak_api::{Doors, ServeError, Serving};
use bespeak_node::{Node, StartError};
use clap::Args;
use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;
use crate::opening::Opening;
use crate::print;
use crate::secret::{self, Given};
use crate::session::Session;

mod settings;

use settings::Settings;

/// Run the node of a home.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak run
  bespeak run --relay /ip4/203.0.113.7/tcp/7373
  bespeak run --bootstrap relays.example.org
  bespeak --home ~/shop run --listen /ip4/0.0.0.0/tcp/4001 --api 127.0.0.1:0 --json
  bespeak run --passphrase-file secret.txt
  bespeak run --words-file words.txt

No relay is built in: name those of people you trust, here, in the file, or under a name in the DNS.
The file has the same words: relay, peer, listen and external are lists, bootstrap a text, reveal, lan
and upnp true or false. A list that is said here counts before the file's; what the file switches on
stays on.

A home with a passphrase is opened with --passphrase-file, else with the systemd credential
bespeak-passphrase, else it asks at the terminal. It never takes one from an argument or a variable.

It ends cleanly on Ctrl-C and SIGTERM.")]
pub(crate) struct Run {
    #[command(flatten)]
    settings: Settings,
    /// A file with any of these settings [default: run.toml in the home, where there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Serve the API on this loopback address as well, for browsers and other programs, with a token
    #[arg(long, value_name = "ADDR")]
    api: Option<SocketAddr>,
    /// A file with the home's passphrase on its first line; - for standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file with the 24 words, in place of the passphrase; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_file")]
    words_file: Option<PathBuf>,
}

pub(crate) async fn run(asked: Run, session: &Session) -> Result<(), Failure> {
    // Before anything is started, so that an early signal ends it in good order too.
    let mut ends = Ends::new()?;
    let given = Given {
        option: "--passphrase-file",
        passphrase: asked.passphrase_file.as_deref(),
        words: asked.words_file.as_deref(),
        credential: secret::credential(),
    };
    let (home, _) = secret::open(given, session, &mut ends).await?;
    let doors = Doors { home: home.path().to_owned(), port: asked.api };
    let options = settings::options(asked.settings, asked.config.as_deref(), home.path(), home.role())?;
    let opening = Opening::begin(session.json());
    let started = Node::start_watched(home, options, opening.watch()).await;
    opening.end();
    let node = started.map_err(not_started)?;
    let serving = match bespeak_api::serve(node.clone(), &doors).await {
        Ok(serving) => serving,
        Err(error) => {
            node.shutdown().await;
            return Err(closed(&error));
        }
    };
    let ready = ready(&node, &serving);
    if session.json() {
        print::json(&ready)
    } else {
        print::text(&banner(&node, &serving))
    }
    let ended = tokio::select! {
        () = ends.one() => Ok(()),
        () = node.ended() => {
            Err(Failure::failed("The node ended by itself; what it wrote before this says why."))
        }
    };
    tracing::info!("ending");
    serving.stop().await;
    node.shutdown().await;
    ended
}

/// What no further try can mend is a matter of the words: a service manager then does not try again.
fn not_started(error: StartError) -> Failure {
    if error.is_usage() { Failure::usage(error) } else { Failure::failed(error) }
}

fn closed(error: &ServeError) -> Failure {
    match error {
        ServeError::NotLoopback(_) => Failure::usage(error),
        _ => Failure::failed(error),
    }
}

fn ready(node: &Node, serving: &Serving) -> Value {
    let socket = serving.socket().display().to_string();
    let api = serving.address().map_or(socket.clone(), |address| format!("http://{address}"));
    json!({
        "ready": true,
        "peer": node.peer(),
        "listen": node.listen_addresses(),
        "api": api,
        "socket": socket,
        "role": node.role(),
        "party": node.party().to_string(),
        "network": node.network(),
        "home": node.home(),
    })
}

fn banner(node: &Node, serving: &Serving) -> String {
    let mut lines = vec![
        format!("A {}'s node is running on the network “{}”.", node.role(), node.network()),
        format!("  home    {}", node.home().display()),
        format!("  party   {}", node.party()),
    ];
    lines.extend(node.listen_addresses().iter().map(|address| format!("  listen  {address}")));
    lines.extend(serving.address().map(|address| format!("  api     http://{address} (token in api-token)")));
    lines.push("Other terminals can command it now. Ctrl-C ends it.".to_owned());
    lines.join("\n")
}

/// What ends a program from outside: Ctrl-C and SIGTERM, remembered from the moment it is made.
pub(crate) struct Ends {
    interrupt: Signal,
    terminate: Signal,
}

impl Ends {
    pub(crate) fn new() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(|cause| Failure::failed(format!("No signals: {cause}")));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    pub(crate) async fn one(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
