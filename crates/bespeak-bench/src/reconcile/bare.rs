//! The floor: the library alone, with nothing around its messages.

use std::{collections::BTreeSet, time::Instant};

use negentropy::{Id, Negentropy, NegentropyStorageVector};

use super::{Cost, sets::Sets};
use crate::delivery::MeasureError;

fn storage(names: &[(u64, [u8; 32])]) -> Result<NegentropyStorageVector, MeasureError> {
    let mut all = NegentropyStorageVector::with_capacity(names.len());
    for (at, digest) in names {
        all.insert(*at, Id::from_byte_array(*digest)).map_err(MeasureError::set_up)?;
    }
    all.seal().map_err(MeasureError::set_up)?;
    Ok(all)
}

/// Both sides are set up once; messages have at most `frame` bytes, or any number where that is 0.
///
/// # Errors
/// When the library refuses.
pub fn reconcile(sets: &Sets, frame: u64) -> Result<Cost, MeasureError> {
    let [here, there] = &sets.names;
    let mut cost = Cost::default();
    let begun = Instant::now();
    let mut asking = Negentropy::owned(storage(here)?, frame).map_err(MeasureError::set_up)?;
    let mut question = asking.initiate().map_err(MeasureError::set_up)?;
    cost.asking += begun.elapsed();
    let begun = Instant::now();
    let mut answering = Negentropy::owned(storage(there)?, frame).map_err(MeasureError::set_up)?;
    cost.answering += begun.elapsed();
    let mut missing = BTreeSet::new();
    loop {
        let begun = Instant::now();
        let answer = answering.reconcile(&question).map_err(MeasureError::set_up)?;
        cost.answering += begun.elapsed();
        cost.count(question.len(), answer.len());
        let begun = Instant::now();
        let (mut had, mut needed) = (Vec::new(), Vec::new());
        let next = asking.reconcile_with_ids(&answer, &mut had, &mut needed).map_err(MeasureError::set_up)?;
        missing.extend(needed.iter().map(|id| **id));
        cost.asking += begun.elapsed();
        match next {
            Some(next) => question = next,
            None => break,
        }
    }
    cost.missing = missing.len();
    Ok(cost)
}
