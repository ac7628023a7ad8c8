//! What a relay takes of the machine, as the system and its own metrics tell.

use std::path::{Path, PathBuf};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::FloodError;
use crate::{process, torture::process::Process};

/// The most that was seen.
pub(super) struct Meter {
    metrics: String,
    home: PathBuf,
    pid: u32,
    /// Mail held, in bytes.
    pub(super) held: u64,
    /// The home, in bytes.
    pub(super) disk: u64,
}

impl Meter {
    pub(super) fn new(relay: &Process, home: PathBuf) -> Result<Self, FloodError> {
        let metrics = relay.ready["metrics"].as_str().ok_or_else(|| FloodError::of("no metrics"))?.to_owned();
        let pid = relay.id().ok_or_else(|| FloodError::of("the relay has ended"))?;
        Ok(Self { metrics, home, pid, held: 0, disk: 0 })
    }

    pub(super) async fn look(&mut self) -> Result<(), FloodError> {
        self.held = self.held.max(self.number("bespeak_relay_mail_held_bytes").await?);
        self.disk = self.disk.max(size(&self.home));
        Ok(())
    }

    /// The most physical memory since the relay's start.
    pub(super) fn memory(&self) -> Result<u64, FloodError> {
        process::memory_of_process(self.pid).map(|memory| memory.most).map_err(FloodError::of)
    }

    async fn number(&self, name: &str) -> Result<u64, FloodError> {
        let mut stream = TcpStream::connect(&self.metrics).await.map_err(FloodError::of)?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: relay\r\n\r\n").await.map_err(FloodError::of)?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.map_err(FloodError::of)?;
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        found.ok_or_else(|| FloodError(format!("{name} is not in {text}")))
    }
}

/// The bytes of all files in a folder; one that is deleted meanwhile counts nothing.
fn size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
