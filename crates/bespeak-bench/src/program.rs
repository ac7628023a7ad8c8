//! One program: started, waited for, killed.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
};

/// How long a start may take. Source: wild guess, hundreds of times what it takes; builds share the machine.
const STARTING: Duration = Duration::from_secs(60);
/// How much of a log is shown when a start failed, in bytes. Source: a screen's worth.
const SHOWN: usize = 2_000;

/// How a program is started.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Where it writes what it has to say.
    pub(crate) log: PathBuf,
}

/// A running program.
pub(crate) struct Process {
    child: Child,
    pub(crate) ready: Value,
    /// Held so that the program can go on writing.
    _stdout: BufReader<ChildStdout>,
}

impl Call {
    fn spawn(&self) -> Result<Child, String> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log);
        let log = log.map_err(|error| format!("{}: {error}", self.log.display()))?;
        Command::new(&self.program)
            .args(&self.arguments)
            .env_remove("BESPEAK_LOG")
            .env_remove("CREDENTIALS_DIRECTORY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", self.program.display()))
    }

    /// Starts it and kills it a moment later, wherever it is then.
    pub(crate) async fn start_and_kill(&self, after: Duration) -> Result<(), String> {
        let mut child = self.spawn()?;
        tokio::time::sleep(after).await;
        child.kill().await.map_err(|error| error.to_string())
    }

    /// Starts it and waits until it is ready; says how long that took.
    pub(crate) async fn start(&self) -> Result<(Process, Duration), String> {
        let begun = Instant::now();
        let mut child = self.spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        let read = tokio::time::timeout(STARTING, stdout.read_line(&mut line)).await;
        let failed = |why: &str| format!("{why}; the end of its log: {}", end_of(&self.log));
        match read {
            Err(_) => return Err(failed("it was not ready in time")),
            Ok(Err(error)) => return Err(failed(&error.to_string())),
            Ok(Ok(_)) => {}
        }
        let ready = serde_json::from_str(&line).map_err(|_| failed(&format!("it said {line:?}")))?;
        Ok((Process { child, ready, _stdout: stdout }, begun.elapsed()))
    }
}

impl Process {
    /// Kills it with `SIGKILL`, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<(), String> {
        self.child.kill().await.map_err(|error| error.to_string())
    }

    /// Its number in the system, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The first of its addresses.
    pub(crate) fn address(&self) -> Option<String> {
        self.ready["listen"].get(0)?.as_str().map(str::to_owned)
    }
}

/// Makes a home with the program `bespeak` of this folder, without a passphrase; the words say what else it is.
pub(crate) async fn init(programs: &Path, home: &Path, words: &[&str]) -> Result<(), String> {
    let mut command = Command::new(programs.join("bespeak"));
    command.arg("--home").arg(home).args(["init", "--no-passphrase"]).args(words).stdin(Stdio::null());
    let made = command.output().await.map_err(|error| error.to_string())?;
    if made.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&made.stderr).into_owned()) }
}

fn end_of(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&text[text.len().saturating_sub(SHOWN)..]).into_owned()
}
