//! The same again and again: what is left of it in memory.

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
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    // Pages are of 4 KiB where this runs; of more elsewhere, then less is seen as growth.
    Some(pages * 4096)
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
    let (now, after) = (world.vendor.status().await, resident());
    assert_eq!((now.store.records, now.intentions_live), (kept.store.records, kept.intentions_live));
    let Some((before, after)) = before.zip(after) else {
        println!("skipped: the memory of the process is not measured, there is no /proc/self/statm");
        return;
    };
    println!("{} MiB before, {} MiB after {ROUNDS} rounds", before >> 20, after >> 20);
    assert!(after < before + MAY_GROW, "{before} bytes grew to {after}");
}
