//! `bespeak data`: whatever its owner wants kept.

use std::io::Read;
use std::path::{Path, PathBuf};

use bespeak_api::client::segment;
use bespeak_node::data::{MAX_ITEM, Tag, Word};
use clap::Subcommand;
use serde_json::json;

use crate::failure::Failure;
use crate::print;
use crate::render;
use crate::session::Session;

/// Personal data.
#[derive(Debug, Subcommand)]
pub(crate) enum Data {
    /// Keep a file, up to 8 MiB; the same file with the same words is kept once
    #[command(after_help = "Examples:
  bespeak data add address.json --type https://schema.org/PostalAddress --name Home
  bespeak data add passport.png --type passport --tag travel --tag documents
  bespeak data add - --type shoe-size --media-type application/json")]
    Add {
        /// The file; - for standard input
        file: PathBuf,
        /// What it is: a word of yours, or the address of a schema
        #[arg(long = "type", value_name = "NAME")]
        kind: Word,
        /// What it is called
        #[arg(long)]
        name: Option<Word>,
        /// How it is written [default: by the end of the file's name, else application/octet-stream]
        #[arg(long, value_name = "T")]
        media_type: Option<String>,
        /// A word under which it is found again; repeat for more
        #[arg(long = "tag", value_name = "WORD")]
        tags: Vec<Tag>,
    },
    /// All of it
    #[command(after_help = "Examples:\n  bespeak data list\n  bespeak data list --json")]
    List,
    /// What is said of an item; with --output the item itself
    #[command(after_help = "Examples:
  bespeak data show data-5f2c0a
  bespeak data show data-5f2c0a --output address.json
  bespeak data show data-5f2c0a --output -")]
    Show {
        /// Its id, or the beginning of it
        id: String,
        /// The file to write the item to; - for standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Forget an item
    #[command(after_help = "Examples:\n  bespeak data remove data-5f2c0a")]
    Remove {
        /// Its id, or the beginning of it
        id: String,
    },
}

/// Media types by the end of a file's name. Source: the IANA registry; those that people keep most.
const ENDINGS: [(&str, &str); 12] = [
    ("csv", "text/csv"),
    ("ics", "text/calendar"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("jsonld", "application/ld+json"),
    ("md", "text/markdown"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("vcf", "text/vcard"),
    ("xml", "application/xml"),
];

pub(crate) async fn run(asked: Data, session: &Session) -> Result<(), Failure> {
    match asked {
        Data::Add { file, kind, name, media_type, tags } => {
            let media_type = media_type.or_else(|| media_type_of(&file).map(str::to_owned));
            let path = adding(&kind, name.as_ref(), media_type.as_deref(), &tags);
            let kept = session.post_bytes(&path, read(&file)?).await?;
            session.show(&kept, |kept| Ok(render::kept(kept)))
        }
        Data::List => {
            let items = session.get("/v1/data").await?;
            session.show(&items, |items| Ok(render::items(items)))
        }
        Data::Show { id, output: None } => {
            let item = session.get(&format!("/v1/data/{}", segment(&id))).await?;
            session.show(&item, |item| Ok(render::item(item)))
        }
        Data::Show { id, output: Some(file) } => take_out(&id, &file, session).await,
        Data::Remove { id } => {
            let item = session.delete(&format!("/v1/data/{}", segment(&id))).await?;
            session.show(&item, |item| Ok(format!("Forgotten:\n{}", render::item(item))))
        }
    }
}

fn adding(kind: &Word, name: Option<&Word>, media_type: Option<&str>, tags: &[Tag]) -> String {
    let mut path = format!("/v1/data?type={}", segment(kind));
    if let Some(name) = name {
        path += &format!("&name={}", segment(name));
    }
    if let Some(media_type) = media_type {
        path += &format!("&media_type={}", segment(media_type));
    }
    if !tags.is_empty() {
        let lines: Vec<&str> = tags.iter().map(|tag| tag.as_str()).collect();
        path += &format!("&tags={}", segment(&lines.join("\n")));
    }
    path
}

fn media_type_of(file: &Path) -> Option<&'static str> {
    let ending = file.extension()?.to_str()?.to_ascii_lowercase();
    ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, media_type)| *media_type)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |cause: std::io::Error| {
        Failure::failed(format!("{} cannot be read: {cause}; name a file that is there", file.display()))
    };
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(failed)?)
    };
    let mut bytes = Vec::new();
    source.take(MAX_ITEM as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_ITEM {
        return Err(Failure::failed(format!("{} is larger than 8 MiB; divide it", file.display())));
    }
    Ok(bytes)
}

async fn take_out(id: &str, file: &Path, session: &Session) -> Result<(), Failure> {
    let bytes = session.get_bytes(&format!("/v1/data/{}/content", segment(id))).await?;
    if file == Path::new("-") {
        return print::bytes(&bytes)
            .map_err(|cause| Failure::failed(format!("Standard output cannot be written: {cause}")));
    }
    std::fs::write(file, &bytes)
        .map_err(|cause| Failure::failed(format!("{} cannot be written: {cause}", file.display())))?;
    let said = json!({ "file": file, "bytes": bytes.len() });
    session.done(&said, &format!("Written to {}.", file.display()))
}
