//! The program as a process: its first line, its end, its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn relay(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bespeak-relay"));
    command.arg("run").arg("--home").arg(home).args(words);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).env_remove("BESPEAK_LOG");
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

fn start(home: &Path) -> (Running, serde_json::Value, BufReader<std::process::ChildStdout>) {
    let words = ["--json", "--listen", "/ip4/127.0.0.1/tcp/0"];
    let mut child = relay(home, &words).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let running = Running(child);
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    (running, serde_json::from_str(&line).unwrap(), out)
}

fn terminate(child: &Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
}

fn ends(home: &Path, words: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, stdout } = relay(home, words).output().unwrap();
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[cfg(unix)]
#[test]
fn is_ready_ends_on_a_signal_and_comes_back_as_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("relay");
    let (mut first, ready, mut out) = start(&home);
    assert_eq!(ready["ready"], true);
    // The fields of `bespeak run`, with nothing where a relay has nothing.
    let fields: Vec<_> = ready.as_object().unwrap().keys().cloned().collect();
    let wanted = ["api", "home", "listen", "network", "party", "peer", "ready", "role", "socket"];
    assert_eq!(fields, wanted);
    assert!(ready["api"].is_null() && ready["socket"].is_null(), "{ready}");
    assert_eq!((&ready["role"], &ready["network"]), (&"relay".into(), &"main".into()));
    let address = ready["listen"][0].as_str().unwrap();
    assert!(address.starts_with("/ip4/127.0.0.1/tcp/"), "{address}");
    assert!(address.ends_with(ready["peer"].as_str().unwrap()), "{address}");

    let (code, said) = ends(&home, &["--listen", "/ip4/127.0.0.1/tcp/0"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("already running"), "{said}");

    terminate(&first.0);
    assert_eq!(first.0.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "nothing but the first line is printed");

    let (_second, again, _) = start(&home);
    assert_eq!(again, ready, "the same identity at the same address");
}

#[test]
fn words_that_cannot_work_end_with_two_and_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("relay");
    std::fs::create_dir_all(dir.path().join("full/of/things")).unwrap();
    let (code, said) = ends(&dir.path().join("full"), &[]);
    assert_eq!(code, Some(2), "{said}");
    for words in [&["--listen", "localhost:1"][..], &["--network", "Main Street"], &["--speed", "9"]] {
        let (code, said) = ends(&home, words);
        assert_eq!(code, Some(2), "{words:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn writes_no_core() {
    let dir = tempfile::tempdir().unwrap();
    let (relay, _, _out) = start(&dir.path().join("relay"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", relay.0.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
}
