//! Rooms of their own: network namespaces that are made, furnished, entered and taken down, also after a panic.
//!
//! Nothing here touches the network of the machine itself: links are made inside a room and lead to another.

use std::{
    fs::{self, File},
    io::Write,
    panic::resume_unwind,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::LazyLock,
    thread,
};

use nix::sched::{CloneFlags, setns};

/// What every name begins with; then come the process that made the room and the moment in which it started.
const OURS: &str = "bespeak";
/// Where `ip netns` keeps the doors of its rooms. Source: ip-netns(8).
const DOORS: &str = "/run/netns";

/// One network namespace.
pub(crate) struct Room {
    name: String,
}

impl Room {
    /// An empty room with nothing but its own loopback, and without IPv6, whose chatter would be counted.
    pub(crate) fn new(world: &str, name: &str) -> Self {
        let room = Self { name: format!("{world}-{name}") };
        succeeds(&run("ip", &["netns", "add", &room.name], ""), &room.name);
        room.set("net/ipv6/conf/all/disable_ipv6", "1");
        room.set("net/ipv6/conf/default/disable_ipv6", "1");
        room.ip("link set lo up");
        room
    }

    /// Its name among all rooms of the machine.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Does something inside. What it opens or starts there stays inside.
    pub(crate) fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let door = File::open(PathBuf::from(DOORS).join(&self.name)).expect("the room has a door");
        let inside = || {
            setns(&door, CloneFlags::CLONE_NEWNET).expect("the room is entered");
            work()
        };
        // A thread of its own, which ends inside: the others never leave their room.
        thread::scope(|scope| scope.spawn(inside).join()).unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Lines for `ip`.
    pub(crate) fn ip(&self, lines: &str) {
        succeeds(&run("ip", &["-n", &self.name, "-batch", "-"], lines), lines);
    }

    /// Rules for `nft`.
    pub(crate) fn nft(&self, rules: &str) {
        succeeds(&self.enter(|| run("nft", &["-f", "-"], rules)), rules);
    }

    /// What `nft` prints, as JSON.
    pub(crate) fn nft_list(&self, what: &[&str]) -> serde_json::Value {
        let output = self.enter(|| run("nft", &[&["-j", "list"], what].concat(), ""));
        succeeds(&output, &format!("nft list {what:?}"));
        serde_json::from_slice(&output.stdout).expect("nft prints JSON")
    }

    /// Sets one of the kernel's switches, which belong to the room.
    pub(crate) fn set(&self, switch: &str, value: &str) {
        self.enter(|| fs::write(format!("/proc/sys/{switch}"), value)).expect("the switch is set");
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        take_down(&self.name);
    }
}

/// What a new world's rooms begin with, different for each world of each process.
pub(crate) fn fresh_name() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static WORLDS: AtomicU32 = AtomicU32::new(0);
    let me = std::process::id();
    let began = began(&me.to_string()).expect("this process runs");
    format!("{OURS}-{me}-{began}-{}", WORLDS.fetch_add(1, Ordering::Relaxed))
}

/// Why rooms cannot be made here, if they cannot. Takes down what a killed run left, once.
pub(crate) fn obstacle() -> Option<&'static str> {
    static OBSTACLE: LazyLock<Option<String>> = LazyLock::new(|| {
        let complaint = |program, words: &[&str]| match Command::new(program).args(words).output() {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
            Err(error) => Some(format!("{program}: {error}")),
        };
        sweep();
        let probe = format!("{}-probe", fresh_name());
        let missing = complaint("nft", &["--version"]).or_else(|| complaint("ip", &["netns", "add", &probe]));
        let missing = missing.or_else(|| {
            let words = ["netns", "exec", &probe, "nft", "add table ip probe"];
            complaint("ip", &words)
        });
        take_down(&probe);
        missing
    });
    OBSTACLE.as_deref()
}

/// Takes down the rooms of processes that are no more.
fn sweep() {
    let doors = fs::read_dir(DOORS).into_iter().flatten().flatten();
    for name in doors.filter_map(|door| door.file_name().into_string().ok()) {
        let mut parts = name.split('-');
        let ours = parts.next() == Some(OURS);
        if let (true, Some(maker), Some(moment)) = (ours, parts.next(), parts.next())
            && began(maker).as_deref() != Some(moment)
        {
            take_down(&name);
        }
    }
}

/// When a process started, in ticks since the machine did: with it a number that is used again is told apart.
fn began(process: &str) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold spaces; the 22nd field is the 20th after it. Source: proc(5).
    stat.rsplit_once(')')?.1.split_whitespace().nth(19).map(str::to_owned)
}

/// Ends whoever is still in a room, and removes it. A room that is gone is no failure.
fn take_down(name: &str) {
    if let Ok(output) = Command::new("ip").args(["netns", "pids", name]).output() {
        for process in String::from_utf8_lossy(&output.stdout).split_whitespace() {
            let _ = Command::new("kill").args(["-KILL", process]).output();
        }
    }
    let _ = Command::new("ip").args(["netns", "delete", name]).output();
}

fn run(program: &str, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(input.as_bytes()).expect("the program reads");
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

fn succeeds(output: &Output, what: &str) {
    assert!(output.status.success(), "{what}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_a_killed_run_left_is_taken_down_and_what_others_use_is_not() {
    if super::cannot("rooms that are taken down") {
        return;
    }
    // Process 1 is alive, and did not begin in the moment that the name tells.
    let (dead, alive) = (Room::new(&format!("{OURS}-1-1-0"), "left"), Room::new(&fresh_name(), "kept"));
    let mut sleeper = dead.enter(|| Command::new("sleep").arg("600").spawn().expect("sleep starts"));
    sweep();
    let doors: Vec<_> = fs::read_dir(DOORS).expect("doors").flatten().map(|door| door.file_name()).collect();
    assert!(!doors.iter().any(|door| *door == *dead.name()), "{doors:?}");
    assert!(doors.iter().any(|door| *door == *alive.name()), "{doors:?}");
    assert!(!sleeper.wait().expect("it ended").success(), "who was inside is gone too");
}

#[test]
fn a_room_goes_with_a_panic_and_the_machine_keeps_its_own_network() {
    if super::cannot("rooms and panics") {
        return;
    }
    let links = || fs::read_to_string("/proc/net/dev").map(|text| text.lines().count()).expect("links");
    let before = links();
    let world = fresh_name();
    let name = format!("{world}-fragile");
    let fell = std::panic::catch_unwind(|| {
        let room = Room::new(&world, "fragile");
        room.ip("link add inside type veth peer name outside");
        room.enter(|| panic!("on purpose"));
    });
    let why = fell.expect_err("the room falls");
    assert_eq!(why.downcast_ref::<&str>(), Some(&"on purpose"));
    assert!(!PathBuf::from(DOORS).join(&name).exists(), "the room is gone");
    assert_eq!(links(), before);
}
