//! The home, its vault, and what an earlier version left in it.

use std::path::Path;

use bespeak_vault::{SlotInfo, SlotKind};

use super::{
    Line,
    words::{quoted, sentence},
};
use crate::home::{HomeError, Role};

/// What is done when a vault cannot be read.
const ANOTHER: &str = "use the newest Bespeak; if it says the same, make the home again from a backup: \
                       `bespeak restore FILE --home NEW`";

/// Where a home is and whose; role and owner lie in the vault, and are told where somebody may see them.
pub(crate) fn home(path: &Path, owner: Option<(Role, &str)>) -> Line {
    let path = path.display();
    let says = match owner {
        Some((role, party)) => format!("{path} is the home of a {role}, {party}."),
        None => format!("{path} is a home; whose it is lies in its vault, which was not opened."),
    };
    Line::fine("home", says)
}

/// Whether nothing protects a home but its permissions. One that others can read is not looked at further, and counts: the
/// node refuses only open ones for that.
pub(crate) fn is_open(slots: &Result<Vec<SlotInfo>, HomeError>) -> bool {
    match slots {
        Ok(slots) => slots.iter().any(|slot| slot.kind == SlotKind::Open),
        Err(error) => matches!(error, HomeError::Exposed { .. }),
    }
}

/// What opens a home.
pub(crate) fn vault(slots: Result<&[SlotInfo], &HomeError>) -> Line {
    let slots = match slots {
        Ok(slots) => slots,
        Err(error @ HomeError::Exposed { path, .. }) => {
            return Line::broken("vault", sentence(error), format!("chmod go-rwx {}", quoted(path)));
        }
        Err(error) => return Line::broken("vault", sentence(error), ANOTHER),
    };
    let has = |kind| slots.iter().any(|slot| slot.kind == kind);
    let (open, words) = (has(SlotKind::Open), has(SlotKind::Words));
    if open {
        let says = "No passphrase protects this home: whoever gets its files is its owner.";
        return Line::attention("vault", says, "bespeak passphrase change");
    }
    match (has(SlotKind::Passphrase), words) {
        (true, true) => Line::fine("vault", "Sealed: a passphrase opens it, and so do the 24 words."),
        (true, false) => Line::attention(
            "vault",
            "Sealed: a passphrase opens it, and the 24 words do not. If it is forgotten, all is lost.",
            "bespeak backup FILE",
        ),
        (false, _) => Line::attention(
            "vault",
            "Sealed: only the 24 words open it.",
            "set a passphrase as well: `bespeak passphrase change --words-file FILE`",
        ),
    }
}

/// A copy from before there was a vault, if it is still there.
pub(crate) fn old_copy(copy: Option<&Path>) -> Option<Line> {
    copy.map(|path| {
        let says = format!(
            "{} holds this home as it was before it had a vault, with its key in the clear.",
            path.display()
        );
        let mend = format!("once all is well, delete it: `rm -r {}`", quoted(path));
        Line::attention("old copy", says, mend)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn slots(kinds: &[SlotKind]) -> Vec<SlotInfo> {
        kinds.iter().map(|kind| SlotInfo { kind: *kind, cost: None }).collect()
    }

    #[test]
    fn a_home_says_whose_it_is_where_it_can() {
        let path = Path::new("/h");
        assert!(home(path, Some((Role::Vendor, "did:key:z6Mk"))).says.contains("a vendor, did:key:z6Mk"));
        let sealed = home(path, None);
        assert_eq!(sealed.state, State::Fine);
        assert!(sealed.says.contains("not opened"));
    }

    #[test]
    fn a_vault_is_fine_when_a_passphrase_and_the_words_open_it() {
        use SlotKind::{Open, Passphrase, Words};
        let cases: [(&[SlotKind], State, &str); 5] = [
            (&[Passphrase, Words], State::Fine, "24 words"),
            (&[Words, Open], State::Attention, "No passphrase"),
            (&[Passphrase, Words, Open], State::Attention, "No passphrase"),
            (&[Passphrase], State::Attention, "forgotten"),
            (&[Words], State::Attention, "only the 24 words"),
        ];
        for (kinds, state, wanted) in cases {
            let line = vault(Ok(&slots(kinds)));
            assert_eq!(line.state, state, "{kinds:?}");
            assert!(line.says.contains(wanted), "{line:?}");
            assert_eq!(line.mend.is_none(), state == State::Fine, "{line:?}");
        }
    }

    #[test]
    fn a_vault_that_cannot_be_read_is_broken() {
        let path = Path::new("/h/vault").to_owned();
        let damaged = HomeError::Vault { path: path.clone(), source: bespeak_vault::VaultError::Damaged };
        let line = vault(Err(&damaged));
        assert_eq!(line.state, State::Broken);
        assert!(line.mend.is_some_and(|mend| mend.contains("restore")));
        let line = vault(Err(&HomeError::Exposed { path, mode: 0o644 }));
        assert_eq!((line.state, line.mend.as_deref()), (State::Broken, Some("chmod go-rwx /h/vault")));
    }

    #[test]
    fn an_old_copy_is_told_until_it_is_deleted() {
        assert_eq!(old_copy(None), None);
        let line = old_copy(Some(Path::new("/h/before-vault"))).map(|line| (line.state, line.mend));
        let wanted = "once all is well, delete it: `rm -r /h/before-vault`".to_owned();
        assert_eq!(line, Some((State::Attention, Some(wanted))));
    }
}
