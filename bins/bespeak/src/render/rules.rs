//! Standing rules, and what they decide.

use bespeak_node::rules::DecisionView;
use serde_json::{Error, Value, from_value};

use super::table::table;
use super::{count, number, short, word};

/// The rules, as they were written.
pub(crate) fn rules(rules: &Value) -> String {
    let toml = word(rules, "toml");
    if toml.is_empty() {
        "# No rules: the settings of `bespeak auto` alone decide.".to_owned()
    } else {
        toml.trim_end().to_owned()
    }
}

/// What now holds, and what its owner should know.
pub(crate) fn rules_set(rules: &Value) -> String {
    let mut lines = vec![match number(rules, "rules") {
        0 => "There are no rules now: the settings of `bespeak auto` alone decide.".to_owned(),
        rules => format!("{} now {}.", count(rules, "rule"), if rules == 1 { "holds" } else { "hold" }),
    }];
    let findings = rules.get("findings").and_then(Value::as_array).into_iter().flatten();
    lines.extend(findings.filter_map(Value::as_str).map(|finding| format!("  {finding}")));
    lines.join("\n")
}

/// One decision, and why.
pub(crate) fn decision(told: &Value) -> Result<String, Error> {
    let view: DecisionView = from_value(told.clone())?;
    let by = view.rule.as_ref().map(|rule| format!(" by the rule “{rule}”")).unwrap_or_default();
    let mut lines = vec![format!("{}: {}{by}", view.title, in_words(&view.outcome))];
    lines.extend(view.why.iter().map(|why| format!("  {why}")));
    if let Some(offered) = &view.offered {
        let kind = if offered.firm { "firm" } else { "indicative" };
        lines.push(format!("  in all {}, {kind}", offered.total));
    }
    for rule in &view.rules {
        lines.push(format!("{} “{}”", if rule.met { "meets" } else { "not  " }, rule.name));
        lines.extend(rule.why.iter().map(|why| format!("        {why}")));
    }
    Ok(lines.join("\n"))
}

/// Many decisions, a line each.
pub(crate) fn decisions(told: &Value, none: &str) -> Result<String, Error> {
    let views: Vec<DecisionView> = from_value(told.clone())?;
    let row = |view: &DecisionView| {
        vec![
            short(&view.intention.to_string()).to_owned(),
            view.title.to_string(),
            view.outcome.clone(),
            view.rule.clone().unwrap_or_default(),
            view.offered.as_ref().map(|offered| offered.total.to_string()).unwrap_or_default(),
            view.why.last().cloned().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = views.iter().map(row).collect();
    Ok(table(&["INTENTION", "TITLE", "OUTCOME", "RULE", "TOTAL", "WHY"], &rows, none))
}

fn in_words(outcome: &str) -> &'static str {
    match outcome {
        "offer" => "an offer is made",
        "approve" => "an offer waits for your approval",
        "tell" => "it is left to you",
        "nothing" => "nothing is done",
        _ => "no offer is made",
    }
}
