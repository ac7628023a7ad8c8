//! `bespeak rules`: which intentions are answered without a person, and how.

use std::io::Read;
use std::path::{Path, PathBuf};

use bespeak_api::request::{Approve, SetRules, TestRules, TryRules};
use bespeak_node::rules::MAX_TEXT;
use clap::Subcommand;

use crate::failure::Failure;
use crate::render;
use crate::session::Session;

/// Standing rules.
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// The rules that hold, as they were written
    #[command(after_help = "Examples:\n  bespeak rules show\n  bespeak rules show --json")]
    Show,
    /// Have other rules hold; intentions that were not answered are decided anew
    #[command(after_help = "Examples:
  bespeak rules set rules.toml
  bespeak rules set -

They count only while `bespeak auto on` is said. What can be written is told in docs/rules.md.")]
    Set {
        /// The file; - for standard input
        file: PathBuf,
    },
    /// Have no rules: the settings of `bespeak auto` alone decide
    #[command(after_help = "Examples:\n  bespeak rules clear")]
    Clear,
    /// What is decided about one intention, and why; nothing is done
    #[command(after_help = "Examples:
  bespeak rules test b2rxk3rybk3
  bespeak rules test b2rxk3rybk3 --file new-rules.toml")]
    Test {
        /// The intention: its id or a beginning of it
        intention: String,
        /// Other rules than those that hold
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// What rules would have done about the last intentions that were heard; nothing is done
    #[command(after_help = "Examples:
  bespeak rules try
  bespeak rules try --last 1000 --file new-rules.toml")]
    Try {
        /// About how many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
        last: u64,
        /// Other rules than those that hold
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Offers that wait for your approval
    #[command(after_help = "Examples:\n  bespeak rules waiting\n  bespeak rules waiting --json")]
    Waiting,
    /// Make an offer that waits for your approval
    #[command(after_help = "Examples:\n  bespeak rules approve b2rxk3rybk3")]
    Approve {
        /// The intention: its id or a beginning of it
        intention: String,
    },
}

pub(crate) async fn run(asked: Rules, session: &Session) -> Result<(), Failure> {
    match asked {
        Rules::Show => {
            let rules = session.get("/v1/rules").await?;
            session.show(&rules, |rules| Ok(render::rules(rules)))
        }
        Rules::Set { file } => set(read(&file)?, session).await,
        Rules::Clear => set(String::new(), session).await,
        Rules::Test { intention, file } => {
            let toml = file.as_deref().map(read).transpose()?;
            let told = session.post("/v1/rules/test", &TestRules { intention, toml }).await?;
            session.show(&told, render::decision)
        }
        Rules::Try { last, file } => {
            let (toml, last) = (file.as_deref().map(read).transpose()?, usize::try_from(last).ok());
            let tried = session.post("/v1/rules/try", &TryRules { last, toml }).await?;
            session.show(&tried, |tried| render::decisions(tried, "No intention was heard."))
        }
        Rules::Waiting => {
            let waiting = session.get("/v1/rules/waiting").await?;
            session.show(&waiting, |waiting| render::decisions(waiting, "Nothing waits for your approval."))
        }
        Rules::Approve { intention } => {
            let made = session.post("/v1/rules/approve", &Approve { intention }).await?;
            session.done(&made, "Offered.")
        }
    }
}

async fn set(toml: String, session: &Session) -> Result<(), Failure> {
    let rules = session.put("/v1/rules", &SetRules { toml }).await?;
    session.show(&rules, |rules| Ok(render::rules_set(rules)))
}

/// At most one byte more than rules may have, which the node then refuses.
fn read(file: &Path) -> Result<String, Failure> {
    let failed = |cause: std::io::Error| {
        Failure::failed(format!("{} cannot be read: {cause}; name a file of rules", file.display()))
    };
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(failed)?)
    };
    let mut text = String::new();
    source.take(MAX_TEXT as u64 + 1).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}
