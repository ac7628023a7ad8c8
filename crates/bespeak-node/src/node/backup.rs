//! Making a backup while the node runs.

use std::io::{self, Write};

use bespeak_agent::output::Refusal;
use bespeak_model::time::Time;
use futures::{Stream, stream};
use tokio::sync::mpsc;

use super::{Inner, Node};
use crate::{
    backup::{BackupError, BackupSecret, Head, Writer},
    clock::now,
    home::Contents,
    shelf::Shelf,
};

/// Bytes handed over at once. Source: the chunk of the age format.
const CHUNK: usize = 64 << 10;
/// Chunks that wait for a slow reader. Source: wild guess; half a MiB.
const WAITING: usize = 8;

impl Node {
    /// A backup of the whole home, encrypted to a passphrase, or to the 24 words of its party when none is given. It is
    /// made while it is read, and never whole in memory; the last piece of one that was not made whole is an error. Once
    /// all of it is made, the node keeps when that was.
    ///
    /// # Errors
    /// When the passphrase is too short.
    pub fn backup(
        &self,
        secret: Option<BackupSecret>,
    ) -> Result<impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static + use<>, BackupError> {
        if let Some(chosen) = &secret {
            chosen.check_chosen()?;
        }
        let (to, mut from) = mpsc::channel(WAITING);
        let node = self.clone();
        tokio::task::spawn_blocking(move || {
            let Inner { carried, shelf, .. } = &*node.inner;
            let secret = secret.unwrap_or_else(|| BackupSecret::of_seed(&carried.seed()));
            let made = produce(carried, shelf, &secret, Pipe { to: to.clone(), chunk: Vec::new() });
            if let Err(error) = made {
                tracing::error!(target: "bespeak::node", %error, "backup_failed");
                // Whoever asked may have gone.
                let _ = to.blocking_send(Err(error));
            }
        });
        Ok(stream::poll_fn(move |context| from.poll_recv(context)))
    }

    /// When the last backup was made, as far as this node knows.
    pub(super) async fn last_backup(&self) -> Option<Time> {
        let found = self.on_shelf(|shelf| Ok::<_, Refusal>(shelf.last_backup())).await;
        found.ok().flatten()
    }
}

fn produce(carried: &Contents, shelf: &Shelf, secret: &BackupSecret, pipe: Pipe) -> io::Result<()> {
    let made_at = now();
    let secrets = carried.to_bytes().map_err(io::Error::other)?;
    let sealed = secret.encryptor()?.wrap_output(pipe)?;
    let mut writer = Writer::begin(sealed, &Head::new(carried, made_at), &secrets)?;
    let unread = shelf.each(|family, key, body| writer.document(family, key, body))?;
    writer.end(unread)?.finish()?.flush()?;
    shelf.keep_last_backup(made_at, Vec::new()).map_err(io::Error::other)
}

/// Hands bytes to whoever reads them, and waits for a slow reader.
struct Pipe {
    to: mpsc::Sender<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let chunk = std::mem::take(&mut self.chunk);
        self.to.blocking_send(Ok(chunk)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
