//! The same again and again: what is left of it in memory.

use bespeak_bench::process;

use super::{super::world::World, gossip};

/// Rounds before the first measurement: pools, tables and caches fill up to what they hold. Source: measured, the
/// second round still adds, the third does not.
const WARM: u64 = 3;
/// Rounds that are measured.
const ROUNDS: u64 = 6;
/// What they may leave behind all together, in bytes. Source: wild guess; a round brings more than that in.
const MAY_GROW: u64 = 48 * 1024 * 1024;

/// Physical memory of this process, in bytes (Linux; elsewhere there is nothing to read).
pub(crate) fn resident() -> Option<u64> {
    process::memory().ok().map(|memory| memory.resident)
}

/// Fails if the memory of this process has grown by more than so much since it was `before`.
pub(crate) fn grew_little(when: &str, before: Option<u64>, may_grow: u64) {
    let Some((before, after)) = before.zip(resident()) else {
        println!("skipped: the memory of the process is not measured, there is no /proc/self/status");
        return;
    };
    println!("{} MiB before, {} MiB {when}", before >> 20, after >> 20);
    assert!(after < before + may_grow, "{before} bytes grew to {after} {when}");
}

/// Rounds of everything; the memory of the process and what nodes keep stay where they are.
pub(crate) async fn rounds(world: &mut World) {
    let mut warm = None;
    for round in 0..WARM + ROUNDS {
        gossip::everything(world, round).await;
        if round + 1 == WARM {
            warm = Some((world.vendor.status().await, resident()));
        }
    }
    let (kept, before) = warm.expect("there are more rounds than those that warm up");
    let now = world.vendor.status().await;
    assert_eq!((now.store.records, now.intentions_live), (kept.store.records, kept.intentions_live));
    grew_little(&format!("after {ROUNDS} rounds"), before, MAY_GROW);
}
