//! The commands, one module for each group. Each builds a request, has the API carry it out, and shows the
//! answer.

pub(crate) mod auto;
pub(crate) mod backup;
pub(crate) mod catalogue;
pub(crate) mod completions;
pub(crate) mod data;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod intention;
pub(crate) mod items;
pub(crate) mod offer;
pub(crate) mod offers;
pub(crate) mod order;
pub(crate) mod passphrase;
pub(crate) mod peers;
pub(crate) mod receipt;
pub(crate) mod restore;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod status;
pub(crate) mod thread;
pub(crate) mod vault;
pub(crate) mod want;

use crate::cli::Command;
use crate::demo;
use crate::failure::Failure;
use crate::session::Session;

/// Does what was asked.
pub(crate) async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    match command {
        Command::Init(init) => init::run(&init, session).await,
        Command::Run(asked) => run::run(asked, session).await,
        Command::Status => status::run(session).await,
        Command::Doctor => doctor::run(session).await,
        Command::Peers => peers::run(session).await,
        Command::Want(want) => want::run(want, session).await,
        Command::Intention(asked) => intention::run(asked, session).await,
        Command::Offers(asked) => offers::list(&asked, session).await,
        Command::Counter(asked) => offers::counter(asked, session).await,
        Command::Decline(asked) => offers::decline(asked, session).await,
        Command::Accept(asked) => offers::accept(asked, session).await,
        Command::Say(asked) => thread::say(asked, session).await,
        Command::Reveal(asked) => thread::reveal(asked, session).await,
        Command::Messages(asked) => thread::messages(&asked, session).await,
        Command::Chat(asked) => thread::chat(&asked, session).await,
        Command::Order(asked) => order::run(asked, session).await,
        Command::Receipt(asked) => receipt::run(asked, session).await,
        Command::Catalogue(asked) => catalogue::run(asked, session).await,
        Command::Inbox => intention::inbox(session).await,
        Command::Offer(asked) => offer::run(asked, session).await,
        Command::Auto(asked) => auto::run(&asked, session).await,
        Command::Rules(asked) => rules::run(asked, session).await,
        Command::Inspect(asked) => inspect::run(&asked, session).await,
        Command::Data(asked) => data::run(asked, session).await,
        Command::Backup(asked) => backup::run(asked, session).await,
        Command::Restore(asked) => restore::run(&asked, session).await,
        Command::Export(asked) => export::export(&asked, session).await,
        Command::Import(asked) => export::import(&asked, session).await,
        Command::Passphrase(asked) => passphrase::run(asked, session).await,
        Command::Vault(asked) => vault::run(&asked, session),
        Command::Demo(asked) => demo::run(&asked, session).await,
        Command::Completions(asked) => completions::run(&asked, session),
    }
}
