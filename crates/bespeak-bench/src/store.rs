//! What it costs to keep things: one durable commit beside a bare write and sync of as many bytes, many at once, and the
//! start of a node that keeps a great deal.

pub mod commits;
pub mod start;

use crate::{
    delivery::MeasureError,
    figures::{mebibytes, milliseconds},
};

/// Measures all of it in one run and prints it as tables. `folder` is on the disk to be measured.
///
/// # Errors
/// When something cannot be set up, or the disk refuses.
pub async fn compare(folder: &std::path::Path, records: usize) -> Result<String, MeasureError> {
    let mut text = String::from(
        "one durable commit of one document, and a bare write and fdatasync of as many bytes, in turn, milliseconds\n\n\
         | document | | p50 | p99 | ratio of the medians |\n|---|---|---|---|---|\n",
    );
    for bytes in commits::SIZES {
        let place = folder.to_owned();
        let measured = tokio::task::spawn_blocking(move || commits::one_by_one(&place, bytes)).await;
        let commits::Beside { ours, bare } = measured.map_err(MeasureError::set_up)??;
        let ratio = ours.percentile(50).as_secs_f64() / bare.percentile(50).as_secs_f64().max(f64::EPSILON);
        for (name, all, ratio) in [("bare", &bare, String::new()), ("commit", &ours, format!("{ratio:.2}"))] {
            let (middle, late) = (milliseconds(all.percentile(50)), milliseconds(all.percentile(99)));
            text += &format!("| {bytes} B | {name} | {middle} | {late} | {ratio} |\n");
        }
    }
    text += "\ndocuments a second, durable, of 600 B\n\n| | documents/s |\n|---|---|\n";
    for (tasks, each) in commits::GROUPS {
        let rate = commits::together(folder, tasks, each).await?;
        text += &format!("| {tasks} at once, {each} in a commit | {rate:.0} |\n");
    }
    text += &format!(
        "\nopening with {records} live records (each process is new)\n\n\
         | | seconds | resident, MiB | at most, MiB |\n|---|---|---|---|\n"
    );
    for (name, begun) in start::measure(folder, records).await? {
        let start::Begun { seconds, resident, most, .. } = begun;
        text += &format!("| {name} | {seconds:.2} | {} | {} |\n", mebibytes(resident), mebibytes(most));
    }
    Ok(text)
}
