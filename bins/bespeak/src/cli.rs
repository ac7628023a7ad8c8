//! The words of the command line. Each group of commands keeps its own in `command/`.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::command::{auto, catalogue, completions, init, inspect, intention, offer, offers, order, receipt};
use crate::command::{backup, data, export, passphrase, restore, rules, run, thread, vault, want};
use crate::demo;

/// Say what you want to buy, and let vendors answer: an open market without a platform.
#[derive(Debug, Parser)]
#[command(name = "bespeak", version, max_term_width = 100, propagate_version = true)]
#[command(after_help = "Examples:
  bespeak init --role customer
  bespeak run --relay /ip4/203.0.113.7/tcp/7373
  bespeak want 'City bicycle, 28 inch' --max 250EUR --near DE-u33d
  bespeak offers

Ids begin with bafyrei and are shown by the eleven letters after it. Any beginning that fits
only one names it, with bafyrei or without. --json shows them whole.

Exit codes: 0 done, 1 failed, 2 not understood, 3 no node running, 4 needs confirmation.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What goes with every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The folder in which this party lives [default: bespeak in the user's data folder]
    #[arg(long, global = true, env = "BESPEAK_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Answer with one JSON document on standard output; on one line each where answers go on coming
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log more to standard error; twice for much more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Everything that can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a home: a folder with a fresh key behind a passphrase
    Init(init::Init),
    /// Run the node of a home, until it is told to end
    Run(run::Run),
    /// How the node is
    #[command(after_help = "Examples:\n  bespeak status\n  bespeak status --json")]
    Status,
    /// Whether all is well with the node and its home, and what to do where it is not
    #[command(after_help = "Examples:
  bespeak doctor
  bespeak doctor --json

It says less when no node is running: what is sealed, only a running node can read.
It ends with 0 when nothing is broken, else with 1.")]
    Doctor,
    /// Whom the node is connected with
    #[command(after_help = "Examples:\n  bespeak peers\n  bespeak peers --json")]
    Peers,
    /// Cast an intention: say what you want (customer)
    Want(want::Want),
    /// Your intentions (customer)
    #[command(subcommand)]
    Intention(intention::Intention),
    /// Offers you got, or made
    Offers(offers::Offers),
    /// Answer an offer with a price of your own (customer)
    Counter(offers::Counter),
    /// Say no to an offer (customer)
    Decline(offers::Decline),
    /// Order what is offered (customer); binding once the vendor accepts
    Accept(offers::Accept),
    /// Say something
    Say(thread::Say),
    /// What was said
    Messages(thread::Messages),
    /// Talk: lines you type are said, what comes is shown
    Chat(thread::Chat),
    /// Let the vendor see the address of this node, or no longer (customer)
    Reveal(thread::Reveal),
    /// Orders
    #[command(subcommand)]
    Order(order::Order),
    /// Receipts, signed by both
    #[command(subcommand)]
    Receipt(receipt::Receipt),
    /// Your goods (vendor)
    #[command(subcommand)]
    Catalogue(catalogue::Catalogue),
    /// Intentions that were heard (vendor)
    #[command(after_help = "Examples:\n  bespeak inbox\n  bespeak inbox --json")]
    Inbox,
    /// Answer an intention with an offer (vendor)
    Offer(offer::Offer),
    /// Answer matching intentions from the catalogue without a person (vendor)
    Auto(auto::Auto),
    /// Which intentions are answered without a person, and how (vendor)
    #[command(subcommand)]
    Rules(rules::Rules),
    /// What a record is: type, id, signers, whether it holds, what it says
    Inspect(inspect::Inspect),
    /// Personal data: anything you want kept with your trades
    #[command(subcommand)]
    Data(data::Data),
    /// Back the whole home up into one encrypted file, while its node runs
    Backup(backup::Backup),
    /// Make a home from a backup
    Restore(restore::Restore),
    /// Take everything along: records, tables, personal data, in files that other programs read
    Export(export::Export),
    /// Take an export of yours in
    Import(export::Import),
    /// What the home is opened with
    #[command(subcommand)]
    Passphrase(passphrase::Passphrase),
    /// The lock of the home
    #[command(subcommand)]
    Vault(vault::Vault),
    /// A whole market on this machine, told step by step: a relay, three vendors, a customer
    Demo(demo::Demo),
    /// Completions for a shell
    Completions(completions::Completions),
}

#[cfg(test)]
mod tests;
