//! The schema, asked by two validators and read as text.
//!
//! [`check`] and [`check_reading`] are by our own strict reading of CDDL; [`second_opinion`] is the crate `cddl`, which
//! is of another mind in nothing that it accepts, but lets too much pass to show what is refused. It is held at 0.10.3
//! (later ones and libp2p 0.57 pin different versions of `js-sys`), so the schema is rewritten for it: it takes a key
//! without quotes for the rule of the same name, knows no group socket that nobody fills and no negative range, and
//! tries `.cbor` of one element of an array on all. (0.10.7, tried apart from this tree on every vector, needs only the
//! first two.)

use std::{cell::OnceCell, collections::BTreeSet};

use crate::strict::Schema;

/// The schema.
pub(crate) const TEXT: &str = include_str!("../../docs/records.cddl");

thread_local! {
    static WRITING: OnceCell<Schema> = const { OnceCell::new() };
    static READING: OnceCell<Schema> = const { OnceCell::new() };
}

/// Checks bytes against a rule, as a writer's.
pub(crate) fn check(rule: &str, bytes: &[u8]) -> Result<(), String> {
    WRITING.with(|schema| schema.get_or_init(|| Schema::parse(&rules(), false)).check(rule, bytes))
}

/// Checks bytes against a rule, as a reader takes them.
pub(crate) fn check_reading(rule: &str, bytes: &[u8]) -> Result<(), String> {
    READING.with(|schema| schema.get_or_init(|| Schema::parse(&rules(), true)).check(rule, bytes))
}

/// What somebody else's validator says, looking at what is outside embedded bytes.
pub(crate) fn second_opinion(rule: &str, bytes: &[u8]) -> Result<(), String> {
    let schema = format!("start = {rule}\n{}", for_second_opinion());
    cddl::validate_cbor_from_slice(&schema, bytes, None).map_err(|error| error.to_string())
}

/// The schema as the crate understands it.
fn for_second_opinion() -> String {
    let text = rules().replace("-1000000000000000..1000000000000000", "int");
    let mut parts = text.split(" .cbor ");
    let mut without_cbor = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        without_cbor += part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
    }
    let quoted: Vec<String> = without_cbor.lines().map(with_quoted_keys).collect();
    quoted.join("\n").replace(", $$extension", "").replace("    $$extension\n", "").replace("$$extension", "")
}

fn with_quoted_keys(line: &str) -> String {
    let mut quoted = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(": ") {
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        let (before, key) = before.split_at(start);
        let number = key.is_empty() || key.parse::<u8>().is_ok();
        quoted += &if number { format!("{before}{key}: ") } else { format!("{before}\"{key}\": ") };
        rest = after;
    }
    quoted + rest
}

/// The schema without its comments.
fn rules() -> String {
    TEXT.lines().map(without_comment).collect::<Vec<_>>().join("\n")
}

fn without_comment(line: &str) -> &str {
    let mut in_text = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => in_text = !in_text,
            ';' if !in_text => return &line[..at],
            _ => {}
        }
    }
    line
}

/// Every text key that some map of the schema has.
pub(crate) fn keys() -> BTreeSet<String> {
    let text = rules();
    let before_colon = text.match_indices(": ").map(|(at, _)| &text[..at]);
    let word =
        |text: &str| text.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().map(str::to_owned);
    before_colon.filter_map(word).filter(|key| !key.is_empty() && key.parse::<u8>().is_err()).collect()
}

/// The text of one rule.
fn rule(name: &str) -> String {
    let text = rules();
    let is_it = |line: &str| line.split_once('=').is_some_and(|(left, _)| left.trim() == name);
    let from = text.lines().skip_while(|line| !is_it(line));
    let next = |line: &&str| line.starts_with(' ') && !line.trim().is_empty();
    let mut lines: Vec<&str> = from.clone().take(1).collect();
    lines.extend(from.skip(1).take_while(next));
    assert!(!lines.is_empty(), "no rule {name}");
    lines.join("\n")
}

/// The texts between which a rule lets choose.
pub(crate) fn choices(name: &str) -> BTreeSet<String> {
    rule(name).split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The roots that a category may begin with.
pub(crate) fn roots() -> BTreeSet<String> {
    let rule = rule("category");
    let (_, rest) = rule.split_once('(').unwrap();
    let (roots, _) = rest.split_once(')').unwrap();
    roots.split('|').map(str::to_owned).collect()
}
