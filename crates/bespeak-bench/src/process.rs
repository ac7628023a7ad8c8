//! What this process or another takes of the machine, as Linux tells it.

use std::io;

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
    memory_in("/proc/self/status")
}

/// The memory of another process.
///
/// # Errors
/// When there is none of this number, or outside Linux.
pub fn memory_of(pid: u32) -> io::Result<Memory> {
    memory_in(&format!("/proc/{pid}/status"))
}

fn memory_in(status: &str) -> io::Result<Memory> {
    let status = std::fs::read_to_string(status)?;
    let line = |name: &str| {
        let kibibytes = status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
        kibibytes.and_then(|text| text.parse::<u64>().ok()).map(|kibibytes| kibibytes * 1024)
    };
    match (line("VmRSS:"), line("VmHWM:")) {
        (Some(resident), Some(most)) => Ok(Memory { resident, most }),
        _ => Err(io::Error::other("/proc/self/status does not tell the memory")),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory() {
        let Ok(Memory { resident, most }) = memory() else { unreachable!("Linux tells it") };
        assert!(resident > 1 << 20 && most >= resident);
    }
}
