//! Personal data, export and import as they are typed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

fn bespeak(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bespeak"));
    command.args(words).env("BESPEAK_HOME", home).env_remove("BESPEAK_LOG").stdin(Stdio::null());
    command
}

fn done(home: &Path, words: &[&str]) -> Output {
    bespeak(home, words).output().unwrap()
}

fn answer(home: &Path, words: &[&str]) -> Value {
    let output = done(home, &[words, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}"))
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

/// A second home of the same party.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn data_is_kept_shown_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let (home, file) = (folder.path().join("home"), folder.path().join("address.json"));
    answer(&home, &["init", "--role", "customer"]);
    std::fs::write(&file, "{\"street\":\"Lindenweg 7\"}").unwrap();
    let _node = Running::start(&home);
    let add =
        ["data", "add", path(&file), "--type", "address", "--name", "Home", "--tag", "a b", "--tag", "c"];
    let kept = answer(&home, &add);
    assert_eq!(kept["added"], true);
    assert_eq!(kept["item"]["media_type"], "application/json");
    assert_eq!(kept["item"]["tags"], json!(["a b", "c"]));
    assert_eq!(answer(&home, &add)["added"], false);
    let id = kept["item"]["id"].as_str().unwrap();

    let mut add =
        bespeak(&home, &["data", "add", "-", "--type", "note"]).stdin(Stdio::piped()).spawn().unwrap();
    add.stdin.take().unwrap().write_all(b"milk").unwrap();
    assert!(add.wait().unwrap().success());
    let all = answer(&home, &["data", "list"]);
    assert_eq!(all.as_array().map(Vec::len), Some(2), "{all}");
    let table = String::from_utf8(done(&home, &["data", "list"]).stdout).unwrap();
    assert!(table.contains(&id[..16]) && table.contains("note"), "{table}");
    assert_eq!(answer(&home, &["data", "show", &id[..12]]), kept["item"]);
    let out = done(&home, &["data", "show", id, "--output", "-"]).stdout;
    assert_eq!(out, std::fs::read(&file).unwrap());
    let taken_out = folder.path().join("out.json");
    answer(&home, &["data", "show", id, "--output", path(&taken_out)]);
    assert_eq!(std::fs::read(taken_out).unwrap(), out);
    assert_eq!(answer(&home, &["data", "remove", &id[..12]]), kept["item"]);

    std::fs::write(&file, "{").unwrap();
    refused(&home, &["data", "add", path(&file), "--type", "address"], 2, "no JSON");
    refused(&home, &["data", "add", "./none", "--type", "x"], 1, "name a file that is there");
    refused(&home, &["data", "add", path(&file), "--type", "x", "--media-type", "y"], 2, "media type");
    refused(&home, &["data", "show", id], 1, "bespeak data list");
    refused(&home, &["data", "remove", "data-"], 1, "bespeak data list");
}

#[test]
fn everything_goes_out_and_comes_in_once() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let (home, again, other, export) = (at("home"), at("again"), at("other"), at("export"));
    answer(&home, &["init", "--role", "customer"]);
    copy(&home, &again);
    answer(&other, &["init", "--role", "customer"]);
    std::fs::write(at("note.txt"), "milk").unwrap();
    let nodes = [&home, &again, &other].map(|home| Running::start(home));
    answer(&home, &["want", "City bicycle", "--max", "250EUR"]);
    answer(&home, &["data", "add", path(&at("note.txt")), "--type", "note"]);

    let said = answer(&home, &["export", path(&export)]);
    assert!(said["files"].as_u64().is_some_and(|files| files > 10), "{said}");
    refused(&home, &["export", path(&export)], 1, "not empty");
    refused(&home, &["export", path(&at("note.txt"))], 1, "note.txt");
    let people = String::from_utf8(done(&home, &["export", path(&at("second"))]).stdout).unwrap();
    assert!(people.contains("README.md explains them"), "{people}");

    assert_eq!(answer(&again, &["import", path(&export)]), json!({ "added": 2, "known": 0 }));
    assert_eq!(answer(&again, &["import", path(&export)]), json!({ "added": 0, "known": 2 }));
    assert_eq!(answer(&again, &["data", "list"]), answer(&home, &["data", "list"]));
    refused(&other, &["import", path(&export)], 1, "24 words");
    refused(&again, &["import", path(&at("none"))], 1, "no folder");
    refused(&again, &["import", path(&at("note.txt"))], 1, "no folder");
    damaged(&again, &export);
    drop(nodes);
    refused(&again, &["import", path(&export)], 3, "bespeak run");
}

/// One file changed, one too many, one too few, a link: each is named.
fn damaged(home: &Path, export: &Path) {
    let import = ["import", path(export)];
    let orders = export.join("orders.csv");
    let whole = std::fs::read(&orders).unwrap();
    std::fs::write(&orders, "order\r\n").unwrap();
    refused(home, &import, 1, "orders.csv was changed");
    std::fs::remove_file(&orders).unwrap();
    refused(home, &import, 1, "orders.csv is missing");
    std::fs::write(&orders, whole).unwrap();
    std::fs::write(export.join("more.txt"), "x").unwrap();
    refused(home, &import, 1, "more.txt is no part");
    std::fs::remove_file(export.join("more.txt")).unwrap();
    std::os::unix::fs::symlink("orders.csv", export.join("link")).unwrap();
    refused(home, &import, 1, "is a link");
    std::fs::remove_file(export.join("link")).unwrap();
    assert_eq!(answer(home, &import)["added"], 0, "whole again");
}
