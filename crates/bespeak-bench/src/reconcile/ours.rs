//! Our protocol, each message as it travels: encoded, bounded, decoded again. What the carrier adds is not counted.

use std::time::Instant;

use bespeak_protocol::market::catch_up::{CatchUpReply, CatchUpRequest, Pull, Step, announcements, compare};
use serde_bytes::ByteBuf;

use super::{Cost, sets::Sets};
use crate::delivery::MeasureError;

/// What asking for everything cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    /// Finding out what is missing.
    pub comparing: Cost,
    /// Having it sent.
    pub fetching: Cost,
}

/// One side asks the other about every topic, and fetches what it lacks.
///
/// # Errors
/// When a side says what it may not.
pub fn pull(sets: &Sets) -> Result<Told, MeasureError> {
    let mut told = Told::default();
    for topic in &sets.topics {
        ask(sets, topic, &mut told)?;
    }
    // What is fetched is what the comparisons found.
    told.comparing.missing = told.fetching.missing;
    Ok(told)
}

fn ask(sets: &Sets, topic: &str, told: &mut Told) -> Result<(), MeasureError> {
    let begun = Instant::now();
    let (mut pull, first) =
        Pull::begin(&[&sets.here], topic, Default::default()).map_err(MeasureError::set_up)?;
    told.comparing.asking += begun.elapsed();
    let mut next = Some(first);
    while let Some(request) = next {
        let compares = matches!(request, CatchUpRequest::Compare { .. });
        let cost = if compares { &mut told.comparing } else { &mut told.fetching };
        let begun = Instant::now();
        let question = request.to_bytes().map_err(MeasureError::set_up)?;
        let asking = begun.elapsed();
        let begun = Instant::now();
        let answer = answer(sets, &question)?;
        cost.answering += begun.elapsed();
        cost.count(question.len(), answer.len());
        let begun = Instant::now();
        let reply = CatchUpReply::from_bytes(&answer).map_err(MeasureError::set_up)?;
        next = match pull.answered(reply).map_err(MeasureError::set_up)? {
            Step::Ask(next) => Some(next),
            Step::Hear { items, next } => {
                cost.missing += items.len();
                next
            }
            Step::Over => None,
        };
        cost.asking += asking + begun.elapsed();
    }
    Ok(())
}

fn answer(sets: &Sets, question: &[u8]) -> Result<Vec<u8>, MeasureError> {
    let reply = match CatchUpRequest::from_bytes(question).map_err(MeasureError::set_up)? {
        CatchUpRequest::Compare { topic, ranges } => {
            let ranges = compare(&[&sets.there], &topic, &ranges).map_err(MeasureError::set_up)?;
            CatchUpReply::Compared { ranges: ByteBuf::from(ranges) }
        }
        CatchUpRequest::Fetch { digests, .. } => {
            announcements(&digests, |digest| sets.said.get(digest).cloned())
        }
    };
    reply.to_bytes().map_err(MeasureError::set_up)
}
