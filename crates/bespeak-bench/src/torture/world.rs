//! A relay, a vendor and a customer: three processes with homes of their own.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use bespeak_api::client::Client;
use tempfile::TempDir;

use super::TortureError;
use crate::{
    dice::Dice,
    market::{LISTEN, NETWORK},
    program::{Call, Process, init},
};

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// The meeting point; it holds the customer's mail.
    Relay,
    /// Who sells.
    Vendor,
    /// Who buys.
    Customer,
}

impl Who {
    /// One of them; the relay, of whom nothing is asked, is hit least.
    pub(crate) fn any(dice: &mut Dice) -> Self {
        match dice.below(10) {
            0 => Self::Relay,
            1..=4 => Self::Vendor,
            _ => Self::Customer,
        }
    }
}

/// Three processes and their homes.
pub(crate) struct World {
    folder: TempDir,
    programs: PathBuf,
    relay: String,
    running: [Option<Process>; 3],
}

impl World {
    /// Makes the homes and starts everybody.
    pub(crate) async fn new(programs: &Path) -> Result<Self, TortureError> {
        let folder = tempfile::tempdir().map_err(TortureError::set_up)?;
        let mut world =
            Self { folder, programs: programs.to_owned(), relay: String::new(), running: [None, None, None] };
        for (who, role) in [(Who::Vendor, "vendor"), (Who::Customer, "customer")] {
            let words = ["--role", role, "--network", NETWORK, "--name", role];
            init(programs, &world.home(who), &words).await.map_err(TortureError::SetUp)?;
        }
        for who in [Who::Relay, Who::Vendor, Who::Customer] {
            let (process, _) = world.call(who).start().await.map_err(TortureError::SetUp)?;
            if who == Who::Relay {
                let address = process.address();
                world.relay = address.ok_or_else(|| TortureError::set_up("the relay has no address"))?;
            }
            world.running[who as usize] = Some(process);
        }
        Ok(world)
    }

    fn home(&self, who: Who) -> PathBuf {
        self.folder.path().join(format!("{who:?}").to_lowercase())
    }

    fn call(&self, who: Who) -> Call {
        let home = self.home(who).display().to_string();
        let log = self.folder.path().join(format!("{who:?}.log").to_lowercase());
        let (program, words): (_, &[&str]) = match who {
            Who::Relay => (
                "bespeak-relay",
                &["run", "--home", &home, "--json", "--network", NETWORK, "--listen", LISTEN],
            ),
            _ => (
                "bespeak",
                &[
                    "--home",
                    &home,
                    "--json",
                    "run",
                    "--listen",
                    LISTEN,
                    "--api",
                    "127.0.0.1:0",
                    "--peer",
                    &self.relay,
                ],
            ),
        };
        let arguments = words.iter().map(|word| (*word).to_owned()).collect();
        Call { program: self.programs.join(program), arguments, log }
    }

    /// A client of one of them.
    pub(crate) fn client(&self, who: Who) -> Client {
        Client::new(&self.home(who))
    }

    /// Kills one of them and starts it again, before that perhaps only for a moment; says how long the start took.
    pub(crate) async fn kill_and_start(
        &mut self,
        who: Who,
        moments: &[Duration],
    ) -> Result<Duration, String> {
        let failed = |why: String| format!("{who:?}: {why}");
        if let Some(mut process) = self.running[who as usize].take() {
            process.kill().await.map_err(failed)?;
        }
        let call = self.call(who);
        for moment in moments {
            call.start_and_kill(*moment).await.map_err(failed)?;
        }
        let (process, took) = call.start().await.map_err(failed)?;
        self.running[who as usize] = Some(process);
        Ok(took)
    }

    /// Ends everybody.
    pub(crate) async fn end(mut self) {
        for mut process in self.running.iter_mut().filter_map(Option::take) {
            // Their homes are thrown away.
            let _ = process.kill().await;
        }
    }
}
