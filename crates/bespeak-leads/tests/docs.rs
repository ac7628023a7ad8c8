//! What `docs/leads.md` says, beside what is built.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

mod common;

use std::{
    io::Write,
    process::{Command, Stdio},
};

use bespeak_leads::{
    Fact, Field, Kind, Targets,
    config::{Keep, MAX_SECRETS, MAX_TARGETS},
    delivery::{MAX_DEAD, MAX_WAITING, schedule},
    event,
    lead::{Cover, Purpose},
    secret::Secret,
    shapes::FIELDS,
    webhook,
};
use bespeak_model::terms::TermsId;
use common::{agreed, money, now};

const TEXT: &str = include_str!("../../../docs/leads.md");

/// The code between the fences of one language.
fn block(language: &str) -> &'static str {
    let (_, rest) = TEXT.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

/// The cells of a table's row.
fn row(begins: &str) -> Vec<&'static str> {
    let line = TEXT.lines().find(|line| line.starts_with(&format!("| {begins} |"))).unwrap();
    line.trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn every_kind_is_told_and_no_other() {
    let (_, rest) = TEXT.split_once("## What is sent when").unwrap();
    let (table, _) = rest.split_once("Every lead names").unwrap();
    let told: Vec<&str> =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(told, Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
}

#[test]
fn the_settings_are_read_as_they_stand() {
    let targets = Targets::from_toml(block("toml")).unwrap();
    assert_eq!(targets.targets.len(), 4);
    assert_eq!(targets.keep, Keep::default());
    assert_eq!(Targets::default().keep.0.to_string(), "90d");
    assert!(TEXT.contains(&format!("At most {MAX_TARGETS} targets")));
    assert!(TEXT.contains(&format!("# up to {MAX_SECRETS};")));
    assert_eq!(targets.targets[1].stages.clone().unwrap(), Default::default());
}

#[test]
fn the_event_has_the_form_that_is_shown() {
    let total = money("1399 EUR");
    let said: serde_json::Value =
        serde_json::from_slice(&event::body(&agreed(Fact::OrderAccepted { total }))).unwrap();
    let shown: serde_json::Value = serde_json::from_str(block("json")).unwrap();
    same_form(&shown, &said, "event");
}

/// Each key that is shown is there; a text with `…` stands for any that begins so, every other value is itself.
fn same_form(shown: &serde_json::Value, said: &serde_json::Value, path: &str) {
    match (shown, said) {
        (serde_json::Value::Object(shown), serde_json::Value::Object(said)) => {
            if !path.ends_with("person") {
                assert_eq!(shown.keys().collect::<Vec<_>>(), said.keys().collect::<Vec<_>>(), "{path}");
            }
            for (key, value) in shown {
                same_form(value, &said[key], &format!("{path}.{key}"));
            }
        }
        (serde_json::Value::String(shown), serde_json::Value::String(said)) => match shown.strip_suffix('…')
        {
            Some(begins) => assert!(said.starts_with(begins), "{path}: {said}"),
            None => assert_eq!(shown, said, "{path}"),
        },
        _ => assert_eq!(shown, said, "{path}"),
    }
}

#[test]
fn the_schedule_and_the_bounds_are_those_of_the_code() {
    let pauses = row("pause");
    assert_eq!(row("attempt").len(), schedule::PAUSES.len() + 1);
    let told: Vec<u64> = pauses[1..]
        .iter()
        .map(|text| {
            let (number, unit) = text.split_once(' ').unwrap();
            number.parse::<u64>().unwrap()
                * match unit {
                    "s" => 1,
                    "min" => 60,
                    _ => 3_600,
                }
        })
        .collect();
    assert_eq!(told, schedule::PAUSES);
    assert_eq!((schedule::ATTEMPTS, schedule::OLDEST), (10, 4 * 86_400));
    assert_eq!((schedule::RETRY_AFTER, schedule::ILL_AFTER, schedule::REST), (1..=86_400, 5, 300));
    assert_eq!((MAX_WAITING, MAX_DEAD, schedule::TELL_AFTER), (5_000, 1_000, 86_400));
    for words in [
        "5,000 leads wait",
        "1,000 dead letters",
        "After 5 failures in a row",
        "from 1 s to a day",
        "for 5 minutes",
    ] {
        assert!(TEXT.contains(words), "{words}");
    }
}

#[test]
fn fields_purposes_and_the_customer_are_named() {
    for field in FIELDS {
        let name = field.name();
        assert!(TEXT.contains(&format!("| `{name}` | `x_{name}` | `{name}_c` |")), "{name}");
    }
    for field in Field::ALL {
        assert!(TEXT.contains(&format!("`{}`", field.as_str())), "{}", field.as_str());
    }
    let early = Cover::proffered(TermsId::SdBase, now());
    for purpose in [early.purposes()[0], Purpose::of(TermsId::SdBase)] {
        assert!(TEXT.contains(purpose.iri()));
    }
}

#[test]
fn the_python_receiver_believes_us_and_nobody_else() {
    if Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: there is no python3");
        return;
    }
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let body = event::body(&agreed(Fact::Test {}));
    let secrets: [Secret; 2] = [Secret::signing([3; 32]), secret.parse().unwrap()];
    let headers = webhook::sign(&secrets, "lead_1", now(), &body);
    let code = format!(
        "{}\nimport sys\nbody = sys.stdin.buffer.read()\nheaders = {{'webhook-id': {:?}, 'webhook-timestamp': {:?}, 'webhook-signature': {:?}}}\n\
         now = {}\nassert genuine({secret:?}, headers, body, now)\nassert not genuine({secret:?}, headers, body + b' ', now)\n\
         assert not genuine({secret:?}, headers, body, now + 301)\nassert not genuine('whsec_' + 'A' * 32, headers, body, now)\n",
        block("python"),
        headers.id,
        headers.timestamp,
        headers.signature,
        now().unix(),
    );
    let mut python = Command::new("python3")
        .args(["-c", &code])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(&body).unwrap();
    let out = python.wait_with_output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}
