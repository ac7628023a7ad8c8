//! A home, the program, and a person at a terminal.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

/// Long enough for a busy machine; what never comes fails the test after it.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn bespeak(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bespeak"));
    command.args(words).env("BESPEAK_HOME", home).stdin(Stdio::null());
    for variable in ["BESPEAK_LOG", "CREDENTIALS_DIRECTORY"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn done(home: &Path, words: &[&str]) -> Output {
    bespeak(home, words).output().unwrap()
}

/// The code of a command, and what it says on standard error.
pub(crate) fn ends(home: &Path, words: &[&str]) -> (i32, String) {
    code_of(&done(home, words))
}

pub(crate) fn code_of(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), String::from_utf8(output.stderr.clone()).unwrap())
}

/// What opens a home.
pub(crate) fn kinds(home: &Path) -> Vec<String> {
    let slots: serde_json::Value =
        serde_json::from_slice(&done(home, &["vault", "slots", "--json"]).stdout).unwrap();
    slots.as_array().unwrap().iter().map(|slot| slot["kind"].as_str().unwrap().to_owned()).collect()
}

/// Looks until there is something.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A program at a terminal, and the person who sits there. Its standard output goes elsewhere.
pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    /// The program's side, kept open so that its settings can be looked at.
    side: OwnedFd,
    shown: String,
}

impl Terminal {
    pub(crate) fn start(mut command: Command) -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap();
        let side =
            rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        let end = || Stdio::from(side.as_fd().try_clone_to_owned().unwrap());
        command.stdin(end()).stderr(end()).stdout(Stdio::piped());
        let child = command.spawn().unwrap();
        let keyboard = File::from(person);
        let mut screen_end = keyboard.try_clone().unwrap();
        let (send, screen) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(count @ 1..) = screen_end.read(&mut buffer) {
                if send.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, keyboard, screen, side, shown: String::new() }
    }

    /// Waits until a text is shown; what was shown before it is forgotten.
    pub(crate) fn sees(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(place) = self.shown.find(text) {
                self.shown.drain(..place + text.len());
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(more) = self.screen.recv_timeout(left) else {
                panic!("{text:?} is not shown: {:?}", self.shown)
            };
            self.shown.push_str(&String::from_utf8_lossy(&more));
        }
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        self.keyboard.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Answers a question; what is typed then must not be shown.
    pub(crate) fn answers_unseen(&mut self, question: &str, line: &str) {
        self.sees(question);
        assert!(!self.echoes(), "what is typed in answer to {question:?} is shown");
        self.types(line);
    }

    /// Whether the terminal shows what is typed.
    pub(crate) fn echoes(&self) -> bool {
        tcgetattr(&self.side).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits for the first line on standard output.
    pub(crate) fn first_line(&mut self) -> String {
        let mut line = String::new();
        let out = self.child.stdout.as_mut().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
        line
    }

    /// Waits for the end; gives how it ended, and what was shown since it was last looked.
    pub(crate) fn ends(mut self) -> (ExitStatus, String) {
        let status = until("the program ends", || self.child.try_wait().unwrap());
        // Everything it wrote is already at the terminal; a mark says that all of it was read.
        let mut side = File::from(self.side.try_clone().unwrap());
        side.write_all(b"\0end").unwrap();
        let mut shown = std::mem::take(&mut self.shown);
        while !shown.contains("\0end") {
            let more = self.screen.recv_timeout(PATIENCE).expect("the terminal shows what was written");
            shown.push_str(&String::from_utf8_lossy(&more));
        }
        assert!(self.echoes(), "the terminal is left as it was");
        (status, shown)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
