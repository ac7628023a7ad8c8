//! Real programs: started, spoken to through the command line, killed.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long anything may take before the test gives up. Source: wild guess; builds share the machine with tests.
const DEADLINE: Duration = Duration::from_secs(90);

/// The path of one of the workspace's programs. `cargo test --workspace` has built it beside the tests; alone, this
/// test builds it.
fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("the test knows where it is");
    let profile = tests.parent().and_then(Path::parent).expect("tests lie in <target>/<profile>/deps");
    let path = profile.join(name);
    if !path.exists() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build
            .args(["build", "--quiet", "--package", name, "--target-dir"])
            .arg(profile.parent().expect("a target"));
        assert!(build.status().expect("cargo runs").success(), "cargo builds {name}");
    }
    path
}

/// Waits until something is there, and fails by its name when the deadline passes.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(30));
    }
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
        let mut child = Command::new(program(name))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let stderr = child.stderr.take().expect("stderr is piped");
        let (words, spoken) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = words.send(line);
            }
        });
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the first line is text");
        let complaints = || spoken.try_iter().collect::<Vec<_>>().join("\n");
        let ready = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{name} {arguments:?}: {error}: {line:?}\n{}", complaints()));
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
