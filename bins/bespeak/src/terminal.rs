//! Typing that nobody sees.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::command::run::Ends;
use crate::failure::Failure;
use crate::print;

/// Bytes of a secret that are taken from anywhere. Source: twice what a vault takes for a passphrase, so that a longer
/// one is refused there, with its sentence.
const MOST: usize = 2_048;

/// How much of a source is the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Up to the first line's end.
    FirstLine,
    /// All of it.
    Whole,
}

/// Asks at the terminal and takes the line that is typed, unseen. A signal ends the question, and the terminal is left as
/// it was.
pub(crate) async fn ask(question: &str, ends: &mut Ends) -> Result<Zeroizing<String>, Failure> {
    let _unseen = Unseen::begin().map_err(cannot)?;
    let keyboard = keyboard().map_err(cannot)?;
    // Only now, so that nothing typed in answer to it is shown.
    print::question(question);
    let typed = take(keyboard, Part::FirstLine, ends).await?.map_err(cannot)?;
    if typed.is_empty() { Err(Failure::failed("Nothing was typed; nothing was done.")) } else { Ok(typed) }
}

/// Takes a secret from what may never end; a signal does.
pub(crate) async fn take(
    source: File,
    part: Part,
    ends: &mut Ends,
) -> Result<io::Result<Zeroizing<String>>, Failure> {
    let (send, receive) = oneshot::channel();
    // A thread of its own: the program does not wait for it when it ends.
    std::thread::spawn(move || send.send(read(source, part)));
    tokio::select! {
        taken = receive => taken.map_err(cannot),
        () = ends.one() => Err(Failure::failed("Interrupted; nothing was done.")),
    }
}

fn cannot(cause: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("The terminal cannot be asked: {cause}."))
}

/// Standard input without the buffer of the standard library, in which a secret would stay behind.
pub(crate) fn keyboard() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Takes a secret; the end of a first line does not belong to it.
fn read(mut source: impl Read, part: Part) -> io::Result<Zeroizing<String>> {
    // As large as it will ever be, so that no copy is left behind by growing.
    let mut bytes = Zeroizing::new([0_u8; MOST]);
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        let count = match source.read(room) {
            Ok(count) => count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause),
        };
        let ended = part == Part::FirstLine && room.iter().take(count).any(|byte| *byte == b'\n');
        filled += count;
        if count == 0 || ended {
            break;
        }
    }
    let taken = bytes.get(..filled).unwrap_or_default();
    let text = std::str::from_utf8(taken)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no text in UTF-8"))?;
    let text = match part {
        Part::FirstLine => text.split('\n').next().map(|line| line.strip_suffix('\r').unwrap_or(line)),
        Part::Whole => Some(text),
    };
    Ok(Zeroizing::new(text.unwrap_or_default().to_owned()))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Unseen(Termios);

impl Unseen {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut unseen = before.clone();
        unseen.local_modes.remove(LocalModes::ECHO);
        // The end of the line is shown, so that the next one does not stand behind the question.
        unseen.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON);
        tcsetattr(io::stdin(), OptionalActions::Flush, &unseen)?;
        Ok(Self(before))
    }
}

/// What was typed too much is thrown away: a shell would run it.
impl Drop for Unseen {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Part, read};

    #[test]
    fn a_first_line_is_taken_without_its_end() {
        for text in ["open sesame", "open sesame\n", "open sesame\r\n", "open sesame\nmore\n"] {
            let taken = read(text.as_bytes(), Part::FirstLine);
            assert!(taken.is_ok_and(|line| *line == "open sesame"), "{text:?}");
        }
        assert!(read(b"".as_slice(), Part::FirstLine).is_ok_and(|line| line.is_empty()));
        assert!(read(b" a\n b\n".as_slice(), Part::Whole).is_ok_and(|all| *all == " a\n b\n"));
    }

    #[test]
    fn what_is_no_text_is_refused_and_what_is_endless_is_cut() {
        assert!(read(b"\xff\n".as_slice(), Part::FirstLine).is_err());
        let endless = read(std::io::repeat(b'a'), Part::FirstLine);
        assert!(endless.is_ok_and(|line| line.len() == MOST));
    }
}
