//! The program as it is started: exit codes, the one JSON document, and sentences that say what to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn bespeak(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bespeak"));
    command.args(words).env("BESPEAK_HOME", home).env_remove("BESPEAK_LOG").stdin(Stdio::null());
    command
}

fn done(home: &Path, words: &[&str]) -> Output {
    bespeak(home, words).output().unwrap()
}

fn json(home: &Path, words: &[&str]) -> Value {
    let output = done(home, words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

/// The code and the sentence of a command that fails.
fn fails(home: &Path, words: &[&str]) -> (i32, String) {
    let output = done(home, words);
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

struct Running(Child, Value);

impl Running {
    fn start(home: &Path, more: &[&str]) -> Self {
        let words = [&["run", "--json", "--reveal", "--listen", "/ip4/127.0.0.1/tcp/0"], more].concat();
        let mut child = bespeak(home, &words).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self(child, serde_json::from_str(&line).unwrap())
    }

    /// Asks it to end, as a service manager does.
    fn end(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(told.success());
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn init_says_the_phrase_once() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let made = json(&home, &["init", "--role", "customer", "--json"]);
    assert_eq!(made["role"], "customer");
    assert!(made["party"].as_str().unwrap().starts_with("did:key:z6Mk"));
    assert_eq!(made["recovery_phrase"].as_str().unwrap().split(' ').count(), 24);
    assert_eq!(Path::new(made["home"].as_str().unwrap()), home);
    let (code, said) = fails(&home, &["init", "--role", "customer"]);
    assert_eq!(code, 1);
    assert!(said.contains("already a home"), "{said}");
}

#[test]
fn without_a_node_it_says_so_and_ends_with_three() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let (code, said) = fails(&home, &["status"]);
    assert_eq!(code, 3);
    assert!(said.contains("bespeak init"), "{said}");
    json(&home, &["init", "--role", "vendor", "--name", "Shop", "--json"]);
    for words in [
        &["status"][..],
        &["offers"],
        &["offers", "--watch"],
        &["want", "Bicycle"],
        &["chat", "b"],
        &["catalogue", "search", "x"],
    ] {
        let (code, said) = fails(&home, words);
        assert_eq!(code, 3, "{words:?}: {said}");
        assert!(said.contains("bespeak run"), "{words:?}: {said}");
    }
    let output = done(&home, &["status", "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["exit"], 3);
}

#[test]
fn advice_can_be_copied_into_a_shell() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("my home");
    let (_, said) = fails(&home, &["inbox"]);
    assert!(said.contains(&format!("init --role customer --home '{}'", home.display())), "{said}");
    assert!(said.contains("--role vendor"), "{said}");
}

#[test]
fn with_json_every_failure_is_a_document_that_names_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    for (words, exit, wanted) in [
        (&["want", "--json"][..], 2, "TITLE"),
        (&["--json", "nonsense"], 2, "nonsense"),
        (&["want", "x", "--max", "12", "--json"], 2, "write it as 1500EUR"),
        (&["demo", "--json"], 2, "leave out --json"),
        (&["completions", "bash", "--json"], 2, "leave out --json"),
        (&["run", "--json"], 2, "init"),
        (&["inspect", "receipt", "--json"], 3, "no file"),
    ] {
        let output = done(&home, words);
        assert_eq!(output.status.code(), Some(exit), "{words:?}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["exit"], exit, "{words:?}: {document}");
        let detail = document["detail"].as_str().unwrap();
        assert!(detail.contains(wanted), "{words:?}: {detail}");
        assert!(!detail.contains("Usage:") && !detail.contains('\n'), "{words:?}: {detail}");
    }
    // What is said after -- is no option.
    assert!(done(&home, &["nonsense", "--", "--json"]).stdout.is_empty());
}

#[test]
fn words_that_cannot_be_understood_end_with_two() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        &["want"][..],
        &["nonsense"],
        &["want", "x", "--max", "12"],
        &["order", "fulfil", "b", "--line", "1"],
    ] {
        let output = done(folder.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty(), "{words:?}");
        assert!(!output.stderr.is_empty(), "{words:?}");
    }
    assert!(done(folder.path(), &["--help"]).status.success());
    assert!(done(folder.path(), &["--version"]).status.success());
    assert!(!done(folder.path(), &["completions", "bash"]).stdout.is_empty());
}

#[test]
fn a_file_is_inspected_without_a_node() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("odd.bin");
    std::fs::write(&file, b"not a record").unwrap();
    let found = json(folder.path(), &["inspect", file.to_str().unwrap(), "--json"]);
    assert_eq!(found["verified"], false);
    let (code, said) = fails(folder.path(), &["inspect", "./missing.cose"]);
    assert_eq!(code, 1);
    assert!(said.contains("no file"), "{said}");
}

#[test]
fn a_node_runs_is_commanded_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    json(&home, &["init", "--role", "customer", "--json"]);
    let node = Running::start(&home, &["--api", "127.0.0.1:0"]);
    assert_eq!(node.1["ready"], true);
    assert!(node.1["peer"].is_string() && node.1["listen"].as_array().is_some_and(|all| !all.is_empty()));
    assert!(node.1["api"].as_str().unwrap().starts_with("http://127.0.0.1:"));

    let status = json(&home, &["status", "--json"]);
    assert_eq!((&status["role"], &status["intentions_live"]), (&Value::from("customer"), &Value::from(0)));
    let cast = json(&home, &["want", "City bicycle", "--max", "250EUR", "--json"]);
    assert!(cast["category"].as_str().unwrap().starts_with("vehicles"), "{cast}");
    let id = cast["intention"].as_str().unwrap();
    let shown = json(&home, &["intention", "show", &id[..20], "--json"]);
    assert_eq!((&shown["intention"], &shown["title"]), (&cast["intention"], &Value::from("City bicycle")));
    let people = done(&home, &["intention", "list"]);
    let table = String::from_utf8(people.stdout).unwrap();
    assert!(
        table.contains(&id[7..18]) && !table.contains(&id[..8]) && table.contains("250.00 EUR"),
        "{table}"
    );
    let bytes = json(&home, &["inspect", id, "--json"]);
    assert_eq!((&bytes["type"], &bytes["verified"]), (&Value::from("intention"), &Value::from(true)));

    bad_words_to_a_running_node(&home, id);
    json(&home, &["intention", "withdraw", id, "--reason", "fulfilled", "--json"]);
    let (code, said) = fails(&home, &["intention", "withdraw", id]);
    assert_eq!(code, 1, "{said}");
    node.end();
    assert_eq!(fails(&home, &["status"]).0, 3);
}

fn bad_words_to_a_running_node(home: &Path, id: &str) {
    let cases: &[(&[&str], i32, &str)] = &[
        (&["run"], 1, "already running"),
        (&["intention", "show", "zzzzzz"], 1, "bespeak intention list"),
        (&["inbox"], 1, "bespeak intention list"),
        (&["inspect", "zzzzzz"], 1, "no file"),
        (&["intention", "show", "../status"], 1, "no intention"),
        (&["accept", "aaaaaa"], 1, "bespeak offers"),
        (&["order", "show", "aaaaaa"], 1, "bespeak order list"),
        (&["receipt", "show", "aaaaaa"], 1, "bespeak receipt list"),
        (&["say", "aaaaaa", "hello"], 1, "thread"),
        (&["catalogue", "search", "lamp"], 1, "vendor"),
        (&["catalogue", "match", "zzzzzz"], 1, "intention"),
        (&["auto", "on"], 1, "vendor"),
        (&["want", "Qwxyz"], 2, "category"),
        (&["want", "Bicycle", "--min", "5EUR", "--max", "4EUR"], 2, "least"),
        (&["offer", id, "--line", "A=1EUR"], 1, ""),
    ];
    for (words, code, wanted) in cases {
        let (ended, said) = fails(home, words);
        assert_eq!(ended, *code, "{words:?}: {said}");
        assert!(said.contains(wanted), "{words:?}: {said}");
        assert_eq!(said.trim().lines().count(), 1, "one sentence: {said}");
    }
}

#[test]
fn a_vendor_takes_goods_in() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    json(&home, &["init", "--role", "vendor", "--name", "Lamps", "--json"]);
    let goods = folder.path().join("goods.jsonl");
    let text = "{\"sku\":\"L1\",\"title\":\"Desk lamp\",\"price\":\"19.99 EUR\"}\nnonsense\n";
    std::fs::write(&goods, text).unwrap();
    let _node = Running::start(&home, &[]);
    let report = json(&home, &["catalogue", "import", goods.to_str().unwrap(), "--json"]);
    assert_eq!((&report["imported"], &report["skipped"][0]["line"]), (&Value::from(1), &Value::from(2)));
    let hits = json(&home, &["catalogue", "search", "desk lamps", "--json"]);
    assert_eq!(hits[0]["sku"], "L1");
    assert_eq!(json(&home, &["catalogue", "show", "L1", "--json"])["price"]["amount"], 1999);
    assert_eq!(fails(&home, &["catalogue", "show", "L2"]).0, 1);
    let auto = json(&home, &["auto", "on", "--margin", "5%", "--limit", "2000EUR", "--json"]);
    assert_eq!((&auto["on"], &auto["margin_percent"]), (&Value::from(true), &Value::from(5)));
    assert_eq!(json(&home, &["auto", "--json"]), auto);
    assert!(json(&home, &["auto", "on", "--no-limit", "--json"])["limit"].is_null());
    assert_eq!(json(&home, &["auto", "--json"])["margin_percent"], 5);
    let (code, said) = fails(&home, &["intention", "list"]);
    assert_eq!(code, 1);
    assert!(said.contains("bespeak inbox"), "{said}");
    assert_eq!(fails(&home, &["auto", "on", "--margin", "30000%"]).0, 2);
    assert_eq!(json(&home, &["inbox", "--json"]), Value::Array(vec![]));
    let (code, said) = fails(&home, &["want", "Bicycle"]);
    assert_eq!(code, 1, "{said}");
}

#[test]
fn a_feed_that_is_the_whole_stock_removes_and_asks_before_it_removes_much() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    json(&home, &["init", "--role", "vendor", "--name", "Lamps", "--json"]);
    let (feed, mapping) = (folder.path().join("feed.csv"), folder.path().join("feed.toml"));
    std::fs::write(&mapping, "[columns]\nsku = \"no\"\ntitle = \"name\"\n[file]\ndelimiter = \";\"\n")
        .unwrap();
    let _node = Running::start(&home, &[]);
    let words = |more: &[&str]| {
        let file = [feed.to_str().unwrap(), "--mapping", mapping.to_str().unwrap(), "--complete", "--json"];
        let all = ["catalogue", "import"].iter().chain(&file).chain(more);
        all.map(|word| (*word).to_owned()).collect::<Vec<_>>()
    };
    let import = |rows: &str, more: &[&str]| {
        std::fs::write(&feed, format!("no;name\n{rows}")).unwrap();
        let words = words(more);
        let output = done(&home, &words.iter().map(String::as_str).collect::<Vec<_>>());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), report)
    };
    let all = "1;Lamp\n2;Lamp\n3;Lamp\n4;Lamp\n";
    assert_eq!(import(all, &[]).1["imported"], 4);
    let (code, report) = import(all, &[]);
    assert_eq!((code, &report["unchanged"], &report["removed"]), (0, &Value::from(4), &Value::from(0)));
    let (code, report) = import("2;Lamp\n3;Lamp\n4;Lamp\n", &[]);
    assert_eq!((code, &report["removed"]), (0, &Value::from(1)));
    let (code, report) = import("4;Lamp\n", &[]);
    assert_eq!((code, &report["removed"]), (4, &Value::from(0)));
    assert!(report["not_removed"].as_str().unwrap().contains("2 of the 3"), "{report}");
    assert_eq!(import("4;Lamp\n", &["--yes"]).1["removed"], 2);
    assert_eq!(fails(&home, &["catalogue", "show", "2"]).0, 1);
    assert_eq!(fails(&home, &["catalogue", "import", "https://shop.example/feed.xml"]).0, 2);
}

#[test]
fn run_without_json_greets_people() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let (code, said) = fails(&home, &["run"]);
    assert_eq!(code, 2, "a service manager that tries again would try in vain");
    assert!(said.contains("init"), "{said}");
    json(&home, &["init", "--role", "customer", "--json"]);
    for (words, wanted) in [
        (&["run", "--api", "0.0.0.0:0"][..], "this machine only"),
        (&["run", "--listen", "nowhere"], "/ip4/"),
        (&["run", "--peer", "nowhere"], "/ip4/"),
    ] {
        let (code, said) = fails(&home, words);
        assert_eq!(code, 2, "{words:?}: {said}");
        assert!(said.contains(wanted), "{words:?}: {said}");
    }
    let mut child =
        bespeak(&home, &["run", "--listen", "/ip4/127.0.0.1/tcp/0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 64];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    assert!(String::from_utf8_lossy(&first).starts_with("A customer's node is running"));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Looks until there is something, for at most half a minute.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not happen within 30 seconds");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A program that goes on, and its first lines as they come.
struct Watching(Child, std::sync::mpsc::Receiver<Value>);

impl Watching {
    fn start(home: &Path, words: &[&str], input: Stdio) -> Self {
        let mut child = bespeak(home, words).stdin(input).stdout(Stdio::piped()).spawn().unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        let out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if send.send(serde_json::from_str(&line).expect("one JSON document a line")).is_err() {
                    return;
                }
            }
        });
        Self(child, receive)
    }

    fn next(&self) -> Value {
        self.1.recv_timeout(Duration::from_secs(30)).expect("something within 30 seconds")
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_happens_is_watched_and_talked_about() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, me) = (folder.path().join("shop"), folder.path().join("me"));
    json(&shop, &["init", "--role", "vendor", "--name", "Lamps", "--json"]);
    json(&me, &["init", "--role", "customer", "--json"]);
    let seller = Running::start(&shop, &[]);
    let _buyer = Running::start(&me, &["--peer", seller.1["listen"][0].as_str().unwrap()]);

    let offers = Watching::start(&me, &["offers", "--watch", "--json"], Stdio::null());
    let cast = json(&me, &["want", "Desk lamp", "--line", "3x Desk lamp", "--json"]);
    let wish = cast["intention"].as_str().unwrap();
    until(|| json(&shop, &["inbox", "--json"]).as_array().is_some_and(|all| !all.is_empty()).then_some(()));
    json(&shop, &["offer", &wish[..20], "--line", "Desk lamp=20EUR", "--json"]);
    let offer = offers.next();
    assert_eq!((&offer["intention"], &offer["total"]["amount"]), (&cast["intention"], &Value::from(6_000)));
    let id = offer["offer"].as_str().unwrap();
    json(&me, &["counter", id, "--total", "50EUR", "--text", "For three", "--json"]);
    until(|| (json(&shop, &["offers", "--json"])[0]["countered"]["amount"] == 5_000).then_some(()));
    json(&shop, &["offer", wish, "--line", "Desk lamp=18EUR", "--json"]);
    let revised = std::iter::repeat_with(|| offers.next()).find(|offer| offer["replaces"] == id).unwrap();
    assert_eq!(revised["total"]["amount"], 5_400);
    let id = revised["offer"].as_str().unwrap();

    let thread = offer["thread"].as_str().unwrap();
    let mut chat = Watching::start(&me, &["chat", &thread[..20], "--json"], Stdio::piped());
    let messages = Watching::start(&shop, &["messages", thread, "--watch", "--json"], Stdio::null());
    let mut keyboard = chat.0.stdin.take().unwrap();
    std::io::Write::write_all(&mut keyboard, b"Is it dimmable?\n\n").unwrap();
    assert_eq!(messages.next()["text"], "Is it dimmable?");
    json(&shop, &["say", thread, "Yes", "--json"]);
    let answer = std::iter::repeat_with(|| chat.next()).find(|message| message["from"] == "them").unwrap();
    assert_eq!(answer["text"], "Yes");
    drop(keyboard);
    assert!(chat.0.wait().unwrap().success(), "a chat ends with its input");

    // Not a terminal: nobody is asked.
    let ordered = json(&me, &["accept", &id[7..18], "--json"]);
    assert!(ordered["order"].is_string() && ordered["thread"] == offer["thread"], "{ordered}");
    let order = ordered["order"].as_str().unwrap();
    let (code, said) = fails(&me, &["order", "fulfil", order]);
    assert_eq!(code, 1, "{said}");
    seller.end();
    let ended = until(|| fails(&shop, &["messages", thread, "--watch"]).0.into());
    assert_eq!(ended, 3);
}
