#![allow(clippy::unwrap_used)]

use super::*;
use crate::doctor::State::{self, Attention, Broken, Fine};

/// Whoever looks in these tests, unless said otherwise.
const ME: u32 = 4_000_001;
const OTHER: u32 = 4_000_002;

fn file(name: &str, owner: u32, mode: u32) -> Facts {
    Facts { name: name.into(), owner, mode }
}

fn judged(files: &[(&str, u32, u32)], open: bool, user: u32) -> Vec<Line> {
    let files = files.iter().map(|(name, owner, mode)| file(name, *owner, *mode)).collect();
    let lines = judge(&Found { home: "/h h".into(), files, hidden: Vec::new(), open, user });
    assert!(lines.iter().all(|line| (line.state == Fine) == line.mend.is_none()), "{lines:?}");
    lines
}

#[test]
fn a_home_for_its_owner_alone_is_fine() {
    let lines = judged(&[("", ME, 0o700), ("vault", ME, 0o600), ("api.sock", ME, 0o600)], true, ME);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].state, Fine);
    assert!(lines[0].says.contains("3 files and folders"), "{lines:?}");
}

#[test]
fn what_others_can_get_at_is_told_with_who_and_how() {
    let cases: [(&str, u32, bool, bool, State, &str); 9] = [
        ("vault", 0o644, false, true, Attention, "anybody on this machine may read it (mode 644)"),
        ("vault", 0o640, true, true, Broken, "its group may read it"),
        ("vault", 0o660, false, false, Attention, "its group may read and change it"),
        ("journal", 0o711, false, true, Attention, "anybody on this machine may pass through it"),
        ("api-token", 0o602, false, true, Attention, "may change it (mode 602); for now the closed folder"),
        ("api-token", 0o602, false, false, Broken, "may change it"),
        ("before-vault/key", 0o644, false, false, Broken, "may read it"),
        ("journal/00000001.seg", 0o644, false, false, Attention, "may read it"),
        ("lock", 0o644, true, true, Attention, "may read it"),
    ];
    for (name, mode, open, closed, state, wanted) in cases {
        let home = if closed { 0o700 } else { 0o755 };
        let lines = judged(&[("", ME, home), (name, ME, mode)], open, ME);
        let line = lines.iter().find(|line| line.says.starts_with(name)).unwrap();
        assert_eq!(line.state, state, "{line:?}");
        assert!(line.says.contains(wanted), "{line:?}");
        assert_eq!(line.mend.clone().unwrap(), format!("chmod go-rwx '/h h/{name}'"));
    }
}

#[test]
fn an_open_folder_is_broken_where_the_node_refuses_it() {
    for (open, state) in [(true, Broken), (false, Attention)] {
        let lines = judged(&[("", ME, 0o755), ("vault", ME, 0o600)], open, ME);
        assert_eq!((lines.len(), lines[0].state), (1, state));
        assert!(lines[0].says.starts_with("The home is open to others"), "{lines:?}");
        assert_eq!(lines[0].mend.as_deref(), Some("chmod go-rwx '/h h'"));
    }
}

#[test]
fn what_belongs_to_others_is_broken() {
    let lines = judged(&[("", ME, 0o700), ("index/1/db", OTHER, 0o600)], false, ME);
    assert_eq!((lines.len(), lines[0].state), (1, Broken));
    assert!(lines[0].says.contains(&format!("index/1/db belongs to user {OTHER}")), "{lines:?}");
    assert_eq!(lines[0].mend, Some(format!("sudo chown -R {ME} '/h h'")));
    for (user, state) in [(0, Attention), (OTHER, Broken)] {
        let lines = judged(&[("", ME, 0o700), ("vault", ME, 0o600)], false, user);
        assert_eq!((lines.len(), lines[0].state), (1, state), "{lines:?}");
    }
    assert_eq!(user_name(0).as_deref(), Some("root"));
}

#[test]
fn many_are_counted_and_the_worst_of_them_stays_visible() {
    let mut files = vec![("", ME, 0o755)];
    files.resize(1 + TOLD, ("lock", ME, 0o644));
    files.extend([("api-token", ME, 0o644), ("lock", ME, 0o644)]);
    let lines = judged(&files, false, ME);
    assert_eq!(lines.len(), TOLD + 1);
    let last = lines.last().unwrap();
    assert_eq!((last.state, last.mend.as_deref()), (Broken, Some("chmod -R go-rwx '/h h'")));
    assert!(last.says.starts_with("3 more files"), "{last:?}");
}

#[test]
fn a_real_folder_is_walked() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    std::fs::create_dir_all(home.join("journal")).unwrap();
    std::fs::write(home.join("journal/1.seg"), b"").unwrap();
    symlink("/", home.join("link")).unwrap();
    let set = |name: &str, mode| {
        std::fs::set_permissions(home.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for (name, mode) in [("", 0o700), ("journal", 0o700), ("journal/1.seg", 0o600)] {
        set(name, mode);
    }
    let lines = permissions(&home, true);
    assert_eq!((lines.len(), lines[0].state), (1, Fine), "{lines:?}");
    assert!(lines[0].says.contains("4 files and folders"), "{lines:?}");
    set("journal/1.seg", 0o604);
    let lines = permissions(&home, true);
    assert!(lines.len() == 1 && lines[0].says.starts_with("journal/1.seg is open"), "{lines:?}");
    let lines = permissions(&dir.path().join("nowhere"), true);
    assert_eq!((lines.len(), lines[0].state), (1, Broken), "{lines:?}");
}
