//! What keeps secrets out of files that the system writes.

/// Has the system write no image of this process's memory when it crashes, and let no other process of its user read it.
/// Programs call this before anything secret is read. What is refused is told in the log, and no reason not to start.
pub fn no_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        if getrlimit(Resource::Core) != none
            && let Err(error) = setrlimit(Resource::Core, none)
        {
            tracing::warn!(target: "bespeak::node", %error, "core_dumps_not_limited");
        }
    }
    // Where cores are piped to a program, the limit does not hold; this does.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        tracing::warn!(target: "bespeak::node", %error, "core_dumps_not_off");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit};

    #[test]
    fn no_core_is_written_and_asking_twice_is_fine() {
        for _ in 0..2 {
            super::no_core_dumps();
            assert_eq!(getrlimit(Resource::Core), Rlimit { current: Some(0), maximum: Some(0) });
            assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
        }
    }
}
