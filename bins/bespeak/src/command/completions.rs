//! `bespeak completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::print;
use crate::session::Session;

/// Completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  bespeak completions bash\n  bespeak completions fish")]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

pub(crate) fn run(asked: &Completions, session: &Session) -> Result<(), Failure> {
    if session.json() {
        return Err(Failure::usage("Completions are a script for a shell; leave out --json."));
    }
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut Cli::command(), "bespeak", &mut script);
    print::bytes(&script)
        .map_err(|cause| Failure::failed(format!("Standard output cannot be written: {cause}")))
}
