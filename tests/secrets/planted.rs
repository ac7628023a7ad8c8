//! What is planted, and every form in which it is looked for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Something that may be found nowhere, in all its forms.
pub(crate) struct Secret {
    /// What it is, for the one who reads of a find.
    pub(crate) name: String,
    forms: Vec<Vec<u8>>,
}

impl Secret {
    /// A text.
    pub(crate) fn text(what: &str, text: &str) -> Self {
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let in_path = text.replace(' ', "%20");
        let all = [text, &in_path, &escaped, &hex(text.as_bytes())];
        Self { name: format!("{what} {text:?}"), forms: all.map(|form| form.as_bytes().to_vec()).to_vec() }
    }

    /// A price in euros: as it is typed, as cents in a text, and as cents in CBOR.
    pub(crate) fn price(euros: &str) -> Self {
        let cents = euros.replace('.', "");
        let number: u64 = cents.parse().expect("a price in euros and cents");
        // RFC 8949, section 3: 0x1b, then eight bytes.
        let cbor = [&[0x1b][..], &number.to_be_bytes()].concat();
        Self { name: format!("price {euros}"), forms: vec![euros.into(), cents.into(), cbor] }
    }

    /// A key.
    pub(crate) fn key(what: &str, bytes: &[u8]) -> Self {
        let printed = format!("{bytes:?}");
        let texts = [
            hex(bytes),
            hex(bytes).to_uppercase(),
            STANDARD_NO_PAD.encode(bytes),
            URL_SAFE_NO_PAD.encode(bytes),
            printed.trim_matches(['[', ']']).to_owned(),
        ];
        let mut forms: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
        forms.push(bytes.to_vec());
        Self { name: format!("key {what}"), forms }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The forms of all secrets by their first two bytes, so that a large file is passed once.
struct Index<'a>(Vec<Vec<(&'a Secret, &'a [u8])>>);

impl<'a> Index<'a> {
    fn of(secrets: &'a [Secret]) -> Self {
        let mut places = vec![Vec::new(); 1 << 16];
        for secret in secrets {
            for form in &secret.forms {
                places[place(form)].push((secret, form.as_slice()));
            }
        }
        Self(places)
    }

    /// The names of those that are in some bytes.
    fn in_bytes(&self, bytes: &[u8]) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        for (at, two) in bytes.windows(2).enumerate() {
            for (secret, form) in &self.0[place(two)] {
                if bytes[at..].starts_with(form) {
                    found.insert(secret.name.as_str());
                }
            }
        }
        found
    }
}

/// Every form has two bytes and more.
fn place(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// Every file under a folder; sockets are none.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let kind = entry.file_type().expect("its kind");
        if kind.is_dir() {
            found.extend(files(&entry.path()));
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found
}

/// What is found in files, or in their names.
pub(crate) fn finds(secrets: &[Secret], files: &[PathBuf]) -> Vec<String> {
    let index = Index::of(secrets);
    let mut found = Vec::new();
    for file in files {
        let name = file.to_string_lossy().into_owned().into_bytes();
        let bytes = std::fs::read(file).expect("a file that can be read");
        let here = index.in_bytes(&bytes).into_iter().chain(index.in_bytes(&name));
        found.extend(here.map(|secret| format!("{secret} is in {}", file.display())));
    }
    found
}

#[test]
fn every_form_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let key: Vec<u8> = (200..232).collect();
    let secrets = [Secret::text("name", "Anna Kar"), Secret::price("51234567.89"), Secret::key("seed", &key)];
    let printed = format!("{key:?}");
    let hidden: [&[u8]; 9] = [
        b"..Anna Kar..",
        b"?name=Anna%20Kar&",
        b"416e6e61204b6172",
        b"51234567.89",
        b"amount: 5123456789,",
        &[0, 0x1b, 0, 0, 0, 1, 0x31, 0x61, 0xbf, 0x15, 9],
        &key,
        b"c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7",
        printed.as_bytes(),
    ];
    for bytes in hidden {
        let file = folder.path().join("file");
        std::fs::write(&file, bytes).expect("a file is written");
        assert_eq!(finds(&secrets, &[file]).len(), 1, "{:?}", String::from_utf8_lossy(bytes));
    }
    std::fs::create_dir(folder.path().join("deep")).expect("a folder");
    std::fs::write(folder.path().join("deep/Anna Kar"), b"").expect("a file is written");
    std::fs::write(folder.path().join("file"), b"Anna kar, 51234567,89").expect("a file is written");
    assert_eq!(finds(&secrets, &files(folder.path())).len(), 1, "the name of one, and nothing in the other");
}
