//! The edge cases of the protocol's list that belong to the agents, by their numbers, in worlds of two or three nodes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "cases/deal.rs"]
mod deal;
#[path = "cases/delivery.rs"]
mod delivery;
#[path = "cases/found.rs"]
mod found;
#[path = "cases/hosts.rs"]
mod hosts;
#[path = "cases/proof.rs"]
mod proof;
#[path = "cases/restore.rs"]
mod restore;
#[path = "cases/stage.rs"]
mod stage;
