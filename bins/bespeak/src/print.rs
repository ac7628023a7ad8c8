//! The only place that writes to the terminal; the words of `--help` are clap's, the log is `main.rs`'s, and the
//! bars of an opening and of an import are `opening.rs`'s and `command/catalogue/import/bar.rs`'s.

use std::io::{self, Write};

use serde_json::Value;

/// One line, or several, for a person. What others wrote cannot steer the terminal: control characters are
/// left out.
pub(crate) fn text(text: &str) {
    write(io::stdout(), &clean(text));
}

/// One JSON document on one line.
pub(crate) fn json(document: &Value) {
    write(io::stdout(), &document.to_string());
}

/// Bytes as they are.
pub(crate) fn bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// One line on standard error.
pub(crate) fn error(text: &str) {
    write(io::stderr(), &clean(text));
}

/// Something without a line's end: a question.
pub(crate) fn question(text: &str) {
    let mut out = io::stderr().lock();
    let _ = write!(out, "{}", clean(text)).and_then(|()| out.flush());
}

/// A reader that went away (`| head`) is no reason to fail.
fn write(mut out: impl Write, text: &str) {
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn nobody_steers_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\u{7}\n\u{9b}c\r"), "a[31mb\nc");
    }
}
