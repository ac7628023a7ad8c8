//! `bespeak vault`: the lock of a home. It needs no node.

use bespeak_node::home::{self, SlotInfo, SlotKind};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::render;
use crate::session::Session;

/// The lock of a home.
#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// What opens the home, and what a try costs
    #[command(after_help = "Examples:
  bespeak vault slots
  bespeak vault slots --json

It opens nothing and needs no running node.")]
    Slots,
}

pub(crate) fn run(asked: &Vault, session: &Session) -> Result<(), Failure> {
    let Vault::Slots = asked;
    session.show(&described(session)?, |slots| Ok(render::slots(slots)))
}

/// The slots of a home, as the documents of `--json` show them.
pub(super) fn described(session: &Session) -> Result<Value, Failure> {
    let slots = home::slots(session.home()).map_err(Failure::failed)?;
    Ok(slots.iter().map(describe).collect())
}

fn describe(slot: &SlotInfo) -> Value {
    let kind = match slot.kind {
        SlotKind::Passphrase => "passphrase",
        SlotKind::Words => "words",
        SlotKind::Open => "open",
    };
    let parameters = slot.cost.map(|cost| {
        json!({ "function": "argon2id", "memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes })
    });
    json!({ "kind": kind, "parameters": parameters })
}
