//! How the node and its home stand, at most 80 columns wide.

use serde_json::Value;
use textwrap::{Options, fill};

use super::word;

/// Columns of a line. Source: habit; the width of most terminals. What cannot be broken, as a path, may be longer.
const WIDTH: usize = 80;
/// Columns before the sentence: a state of nine, a noun of eight, and two spaces behind each.
const STATES: usize = 9;
const NOUNS: usize = 8;

/// What was looked at, line by line, and a sentence that sums it up.
pub(crate) fn examined(found: &Value) -> String {
    let lines: Vec<&Value> = found["lines"].as_array().into_iter().flatten().collect();
    let mut text: Vec<String> = lines.iter().map(|line| one(line)).collect();
    let count = |state: &str| lines.iter().filter(|line| word(line, "state") == state).count();
    text.push(String::new());
    text.push(match (count("broken"), count("attention")) {
        (0, 0) => "All is well.".to_owned(),
        (0, attention) => format!("Nothing is broken; {attention} to look at."),
        (broken, 0) => format!("{broken} broken."),
        (broken, attention) => format!("{broken} broken, {attention} to look at."),
    });
    text.join("\n")
}

fn one(line: &Value) -> String {
    let state = match word(line, "state") {
        "fine" => "ok",
        "attention" => "attention",
        _ => "BROKEN",
    };
    let head = format!("{state:STATES$}  {:NOUNS$}  ", word(line, "what"));
    let gap = " ".repeat(STATES + 2 + NOUNS + 2);
    let mut text = wrapped(word(line, "says"), &head, &gap);
    if let Some(mend) = line.get("mend").and_then(Value::as_str) {
        text.push('\n');
        text.push_str(&wrapped(mend, &format!("{gap}> "), &format!("{gap}  ")));
    }
    text
}

fn wrapped(text: &str, first: &str, others: &str) -> String {
    fill(text, Options::new(WIDTH).initial_indent(first).subsequent_indent(others).break_words(false))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(state: &str, says: &str, mend: Option<&str>) -> Value {
        json!({ "what": "backup", "state": state, "says": says, "mend": mend })
    }

    #[test]
    fn it_is_aligned_and_no_wider_than_a_terminal() {
        let long = "one two three four five six seven eight nine ten ".repeat(4);
        let text =
            examined(&json!({ "lines": [line("attention", long.trim(), Some("bespeak backup FILE"))] }));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(lines[0].starts_with("attention  backup    one two"), "{text}");
        assert!(
            lines[1].starts_with("                     ") && !lines[1].starts_with("                      ")
        );
        assert!(text.contains("\n                     > bespeak backup FILE\n"), "{text}");
    }

    #[test]
    fn a_sentence_sums_it_up() {
        let last = |states: &[&str]| {
            let lines: Vec<Value> = states.iter().map(|state| line(state, "x", None)).collect();
            examined(&json!({ "lines": lines })).lines().last().unwrap_or_default().to_owned()
        };
        assert_eq!(last(&["fine"]), "All is well.");
        assert_eq!(last(&["fine", "attention"]), "Nothing is broken; 1 to look at.");
        assert_eq!(last(&["broken"]), "1 broken.");
        assert_eq!(last(&["broken", "attention", "broken"]), "2 broken, 1 to look at.");
    }
}
