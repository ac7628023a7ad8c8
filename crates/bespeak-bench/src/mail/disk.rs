//! The floor on disk.

use std::{fs::File, io::Write, path::Path, time::Instant};

use super::Done;
use crate::{delivery::MeasureError, figures::Durations};

/// Writes as many pieces of so many bytes behind each other, and syncs each.
///
/// # Errors
/// When the disk refuses.
pub fn write(folder: &Path, bytes: usize, many: usize) -> Result<Done, MeasureError> {
    let place = tempfile::tempdir_in(folder).map_err(MeasureError::set_up)?;
    let mut file = File::create(place.path().join("bare")).map_err(MeasureError::set_up)?;
    let piece = vec![7; bytes];
    let (start, mut took) = (Instant::now(), Vec::with_capacity(many));
    for _ in 0..many {
        let begun = Instant::now();
        file.write_all(&piece).and_then(|()| file.sync_data()).map_err(MeasureError::set_up)?;
        took.push(begun.elapsed());
    }
    Ok(Done { in_all: start.elapsed(), took: Durations::new(took) })
}
