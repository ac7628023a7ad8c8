//! Relationships as vCards (version 4.0, RFC 6350): one for each party.

use std::collections::BTreeMap;

use bespeak_agent::export::Counterparty;
use bespeak_identity::PublicKey;

/// Longest line in bytes before it is folded. Source: RFC 6350, section 3.2.
const WIDTH: usize = 75;

/// One card for each party, in the order of their keys.
pub(crate) fn cards(all: &[Counterparty]) -> String {
    let mut parties: BTreeMap<PublicKey, Vec<&Counterparty>> = BTreeMap::new();
    for one in all {
        parties.entry(one.party).or_default().push(one);
    }
    parties.iter().map(|(party, known)| card(party, known)).collect()
}

fn card(party: &PublicKey, known: &[&Counterparty]) -> String {
    let name = known.iter().rev().find_map(|one| one.name.clone());
    let orders: usize = known.iter().map(|one| one.orders).sum();
    let since = known.iter().filter_map(|one| one.since).min();
    let since = since.map(|since| format!(" since {}", since.date())).unwrap_or_default();
    let kind = if name.is_some() { "org" } else { "individual" };
    let note = format!("{} conversations, {orders} orders{since}", known.len());
    let named = name.unwrap_or_else(|| format!("Customer {}", party.short()));
    let mut lines = vec![
        "BEGIN:VCARD".to_owned(),
        "VERSION:4.0".to_owned(),
        format!("KIND:{kind}"),
        format!("UID:{party}"),
        format!("FN:{}", escaped(&named)),
        format!("NOTE:{}", escaped(&note)),
    ];
    lines.extend(known.iter().map(|one| format!("X-BESPEAK-THREAD:{}", one.thread)));
    lines.push("END:VCARD".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

/// Source: RFC 6350, section 3.4.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A line with its end, broken between characters where it is too long; what follows a break begins with a space.
fn folded(line: &str) -> String {
    let (mut out, mut width) = (String::with_capacity(line.len() + 2), 0);
    for c in line.chars() {
        if width + c.len_utf8() > WIDTH {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_escaped() {
        assert_eq!(escaped("Müller, Söhne; \\ & Co\nBerlin\u{7}"), "Müller\\, Söhne\\; \\\\ & Co\\nBerlin");
    }

    #[test]
    fn long_lines_are_folded_and_unfold_to_the_same() {
        let line = format!("FN:{}", "Fahrräder und Zubehör ".repeat(12));
        let text = folded(&line);
        assert!(text.ends_with("\r\n") && text.split("\r\n").all(|part| part.len() <= WIDTH), "{text}");
        assert_eq!(text.replace("\r\n ", "").trim_end_matches("\r\n"), line);
        assert_eq!(folded("UID:x"), "UID:x\r\n");
    }
}
