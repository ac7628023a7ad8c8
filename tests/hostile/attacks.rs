//! What is done to live nodes.

#[path = "attacks/drops.rs"]
pub(crate) mod drops;
#[path = "attacks/gossip.rs"]
pub(crate) mod gossip;
#[path = "attacks/memory.rs"]
pub(crate) mod memory;
#[path = "attacks/past.rs"]
pub(crate) mod past;
