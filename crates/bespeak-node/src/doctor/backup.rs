//! How old the last backup is.

use bespeak_model::time::Time;

use super::{
    Line,
    words::{moment, span},
};

/// Seconds after which a backup is old. Source: a wild guess, 30 days; what was traded since is not in it.
const OLD: u64 = 30 * 86_400;

const MAKE_ONE: &str = "bespeak backup FILE";

/// When the last backup was made, if one was.
pub(crate) fn backup(last: Option<Time>, now: Time) -> Line {
    let Some(last) = last else {
        let says = "There is no backup: what happens to this disk happens to everything kept here.";
        return Line::attention("backup", says, MAKE_ONE);
    };
    let age = now.seconds_since(last);
    let says = format!("The last backup is of {}, {} ago.", moment(last), span(age));
    if age > OLD { Line::attention("backup", says, MAKE_ONE) } else { Line::fine("backup", says) }
}

/// It is kept sealed.
pub(super) fn unknown() -> Line {
    let says = "When the last backup was made is sealed, and only a running node can tell.";
    Line::attention("backup", says, "start the node with `bespeak run`, and ask again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn none_and_an_old_one_are_told() {
        let now = Time::from_unix(1_800_000_000).unwrap_or(Time::MAX);
        let state = |age: Option<u64>| backup(age.map(|age| now.saturating_sub(age)), now);
        assert_eq!(state(None).state, State::Attention);
        assert_eq!(state(Some(0)).state, State::Fine);
        assert_eq!(state(Some(OLD)).state, State::Fine);
        assert_eq!(state(Some(OLD + 1)).state, State::Attention);
        assert_eq!(state(Some(OLD + 1)).mend.as_deref(), Some(MAKE_ONE));
        assert!(state(Some(90_000)).says.ends_with("25 hours ago."));
        assert_eq!(unknown().state, State::Attention);
    }
}
