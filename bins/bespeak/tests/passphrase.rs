//! Every way in to a home, and every refusal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use bespeak_node::home::{self, Cost, Passphrase};
use bespeak_node::{InitOptions, Protection, Role};
use serde_json::{Value, json};

mod common;
use common::{Terminal, bespeak, code_of, done, ends, kinds, until};

const RIGHT: &str = "open sesame";
const LISTEN: [&str; 2] = ["--listen", "/ip4/127.0.0.1/tcp/0"];

/// A folder with a home, and files beside it.
struct Place {
    dir: tempfile::TempDir,
    words: String,
}

impl Place {
    /// A home behind a passphrase; a try costs the least that is believed, so that many can be made.
    fn closed() -> Self {
        let passphrase = Passphrase::new(RIGHT).unwrap();
        Self::with(&Protection::Passphrase(passphrase, Cost::LEAST))
    }

    fn open() -> Self {
        Self::with(&Protection::Open)
    }

    fn with(protection: &Protection) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = InitOptions { role: Role::Customer, name: None, network: "test".parse().unwrap() };
        let made = home::init(&dir.path().join("home"), &options, protection).unwrap();
        Self { dir, words: made.recovery_phrase.to_string() }
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn vault(&self) -> Vec<u8> {
        std::fs::read(self.home().join("vault")).unwrap()
    }

    /// A file for its owner alone.
    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn kinds(&self) -> Vec<String> {
        kinds(&self.home())
    }

    /// Whether a node starts with these words; it is ended then.
    fn starts(&self, words: &[&str]) -> bool {
        let mut node = Running(run(&self.home(), words).stderr(Stdio::null()).spawn().unwrap());
        node.is_ready() && node.ends_well()
    }
}

fn run(home: &Path, words: &[&str]) -> Command {
    let mut command = bespeak(home, &[&["run", "--json", "--reveal"][..], &LISTEN, words].concat());
    command.stdout(Stdio::piped());
    command
}

/// A node that is killed when a test fails.
struct Running(Child);

impl Running {
    fn is_ready(&mut self) -> bool {
        let mut line = String::new();
        BufReader::new(self.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        serde_json::from_str::<Value>(&line).is_ok_and(|said| said["ready"] == true)
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap().success());
    }

    fn ends_well(&mut self) -> bool {
        self.signal("-TERM");
        until("the node ends", || self.0.try_wait().unwrap()).success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a command with something on its standard input.
fn fed(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that ends before it reads has closed its end; what it says is looked at.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn files_the_credential_and_standard_input_open_a_home() {
    let place = Place::closed();
    let right = place.file("right.txt", format!("{RIGHT}\nonly the first line counts\n"));
    assert!(place.starts(&["--passphrase-file", &right]));
    // As `init` shows them, in rows.
    let rows: Vec<_> = place.words.split(' ').collect();
    let rows: Vec<_> = rows.chunks(6).map(|row| format!("  {}\n", row.join(" "))).collect();
    assert!(place.starts(&["--words-file", &place.file("words.txt", rows.concat())]));

    let mut piped = run(&place.home(), &["--passphrase-file", "-"]);
    let mut piped = Running(piped.stdin(Stdio::piped()).spawn().unwrap());
    // It stays open: the end of the line is enough.
    piped.0.stdin.as_mut().unwrap().write_all(format!("{RIGHT}\r\n").as_bytes()).unwrap();
    assert!(piped.is_ready() && piped.ends_well());

    place.file("bespeak-passphrase", RIGHT);
    let mut service = run(&place.home(), &[]);
    let service = service.env("CREDENTIALS_DIRECTORY", place.dir.path()).spawn().unwrap();
    let mut service = Running(service);
    assert!(service.is_ready() && service.ends_well());
}

#[test]
fn what_does_not_open_a_home_is_refused_in_one_sentence() {
    let place = Place::closed();
    // Another wallet's words (32 bytes of nought), in their order and out of it.
    let other = format!("{}art", "abandon ".repeat(23));
    let swapped = format!("art {}", "abandon ".repeat(23));
    let wrong = place.file("wrong.txt", "open Sesame");
    let cases: Vec<(Vec<&str>, i32, &str)> = vec![
        (vec![], 2, "--passphrase-file FILE"),
        (vec!["--passphrase-file", &wrong], 1, "does not open"),
        (vec!["--passphrase-file", "-"], 1, "it is empty"),
        (vec!["--passphrase-file", "/nowhere/at/all"], 1, "name a file with the passphrase"),
    ];
    for (words, code, wanted) in cases {
        let (ended, said) = ends(&place.home(), &[&["run"], &words[..]].concat());
        assert_eq!(ended, code, "{words:?}: {said}");
        assert!(said.contains(wanted) && said.trim().lines().count() == 1, "{words:?}: {said}");
    }
    let folder = place.dir.path().to_str().unwrap().to_owned();
    let texts: Vec<(&str, String, &str)> = vec![
        ("--passphrase-file", place.file("empty.txt", "\nsecond line"), "it is empty"),
        ("--passphrase-file", place.file("binary.txt", b"\xff\xfe"), "no text"),
        ("--passphrase-file", place.file("long.txt", "x".repeat(5_000)), "too long"),
        ("--passphrase-file", folder, "cannot be read"),
        ("--words-file", place.file("swapped.txt", &swapped), "do not fit together"),
        ("--words-file", place.file("few.txt", "abandon abandon"), "24 words, not 2"),
        ("--words-file", place.file("other.txt", &other), "does not open"),
    ];
    for (option, file, wanted) in texts {
        let (ended, said) = ends(&place.home(), &["run", option, &file]);
        assert_eq!(ended, 1, "{option} {file}: {said}");
        assert!(said.contains(wanted) && said.trim().lines().count() == 1, "{option} {file}: {said}");
        assert!(!said.contains(RIGHT) && !said.contains("abandon"), "{said}");
    }
    let both = ends(&place.home(), &["run", "--passphrase-file", &wrong, "--words-file", &wrong]);
    assert_eq!(both.0, 2, "{}", both.1);
}

#[test]
fn a_passphrase_for_an_open_home_is_a_mistake() {
    let place = Place::open();
    let (code, said) = ends(&place.home(), &["run", "--passphrase-file", &place.file("right.txt", RIGHT)]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("leave out --passphrase-file") && said.contains("passphrase change"), "{said}");
    // A service that hands one over to every home is not stopped by it.
    let mut service = run(&place.home(), &[]);
    place.file("bespeak-passphrase", RIGHT);
    let mut service = Running(service.env("CREDENTIALS_DIRECTORY", place.dir.path()).spawn().unwrap());
    assert!(service.is_ready() && service.ends_well());
}

#[test]
fn a_file_that_others_can_read_is_told() {
    let place = Place::closed();
    let file = place.file("right.txt", "wrong all the same");
    for (mode, told) in [(0o600, false), (0o640, true), (0o604, true)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let (_, said) = ends(&place.home(), &["run", "--passphrase-file", &file]);
        assert_eq!(said.contains(&format!("(mode {mode:o})")), told, "{said}");
        assert_eq!(said.contains("chmod go-rwx"), told, "{said}");
    }
}

#[test]
fn at_a_terminal_it_is_asked_three_times() {
    let place = Place::closed();
    let at_terminal = || Terminal::start(bespeak(&place.home(), &[&["run"][..], &LISTEN].concat()));
    let question = format!("Passphrase of {}: ", place.home().display());

    let mut person = at_terminal();
    for wrong in ["open seseme", "open sesame "] {
        person.answers_unseen(&question, wrong);
        person.sees("try again");
    }
    person.answers_unseen(&question, RIGHT);
    assert!(person.first_line().contains("customer's node is running"));
    person.signal("-TERM");
    let (status, shown) = person.ends();
    assert!(status.success() && !shown.contains(RIGHT), "{shown}");

    let mut person = at_terminal();
    for _ in 0..3 {
        person.answers_unseen(&question, "guess after guess");
    }
    let (status, shown) = person.ends();
    assert_eq!(status.code(), Some(1), "{shown}");
    assert!(shown.contains("does not open the vault") && !shown.contains("guess"), "{shown}");
}

#[test]
fn a_question_can_be_left() {
    let place = Place::closed();
    let mut person = Terminal::start(bespeak(&place.home(), &["run"]));
    person.sees("Passphrase of");
    person.signal("-INT");
    let (status, shown) = person.ends();
    assert_eq!((status.code(), shown.contains("Interrupted")), (Some(1), true), "{shown}");

    let mut person = Terminal::start(bespeak(&place.home(), &["run"]));
    person.answers_unseen("Passphrase of", "");
    let (status, shown) = person.ends();
    assert_eq!((status.code(), shown.contains("Nothing was typed")), (Some(1), true), "{shown}");

    // With --json a program sits there, not a person.
    let program = Terminal::start(bespeak(&place.home(), &["run", "--json"]));
    let (status, shown) = program.ends();
    assert_eq!((status.code(), shown.contains("--passphrase-file FILE")), (Some(2), true), "{shown}");
}

#[test]
fn init_asks_for_a_passphrase_twice() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let mut person = Terminal::start(bespeak(&home, &["init", "--role", "customer"]));
    person.sees("--no-passphrase");
    person.answers_unseen("New passphrase: ", "short");
    person.sees("too short");
    person.answers_unseen("New passphrase: ", "correct horse");
    person.answers_unseen("The same again: ", "correct hoarse");
    person.sees("not the same");
    person.answers_unseen("New passphrase: ", "correct horse");
    person.answers_unseen("The same again: ", "correct horse");
    let (status, shown) = person.ends();
    assert!(status.success() && !shown.contains("horse"), "{shown}");
    assert_eq!(kinds(&home), ["passphrase", "words"]);

    let (status, shown) = Terminal::start(bespeak(&home, &["init", "--role", "customer"])).ends();
    assert_eq!(status.code(), Some(1));
    assert!(shown.contains("already a home") && !shown.contains("New passphrase"), "{shown}");

    let second = dir.path().join("second");
    let mut person = Terminal::start(bespeak(&second, &["init", "--role", "customer"]));
    for _ in 0..3 {
        person.answers_unseen("New passphrase: ", "short");
    }
    let (status, shown) = person.ends();
    assert_eq!((status.code(), second.exists()), (Some(1), false), "{shown}");
}

#[test]
fn init_takes_a_file_or_warns() {
    let place = Place::open();
    let home = |name: &str| place.dir.path().join(name);
    let file = place.file("right.txt", RIGHT);
    let made = done(&home("a"), &["init", "--role", "vendor", "--passphrase-file", &file, "--json"]);
    assert!(made.status.success() && made.stderr.is_empty(), "{}", code_of(&made).1);
    assert_eq!(kinds(&home("a")), ["passphrase", "words"]);
    let slots: Value =
        serde_json::from_slice(&done(&home("a"), &["vault", "slots", "--json"]).stdout).unwrap();
    let cost = json!({ "function": "argon2id", "memory_kib": 262_144, "passes": 3, "lanes": 1 });
    assert_eq!((&slots[0]["parameters"], &slots[1]["parameters"]), (&cost, &Value::Null));

    for (name, words) in [("b", &["--no-passphrase"][..]), ("c", &[])] {
        let made = done(&home(name), &[&["init", "--role", "customer", "--json"], words].concat());
        let (code, said) = code_of(&made);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("no passphrase protects") && said.contains("passphrase change"), "{said}");
        let document: Value = serde_json::from_slice(&made.stdout).unwrap();
        let keys: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["home", "network", "party", "recovery_phrase", "role"]);
        assert_eq!(kinds(&home(name)), ["words", "open"]);
    }
    let short = place.file("short.txt", "seven c");
    for (words, code, wanted) in [
        (&["--passphrase-file", &short][..], 1, "too short"),
        (&["--passphrase-file", "/nowhere"], 1, "cannot be read"),
        (&["--passphrase-file", &file, "--no-passphrase"], 2, "cannot be used with"),
        (&["--passphrase", RIGHT], 2, "unexpected argument"),
    ] {
        let (ended, said) = ends(&home("d"), &[&["init", "--role", "customer"], words].concat());
        assert_eq!(
            (ended, said.contains(wanted), home("d").exists()),
            (code, true, false),
            "{words:?}: {said}"
        );
    }
    let (_, said) = ends(&home("b"), &["vault", "slots"]);
    assert_eq!(said, "");
    assert_eq!(ends(&home("d"), &["vault", "slots"]).0, 1);
}

#[test]
fn a_passphrase_is_set_changed_forgotten_and_taken_away() {
    let place = Place::open();
    let change = |words: &[&str]| ends(&place.home(), &[&["passphrase", "change"], words].concat());
    let first = place.file("first.txt", RIGHT);
    let second = place.file("second.txt", "another one");
    let words = place.file("words.txt", &place.words);

    let set = change(&["--new-passphrase-file", &first]);
    assert_eq!((set.0, place.kinds()), (0, vec!["passphrase".to_owned(), "words".to_owned()]), "{}", set.1);
    let before = place.vault();
    let refusals: [(&[&str], i32, &str); 5] = [
        (&["--old-passphrase-file", &second, "--no-passphrase"], 1, "does not open"),
        (&["--new-passphrase-file", &second], 2, "--old-passphrase-file FILE"),
        (&["--words-file", &words], 2, "--new-passphrase-file FILE"),
        (&["--old-passphrase-file", "-", "--new-passphrase-file", "-"], 2, "one of the files only"),
        (&["--words-file", "-", "--new-passphrase-file", "-"], 2, "one of the files only"),
    ];
    for (words, code, wanted) in refusals {
        let (ended, said) = change(words);
        assert_eq!(ended, code, "{words:?}: {said}");
        assert!(said.contains(wanted) && said.trim().lines().count() == 1, "{words:?}: {said}");
    }
    assert_eq!(place.vault(), before, "what was refused has changed nothing");

    // Forgotten; and from standard input, while a node runs.
    let mut node = Running(run(&place.home(), &["--passphrase-file", &first]).spawn().unwrap());
    assert!(node.is_ready());
    let stdin = ["passphrase", "change", "--words-file", "-", "--new-passphrase-file", &second, "--json"];
    let changed = fed(bespeak(&place.home(), &stdin), place.words.as_bytes());
    assert!(changed.status.success(), "{}", code_of(&changed).1);
    let document: Value = serde_json::from_slice(&changed.stdout).unwrap();
    assert_eq!(document["slots"][0]["kind"], "passphrase");
    assert!(node.ends_well());
    assert_eq!(ends(&place.home(), &["run", "--passphrase-file", &first]).0, 1);

    let (code, said) = change(&["--old-passphrase-file", &second, "--no-passphrase"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("no passphrase protects"), "{said}");
    assert!(place.starts(&[]), "nothing needs to be given any more");
}

#[test]
fn a_passphrase_is_changed_at_a_terminal() {
    let place = Place::closed();
    let mut person = Terminal::start(bespeak(&place.home(), &["passphrase", "change"]));
    person.answers_unseen("Passphrase of", "open seseme");
    person.answers_unseen("Passphrase of", RIGHT);
    person.answers_unseen("New passphrase: ", "another one");
    person.answers_unseen("The same again: ", "another one");
    let (status, shown) = person.ends();
    assert!(status.success() && !shown.contains("another"), "{shown}");
    assert!(place.starts(&["--passphrase-file", &place.file("new.txt", "another one")]));
}

#[test]
fn nothing_secret_is_logged_or_seen_by_other_programs() {
    let place = Place::closed();
    let file = place.file("right.txt", RIGHT);
    let words = ["-vvv", "--passphrase-file", &file];
    let mut node = Running(run(&place.home(), &words).stderr(Stdio::piped()).spawn().unwrap());
    let mut out = node.0.stderr.take().unwrap();
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        out.read_to_string(&mut log).map(|_| log)
    });
    assert!(node.is_ready());
    let seen = ["cmdline", "environ", "limits"].map(|what| {
        let path = format!("/proc/{}/{what}", node.0.id());
        if cfg!(target_os = "linux") {
            String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
        } else {
            String::new()
        }
    });
    assert!(node.ends_well());
    let log = log.join().unwrap().unwrap();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "nothing was logged: {log}");
    let first_words = place.words.split(' ').take(2).collect::<Vec<_>>().join(" ");
    for text in seen.iter().chain([&log]) {
        assert!(!text.contains(RIGHT) && !text.contains(&first_words), "{text}");
    }
    if cfg!(target_os = "linux") {
        let core = seen[2].lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
    }
}

#[test]
fn a_crash_leaves_no_core() {
    let place = Place::open();
    let run = format!(
        "ulimit -c unlimited 2>/dev/null; exec {} run --json --listen {}",
        env!("CARGO_BIN_EXE_bespeak"),
        LISTEN[1]
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &run]).env("BESPEAK_HOME", place.home()).current_dir(place.dir.path());
    let mut node = Running(shell.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap());
    assert!(node.is_ready());
    // Not QUIT, which a program that was started in the background may ignore.
    node.signal("-ABRT");
    let status = until("the node dies", || node.0.try_wait().unwrap());
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));
}
