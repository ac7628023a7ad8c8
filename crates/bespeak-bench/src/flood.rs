//! Junk poured into a relay while honest mail comes: how much of that is taken and kept, and what the relay takes of the
//! machine.
//!
//! A relay runs as a process of its own, with little room for mail. Customers whose intentions are public have a letter box
//! each at it and are away. Many identities pour in junk as fast as they are answered: into those letter boxes, into
//! boxes that nobody has, the same again and again, and over the bounds; one more sends bytes that are no request, is cut
//! off, and comes back as somebody else. A few vendors leave two envelopes in each box meanwhile. Everybody comes from
//! one network, so that only identities can be told apart. In the end the customers fetch what is there.

mod crowd;
mod meter;
mod owner;

use std::{
    collections::BTreeSet,
    fmt,
    path::PathBuf,
    time::{Duration, Instant},
};

use bespeak_net::{Limits, MarketIdentity, Net, NetConfig, TransportIdentity};
use bespeak_protocol::drop::DropReply;

use crate::{
    delivery::MeasureError,
    figures::{Durations, mebibytes, milliseconds},
    letter_box::{ask, put},
    market::NETWORK,
    relay::RelayProcess,
};
use crowd::{Crowd, Poured};
use meter::Meter;
use owner::Owner;

/// Room for mail for each box, in bytes. Source: three fifths of what a box may hold, so that the whole relay is full, too.
const ROOM: u64 = 1_200 * 1024;
/// Vendors who leave mail. Source: wild guess.
const VENDORS: usize = 10;
/// Envelopes of each vendor in each box. Source: an offer, and one more word of it.
const ENVELOPES: usize = 2;
/// What may lie on the disk beside twice the room, in bytes. Source: segments of 64 MiB of the journal are compacted when
/// they are nearly dead, one after the other.
const DISK: u64 = 3 * 64 * 1024 * 1024;
/// Physical memory that the relay may take at most. Source: measured at a third of it.
const MEMORY: u64 = 384 * 1024 * 1024;
/// Requests under way at once. Source: one of each identity, of which there are 400 at most, and some for the honest.
const REQUESTS: usize = 512;

/// What is tried.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many pieces of junk.
    pub blobs: usize,
    /// From how many identities at a time.
    pub identities: usize,
    /// Into how many letter boxes of customers who are away.
    pub boxes: usize,
    /// The folder of the program `bespeak-relay`.
    pub programs: PathBuf,
}

impl Options {
    fn room(&self) -> u64 {
        self.boxes as u64 * ROOM
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Junk, by what became of it.
    pub junk: Poured,
    /// Honest envelopes left.
    pub honest: usize,
    /// Of those, how many were taken at once.
    pub taken: usize,
    /// Of those, how many their owner fetched in the end.
    pub fetched: usize,
    /// Honest senders none of whose envelopes came through although one was taken.
    pub silenced: usize,
    /// How long the relay took to answer an honest sender.
    pub answers: Durations,
    /// Room for mail, in bytes.
    pub room: u64,
    /// Mail held at the most that was seen, in bytes.
    pub held: u64,
    /// The relay's home at the most that was seen, in bytes.
    pub disk: u64,
    /// The most physical memory that the relay took, in bytes.
    pub memory: u64,
    /// How long the flood lasted.
    pub took: Duration,
}

impl Tally {
    fn disk_bound(&self) -> u64 {
        2 * self.room + DISK
    }

    /// What does not hold of what must.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                broken.push(what.to_owned());
            }
        };
        must(self.taken * 100 >= self.honest * 99, "less than 99 % of the honest mail was taken");
        must(self.silenced == 0, "a sender was silenced");
        must(self.held <= self.room, "more mail is held than there is room for");
        must(self.disk <= self.disk_bound(), "the disk is over its bound");
        must(self.memory <= MEMORY, "the memory is over its bound");
        broken
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for what in self.broken() {
            writeln!(f, "broken: {what}")?;
        }
        let Self { junk, honest, taken, fetched, answers, held, disk, memory, took, room, .. } = self;
        let seconds = took.as_secs_f64();
        writeln!(f, "{junk}\n")?;
        writeln!(f, "| junk a second | honest left | taken at once | fetched | answer p50, ms | p99, ms |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        writeln!(
            f,
            "| {:.0} | {honest} | {taken} | {fetched} | {} | {} |\n",
            junk.all() as f64 / seconds.max(f64::EPSILON),
            milliseconds(answers.percentile(50)),
            milliseconds(answers.percentile(99)),
        )?;
        writeln!(f, "| MiB | most | bound |\n|---|---|---|")?;
        writeln!(f, "| mail held | {} | {} |", mebibytes(*held), mebibytes(*room))?;
        writeln!(f, "| disk | {} | {} |", mebibytes(*disk), mebibytes(self.disk_bound()))?;
        write!(f, "| memory | {} | {} |", mebibytes(*memory), mebibytes(MEMORY))
    }
}

/// Pours in so much, and says what came of it.
///
/// # Errors
/// When the relay cannot be run at all, or its numbers cannot be read.
pub async fn run(options: &Options) -> Result<Tally, MeasureError> {
    let limits = format!("mail_bytes = {}", options.room());
    let relay = RelayProcess::start(&options.programs, &limits, &["--metrics", "127.0.0.1:0"]).await?;
    let host = vec![relay.address.clone()];
    let mut meter = Meter::new(&relay)?;
    let net = wires().await?;
    let owners: Vec<Owner> = (0..options.boxes).map(Owner::new).collect();
    for owner in &owners {
        owner.open(&net, &host).await?;
    }
    let queues = owners.iter().map(Owner::queue).collect();
    let crowd = Crowd::start(wires().await?, host.clone(), queues, options.blobs, options.identities);
    let begun = Instant::now();
    let left = leave(&net, &host, &owners, &crowd, &mut meter).await?;
    let junk = crowd.end().await;
    let took = begun.elapsed();
    meter.look().await?;
    let (fetched, silenced) = fetch(&net, &host, &owners, &left).await?;
    let (held, disk, memory) = (meter.held, meter.disk, meter.memory()?);
    relay.end().await;
    Ok(Tally {
        junk,
        honest: left.len(),
        taken: left.iter().filter(|left| left.taken).count(),
        fetched,
        silenced,
        answers: Durations::new(left.iter().map(|left| left.answered).collect()),
        room: options.room(),
        held,
        disk,
        memory,
        took,
    })
}

/// An honest envelope, and what became of it.
struct Left {
    owner: usize,
    vendor: usize,
    envelope: Vec<u8>,
    taken: bool,
    answered: Duration,
}

async fn wires() -> Result<Net, MeasureError> {
    let mut config = NetConfig::new(MarketIdentity::Fresh, NETWORK);
    config.limits = Limits { requests: REQUESTS, ..Limits::default() };
    Net::start(config).await.map(|(net, _events)| net).map_err(MeasureError::set_up)
}

/// Every vendor leaves its envelopes in every box, evenly over the time of the flood.
async fn leave(
    net: &Net,
    host: &[String],
    owners: &[Owner],
    crowd: &Crowd,
    meter: &mut Meter,
) -> Result<Vec<Left>, MeasureError> {
    let all = owners.len() * VENDORS * ENVELOPES;
    let mut left = Vec::with_capacity(all);
    for number in 0..all {
        crowd.reach(number, all).await;
        let (owner, vendor) = (number % owners.len(), number / owners.len() % VENDORS);
        let envelope = [b"honest".as_slice(), &number.to_be_bytes(), &[7; 4096 - 14]].concat();
        let put = put(owners[owner].queue(), envelope.clone());
        let begun = Instant::now();
        // From an identity of the relation of these two, as nodes do.
        let reply = ask(net, &identity(b"vendor", owner, vendor), host, &put).await;
        let taken = matches!(reply, Ok(DropReply::Stored {}));
        left.push(Left { owner, vendor, envelope, taken, answered: begun.elapsed() });
        if number.is_multiple_of(VENDORS) {
            meter.look().await?;
        }
    }
    Ok(left)
}

/// How many honest envelopes come out of the boxes, and how many senders have none left there though one was taken.
async fn fetch(
    net: &Net,
    host: &[String],
    owners: &[Owner],
    left: &[Left],
) -> Result<(usize, usize), MeasureError> {
    let (mut fetched, mut heard) = (0, BTreeSet::new());
    for (number, owner) in owners.iter().enumerate() {
        let mail: BTreeSet<Vec<u8>> = owner.fetch(net, host).await?.into_iter().collect();
        for one in left.iter().filter(|one| one.owner == number && mail.contains(&one.envelope)) {
            fetched += 1;
            heard.insert((one.owner, one.vendor));
        }
    }
    let taken: BTreeSet<_> = left.iter().filter(|one| one.taken).map(|one| (one.owner, one.vendor)).collect();
    Ok((fetched, taken.difference(&heard).count()))
}

fn identity(who: &[u8; 6], one: usize, other: usize) -> TransportIdentity {
    let mut bytes = [0; 32];
    bytes[..6].copy_from_slice(who);
    bytes[8..16].copy_from_slice(&(one as u64).to_be_bytes());
    bytes[16..24].copy_from_slice(&(other as u64).to_be_bytes());
    TransportIdentity(bytes)
}
