//! The program as a process: its first line, its end, its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// The program, told nothing by the environment.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bespeak-relay"));
    command.env_remove("BESPEAK_LOG").env_remove("BESPEAK_RELAY_HOME").env_remove("BESPEAK_RELAY_CONFIG");
    command
}

fn relay(home: &Path, words: &[&str]) -> Command {
    let mut command = program();
    command.arg("run").arg("--home").arg(home).args(words);
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

fn start(home: &Path) -> (Running, serde_json::Value, BufReader<std::process::ChildStdout>) {
    start_with(home, &[])
}

fn start_with(
    home: &Path,
    words: &[&str],
) -> (Running, serde_json::Value, BufReader<std::process::ChildStdout>) {
    let words = [&["--json", "--listen", "/ip4/127.0.0.1/tcp/0"], words].concat();
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
    // The fields of `bespeak run`, with nothing where a relay has nothing, and where its numbers are.
    let fields: Vec<_> = ready.as_object().unwrap().keys().cloned().collect();
    let wanted = ["api", "home", "listen", "metrics", "network", "party", "peer", "ready", "role", "socket"];
    assert_eq!(fields, wanted);
    assert!(["api", "socket", "metrics"].iter().all(|field| ready[field].is_null()), "{ready}");
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

/// One line of a configuration, and what is said about it.
fn refused(lines: &str, words: &[&str]) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("relay.toml");
    std::fs::write(&config, lines).unwrap();
    ends(&dir.path().join("relay"), &[words, &["--config", config.to_str().unwrap()]].concat())
}

#[test]
fn a_configuration_that_cannot_be_ends_with_two_and_its_line() {
    for (lines, line, hint) in [
        ("\nspeed = 9\n", "line 2", "expected one of"),
        ("listen = \"/ip4/127.0.0.1/tcp/0\"\n", "line 1", "expected a sequence"),
        ("[limits]\nconections = 10\n", "line 2", "did you mean \"connections\"?"),
        ("[limits]\n\nmail_bytes = 5\n", "line 3", "mail_bytes must be from"),
        ("network = \"Main Street\"\n", "line 1", "network"),
    ] {
        let (code, said) = refused(lines, &[]);
        assert_eq!(code, Some(2), "{lines}: {said}");
        assert!(said.contains(line) && said.contains(hint) && !said.contains("panicked"), "{lines}: {said}");
    }
    let dir = tempfile::tempdir().unwrap();
    let (code, said) =
        ends(&dir.path().join("relay"), &["--config", dir.path().join("absent").to_str().unwrap()]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("absent: the configuration cannot be read"), "{said}");
}

#[test]
fn a_relay_needs_a_home_of_its_own_role_and_network() {
    let output = program().arg("run").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--home"));

    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("relay");
    drop(start_with(&home, &["--network", "test"]));
    let (code, said) = ends(&home, &["--network", "other"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("network \"test\", not \"other\""), "{said}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("relay");
    let (code, said) = ends(&home, &["--listen", &format!("/ip4/127.0.0.1/tcp/{port}")]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("/ip4/127.0.0.1/tcp/{port} is in use")), "{said}");
    let (code, said) = ends(&home, &["--metrics", &format!("127.0.0.1:{port}")]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("the metrics cannot be served on 127.0.0.1:{port}")), "{said}");
    for words in [&["--metrics", "0.0.0.0:0"][..], &["--metrics", "everywhere"]] {
        let (code, said) = ends(&home, words);
        assert_eq!(code, Some(2), "{words:?}: {said}");
    }
}

#[test]
fn the_command_line_counts_more_than_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let (config, home) = (dir.path().join("relay.toml"), dir.path().join("here"));
    // Were the file to count, nothing of this would work.
    let lines = "home = \"/dev/null/there\"\nlisten = [\"nowhere\"]\nnetwork = \"test\"\nmetrics = \"192.0.2.1:1\"\n\
                 metrics_anywhere = true\n[limits]\nmail_days = 3\n";
    std::fs::write(&config, lines).unwrap();
    let words = ["--config", config.to_str().unwrap(), "--metrics", "off"];
    let (_relay, ready, _out) = start_with(&home, &words);
    assert_eq!(ready["home"], home.to_str().unwrap());
    assert_eq!(ready["network"], "test", "what the command line does not say the file does");
    assert!(ready["metrics"].is_null(), "{ready}");
}

#[test]
fn the_configuration_that_is_printed_can_be_used() {
    let output = program().arg("config").output().unwrap();
    assert!(output.status.success());
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("relay.toml");
    std::fs::write(&config, &output.stdout).unwrap();
    let (_relay, ready, _out) =
        start_with(&dir.path().join("relay"), &["--config", config.to_str().unwrap()]);
    assert_eq!(ready["ready"], true);
}

/// What comes back for bytes.
fn answered(address: &str, said: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(said).unwrap();
    let mut answer = Vec::new();
    // One that is cut off has its answer so far.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn metrics_are_served_whatever_else_comes_to_their_port() {
    let dir = tempfile::tempdir().unwrap();
    let (mut relay, ready, _out) = start_with(&dir.path().join("relay"), &["--metrics", "127.0.0.1:0"]);
    let address = ready["metrics"].as_str().unwrap().to_owned();
    let read = || answered(&address, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    let whole = read();
    assert!(
        whole.starts_with("HTTP/1.1 200 OK\r\n") && whole.contains("application/openmetrics-text"),
        "{whole}"
    );
    assert!(whole.contains("\nbespeak_relay_queues 0\n") && whole.ends_with("# EOF\n"), "{whole}");
    for (said, status) in [
        (&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], "404"),
        (b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "405"),
        (b"\x00\xff nonsense\r\n\r\n", "400"),
        (&[b"GET /".as_slice(), &[b'a'; 100_000]].concat(), "4"),
    ] {
        let answer = answered(&address, said);
        // What is left unread of a long one may cut its answer off.
        let cut_off = said.len() > 8 * 1024 && answer.is_empty();
        assert!(cut_off || answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer:?} to {status}");
    }
    // More silent readers than it has places for, and a crowd that asks at once: it goes on, and so does the relay.
    let silent: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let crowd: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            stream
        })
        .collect();
    let begun = Instant::now();
    assert!(read().ends_with("# EOF\n"));
    assert!(begun.elapsed() < Duration::from_secs(55), "readers are not held up for ever");
    assert!(relay.0.try_wait().unwrap().is_none(), "the relay runs");
    drop((silent, crowd));
}
