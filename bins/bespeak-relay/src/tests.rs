//! What the documents, the units and the container call, this program understands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use clap::Parser;

use super::{Command, Words, config};

const CONTAINER: &str = include_str!("../../../deploy/Containerfile");
const UNITS: [&str; 2] = [
    include_str!("../../../deploy/bespeak-relay.service"),
    include_str!("../../../deploy/bespeak-relay.user.service"),
];

/// The words of every line of the documents that call this program.
fn calls() -> Vec<Vec<String>> {
    let documents = [
        include_str!("../../../README.md"),
        include_str!("../../../docs/relay.md"),
        include_str!("../../../deploy/README.md"),
    ];
    let text = documents.join("\n").replace("\\\n", " ");
    let called = text.lines().filter(|line| line.starts_with("bespeak-relay ")).filter_map(shlex::split);
    // A shell takes the rest of such a line.
    let words = called.map(|words| words.into_iter().take_while(|word| word != ">").collect());
    words.chain(UNITS.map(start_of)).chain([container_call()]).collect()
}

/// What a unit starts, as systemd fills it in.
fn start_of(unit: &str) -> Vec<String> {
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a unit starts something");
    let mut words = shlex::split(line).expect("words");
    let program = words[0].rsplit_once('/').expect("a path").1.to_owned();
    words[0] = program;
    words
}

/// The words after an instruction of the container's file that stands there once.
fn instruction(name: &str) -> &'static str {
    let mut lines = CONTAINER.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let found = lines.next().unwrap_or_else(|| panic!("there is no {name}"));
    assert_eq!(lines.next(), None, "{name} twice");
    found
}

/// What the container starts: its entry point and the words that come by themselves.
fn container_call() -> Vec<String> {
    let list = |name| serde_json::from_str::<Vec<String>>(instruction(name)).expect("a list of words");
    let mut words = list("ENTRYPOINT");
    words[0] = words[0].strip_prefix("/usr/local/bin/").expect("where it was installed").to_owned();
    words.extend(list("CMD"));
    words
}

#[test]
fn every_command_in_the_documents_can_be_typed() {
    let calls = calls();
    assert!(calls.len() >= 7, "{calls:?}");
    for words in calls {
        let parsed = Words::try_parse_from(&words);
        assert!(parsed.is_ok(), "{words:?}: {}", parsed.err().map(|e| e.to_string()).unwrap_or_default());
    }
}

/// Where a service's configuration and home are, as it is called.
fn places(words: &[String]) -> (String, String) {
    let Ok(Words { command: Command::Run(run) }) = Words::try_parse_from(words) else { panic!("{words:?}") };
    assert!(run.json, "its first line goes to a journal");
    let text = |path: Option<std::path::PathBuf>| path.expect("it is named").display().to_string();
    (text(run.config), text(run.home))
}

#[test]
fn units_may_write_to_the_home_they_name() {
    let (config, home) = places(&start_of(UNITS[0]));
    assert_eq!((config.as_str(), home.as_str()), ("/etc/bespeak-relay.toml", "%S/bespeak-relay"));
    assert!(UNITS[0].contains("\nStateDirectory=bespeak-relay\n") && UNITS[0].contains("\nDynamicUser=yes\n"));
    let (_, home) = places(&start_of(UNITS[1]));
    assert!(UNITS[1].contains(&format!("\nReadWritePaths={home}\n")), "{home}");
}

#[test]
fn the_container_is_built_from_what_is_there_and_holds_what_it_starts() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copies: Vec<Vec<&str>> =
        CONTAINER.lines().filter_map(|line| Some(line.strip_prefix("COPY ")?.split(' ').collect())).collect();
    assert!(copies.len() >= 4);
    for words in copies.iter().filter(|words| !words[0].starts_with("--from=")) {
        for source in &words[..words.len() - 1] {
            assert!(top.join(source).exists(), "{source} is not there");
        }
    }
    let members = ["crates", "bins", "tests", "Cargo.toml", "Cargo.lock"];
    assert!(members.iter().all(|member| copies.iter().flatten().any(|source| source == member)));

    let (config, home) = places(&container_call());
    assert!(copies.contains(&vec!["deploy/relay.toml", config.as_str()]), "the configuration is put there");
    assert_eq!(instruction("VOLUME"), home, "what it writes outlives the container");
    let user = instruction("USER").split(':').next().unwrap();
    assert_ne!(user.parse::<u32>().expect("a number, for engines that check it"), 0, "it is not root");
    let folder = format!("RUN install -d -o {user} -g {user} -m 0700 /out{home}");
    assert!(CONTAINER.contains(&folder), "the volume is that user's alone");
    assert!(CONTAINER.contains("target/release/bespeak-relay /out/usr/local/bin/bespeak-relay\n"));
    assert!(CONTAINER.contains("--locked --package bespeak-relay\n"));
}

#[test]
fn the_container_opens_the_ports_at_which_a_relay_listens_by_itself() {
    let mut open: Vec<&str> = instruction("EXPOSE").split(' ').collect();
    let port = |address: &str| {
        let parts: Vec<&str> = address.split('/').collect();
        format!("{}/{}", parts[4], parts[3])
    };
    let mut listened: Vec<String> = config::LISTEN.iter().map(|address| port(address)).collect();
    open.sort_unstable();
    listened.sort_unstable();
    listened.dedup();
    assert_eq!(open, listened);
}
