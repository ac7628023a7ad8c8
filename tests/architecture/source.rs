//! What the source text below the line may not say. Manifests cannot forbid the standard library; this does.

use crate::house::{self, Breach, Failure, File, Room};
use crate::plan;

/// Names that no text below the line may use, tests included, and why.
const NEVER: &[(&str, &str)] = &[
    ("SystemTime::now", "time is an argument"),
    ("Instant::now", "time is an argument"),
    ("Timestamp::now", "time is an argument"),
    ("Zoned::now", "time is an argument"),
    ("thread_rng", "randomness comes from the caller, so that a seed replays the run"),
    ("ThreadRng", "randomness comes from the caller, so that a seed replays the run"),
    ("rand::rng", "randomness comes from the caller, so that a seed replays the run"),
    ("rand::random", "randomness comes from the caller, so that a seed replays the run"),
    ("OsRng", "randomness comes from the caller, so that a seed replays the run"),
    ("SysRng", "randomness comes from the caller, so that a seed replays the run"),
    ("getrandom::", "randomness comes from the caller, so that a seed replays the run"),
    ("tokio::", "a machine is handed its inputs; it awaits nothing"),
    ("libp2p::", "only bespeak-net speaks in the words of that engine"),
    ("sled::", "only bespeak-store speaks in the words of that engine"),
];

/// Names that only tests may use below the line: they read vectors from files.
const ONLY_IN_TESTS: &[(&str, &str)] = &[
    ("std::fs", "no IO below the line"),
    ("std::net", "no IO below the line"),
    ("std::io::std", "no IO below the line"),
    ("std::process", "no IO below the line"),
    ("std::env::", "no IO below the line: settings are arguments"),
    ("std::thread", "no tasks below the line"),
];

/// Every forbidden name in the sources of the pure crates.
pub(crate) fn breaches(house: &[Room]) -> Result<Vec<Breach>, Failure> {
    let top = house::top();
    let mut folders = Vec::new();
    for room in house.iter().filter(|room| plan::is_pure(&room.name)) {
        folders.push(room.folder.strip_prefix(&top)?.to_string_lossy().replace('\\', "/") + "/");
    }
    let ours = |file: &File| folders.iter().any(|folder| file.path.starts_with(folder.as_str()));
    Ok(house::files(&["rs"])?.iter().filter(|file| ours(file)).flat_map(forbidden).collect())
}

/// The forbidden names of one file, with their lines.
fn forbidden(file: &File) -> Vec<Breach> {
    let mut found = Vec::new();
    let mut test = is_test_file(&file.path);
    for (index, line) in file.text.lines().enumerate() {
        // Test modules close a file; what follows the mark is test code.
        test |= line.trim_start().starts_with("#[cfg(test)]");
        let code = code_of(line);
        let names = NEVER.iter().chain(ONLY_IN_TESTS.iter().filter(|_| !test));
        for (name, why) in names.filter(|(name, _)| says(code, name)) {
            found.push(format!("{}:{}: `{name}` below the line: {why}", file.path, index + 1));
        }
    }
    found
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.contains("/benches/")
        || path.contains("/examples/")
}

/// The line without its comment: prose may name what code may not.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Whether `code` holds `name` as a word of its own (`my_thread_rng` is another word).
fn says(code: &str, name: &str) -> bool {
    let inside = |text: &str| text.ends_with(|last: char| last.is_alphanumeric() || last == '_');
    code.match_indices(name).any(|(at, _)| !inside(&code[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<Breach> {
        forbidden(&File { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_forbidden_name_is_found_with_its_line() {
        for (name, _) in NEVER.iter().chain(ONLY_IN_TESTS) {
            let found = found("crates/bespeak-model/src/time.rs", &format!("use x;\nlet y = {name}x();\n"));
            assert!(
                found.iter().any(|breach| breach.contains(&format!("time.rs:2: `{name}`"))),
                "{name}: {found:?}"
            );
        }
    }

    #[test]
    fn prose_and_other_words_are_not_names() {
        let text =
            "// SystemTime::now is not ours\n//! nor OsRng\nlet my_thread_rng = 1;\nfn f() {} // std::fs\n";
        assert_eq!(found("crates/bespeak-model/src/time.rs", text), Vec::<Breach>::new());
    }

    #[test]
    fn tests_may_read_files_but_not_the_clock() {
        let read = "let bytes = std::fs::read(path)?;\n";
        assert_eq!(found("crates/bespeak-model/tests/vectors.rs", read), Vec::<Breach>::new());
        assert_eq!(
            found("crates/bespeak-model/src/a.rs", &format!("#[cfg(test)]\nmod tests {{\n{read}}}")),
            Vec::<Breach>::new()
        );
        assert_eq!(found("crates/bespeak-model/src/a.rs", read).len(), 1);
        assert_eq!(found("crates/bespeak-model/tests/vectors.rs", "let t = Instant::now();").len(), 1);
    }
}
