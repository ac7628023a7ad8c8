//! Backups as they are typed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

mod common;
use common::{bespeak, done, kinds};

fn answer(home: &Path, words: &[&str]) -> Value {
    let output = done(home, &[words, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

fn told(home: &Path, words: &[&str]) -> String {
    let output = done(home, words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Fails with this code, in one sentence that holds these words.
fn refused(home: &Path, words: &[&str], code: i32, wanted: &str) {
    let output = done(home, words);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
    assert!(said.contains(wanted), "{words:?}: {said}");
    assert_eq!(said.trim().lines().count(), 1, "one sentence: {said}");
}

struct Running(Child);

impl Running {
    fn start(home: &Path) -> Self {
        let words = ["run", "--json", "--reveal", "--listen", "/ip4/127.0.0.1/tcp/0"];
        let mut child = bespeak(home, &words).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("\"ready\":true"), "{line}");
        Self(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_home_is_backed_up_verified_and_made_again() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let (home, again, words, backup) = (at("home"), at("again"), at("words"), at("anna.age"));
    let made = answer(&home, &["init", "--role", "customer"]);
    fs::write(&words, made["recovery_phrase"].as_str().unwrap()).unwrap();
    refused(&home, &["backup", path(&backup)], 3, "bespeak run");
    assert_eq!(names(place.path()), ["home", "words"]);
    let node = Running::start(&home);
    let cast = answer(&home, &["want", "City bicycle", "--max", "250EUR"]);
    assert_eq!(answer(&home, &["status"])["last_backup"], Value::Null);
    assert!(told(&home, &["status"]).contains("backup      never"));

    let said = answer(&home, &["backup", path(&backup)]);
    let facts = fs::metadata(&backup).unwrap();
    assert_eq!(said, json!({ "file": backup, "bytes": facts.len() }));
    assert_eq!(facts.permissions().mode() & 0o777, 0o600);
    assert!(told(&home, &["status"]).contains("backup      less than an hour ago"));
    refused(&home, &["backup", path(&backup)], 1, "--force");
    assert!(told(&home, &["backup", path(&backup), "--force"]).contains("24 words"));
    refused(&home, &["backup", path(place.path())], 1, "is a folder");
    refused(&home, &["backup", path(&at("none/x"))], 1, "none/x.partial");
    assert_eq!(names(place.path()), ["anna.age", "home", "words"]);
    drop(node);

    let verify = ["backup", "verify", path(&backup), "--words-file", path(&words)];
    let found = answer(&home, &verify);
    assert_eq!((&found["party"], &found["intentions_live"]), (&made["party"], &json!(1)));
    assert!(told(&home, &verify).contains("is whole; it was made less than an hour ago"));
    let restore = ["restore", path(&backup), "--words-file", path(&words)];
    let restored = answer(&again, &restore);
    assert_eq!((&restored["party"], &restored["home"]), (&made["party"], &json!(again)));
    assert_eq!(restored["documents"], found["documents"]);
    refused(&again, &restore, 2, "already a home");
    let open = done(&at("third"), &restore);
    let said = [open.stdout, open.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(said[0].contains("Next: bespeak run") && said[1].contains("no passphrase protects"), "{said:?}");
    let (secret, fourth) = (at("secret"), at("fourth"));
    fs::write(&secret, "four good words here\n").unwrap();
    told(&fourth, &[&restore[..], &["--new-passphrase-file", path(&secret)]].concat());
    assert_eq!(kinds(&fourth), ["passphrase", "words"]);
    told(&at("fifth"), &[&restore[..], &["--no-passphrase"]].concat());
    assert_eq!(kinds(&at("fifth")), ["words", "open"]);
    let both = ["restore", path(&backup), "--passphrase-file", "-", "--new-passphrase-file", "-"];
    refused(&at("sixth"), &both, 2, "Standard input");
    let _node = Running::start(&again);
    assert_eq!(answer(&again, &["intention", "list"])[0]["intention"], cast["intention"]);
    assert_eq!(answer(&again, &["status"])["last_backup"], restored["made_at"]);
}

#[test]
fn what_does_not_open_it_is_told_in_one_sentence() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let (home, new, words, secret, backup) = (at("home"), at("new"), at("words"), at("secret"), at("b.age"));
    let made = answer(&home, &["init", "--role", "customer"]);
    let phrase = made["recovery_phrase"].as_str().unwrap();
    fs::write(&secret, "four good words here\nand a note\n").unwrap();
    fs::write(at("short"), "short\n").unwrap();
    fs::write(at("empty"), "\n").unwrap();
    let node = Running::start(&home);
    refused(&home, &["backup", path(&backup), "--passphrase-file", path(&at("short"))], 2, "8 characters");
    refused(&home, &["backup", path(&backup), "--passphrase-file", path(&at("empty"))], 1, "empty");
    assert!(!backup.exists());
    let said = told(&home, &["backup", path(&backup), "--passphrase-file", path(&secret)]);
    assert!(said.contains("The passphrase opens it"), "{said}");
    drop(node);

    let restore = ["restore", path(&backup), "--words-file", path(&words)];
    let with = |typed: &str, wanted: &str| {
        fs::write(&words, typed).unwrap();
        refused(&new, &restore, 1, wanted);
        assert!(!new.exists() && !at("new.partial").exists());
    };
    with(phrase, "do not open it");
    with("abandon", "24 words, not 1");
    // One order in 256 has a checksum that fits by chance, and is then refused for that it does not open the file.
    let reversed: Vec<&str> = phrase.split(' ').rev().collect();
    fs::write(&words, reversed.join(" ")).unwrap();
    let said = String::from_utf8(done(&new, &restore).stderr).unwrap();
    assert!(said.contains("exchanged") || said.contains("do not open it"), "{said}");
    refused(
        &new,
        &["restore", path(&backup), "--passphrase-file", path(&at("none"))],
        1,
        "none cannot be read",
    );
    refused(&new, &["restore", path(&words), "--passphrase-file", path(&secret)], 1, "it is no backup");
    assert_eq!(done(&new, &["restore", path(&backup)]).status.code(), Some(2));

    let mut typed = bespeak(&new, &["restore", path(&backup), "--passphrase-file", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    typed.stdin.take().unwrap().write_all(b"four good words here\n").unwrap();
    assert!(typed.wait().unwrap().success());
    assert!(new.join("vault").exists());
}

/// Something that answers as a node would, and goes away in the middle.
#[test]
fn a_stream_that_is_cut_leaves_no_file_and_the_old_one_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    let (home, backup) = (place.path().join("home"), place.path().join("b.age"));
    fs::create_dir(&home).unwrap();
    let socket = UnixListener::bind(home.join("api.sock")).unwrap();
    let node = std::thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = socket.accept().unwrap();
            let mut asked = [0; 4096];
            assert!(stream.read(&mut asked).unwrap() > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n").unwrap();
        }
    });
    refused(&home, &["backup", path(&backup)], 1, "broke off");
    assert_eq!(names(place.path()), ["home"]);
    fs::write(&backup, "the old one").unwrap();
    refused(&home, &["backup", path(&backup), "--force"], 1, "broke off");
    assert_eq!(names(place.path()), ["b.age", "home"]);
    assert_eq!(fs::read(&backup).unwrap(), b"the old one");
    node.join().unwrap();
}
