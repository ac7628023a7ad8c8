//! A relay as a process of its own, with a home that is thrown away.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{
    delivery::MeasureError,
    market::{LISTEN, NETWORK},
    program::{Call, Process},
};

/// A running relay.
pub(crate) struct RelayProcess {
    pub(crate) process: Process,
    pub(crate) address: String,
    /// Its number in the system.
    pub(crate) id: u32,
    folder: TempDir,
}

impl RelayProcess {
    /// Starts one with these limits, in the words of its configuration, and with these arguments besides.
    pub(crate) async fn start(programs: &Path, limits: &str, more: &[&str]) -> Result<Self, MeasureError> {
        let folder = tempfile::tempdir().map_err(MeasureError::set_up)?;
        let config = folder.path().join("relay.toml");
        std::fs::write(&config, format!("[limits]\n{limits}\n")).map_err(MeasureError::set_up)?;
        let (config, home) = (config.display().to_string(), home(&folder).display().to_string());
        let words =
            ["run", "--config", &config, "--home", &home, "--json", "--network", NETWORK, "--listen", LISTEN];
        let call = Call {
            program: programs.join("bespeak-relay"),
            arguments: words.iter().chain(more).map(|word| (*word).to_owned()).collect(),
            log: folder.path().join("relay.log"),
        };
        let (process, _) = call.start().await.map_err(MeasureError::SetUp)?;
        let address = process.address().ok_or_else(|| MeasureError::set_up("the relay has no address"))?;
        let id = process.id().ok_or_else(|| MeasureError::set_up("the relay has ended"))?;
        Ok(Self { process, address, id, folder })
    }

    /// Where it keeps everything.
    pub(crate) fn home(&self) -> PathBuf {
        home(&self.folder)
    }

    pub(crate) async fn end(mut self) {
        // Its home is thrown away.
        let _ = self.process.kill().await;
    }
}

fn home(folder: &TempDir) -> PathBuf {
    folder.path().join("relay")
}
