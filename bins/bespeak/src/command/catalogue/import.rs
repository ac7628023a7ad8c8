//! `bespeak catalogue import`: goods from a file, once or whenever it changes.

mod bar;

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bespeak_api::body::MAX_IMPORT;
use bespeak_api::client::segment;
use bespeak_api::words::Span;
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::failure::{Failure, NEEDS_CONFIRMATION, NOT_RUNNING};
use crate::print;
use crate::render;
use crate::session::Session;
use bar::Bar;

/// Between two looks at how far the node is. Source: wild guess; a bar that moves five times a second moves.
const LOOK: Duration = Duration::from_millis(200);
/// How soon a watched file that could not be taken in is tried again, where it is not looked at sooner. Source: wild
/// guess; a file that is being written is whole by then.
const RETRY: Duration = Duration::from_secs(60);
/// The most bytes of a mapping file that are sent. Source: what the node takes.
const MAX_MAPPING: u64 = 64 * 1024;

/// A file of goods, and how it is to be read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak catalogue import goods.jsonl
  bespeak catalogue import feed.tsv.gz --format merchant-tsv
  bespeak catalogue import prices.csv --mapping prices.toml
  bespeak catalogue import feed.xml --complete
  bespeak catalogue import --watch feed.xml --every 1h --complete
  bespeak catalogue import - --json

A feed that is complete is the whole stock: goods that came from it before and are no longer in it are removed. That is
not done without --yes where more than half of them would go, or where the feed cannot be read so far.")]
pub(crate) struct Import {
    /// The file, gzipped or not; - for standard input
    file: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// What the columns of a table of one's own mean, in TOML
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// What the feed is called; without it, as its file
    #[arg(long, value_name = "NAME")]
    feed: Option<String>,
    /// It is the whole stock: remove what came from it before and is no longer in it
    #[arg(long)]
    complete: bool,
    /// Remove them even where that looks like a mistake
    #[arg(long, requires = "complete")]
    yes: bool,
    /// Stay, and take the file in again whenever it has changed
    #[arg(long)]
    watch: bool,
    /// How often to look whether it has
    #[arg(long, value_name = "SPAN", default_value = "1h")]
    every: Span,
}

/// How a catalogue file is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Found out from the file
    Auto,
    /// One JSON object a line
    Jsonl,
    /// The tab-separated feed of Google Merchant
    MerchantTsv,
    /// The RSS or Atom feed of Google Merchant
    MerchantXml,
    /// The export of products from Shopify
    ShopifyCsv,
    /// schema.org products in a web page or a file
    JsonLd,
    /// Any other table; a mapping says what its columns mean
    Csv,
}

impl Format {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

pub(super) async fn run(asked: &Import, session: &Session) -> Result<(), Failure> {
    if asked.file.to_str().is_some_and(|name| name.contains("://")) {
        return Err(Failure::usage(format!(
            "{} is an address, and this program fetches nothing; download it, and import or watch the file.",
            asked.file.display()
        )));
    }
    if !asked.watch {
        return once(asked, session).await;
    }
    if is_input(&asked.file) {
        return Err(Failure::usage("Standard input cannot be watched; name a file."));
    }
    watch(asked, session).await
}

/// Takes the file in, and shows what came of it.
async fn once(asked: &Import, session: &Session) -> Result<(), Failure> {
    let bytes = read(&asked.file, MAX_IMPORT as u64 + 1).map_err(|cause| unreadable(&asked.file, &cause))?;
    if bytes.len() > MAX_IMPORT {
        let sentence = format!("{} is larger than 64 MiB; gzip or divide it", asked.file.display());
        return Err(Failure::failed(sentence));
    }
    let path = path(asked)?;
    let report = send(&path, bytes, session).await?;
    session.show(&report, |report| Ok(render::import(report)))?;
    // The report says why; a script sees it by the code.
    let waits = report.get("not_removed").is_some_and(Value::is_string);
    if waits { Err(Failure::Told { code: NEEDS_CONFIRMATION }) } else { Ok(()) }
}

/// Sends the file, and shows how far the node is.
async fn send(path: &str, bytes: Vec<u8>, session: &Session) -> Result<Value, Failure> {
    let mut bar = Bar::begin(session.json());
    let sending = session.post_bytes(path, bytes);
    tokio::pin!(sending);
    let done = loop {
        tokio::select! {
            done = &mut sending => break done,
            () = tokio::time::sleep(LOOK) => {}
        }
        // A node that does not tell is no reason to stop.
        if let Ok(progress) = session.get("/v1/catalogue/import").await {
            bar.tell(&progress);
        }
    };
    bar.end();
    done
}

/// Where the file is sent, with everything that is said of it.
fn path(asked: &Import) -> Result<String, Failure> {
    let mut path = format!("/v1/catalogue/import?format={}", asked.format.name());
    let mut say = |key: &str, value: &str| path.push_str(&format!("&{key}={}", segment(value)));
    let name = asked.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.filter(|_| !is_input(&asked.file));
    if let Some(name) = &name {
        say("name", name);
    }
    let feed = asked.feed.as_ref().or(name.as_ref());
    if let Some(feed) = feed {
        say("feed", feed);
    } else if asked.complete {
        return Err(Failure::usage("Standard input has no name; say with --feed which feed it is."));
    }
    if let Some(file) = &asked.mapping {
        let bytes = read(file, MAX_MAPPING + 1).map_err(|cause| unreadable(file, &cause))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::failed(format!("{} is not UTF-8 text", file.display())))?;
        say("mapping", &text);
    }
    if asked.complete {
        say("complete", "true");
    }
    if asked.yes {
        say("confirmed", "true");
    }
    Ok(path)
}

/// When a file was changed last, and how long it is.
type Stamp = (Option<SystemTime>, u64);

fn stamp(file: &Path) -> io::Result<Stamp> {
    let about = fs::metadata(file)?;
    Ok((about.modified().ok(), about.len()))
}

/// Takes the file in now and whenever it has changed. What fails is said, and tried again; only a node that is not
/// there ends it.
async fn watch(asked: &Import, session: &Session) -> Result<(), Failure> {
    let every = Duration::from_secs(asked.every.seconds());
    let mut taken: Option<Stamp> = None;
    loop {
        let done = match stamp(&asked.file) {
            Ok(stamp) if taken == Some(stamp) => Ok(()),
            Ok(stamp) => once(asked, session).await.map(|()| taken = Some(stamp)),
            Err(cause) => Err(unreadable(&asked.file, &cause)),
        };
        let pause = match done {
            Ok(()) => every,
            Err(failure) if failure.code() == NOT_RUNNING => return Err(failure),
            // What waits for a word is asked for once for each change of the file.
            Err(failure) if failure.code() == NEEDS_CONFIRMATION => {
                taken = stamp(&asked.file).ok();
                every
            }
            Err(failure) => {
                failure.show(session.json());
                let pause = every.min(RETRY);
                print::error(&format!("{} is tried again in {} s.", asked.file.display(), pause.as_secs()));
                pause
            }
        };
        tokio::time::sleep(pause).await;
    }
}

fn is_input(file: &Path) -> bool {
    file == Path::new("-")
}

fn unreadable(file: &Path, cause: &io::Error) -> Failure {
    Failure::failed(format!("{} cannot be read: {cause}; name a file that is there", file.display()))
}

/// At most so many bytes.
fn read(file: &Path, most: u64) -> io::Result<Vec<u8>> {
    let source: Box<dyn Read> =
        if is_input(file) { Box::new(io::stdin()) } else { Box::new(fs::File::open(file)?) };
    let mut bytes = Vec::new();
    source.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
