//! `bespeak intention` and `bespeak inbox`.

use bespeak_api::client::segment;
use bespeak_api::request::{Nothing, WithdrawIntention};
use bespeak_api::said::Said;
use bespeak_api::words::WithdrawalReason;
use clap::Subcommand;

use super::want;
use crate::failure::Failure;
use crate::render;
use crate::session::Session;

/// Your intentions.
#[derive(Debug, Subcommand)]
pub(crate) enum Intention {
    /// All of them
    #[command(after_help = "Examples:\n  bespeak intention list")]
    List,
    /// One of them, or one that was heard (vendor)
    #[command(after_help = "Examples:\n  bespeak intention show b2rxk3rybk3")]
    Show {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Take one back: offers are no longer wanted
    #[command(after_help = "Examples:
  bespeak intention withdraw b2rxk3rybk3
  bespeak intention withdraw b2rxk3rybk3 --reason fulfilled")]
    Withdraw {
        /// Its id, or the beginning of it
        id: String,
        /// Why: fulfilled, changed_mind, expired, duplicate or other
        #[arg(long, value_name = "CODE", default_value = "changed_mind")]
        reason: WithdrawalReason,
    },
    /// Cast one again, under fresh keys
    #[command(after_help = "Examples:\n  bespeak intention renew b2rxk3rybk3")]
    Renew {
        /// Its id, or the beginning of it
        id: String,
    },
}

pub(crate) async fn run(asked: Intention, session: &Session) -> Result<(), Failure> {
    match asked {
        Intention::List => {
            let all = session.get("/v1/intentions").await?;
            session.show(&all, render::intentions)
        }
        Intention::Show { id } => {
            let one = session.get(&format!("/v1/intentions/{}", segment(&id))).await?;
            session.show(&one, render::intention)
        }
        Intention::Withdraw { id, reason } => {
            let request = WithdrawIntention { reason: Some(Said(reason)) };
            let done = session.post(&format!("/v1/intentions/{}/withdraw", segment(&id)), &request).await?;
            session.done(&done, "Withdrawn; every node that hears so takes it off the market.")
        }
        Intention::Renew { id } => {
            let cast = session.post(&format!("/v1/intentions/{}/renew", segment(&id)), &Nothing {}).await?;
            session.show(&cast, |cast| Ok(want::said(cast)))
        }
    }
}

pub(crate) async fn inbox(session: &Session) -> Result<(), Failure> {
    let heard = session.get("/v1/inbox").await?;
    session.show(&heard, render::intentions)
}
