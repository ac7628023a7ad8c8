//! The README's first command, and its end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The demo, which makes its homes in a folder of the test.
fn demo(folder: &std::path::Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bespeak"));
    command.arg("demo").args(words).env("TMPDIR", folder).env_remove("BESPEAK_LOG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Kills what a failing test leaves behind.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The exit code, for which one waits at most half a minute.
fn ended(child: &mut Child) -> Option<i32> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        assert!(Instant::now() < deadline, "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_story_ends_with_a_receipt_that_both_signed() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(folder.path(), &["--once"]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(told.matches("both signatures verified").count(), 2, "{told}");
    // Words and states that came from the nodes.
    for heard in
        ["And that is my last word.", "made none", "sent (reference 4711)", "her intention is fulfilled"]
    {
        assert!(told.contains(heard), "{heard}: {told}");
    }
    assert!(!told.contains("bafyrei"), "ids are shown short: {told}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the homes are gone");
}

#[test]
fn one_interrupt_ends_it_in_the_middle_of_the_story() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running(demo(folder.path(), &[]).spawn().unwrap());
    let mut out = BufReader::new(running.0.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("1. ") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "the story begins");
    }
    let id = running.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(ended(&mut running.0), Some(0));
    let mut complaints = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
    assert_eq!(complaints, "", "it ends in good order");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the homes are gone");
}
