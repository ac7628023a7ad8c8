//! `bespeak inspect`: what a record is.

use std::io::Read;
use std::path::Path;

use bespeak_api::body::MAX_BODY;
use bespeak_api::client::segment;
use bespeak_api::inspection;
use clap::Args;

use crate::failure::Failure;
use crate::render;
use crate::session::{Session, odd};

/// What a record is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak inspect receipt.cose
  bespeak inspect b2rxk3rybk3

A file needs no running node: the record itself says all there is to check.")]
pub(crate) struct Inspect {
    /// A file that holds a record, or the id of one that the node holds
    #[arg(value_name = "FILE|ID")]
    what: String,
}

pub(crate) async fn run(asked: &Inspect, session: &Session) -> Result<(), Failure> {
    let file = Path::new(&asked.what);
    let found = if file.is_file() {
        let bytes = read(file)
            .map_err(|cause| Failure::failed(format!("{} cannot be read: {cause}", file.display())))?;
        serde_json::to_value(inspection::inspect(&bytes)).map_err(odd)?
    } else if asked.what.contains(['/', '.']) {
        return Err(Failure::failed(format!("There is no file {}.", asked.what)));
    } else {
        let found = session.get(&format!("/v1/inspect/{}", segment(&asked.what))).await;
        found.map_err(|failure| failure.after(&format!("There is no file “{}”.", asked.what)))?
    };
    session.show(&found, render::inspected)
}

/// Larger files are no records; their beginning is enough to say so.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(MAX_BODY as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
