//! What a process takes of the machine, as Linux tells it.

use std::{io, time::Duration};

/// Physical memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Now.
    pub resident: u64,
    /// At most since the process began.
    pub most: u64,
}

/// The memory of this process.
///
/// # Errors
/// Where there is no `/proc/self/status`, as outside Linux.
pub fn memory() -> io::Result<Memory> {
    memory_of("self")
}

/// The memory of another process.
///
/// # Errors
/// When it is gone, or where there is no `/proc`.
pub fn memory_of_process(id: u32) -> io::Result<Memory> {
    memory_of(&id.to_string())
}

fn memory_of(process: &str) -> io::Result<Memory> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = |name: &str| {
        let kibibytes = status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
        kibibytes.and_then(|text| text.parse::<u64>().ok()).map(|kibibytes| kibibytes * 1024)
    };
    match (line("VmRSS:"), line("VmHWM:")) {
        (Some(resident), Some(most)) => Ok(Memory { resident, most }),
        _ => Err(io::Error::other("its status does not tell the memory")),
    }
}

/// Ticks in which `/proc` counts time, a second. Source: Linux tells programs 100 on all machines of today.
const TICKS: u64 = 100;

/// How long a process has been at work on all cores together.
///
/// # Errors
/// When it is gone, or where there is no `/proc`.
pub fn work_of_process(id: u32) -> io::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // Behind the name, which may hold anything, the 12th and 13th word: at work for itself, and in the system for it.
    let words = stat.rsplit_once(')').map(|(_, words)| words.split_whitespace().skip(11).take(2));
    let ticks = words.and_then(|words| words.map(|word| word.parse::<u64>().ok()).sum::<Option<u64>>());
    let ticks = ticks.ok_or_else(|| io::Error::other("its stat does not tell the time"))?;
    Ok(Duration::from_millis(ticks * (1000 / TICKS)))
}

/// Lets this process, and those that it starts, have so many files open.
///
/// # Errors
/// When the system allows fewer.
pub fn open_files(wanted: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let maximum = limit.maximum.map(|most| most.max(wanted));
    Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })?)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory() {
        let Ok(Memory { resident, most }) = memory() else { unreachable!("Linux tells it") };
        assert!(resident > 1 << 20 && most >= resident);
    }

    #[test]
    fn a_process_that_works_has_worked() {
        let begun = std::time::Instant::now();
        let worked = || work_of_process(std::process::id()).unwrap_or_default();
        while worked() < Duration::from_millis(20) {
            assert!(begun.elapsed() < Duration::from_secs(60), "its work is not counted");
        }
        assert!(memory_of_process(std::process::id()).is_ok_and(|memory| memory.resident > 1 << 20));
    }
}
