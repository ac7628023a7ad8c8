//! The disk: whether it takes what is to be kept, and how much more.

use std::{io, path::Path};

use super::{
    Line,
    words::{sentence, size},
};

/// Free bytes below which a person should make room. Source: a wild guess, 100 MiB; a segment of the journal and one that
/// is being compacted have 64 MiB each at most.
const LITTLE: u64 = 100 << 20;

const ROOM: &str = "make room on this disk";

/// What is known of the disk a home lies on.
pub(crate) struct Disk {
    /// What the node says when it can keep nothing at the moment.
    pub(crate) refuses: Option<String>,
    /// Bytes that are free for this user.
    pub(crate) free: io::Result<u64>,
}

impl Disk {
    /// Asks the system. Blocks.
    pub(crate) fn of(home: &Path, refuses: Option<String>) -> Self {
        Self { refuses, free: free(home) }
    }
}

#[cfg(unix)]
fn free(home: &Path) -> io::Result<u64> {
    let facts = rustix::fs::statvfs(home)?;
    Ok(facts.f_bavail.saturating_mul(facts.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> io::Result<u64> {
    Err(io::ErrorKind::Unsupported.into())
}

/// How the disk stands.
pub(crate) fn disk(facts: &Disk) -> Line {
    if let Some(why) = &facts.refuses {
        let says = format!("The disk takes nothing now, and what is new is refused. {}", sentence(why));
        return Line::broken(
            "disk",
            says,
            format!("{ROOM}, or see that it can be written; the node goes on by itself"),
        );
    }
    match &facts.free {
        Ok(free) if *free < LITTLE => {
            let says = format!("Only {} are free on the disk; a full one keeps nothing more.", size(*free));
            Line::attention("disk", says, ROOM)
        }
        Ok(free) => Line::fine("disk", format!("{} are free on the disk.", size(*free))),
        Err(error) => {
            let says = format!("How much room there is on the disk cannot be told: {error}.");
            Line::attention("disk", says, "look yourself: `df -h`")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn a_full_or_failing_disk_is_told() {
        let state = |refuses: Option<&str>, free| disk(&Disk { refuses: refuses.map(str::to_owned), free });
        assert_eq!(state(None, Ok(LITTLE)).state, State::Fine);
        assert_eq!(state(None, Ok(LITTLE - 1)).state, State::Attention);
        assert_eq!(state(None, Err(io::ErrorKind::Other.into())).state, State::Attention);
        let refusing = state(Some("no space"), Ok(LITTLE));
        assert_eq!(refusing.state, State::Broken);
        assert!(refusing.says.ends_with("No space.") && refusing.mend.is_some());
    }

    #[cfg(unix)]
    #[test]
    fn the_system_tells_how_much_is_free() {
        let here = tempfile::tempdir().and_then(|dir| free(dir.path()));
        assert!(here.is_ok_and(|bytes| bytes > 0));
        assert!(free(Path::new("/no such folder")).is_err());
    }
}
