//! What every command has at hand: the home, how to answer, and the node's API.

use std::path::{Path, PathBuf};

use bespeak_api::client::{Client, ClientError, Download, Events};
use bespeak_node::Home;
use serde::Serialize;
use serde_json::Value;

use crate::cli::Global;
use crate::failure::{Failure, NOT_RUNNING};
use crate::print;

/// One run of the program.
#[derive(Debug)]
pub(crate) struct Session {
    home: PathBuf,
    /// Whether the home was named, and has to be named in advice too.
    named: bool,
    json: bool,
    client: Client,
}

impl Session {
    /// Finds the home: named, in `BESPEAK_HOME`, or in the user's data folder.
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        let named = global.home.is_some();
        let home = global.home.clone().or_else(default_home).ok_or_else(|| {
            Failure::usage("There is no folder for user data here; name a home with --home DIR.")
        })?;
        let client = Client::new(&home);
        Ok(Self { home, named, json: global.json, client })
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// What the node says of itself; who asks explains what there is to explain.
    pub(crate) async fn examination(&self) -> Result<Value, ClientError> {
        self.client.get("/v1/doctor").await
    }

    /// Reads something from the node.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.client.get(path).await.map_err(|error| self.explain(error))
    }

    /// Reads bytes from the node.
    pub(crate) async fn get_bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let bytes = self.client.get_bytes(path).await.map_err(|error| self.explain(error))?;
        Ok(bytes.into())
    }

    /// Has the node do something.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Value, Failure> {
        self.client.post(path, body).await.map_err(|error| self.explain(error))
    }

    /// Has the node set something.
    pub(crate) async fn put(&self, path: &str, body: &impl Serialize) -> Result<Value, Failure> {
        self.client.put(path, body).await.map_err(|error| self.explain(error))
    }

    /// Sends bytes to the node.
    pub(crate) async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Result<Value, Failure> {
        self.client.post_bytes(path, body).await.map_err(|error| self.explain(error))
    }

    /// Has the node send something that comes in pieces.
    pub(crate) async fn download(&self, path: &str, body: &impl Serialize) -> Result<Download, Failure> {
        self.client.download(path, body).await.map_err(|error| self.explain(error))
    }

    /// Has the node remove something.
    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Failure> {
        self.client.delete(path).await.map_err(|error| self.explain(error))
    }

    /// Follows what happens at the node from now on.
    pub(crate) async fn events(&self) -> Result<Events, Failure> {
        self.client.events(None).await.map_err(|error| self.explain(error))
    }

    /// Shows an answer: as it is with `--json`, else in the words of `render`.
    pub(crate) fn show(
        &self,
        answer: &Value,
        render: impl FnOnce(&Value) -> Result<String, serde_json::Error>,
    ) -> Result<(), Failure> {
        if self.json {
            print::json(answer);
            return Ok(());
        }
        print::text(&render(answer).map_err(odd)?);
        Ok(())
    }

    /// Shows that something was done.
    pub(crate) fn done(&self, answer: &Value, sentence: &str) -> Result<(), Failure> {
        self.show(answer, |_| Ok(sentence.to_owned()))
    }

    /// What a command needs to reach this home, to be copied into a shell: nothing, or a space and `--home DIR`.
    pub(crate) fn with_home(&self) -> String {
        if self.named { format!(" --home {}", quoted(&self.home)) } else { String::new() }
    }

    /// A node that is not there, and what to do about it.
    fn explain(&self, error: ClientError) -> Failure {
        if !matches!(error, ClientError::NotRunning) {
            return error.into();
        }
        let home = self.home.display();
        let with = self.with_home();
        let sentence = if Home::is_in(&self.home) {
            format!("No node is running on {home}; start it with `bespeak run{with}`.")
        } else {
            format!(
                "There is no home at {home}; make one with `bespeak init --role customer{with}` (or `--role vendor`, to sell), \
                 then start it with `bespeak run{with}`."
            )
        };
        Failure::said(NOT_RUNNING, sentence)
    }
}

/// A path as a shell reads it back.
pub(crate) fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    shlex::try_quote(&path).map_or_else(|_| path.to_string(), |quoted| quoted.into_owned())
}

/// An answer that this program cannot read.
pub(crate) fn odd(error: serde_json::Error) -> Failure {
    Failure::failed(format!("The node answered something this program does not understand: {error}."))
}

/// `$XDG_DATA_HOME/bespeak`, or `~/.local/share/bespeak`. Source: XDG Base Directory Specification.
fn default_home() -> Option<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")))?;
    Some(data.join("bespeak"))
}
