//! What it costs two nodes to find out what one of them has missed: our questions and answers, and bare negentropy beside
//! them, over the same two sets.

pub mod bare;
pub mod ours;
pub mod sets;

use std::time::Duration;

use crate::{
    delivery::MeasureError,
    figures::{Durations, milliseconds},
};
use sets::Sets;

/// How often each is measured; times are medians. Source: wild guess; bytes and questions are the same each time.
const ROUNDS: usize = 5;
/// Most bytes of one message of bare negentropy: none, ours, and the fewest that it allows.
const FRAMES: [u64; 3] = [0, bespeak_protocol::market::catch_up::limits::MAX_RANGES as u64, 4096];

/// What one comparison cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Questions asked; each is a round trip.
    pub questions: usize,
    /// Bytes of all questions.
    pub asked: usize,
    /// Bytes of all answers.
    pub answered: usize,
    /// Records that the asking side turned out to lack.
    pub missing: usize,
    /// Time that the asking side took.
    pub asking: Duration,
    /// Time that the answering side took.
    pub answering: Duration,
}

impl Cost {
    /// Counts a question and its answer.
    pub(crate) fn count(&mut self, question: usize, answer: usize) {
        self.questions += 1;
        self.asked += question;
        self.answered += answer;
    }
}

/// Measures everything in one run and prints it as a table.
///
/// # Errors
/// When something cannot be set up, or a side does not find what it lacks.
pub fn compare(items: usize, differ: usize) -> Result<String, MeasureError> {
    let spread = Sets::new(items, differ, sets::Spread::OverTopics)?;
    let together = Sets::new(items, differ, sets::Spread::OneTopic)?;
    let mut text = format!(
        "two sets of {items} intentions, each with {} that the other has not; one side asks (medians of {ROUNDS})\n\n\
         | | round trips | bytes asked | bytes answered | found | asking, ms | answering, ms |\n\
         |---|---|---|---|---|---|---|\n",
        spread.each_lacks()
    );
    for (name, sets) in [("25 topics", &spread), ("one topic", &together)] {
        let told = (0..ROUNDS).map(|_| ours::pull(sets)).collect::<Result<Vec<_>, _>>()?;
        let comparing = told.iter().map(|told| told.comparing).collect();
        text += &row(&format!("ours, {name}: comparing"), comparing, sets)?;
        let fetching = told.iter().map(|told| told.fetching).collect();
        text += &row(&format!("ours, {name}: fetching"), fetching, sets)?;
    }
    for frame in FRAMES {
        let all = (0..ROUNDS).map(|_| bare::reconcile(&together, frame)).collect::<Result<Vec<_>, _>>()?;
        let frame = if frame == 0 { "none".to_owned() } else { format!("{frame} bytes") };
        text += &row(&format!("negentropy alone, one set, frame limit {frame}"), all, &together)?;
    }
    Ok(text)
}

fn row(name: &str, all: Vec<Cost>, sets: &Sets) -> Result<String, MeasureError> {
    let Some(first) = all.first().copied() else { return Ok(String::new()) };
    if let Some(other) = all.iter().find(|cost| cost.missing != sets.each_lacks()) {
        let (found, lacks) = (other.missing, sets.each_lacks());
        return Err(MeasureError::SetUp(format!("{name}: {found} of {lacks} missing records are found")));
    }
    let middle = |time: fn(&Cost) -> Duration| {
        milliseconds(Durations::new(all.iter().map(time).collect()).percentile(50))
    };
    Ok(format!(
        "| {name} | {} | {} | {} | {} | {} | {} |\n",
        first.questions,
        first.asked,
        first.answered,
        first.missing,
        middle(|cost| cost.asking),
        middle(|cost| cost.answering)
    ))
}
