//! Panics are counted where they begin, so that none is missed that a task or a thread swallowed.

use std::{
    panic,
    sync::{Arc, Mutex, PoisonError},
};

/// The engine of the index panics on damaged files, within a boundary that catches it.
const EXPECTED: &str = "/sled-";

/// While this lives, panics are noted and not printed.
pub(crate) struct Counting {
    seen: Arc<Mutex<Vec<String>>>,
}

impl Counting {
    pub(crate) fn start() -> Self {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let noting = Arc::clone(&seen);
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            if !place.contains(EXPECTED) {
                noting.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
            }
        }));
        Self { seen }
    }

    /// Those since it was last asked.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(panic::take_hook());
        }
    }
}
