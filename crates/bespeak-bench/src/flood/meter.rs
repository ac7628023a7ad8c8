//! What a relay takes of the machine, as the system and its own metrics tell.

use std::path::{Path, PathBuf};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{delivery::MeasureError, process, relay::RelayProcess};

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
    pub(super) fn new(relay: &RelayProcess) -> Result<Self, MeasureError> {
        let metrics = relay.process.ready["metrics"].as_str().map(str::to_owned);
        let metrics = metrics.ok_or_else(|| MeasureError::set_up("no metrics"))?;
        Ok(Self { metrics, home: relay.home(), pid: relay.id, held: 0, disk: 0 })
    }

    pub(super) async fn look(&mut self) -> Result<(), MeasureError> {
        self.held = self.held.max(self.number("bespeak_relay_mail_held_bytes").await?);
        self.disk = self.disk.max(size(&self.home));
        Ok(())
    }

    /// The most physical memory since the relay's start.
    pub(super) fn memory(&self) -> Result<u64, MeasureError> {
        process::memory_of_process(self.pid).map(|memory| memory.most).map_err(MeasureError::set_up)
    }

    async fn number(&self, name: &str) -> Result<u64, MeasureError> {
        let mut stream = TcpStream::connect(&self.metrics).await.map_err(MeasureError::set_up)?;
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: relay\r\n\r\n")
            .await
            .map_err(MeasureError::set_up)?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.map_err(MeasureError::set_up)?;
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        found.ok_or_else(|| MeasureError::SetUp(format!("{name} is not in {text}")))
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
