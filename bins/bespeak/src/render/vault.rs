//! The lock of a home.

use serde_json::Value;

use super::{number, word};

/// What opens a home.
pub(crate) fn slots(slots: &Value) -> String {
    let lines: Vec<String> = slots.as_array().into_iter().flatten().map(slot).collect();
    lines.join("\n")
}

fn slot(slot: &Value) -> String {
    match word(slot, "kind") {
        "passphrase" => {
            let cost = &slot["parameters"];
            format!(
                "passphrase  a try costs {} MiB of memory, {} passes, {} (argon2id)",
                number(cost, "memory_kib") / 1_024,
                number(cost, "passes"),
                super::count(number(cost, "lanes"), "lane")
            )
        }
        "words" => "words       the 24 words that were shown when the home was made".to_owned(),
        _ => "open        anybody who can read the home's files: no passphrase protects it".to_owned(),
    }
}
