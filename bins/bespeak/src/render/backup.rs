//! Backups, and how old they are.

use std::time::{SystemTime, UNIX_EPOCH};

use bespeak_api::words::Time;
use serde_json::Value;

use super::{count, moment, number, word};

/// With open orders, days after which a backup is too old. Source: wild guess; a week's trade can be lost with it.
const OLD: u64 = 7;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// What a backup holds.
pub(crate) fn verified(found: &Value) -> String {
    let made_at = word(found, "made_at");
    let mut lines = vec![
        format!(
            "The backup of a {}'s home is whole; it was made {}.",
            word(found, "role"),
            ago(made_at, now())
        ),
        format!("  made        {} by {}", moment(made_at), word(found, "software")),
        format!("  party       {}", word(found, "party")),
        format!("  network     {}", word(found, "network")),
        format!("  documents   {}", number(found, "documents")),
        format!("  intentions  {} live", number(found, "intentions_live")),
        format!("  offers      {} open", number(found, "offers_open")),
        format!("  orders      {} open", number(found, "orders_open")),
    ];
    let more = [("goods", "goods"), ("data", "personal data"), ("archived", "taken in")];
    let more = more.into_iter().filter(|(key, _)| number(found, key) > 0);
    lines.extend(more.map(|(key, what)| format!("  {}  {what}", number(found, key))));
    for (key, why) in [
        ("missing", "could not be read when it was made, and is not in it"),
        ("unreadable", "cannot be understood by this software"),
    ] {
        let lost = number(found, key);
        if lost > 0 {
            lines.push(format!("  DAMAGED     {}: {why}", count(lost, "document")));
        }
    }
    lines.join("\n")
}

/// A home that was made from one.
pub(crate) fn restored(made: &Value, with_home: &str) -> String {
    let made_at = word(made, "made_at");
    format!(
        "A {}'s home was made in {} from a backup of {} ({}), with {}.\nParty: {}\n\n\
         Next: bespeak run{with_home}",
        word(made, "role"),
        word(made, "home"),
        moment(made_at),
        ago(made_at, now()),
        count(number(made, "documents"), "document"),
        word(made, "party"),
    )
}

/// The lines of a node's status that are about its last backup.
pub(super) fn of_status(status: &Value) -> Vec<String> {
    let now = now();
    let last = status.get("last_backup").and_then(Value::as_str);
    let mut lines =
        vec![format!("  backup      {}", last.map_or_else(|| "never".to_owned(), |at| ago(at, now)))];
    let too_old = last.is_none_or(|at| seconds(at, now).is_none_or(|seconds| seconds >= OLD * DAY));
    if too_old && number(status, "orders_open") > 0 {
        lines.push(format!(
            "  WARNING     orders are open, and there is no backup of the last {OLD} days: bespeak backup FILE"
        ));
    }
    lines
}

fn now() -> Time {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Time::from_unix(seconds).unwrap_or(Time::MAX)
}

fn seconds(since: &str, now: Time) -> Option<u64> {
    since.parse::<Time>().ok().map(|since| now.seconds_since(since))
}

/// How long ago a time was.
fn ago(since: &str, now: Time) -> String {
    match seconds(since, now) {
        None => since.to_owned(),
        Some(short) if short < HOUR => "less than an hour ago".to_owned(),
        Some(hours) if hours < 2 * DAY => format!("{} ago", count(hours / HOUR, "hour")),
        Some(days) => format!("{} ago", count(days / DAY, "day")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ages_are_told_in_words() {
        let at = |seconds: u64| Time::from_unix(seconds).unwrap_or(Time::MAX);
        let ago = |seconds: u64| ago("1970-01-01T00:00:00Z", at(seconds));
        assert_eq!(ago(0), "less than an hour ago");
        assert_eq!(ago(HOUR), "1 hour ago");
        assert_eq!(ago(2 * DAY - 1), "47 hours ago");
        assert_eq!(ago(2 * DAY), "2 days ago");
        assert_eq!(super::ago("soon", at(0)), "soon");
    }

    #[test]
    fn a_status_warns_when_orders_are_open_and_the_backup_is_old() {
        let warned = |last: Option<u64>, orders: u64| {
            let then = |days: u64| now().saturating_sub(days * DAY).to_string();
            let status = json!({ "last_backup": last.map(then), "orders_open": orders });
            of_status(&status).iter().any(|line| line.contains("WARNING"))
        };
        assert!(warned(None, 1) && warned(Some(7), 1) && warned(Some(400), 2));
        assert!(!warned(None, 0) && !warned(Some(6), 1) && !warned(Some(400), 0));
    }
}
