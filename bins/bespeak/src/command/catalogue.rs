//! `bespeak catalogue`: a vendor's goods.

use std::io::Read;
use std::path::{Path, PathBuf};

use bespeak_api::body::MAX_IMPORT;
use bespeak_api::client::segment;
use clap::{Subcommand, ValueEnum};

use crate::failure::Failure;
use crate::render;
use crate::session::Session;

/// Your goods.
#[derive(Debug, Subcommand)]
pub(crate) enum Catalogue {
    /// Take goods in from a file; those that are there already are updated
    #[command(after_help = "Examples:
  bespeak catalogue import goods.jsonl
  bespeak catalogue import feed.tsv.gz --format merchant-tsv
  bespeak catalogue import - --json")]
    Import {
        /// The file, gzipped or not; - for standard input
        file: PathBuf,
        /// How it is written
        #[arg(long, value_enum, default_value_t = Format::Auto)]
        format: Format,
    },
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
    /// One article
    #[command(after_help = "Examples:\n  bespeak catalogue show BIKE-28-RED")]
    Show {
        /// Its number
        sku: String,
    },
}

/// How a catalogue file is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// Found out from the file
    Auto,
    /// One JSON object a line
    Jsonl,
    /// The tab-separated feed of Google Merchant
    MerchantTsv,
}

pub(crate) async fn run(asked: Catalogue, session: &Session) -> Result<(), Failure> {
    match asked {
        Catalogue::Import { file, format } => import(&file, format, session).await,
        Catalogue::Search { text, limit } => {
            let path = format!("/v1/catalogue/search?text={}&limit={limit}", segment(&text));
            let hits = session.get(&path).await?;
            session.show(&hits, |hits| Ok(render::hits(hits)))
        }
        Catalogue::Show { sku } => {
            let goods = session.get(&format!("/v1/catalogue/goods/{}", segment(&sku))).await?;
            session.show(&goods, |goods| Ok(render::goods(goods)))
        }
    }
}

async fn import(file: &Path, format: Format, session: &Session) -> Result<(), Failure> {
    let bytes = read(file).map_err(|cause| {
        Failure::failed(format!("{} cannot be read: {cause}; name a file that is there", file.display()))
    })?;
    if bytes.len() > MAX_IMPORT {
        return Err(Failure::failed(format!("{} is larger than 64 MiB; gzip or divide it", file.display())));
    }
    let format = match format {
        Format::Auto => "auto",
        Format::Jsonl => "jsonl",
        Format::MerchantTsv => "merchant-tsv",
    };
    let report = session.post_bytes(&format!("/v1/catalogue/import?format={format}"), bytes).await?;
    session.show(&report, |report| Ok(render::import(report)))
}

/// At most one byte more than may be sent.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file)?)
    };
    let mut bytes = Vec::new();
    source.take(MAX_IMPORT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
