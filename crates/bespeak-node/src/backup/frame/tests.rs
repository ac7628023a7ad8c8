#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_model::network::Network;

use super::*;
use crate::home::{Contents, InitOptions, Role};

fn contents() -> Contents {
    Contents::new(&[7; 32], &InitOptions { role: Role::Vendor, name: None, network: Network::main() })
}

fn written() -> Vec<u8> {
    let head = Head::new(&contents(), bespeak_model::time::Time::EPOCH);
    let mut writer = Writer::begin(Vec::new(), &head, b"secret").unwrap();
    writer.document(Family(2), b"key", b"body").unwrap();
    writer.document(Family(200), b"", b"").unwrap();
    writer.end(1).unwrap()
}

/// How many documents there are, and how it ends.
fn read(bytes: &[u8]) -> Result<(u64, End), FileError> {
    let mut reader = Reader::new(bytes);
    let head = reader.head()?;
    assert_eq!(head.party, contents().party());
    assert_eq!(reader.secrets()?.as_slice(), b"secret");
    for count in 0.. {
        if let Next::End(end) = reader.next()? {
            return Ok((count, end));
        }
    }
    unreachable!()
}

#[test]
fn what_was_written_is_read() {
    assert_eq!(read(&written()).unwrap(), (2, End { documents: 2, unread: 1 }));
}

#[test]
fn the_bytes_are_those_of_the_document() {
    let bytes = written();
    let after = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let head: serde_json::Value = serde_json::from_slice(&bytes[..after]).unwrap();
    assert_eq!((&head["bespeak_backup"], &head["role"]), (&1.into(), &"vendor".into()));
    assert_eq!(head["made_at"], "1970-01-01T00:00:00Z");
    let frames = &bytes[after..bytes.len() - 32];
    let wanted: &[&[u8]] = &[
        &[1, 0, 0, 0, 6],
        b"secret",
        &[2, 2, 0, 0, 0, 3, 0, 0, 0, 4],
        b"keybody",
        &[2, 200, 0, 0, 0, 0, 0, 0, 0, 0],
        &[3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1],
    ];
    assert_eq!(frames, wanted.concat());
    assert_eq!(bytes[bytes.len() - 32..], Sha256::digest(&bytes[..bytes.len() - 32])[..]);
}

#[test]
fn nothing_that_is_cut_longer_or_altered_behind_its_first_line_is_believed() {
    let whole = written();
    let after = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for end in after..whole.len() {
        assert!(matches!(read(&whole[..end]), Err(FileError::Damaged)), "cut at {end}");
    }
    assert!(matches!(read(&[&whole[..], &[0]].concat()), Err(FileError::Damaged)));
    for place in after + 11..whole.len() {
        let mut altered = whole.clone();
        altered[place] ^= 1;
        assert!(matches!(read(&altered), Err(FileError::Damaged)), "altered at {place}");
    }
}

#[test]
fn other_files_and_later_versions_are_told_apart() {
    for other in [&b""[..], b"{}\n", b"hello\n", b"{\"bespeak_backup\":0}\n", &[b' '; 2 * MAX_HEAD]] {
        assert!(matches!(Reader::new(other).head(), Err(FileError::NotABackup)));
    }
    let newer = Reader::new(&b"{\"bespeak_backup\":2,\"more\":[]}\n"[..]).head();
    assert!(matches!(newer, Err(FileError::Newer { found: 2 })));
}
