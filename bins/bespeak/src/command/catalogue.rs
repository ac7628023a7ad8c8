//! `bespeak catalogue`: a vendor's goods.

mod import;

use bespeak_api::client::segment;
use clap::Subcommand;

use crate::failure::Failure;
use crate::render;
use crate::session::Session;

/// Your goods.
#[derive(Debug, Subcommand)]
pub(crate) enum Catalogue {
    /// Take goods in from a file; those that are there already are updated
    Import(import::Import),
    /// Find goods by words
    #[command(
        after_help = "Examples:\n  bespeak catalogue search 'city bicycle 28 inch'\n  bespeak catalogue search lamp --limit 5"
    )]
    Search {
        /// The words
        text: String,
        /// How many at most
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
        limit: u16,
    },
    /// Find the goods that may fill an intention
    #[command(
        after_help = "Examples:\n  bespeak catalogue match b2rxk3rybk3\n  bespeak catalogue match b2rxk3rybk3 --limit 5 --json"
    )]
    Match {
        /// The intention's id, or the beginning of it
        intention: String,
        /// How many at most
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
        limit: u16,
    },
    /// One article
    #[command(after_help = "Examples:\n  bespeak catalogue show BIKE-28-RED")]
    Show {
        /// Its number
        sku: String,
    },
}

pub(crate) async fn run(asked: Catalogue, session: &Session) -> Result<(), Failure> {
    match asked {
        Catalogue::Import(asked) => import::run(&asked, session).await,
        Catalogue::Search { text, limit } => {
            let path = format!("/v1/catalogue/search?text={}&limit={limit}", segment(&text));
            let hits = session.get(&path).await?;
            session.show(&hits, |hits| Ok(render::hits(hits)))
        }
        Catalogue::Match { intention, limit } => matching(&intention, limit, session).await,
        Catalogue::Show { sku } => {
            let goods = session.get(&format!("/v1/catalogue/goods/{}", segment(&sku))).await?;
            session.show(&goods, |goods| Ok(render::goods(goods)))
        }
    }
}

async fn matching(intention: &str, limit: u16, session: &Session) -> Result<(), Failure> {
    let path = format!("/v1/catalogue/match/{}?limit={limit}", segment(intention));
    let found = session.get(&path).await?;
    session.show(&found, |found| Ok(render::matches(found)))
}
