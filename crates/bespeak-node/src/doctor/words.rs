//! Sizes, numbers, times and paths as people read them.

use std::path::Path;

use bespeak_model::time::Time;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// `12 KiB`, `34 MiB`: rounded up below a MiB, so that something is never nothing.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..MIB => format!("{} KiB", bytes.div_ceil(KIB)),
        MIB..GIB => format!("{} MiB", bytes / MIB),
        _ => format!("{} GiB", bytes / GIB),
    }
}

/// `1 file`, `2 files`.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `3 minutes`, `5 hours`, `2 days`.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0..7_200 => count(seconds / 60, "minute"),
        7_200..172_800 => count(seconds / 3_600, "hour"),
        _ => count(seconds / 86_400, "day"),
    }
}

/// `2026-12-01 15:00 UTC`.
pub(super) fn moment(time: Time) -> String {
    let text = time.to_string();
    match text.split_once('T') {
        Some((day, clock)) => format!("{day} {} UTC", clock.get(..5).unwrap_or(clock)),
        None => text,
    }
}

/// A path as a shell reads it back.
pub(super) fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    shlex::try_quote(&path).map_or_else(|_| path.to_string(), |quoted| quoted.into_owned())
}

/// A sentence of what an error says.
pub(super) fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    let mut letters = text.chars();
    // A path keeps its letter, a word gets a large one.
    letters
        .next()
        .map(|first| format!("{}{}{end}", first.to_uppercase(), letters.as_str()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_in_words() {
        assert_eq!((size(0), size(1), size(MIB - 1)), ("0 KiB".into(), "1 KiB".into(), "1024 KiB".into()));
        assert_eq!((size(5 * MIB + 1), size(3 * GIB)), ("5 MiB".into(), "3 GiB".into()));
        assert_eq!((span(60), span(119 * 60)), ("1 minute".into(), "119 minutes".into()));
        assert_eq!((span(7_200), span(172_800)), ("2 hours".into(), "2 days".into()));
        assert_eq!(moment(Time::EPOCH), "1970-01-01 00:00 UTC");
        assert_eq!(sentence(&"the disk is full"), "The disk is full.");
        assert_eq!(quoted(Path::new("/a b")), "'/a b'");
    }
}
