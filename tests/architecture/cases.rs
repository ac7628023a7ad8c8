//! The edge cases of the protocol, numbered there: each that is built has a test whose name begins with its number.

use std::collections::BTreeSet;

use crate::house::{Breach, File};

/// How many there are.
const CASES: usize = 36;

/// Those of which too little is built to be tried, each with what it waits for.
const NOT_YET: &[(usize, &str)] =
    &[(17, "refunds during a dispute"), (18, "arbiters"), (22, "ratings"), (35, "“last seen” on offers")];

/// Cases without a test, and cases that have one though they are said to have none.
pub(crate) fn breaches(files: &[File]) -> Vec<Breach> {
    let tried: BTreeSet<usize> = files.iter().flat_map(|file| numbers(&file.text)).collect();
    let waits = |number: usize| NOT_YET.iter().find(|(waiting, _)| *waiting == number);
    let mut found = Vec::new();
    for number in 1..=CASES {
        match (tried.contains(&number), waits(number)) {
            (false, None) => found.push(format!("edge case {number} has no test `case_{number:02}_…`")),
            (true, Some((_, what))) => {
                found.push(format!("edge case {number} has a test, but is said to wait for {what}"));
            }
            _ => {}
        }
    }
    let unknown = tried.into_iter().filter(|number| !(1..=CASES).contains(number));
    found.extend(unknown.map(|number| format!("there is no edge case {number}")));
    found
}

/// The numbers in the names of functions `case_NN_…`.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    text.split("fn case_").skip(1).filter_map(|rest| rest.get(..2)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(numbers: impl Iterator<Item = usize>) -> [File; 1] {
        let text = numbers.map(|number| format!("fn {}_{number:02}_holds() {{}}\n", "case")).collect();
        [File { path: "a.rs".to_owned(), text }]
    }

    #[test]
    fn a_missing_and_a_surplus_case_are_found() {
        let built = || (1..=CASES).filter(|number| NOT_YET.iter().all(|(waiting, _)| waiting != number));
        assert_eq!(breaches(&file(built())), Vec::<Breach>::new());
        assert_eq!(breaches(&file(built().skip(1))).len(), 1);
        assert_eq!(breaches(&file(built().chain([NOT_YET[0].0, 99]))).len(), 2);
    }
}
