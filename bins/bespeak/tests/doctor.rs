//! `bespeak doctor`, with a node and without, on homes that are well and homes that are not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use common::{bespeak, code_of, done, until};
use serde_json::Value;

/// What a doctor says, with the code it ends with.
fn doctor(home: &Path) -> (i32, Vec<Value>) {
    let output = done(home, &["doctor", "--json"]);
    let (code, said) = code_of(&output);
    assert!(said.is_empty(), "the document says it all: {said}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document.get("exit").and_then(Value::as_i64).unwrap_or(0), i64::from(code), "{document}");
    let lines = document["lines"].as_array().unwrap().clone();
    assert_eq!(lines.iter().any(|line| line["state"] == "broken"), code == 1, "{lines:?}");
    (code, lines)
}

/// The same for a person; aligned, and no wider than a terminal but for paths and keys.
fn for_people(home: &Path) -> (i32, String) {
    let output = done(home, &["doctor"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let words = line.split_whitespace().count();
        assert!(line.chars().count() <= 80 || words < 4, "{line}");
    }
    (code_of(&output).0, text)
}

/// The one line about something that says this.
fn line<'a>(lines: &'a [Value], what: &str, wanted: &str) -> &'a Value {
    let found: Vec<_> = lines
        .iter()
        .filter(|line| line["what"] == what && line["says"].as_str().unwrap().contains(wanted))
        .collect();
    assert_eq!(found.len(), 1, "{what}, {wanted}: {lines:?}");
    found[0]
}

fn init(home: &Path) {
    assert!(done(home, &["init", "--role", "customer", "--no-passphrase", "--json"]).status.success());
}

struct Running(Child);

impl Running {
    fn start(home: &Path) -> Self {
        let words = ["run", "--json", "--reveal", "--listen", "/ip4/127.0.0.1/tcp/0"];
        let mut child = bespeak(home, &words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("\"ready\":true"), "{line}");
        Self(child)
    }

    /// Asks it to end, and waits until it has.
    fn end(mut self) {
        assert!(Command::new("kill").arg(self.0.id().to_string()).status().unwrap().success());
        let status = until("the node ends", || self.0.try_wait().unwrap());
        assert!(status.success(), "{status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn without_a_node_it_looks_at_the_home_and_says_how_to_start_one() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path().join("home");
    let (code, lines) = doctor(&home);
    assert_eq!(code, 1);
    let mend = line(&lines, "home", "There is no home")["mend"].as_str().unwrap();
    assert_eq!(mend, format!("bespeak --home {} init --role customer", home.display()));

    init(&home);
    let (code, lines) = doctor(&home);
    assert_eq!(code, 0, "what needs attention is not broken: {lines:?}");
    let mend = line(&lines, "node", "No node is running")["mend"].as_str().unwrap();
    assert_eq!(mend, format!("bespeak --home {} run", home.display()));
    assert_eq!(line(&lines, "files", "Only you")["state"], "fine");
    assert_eq!(line(&lines, "backup", "only a running node")["state"], "attention");
    let (code, text) = for_people(&home);
    assert_eq!(code, 0);
    assert!(text.starts_with("ok         version   Bespeak "), "{text}");
    assert!(text.contains("\nattention  node      No node is running on this home.\n"), "{text}");
    assert!(text.trim_end().lines().last().unwrap().starts_with("Nothing is broken; "), "{text}");
}

#[test]
fn a_running_node_tells_what_it_knows() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path().join("home");
    init(&home);
    let node = Running::start(&home);
    let (code, lines) = doctor(&home);
    assert_eq!(code, 0, "{lines:?}");
    line(&lines, "node", &format!("process {}", node.0.id()));
    assert_eq!(line(&lines, "store", "none is known to be damaged or missing")["state"], "fine");
    assert_eq!(line(&lines, "peers", "alone")["state"], "attention");
    let mend = line(&lines, "backup", "There is no backup")["mend"].as_str().unwrap();
    assert_eq!(mend, format!("bespeak --home {} backup FILE", home.display()));
    let (code, text) = for_people(&home);
    assert_eq!(code, 0);
    assert!(text.contains("on the network “main”"), "{text}");
    node.end();
    line(&doctor(&home).1, "node", "No node is running");
}

#[test]
fn a_home_that_others_can_read_is_broken_and_mended_as_it_says() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path().join("home");
    init(&home);
    set_mode(&home.join("vault"), 0o644);
    let (code, lines) = doctor(&home);
    assert_eq!(code, 1);
    let wrong = line(&lines, "files", "anybody on this machine may read it (mode 644)");
    assert_eq!(wrong["state"], "broken");
    let (code, text) = for_people(&home);
    assert_eq!(code, 1);
    assert!(text.contains("\nBROKEN     files     vault is open to others"), "{text}");
    // What it says is typed as it stands.
    let mend = wrong["mend"].as_str().unwrap();
    assert!(Command::new("sh").args(["-c", mend]).status().unwrap().success(), "{mend}");
    let (code, lines) = doctor(&home);
    assert_eq!((code, &line(&lines, "files", "Only you")["state"]), (0, &Value::from("fine")));

    set_mode(&home, 0o755);
    let (code, lines) = doctor(&home);
    assert_eq!((code, &line(&lines, "files", "The home is open")["state"]), (1, &Value::from("broken")));
}

/// The oldest segment of a home's journal.
fn segment(home: &Path) -> PathBuf {
    let mut all: Vec<_> =
        fs::read_dir(home.join("journal")).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all.remove(0)
}

#[test]
fn a_damaged_journal_is_named_and_ends_with_one() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path().join("home");
    init(&home);
    let node = Running::start(&home);
    for title in ["City bicycle", "Racing bicycle", "Folding bicycle"] {
        let cast = done(&home, &["want", title, "--max", "250EUR", "--json"]);
        assert!(cast.status.success(), "{}", code_of(&cast).1);
    }
    node.end();
    // A byte of the first entry, behind the header of 8 KiB and the entry's own head.
    let segment = segment(&home);
    let mut bytes = fs::read(&segment).unwrap();
    bytes[8_192 + 80] ^= 1;
    // And one of an intention.
    let middle = 8_192 + (bytes.len() - 8_192) * 6 / 10;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).unwrap();
    line(&doctor(&home).1, "journal", "is found when the node starts");

    let node = Running::start(&home);
    let (code, lines) = doctor(&home);
    assert_eq!(code, 1);
    let file = segment.file_name().unwrap().to_str().unwrap();
    let damage = line(&lines, "store", &format!("journal/{file} is damaged from byte 8192"));
    assert_eq!(damage["state"], "broken");
    assert!(damage["says"].as_str().unwrap().contains("commit 1 cannot be read"), "{damage}");
    let stored: Vec<_> = lines.iter().filter(|line| line["what"] == "store").collect();
    assert_eq!(stored.len(), 2, "each place is named once: {stored:?}");
    let mend = damage["mend"].as_str().unwrap();
    assert!(mend.contains(&format!("`bespeak --home {} backup FILE`", home.display())), "{mend}");
    let (code, text) = for_people(&home);
    assert!(code == 1 && text.contains("BROKEN     store"), "{text}");
    let status: Value = serde_json::from_slice(&done(&home, &["status", "--json"]).stdout).unwrap();
    assert_eq!((&status["store"]["damaged"], &status["store"]["missing"]), (&2.into(), &0.into()));
    let status = String::from_utf8(done(&home, &["status"]).stdout).unwrap();
    assert!(status.contains("2 damaged places in the memory: bespeak doctor"), "{status}");
    node.end();

    // The index is right, and names what is nowhere.
    fs::remove_file(&segment).unwrap();
    let node = Running::start(&home);
    let (code, lines) = doctor(&home);
    assert_eq!((code, &line(&lines, "store", "missing from the journal")["state"]), (1, &"broken".into()));
    node.end();
}
