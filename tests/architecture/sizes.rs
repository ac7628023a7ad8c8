//! Rooms of a size to live in. Functions are measured by clippy (`too-many-lines-threshold`), files here.

use crate::house::{Breach, File};

/// Lines no source file may exceed: the house's own law, above the longest room of the best code bases we read.
const LONGEST: usize = 800;

/// Lines the middle file may have: about what vodozemac and axum keep to, measured at 170.
const MEDIAN: usize = 200;

/// Files that are too long, and a middle that is.
pub(crate) fn breaches(files: &[File]) -> Vec<Breach> {
    let mut lengths: Vec<usize> = files.iter().map(|file| file.text.lines().count()).collect();
    let long = files.iter().zip(&lengths).filter(|(_, lines)| **lines > LONGEST);
    let mut found: Vec<_> = long
        .map(|(file, lines)| {
            format!("{} has {lines} lines; a room of one purpose has at most {LONGEST}", file.path)
        })
        .collect();
    lengths.sort_unstable();
    match lengths.get(lengths.len() / 2) {
        None => found.push("there is no source file to measure".to_owned()),
        Some(middle) if *middle > MEDIAN => {
            found.push(format!("the middle source file has {middle} lines; the house keeps to {MEDIAN}"));
        }
        Some(_) => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(lengths: &[usize]) -> Vec<File> {
        let file = |lines: &usize| File { path: format!("{lines}.rs"), text: "x\n".repeat(*lines) };
        lengths.iter().map(file).collect()
    }

    #[test]
    fn long_files_and_a_long_middle_are_found() {
        assert_eq!(breaches(&files(&[10, 20, LONGEST])), Vec::<Breach>::new());
        assert_eq!(breaches(&files(&[10, 20, LONGEST + 1])).len(), 1);
        assert_eq!(breaches(&files(&[10, MEDIAN, LONGEST])), Vec::<Breach>::new());
        assert!(
            breaches(&files(&[10, MEDIAN + 1, 300]))[0].starts_with("the middle source file has 201 lines")
        );
        assert_eq!(breaches(&[]).len(), 1);
    }
}
