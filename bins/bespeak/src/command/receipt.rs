//! `bespeak receipt`.

use std::path::PathBuf;

use bespeak_api::client::segment;
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::print;
use crate::render;
use crate::session::Session;

/// Receipts.
#[derive(Debug, Subcommand)]
pub(crate) enum Receipt {
    /// All of them
    #[command(after_help = "Examples:\n  bespeak receipt list")]
    List,
    /// One of them; says whether both signatures hold
    #[command(after_help = "Examples:\n  bespeak receipt show 3rybk3aobm")]
    Show {
        /// Its id, or the beginning of it
        id: String,
    },
    /// One of them for elsewhere: a schema.org view, or the signed bytes
    #[command(after_help = "Examples:
  bespeak receipt export 3rybk3aobm --format json-ld
  bespeak receipt export 3rybk3aobm --format cose --out receipt.cose")]
    Export {
        /// Its id, or the beginning of it
        id: String,
        /// In which form
        #[arg(long, value_enum, default_value_t = Format::JsonLd)]
        format: Format,
        /// The file to write [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// A form in which a receipt leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A schema.org view in JSON
    JsonLd,
    /// The very bytes both parties signed
    Cose,
}

impl Format {
    const fn as_str(self) -> &'static str {
        match self {
            Self::JsonLd => "json-ld",
            Self::Cose => "cose",
        }
    }
}

pub(crate) async fn run(asked: Receipt, session: &Session) -> Result<(), Failure> {
    match asked {
        Receipt::List => {
            let receipts = session.get("/v1/receipts").await?;
            session.show(&receipts, render::receipts)
        }
        Receipt::Show { id } => {
            let receipt = session.get(&format!("/v1/receipts/{}", segment(&id))).await?;
            session.show(&receipt, render::receipt)
        }
        Receipt::Export { id, format, out } => export(&id, format, out, session).await,
    }
}

async fn export(id: &str, format: Format, out: Option<PathBuf>, session: &Session) -> Result<(), Failure> {
    let path = format!("/v1/receipts/{}/export?format={}", segment(id), format.as_str());
    let bytes = session.get_bytes(&path).await?;
    if let Some(file) = out {
        std::fs::write(&file, &bytes)
            .map_err(|cause| Failure::failed(format!("{} cannot be written: {cause}", file.display())))?;
        let said = json!({ "file": file, "format": format.as_str(), "bytes": bytes.len() });
        return session.done(&said, &format!("Written to {}.", file.display()));
    }
    if session.json() && format == Format::Cose {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        print::json(&json!({ "format": "cose", "hex": hex }));
        return Ok(());
    }
    if session.json() {
        let document: Value = serde_json::from_slice(&bytes).map_err(crate::session::odd)?;
        print::json(&document);
        return Ok(());
    }
    print::bytes(&bytes)
        .map_err(|cause| Failure::failed(format!("Standard output cannot be written: {cause}")))
}
