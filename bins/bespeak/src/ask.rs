//! Asking before something binds.

use std::io::{self, BufRead, IsTerminal};

use crate::failure::{Failure, NEEDS_CONFIRMATION};
use crate::print;
use crate::session::Session;

/// Whether a person sits there who can be asked: not in scripts, not with `--json`.
pub(crate) fn someone_is_there(session: &Session) -> bool {
    !session.json() && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks; fails with “needs confirmation” unless the answer is yes.
pub(crate) fn confirm(question: &str) -> Result<(), Failure> {
    print::question(&format!("{question} [y/N] "));
    confirmed(io::stdin().lock())
}

fn confirmed(mut keyboard: impl BufRead) -> Result<(), Failure> {
    let mut answer = String::new();
    let read = keyboard.read_line(&mut answer);
    if read.is_ok() && is_yes(&answer) {
        return Ok(());
    }
    Err(Failure::said(NEEDS_CONFIRMATION, "Not confirmed; nothing was done."))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::{confirmed, is_yes};

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes("YES") && is_yes(" yes "));
        assert!(!is_yes("") && !is_yes("\n") && !is_yes("n") && !is_yes("yeah, no"));
    }

    #[test]
    fn what_is_not_confirmed_ends_with_four() {
        assert!(confirmed(b"y\n".as_slice()).is_ok());
        for typed in [&b"n\n"[..], b"", b"\xff\n"] {
            assert!(confirmed(typed).is_err_and(|failure| failure.code() == 4), "{typed:?}");
        }
    }
}
