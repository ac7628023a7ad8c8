//! What binds is asked at a terminal, and done only after a yes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

mod common;
use common::{Terminal, bespeak, code_of, done, until};

fn json(home: &Path, words: &[&str]) -> Value {
    let output = done(home, &[words, &["--json"]].concat());
    assert!(output.status.success(), "{words:?}: {}", code_of(&output).1);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A node that is killed at the end.
struct Running(Child, Value);

impl Running {
    fn start(home: &Path, more: &[&str]) -> Self {
        let words = [&["run", "--json", "--reveal", "--listen", "/ip4/127.0.0.1/tcp/0"], more].concat();
        let mut child = bespeak(home, &words).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self(child, serde_json::from_str(&line).unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_is_not_confirmed_is_not_done_and_ends_with_four() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, me) = (folder.path().join("shop"), folder.path().join("me"));
    json(&shop, &["init", "--role", "vendor", "--name", "Lamps", "--no-passphrase"]);
    json(&me, &["init", "--role", "customer", "--no-passphrase"]);
    let seller = Running::start(&shop, &[]);
    let _buyer = Running::start(&me, &["--peer", seller.1["listen"][0].as_str().unwrap()]);
    let wish = json(&me, &["want", "Desk lamp"])["intention"].as_str().unwrap().to_owned();
    until("the wish is heard", || json(&shop, &["inbox"]).as_array().filter(|all| !all.is_empty()).map(drop));
    json(&shop, &["offer", &wish, "--line", "Desk lamp=20EUR"]);
    let offer = until("the offer comes", || json(&me, &["offers"])[0]["offer"].as_str().map(str::to_owned));

    for answer in ["", "n", "yess"] {
        let mut person = Terminal::start(bespeak(&me, &["accept", &offer]));
        person.sees("[y/N]");
        assert!(person.echoes(), "this is no secret");
        person.types(answer);
        let (status, shown) = person.ends();
        assert_eq!((status.code(), shown.contains("nothing was done")), (Some(4), true), "{shown}");
        assert_eq!(json(&me, &["order", "list"]), Value::Array(Vec::new()));
    }
    let mut person = Terminal::start(bespeak(&me, &["accept", &offer]));
    person.sees("[y/N]");
    person.types("y");
    let (status, shown) = person.ends();
    assert!(status.success(), "{shown}");
    assert_eq!(json(&me, &["order", "list"]).as_array().map(Vec::len), Some(1));
}
