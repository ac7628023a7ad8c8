//! The asking side: one topic of one peer, from the first comparison to the last record.

use std::{collections::BTreeSet, sync::Arc};

use serde_bytes::{ByteArray, ByteBuf};

use super::{
    limits::{MAX_DIGESTS, MAX_FETCHES, MAX_MISSING, MAX_ROUNDS},
    message::{CatchUpReply, CatchUpRequest},
    ranges::{Comparison, RangesError},
};
use crate::market::{
    live::{Digest, Live},
    message::Announcement,
};

/// What is asked of one peer about one topic.
///
/// ```text
/// comparing ──nothing left, or enough──▶ fetching ──nothing left──▶ over
///     └──────────────refused, or out of its words──────────────────▶ over
/// ```
#[derive(Debug)]
pub struct Pull {
    topic: String,
    unwanted: Arc<BTreeSet<Digest>>,
    fetches: usize,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Comparing {
        comparison: Comparison,
        rounds: usize,
        missing: Vec<Digest>,
    },
    /// Not asked for yet, and asked for now.
    Fetching {
        missing: Vec<Digest>,
        asked: Vec<Digest>,
    },
    Over,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask this.
    Ask(CatchUpRequest),
    /// Judge these as if they had been said on the topic, each with its digest; then ask on, if there is more.
    Hear {
        /// Announcements, as they came.
        items: Vec<(Digest, Vec<u8>)>,
        /// What to ask then.
        next: Option<CatchUpRequest>,
    },
    /// Nothing more is to be had here now.
    Over,
}

/// Why a pull ended early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PullError {
    /// The peer would not.
    #[error("the peer refused: {0:?}")]
    Refused(bespeak_model::reason::RefusalCode),
    /// It is out of its words; no honest peer is.
    #[error(transparent)]
    Ranges(#[from] RangesError),
    /// It answered something else; no honest peer does.
    #[error("the answer does not fit the question: {0}")]
    Unfit(&'static str),
}

impl PullError {
    /// Whether no honest peer would have given cause for it.
    pub fn is_offence(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

impl Pull {
    /// Begins with what is had of a topic. What is `unwanted` was fetched before and not kept; it is let go before the
    /// first record is fetched.
    ///
    /// # Errors
    /// When what is had cannot be compared, which would be a fault of ours.
    pub fn begin(
        live: &[&Live],
        topic: &str,
        unwanted: Arc<BTreeSet<Digest>>,
    ) -> Result<(Self, CatchUpRequest), PullError> {
        let (comparison, first) = Comparison::begin(live, topic)?;
        let stage = Stage::Comparing { comparison, rounds: 1, missing: Vec::new() };
        let pull = Self { topic: topic.to_owned(), unwanted, fetches: 0, stage };
        let first = pull.compare(first);
        Ok((pull, first))
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    fn compare(&self, ranges: Vec<u8>) -> CatchUpRequest {
        CatchUpRequest::Compare { topic: self.topic.clone(), ranges: ByteBuf::from(ranges) }
    }

    /// Goes on with what the peer answered. After an error, or [`Step::Over`], it is over.
    ///
    /// # Errors
    /// When the peer refused, or its answer does not fit.
    pub fn answered(&mut self, reply: CatchUpReply) -> Result<Step, PullError> {
        match (std::mem::replace(&mut self.stage, Stage::Over), reply) {
            (_, CatchUpReply::Refused { code }) => Err(PullError::Refused(code)),
            (Stage::Comparing { comparison, rounds, missing }, CatchUpReply::Compared { ranges }) => {
                self.compared(comparison, rounds, missing, &ranges)
            }
            (Stage::Fetching { missing, asked }, CatchUpReply::Announcements { items, left }) => {
                self.fetched(missing, asked, items, usize::from(left))
            }
            _ => Err(PullError::Unfit("another kind of answer")),
        }
    }

    fn compared(
        &mut self,
        mut comparison: Comparison,
        rounds: usize,
        mut missing: Vec<Digest>,
        ranges: &[u8],
    ) -> Result<Step, PullError> {
        let next = comparison.go_on(ranges, &mut missing)?;
        match next {
            Some(ranges) if rounds < MAX_ROUNDS && missing.len() < MAX_MISSING => {
                self.stage = Stage::Comparing { comparison, rounds: rounds + 1, missing };
                Ok(Step::Ask(self.compare(ranges)))
            }
            _ => {
                missing.sort_unstable();
                missing.dedup();
                // Let go at once: what comes of fetching may be added to it, and a set that is shared is copied for that.
                let unwanted = std::mem::take(&mut self.unwanted);
                missing.retain(|digest| !unwanted.contains(digest));
                missing.truncate(MAX_MISSING);
                Ok(self.fetch(missing).map_or(Step::Over, Step::Ask))
            }
        }
    }

    fn fetch(&mut self, mut missing: Vec<Digest>) -> Option<CatchUpRequest> {
        let asked = missing.split_off(missing.len().saturating_sub(MAX_DIGESTS));
        if asked.is_empty() || self.fetches == MAX_FETCHES {
            return None;
        }
        self.fetches += 1;
        let digests = asked.iter().copied().map(ByteArray::new).collect();
        self.stage = Stage::Fetching { missing, asked };
        Some(CatchUpRequest::Fetch { topic: self.topic.clone(), digests })
    }

    fn fetched(
        &mut self,
        mut missing: Vec<Digest>,
        mut asked: Vec<Digest>,
        items: Vec<ByteBuf>,
        left: usize,
    ) -> Result<Step, PullError> {
        let looked_at = asked.len().checked_sub(left).filter(|looked_at| *looked_at > 0);
        let looked_at = looked_at.ok_or(PullError::Unfit("more is left than was asked for"))?;
        missing.extend(asked.split_off(looked_at));
        let mut wanted: BTreeSet<Digest> = asked.into_iter().collect();
        let mut heard = Vec::with_capacity(items.len());
        for item in items {
            let digest = Announcement::digest_of(&item).filter(|digest| wanted.remove(digest));
            let digest = digest.ok_or(PullError::Unfit("a record that was not asked for"))?;
            heard.push((digest, item.into_vec()));
        }
        let next = self.fetch(missing);
        Ok(match next {
            next if !heard.is_empty() => Step::Hear { items: heard, next },
            Some(next) => Step::Ask(next),
            None => Step::Over,
        })
    }
}
