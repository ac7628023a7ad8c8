//! The frozen vectors: files of bytes that every later version must still make and read.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::samples::{self, Sample};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn vector(sample: &Sample) -> Value {
    let signers: Vec<String> = sample.signers.iter().map(ToString::to_string).collect();
    let seeds: Vec<String> = sample.seeds.iter().map(|seed| hex(seed)).collect();
    json!({
        "type": sample.kind,
        "seeds_hex": seeds,
        "cose_hex": hex(&sample.cose),
        "payload_hex": hex(&sample.payload),
        "id": sample.id,
        "signers": signers,
    })
}

/// Compares each sample with its file, or writes the files when asked to.
pub(crate) fn compare(samples: &[Sample]) {
    let bless = std::env::var_os("BLESS").is_some();
    let mut expected: Vec<String> = Vec::new();
    for sample in samples {
        assert_eq!(samples::id_of(&sample.payload), sample.id, "{}", sample.name);
        let text = format!("{}\n", serde_json::to_string_pretty(&vector(sample)).unwrap());
        let file = format!("{}.json", sample.name);
        let path = folder().join(&file);
        if bless {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let frozen = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{file}: {why}"));
        assert_eq!(frozen, text, "{file} is frozen: records already written would no longer be read");
        expected.push(file);
    }
    expected.sort();
    let entries = fs::read_dir(folder()).unwrap();
    let mut found: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert_eq!(found, expected, "the files of the folder are the samples");
}
