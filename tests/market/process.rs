//! Real programs: started, spoken to through the command line, killed. Each test uses some of it.
#![allow(dead_code)]

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::{LazyLock, mpsc},
};

use bespeak_tests::wait_for;
use serde_json::Value;

/// Where the programs lie, of this test's own profile and as the sources are now: cargo says whether they are, which
/// after `cargo test --workspace` takes it a second.
pub(crate) fn programs() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let test = std::env::current_exe().expect("the test knows where it is");
        let folder = test.parent().and_then(Path::parent).expect("tests lie in <target>/<profile>/deps");
        build(folder);
        folder.to_owned()
    });
    &FOLDER
}

/// The path of one of them.
pub(crate) fn program(name: &str) -> PathBuf {
    programs().join(name)
}

/// Builds the programs as `cargo test --workspace` does, so that nothing is built twice: their own tests need them.
fn build(folder: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args([
        "test",
        "--quiet",
        "--locked",
        "--workspace",
        "--no-run",
        "--test",
        "program",
        "--test",
        "run",
    ]);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    build.arg("--target-dir").arg(folder.parent().expect("a target")).current_dir(env!("CARGO_MANIFEST_DIR"));
    // What cargo told this test of its package would look to build scripts like a change.
    let told = std::env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    });
    for name in told {
        build.env_remove(name);
    }
    let done = build.stdout(Stdio::null()).status().expect("cargo runs");
    assert!(done.success(), "the programs are built");
}

/// A program that is about to run, with its first line to be read.
fn call(name: &str, arguments: &[&str]) -> Command {
    let mut call = Command::new(program(name));
    call.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    call
}

/// A running program.
pub(crate) struct Running {
    child: Child,
    /// Its first line.
    pub(crate) ready: Value,
    /// Held so that the program can go on writing.
    _stdout: BufReader<ChildStdout>,
}

impl Running {
    /// Starts a program and waits for its first line.
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        let mut child = call(name, arguments).stderr(Stdio::piped()).spawn().expect("the program starts");
        let stderr = child.stderr.take().expect("stderr is piped");
        let (words, spoken) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = words.send(line);
            }
        });
        let complaints = || spoken.try_iter().collect::<Vec<_>>().join("\n");
        Self::once_ready(child, || format!("{name} {arguments:?}: {}", complaints()))
    }

    /// Starts a program that logs so much to a file, and waits for its first line.
    pub(crate) fn start_logging(name: &str, arguments: &[&str], log: &Path, level: &str) -> Self {
        let mut call = call(name, arguments);
        call.env("BESPEAK_LOG", level).stderr(File::create(log).expect("a file for the log"));
        let child = call.spawn().expect("the program starts");
        Self::once_ready(child, || format!("{name} {arguments:?}; see {}", log.display()))
    }

    /// Waits for the first line of a program that was started.
    fn once_ready(mut child: Child, what: impl FnOnce() -> String) -> Self {
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the first line is text");
        let ready =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}: {}", what()));
        Self { child, ready, _stdout: stdout }
    }

    /// The first of its addresses, with its PeerId.
    pub(crate) fn address(&self) -> String {
        let listen = self.ready["listen"].as_array().expect("the first line lists addresses");
        listen.first().and_then(Value::as_str).expect("it listens").to_owned()
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, and says with which code it did.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()));
        wait_for("the program to end", || self.child.try_wait().ok().flatten()).code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs one command of the command line.
pub(crate) fn bespeak(home: &Path, arguments: &[&str]) -> Output {
    Command::new(program("bespeak"))
        .arg("--home")
        .arg(home)
        .arg("--json")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the command runs")
}

/// Runs one that must succeed, and reads the document it prints.
pub(crate) fn answer(home: &Path, arguments: &[&str]) -> Value {
    let output = bespeak(home, arguments);
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "bespeak {arguments:?} failed: {said}{complained}");
    serde_json::from_str(&said)
        .unwrap_or_else(|error| panic!("bespeak {arguments:?} printed {said:?}: {error}"))
}

/// The list that a command prints.
pub(crate) fn list(home: &Path, arguments: &[&str]) -> Vec<Value> {
    answer(home, arguments)
        .as_array()
        .cloned()
        .unwrap_or_else(|| panic!("bespeak {arguments:?} prints a list"))
}

/// A text inside a document.
pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} is a text in {value}")).to_owned()
}
