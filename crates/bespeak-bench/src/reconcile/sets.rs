//! Two nodes' live intentions: nearly all in common, a few on each side alone.

use std::collections::{BTreeMap, BTreeSet};

use bespeak_agent::Agent;
use bespeak_identity::Seed;
use bespeak_model::{
    category::{Slug, roots},
    network::Network,
    time::Time,
};
use bespeak_protocol::market::{Announcement, Digest, Live, Named, News, topic_of};
use sha2::{Digest as _, Sha256};

use crate::{
    delivery::MeasureError,
    dice::Dice,
    market::{NETWORK, announce},
};

/// The hours of a week, over which intentions are cast: names say no more of the time than its hour.
const HOURS: u64 = 7 * 24;
/// A day in 2026, from which they count.
const FIRST: u64 = 1_796_083_200;

/// How intentions spread over topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Over all roots, the second half as often as the first, the third a third as often (Zipf), as categories are.
    OverTopics,
    /// All in one: the worst case.
    OneTopic,
}

/// Two nodes.
pub struct Sets {
    /// The topics on which there is anything.
    pub topics: BTreeSet<String>,
    /// What the asking side has.
    pub here: Live,
    /// What the other has.
    pub there: Live,
    /// The same by name alone, for whoever knows no topics.
    pub names: [Vec<(u64, Digest)>; 2],
    /// What the other alone has, as it was said.
    pub said: BTreeMap<Digest, Vec<u8>>,
}

impl Sets {
    /// Makes two sets of so many that differ in so many, half of them on each side.
    ///
    /// # Errors
    /// When there are fewer than differ.
    pub fn new(items: usize, differ: usize, spread: Spread) -> Result<Self, MeasureError> {
        let apart = differ / 2;
        let common = items.checked_sub(apart);
        let common = common.ok_or_else(|| MeasureError::SetUp("more differ than there are".to_owned()))?;
        let network: Network = NETWORK.parse().map_err(MeasureError::set_up)?;
        let slugs: Vec<Slug> = roots().collect();
        let mut draw = Draw { dice: Dice::of(1, 0), spread, slugs };
        let mut sets = Self {
            topics: BTreeSet::new(),
            here: Live::default(),
            there: Live::default(),
            names: [Vec::new(), Vec::new()],
            said: BTreeMap::new(),
        };
        for number in 0..common + apart {
            let digest: Digest = Sha256::digest(number.to_be_bytes()).into();
            let (slug, at) = draw.next()?;
            sets.has(0, digest, &topic_of(&network, &slug), at);
            if number < common {
                sets.has(1, digest, &topic_of(&network, &slug), at);
            }
        }
        // What is fetched is judged by its name, so these are real.
        for number in 0..apart {
            let (slug, at) = draw.next()?;
            let said = intention(&network, slug, at, number)?;
            let (digest, topic, cast_at) = name(&said)?;
            sets.has(1, digest, &topic, cast_at);
            sets.said.insert(digest, said);
        }
        Ok(sets)
    }

    /// How many each side lacks.
    pub fn each_lacks(&self) -> usize {
        self.said.len()
    }

    fn has(&mut self, side: usize, digest: Digest, topic: &str, at: Time) {
        let live = if side == 0 { &mut self.here } else { &mut self.there };
        live.add(Named::new(topic, at, digest));
        self.names[side].push((at.unix(), digest));
        if !self.topics.contains(topic) {
            self.topics.insert(topic.to_owned());
        }
    }
}

/// Draws where and when intentions are cast.
struct Draw {
    dice: Dice,
    spread: Spread,
    slugs: Vec<Slug>,
}

impl Draw {
    fn next(&mut self) -> Result<(Slug, Time), MeasureError> {
        let at = FIRST + 3600 * self.dice.below(HOURS);
        let place = match self.spread {
            Spread::OneTopic => 0,
            Spread::OverTopics => self.zipf(),
        };
        let slug = self.slugs.get(place).cloned();
        let slug = slug.ok_or_else(|| MeasureError::SetUp("there are no categories".to_owned()))?;
        Ok((slug, Time::from_unix(at).map_err(MeasureError::set_up)?))
    }

    /// A place among all: the second comes half as often as the first, the third a third as often.
    fn zipf(&mut self) -> usize {
        const FINE: u64 = 1 << 20;
        let weights: Vec<u64> = (1..=self.slugs.len() as u64).map(|rank| FINE / rank).collect();
        let mut left = self.dice.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                let here = left < *weight;
                left = left.saturating_sub(*weight);
                here
            })
            .unwrap_or(0)
    }
}

/// An intention as a customer casts it, from the pure machine.
fn intention(network: &Network, slug: Slug, at: Time, number: usize) -> Result<Vec<u8>, MeasureError> {
    let mut seed = [2; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    let mut customer = Agent::customer(Seed::from_entropy(seed), network.clone(), seed);
    let said = announce(&mut customer, "folding e-bike under 25 kg", slug, at)?.pop();
    said.map(|said| said.bytes).ok_or_else(|| MeasureError::SetUp("nothing was cast".to_owned()))
}

fn name(said: &[u8]) -> Result<(Digest, String, Time), MeasureError> {
    match Announcement::from_bytes(said).map_err(MeasureError::set_up)?.verify() {
        Some(News::Intention(record)) => {
            let topic = topic_of(&record.net, &record.category);
            Ok((*record.id().as_digest(), topic, record.cast_at))
        }
        _ => Err(MeasureError::SetUp("no intention was cast".to_owned())),
    }
}
