//! The walls of the house, each with its reason.
//!
//! `plan` says on which floor a crate stands and what may not pass between floors; `house` reads what cargo says is
//! built; the other modules compare the two. Every rule is a function from facts to breaches and is itself tried on a
//! made-up house that breaks it. A failing test here names the crate, the rule and why the rule stands.

#[path = "architecture/cases.rs"]
mod cases;
#[path = "architecture/house.rs"]
mod house;
#[path = "architecture/imports.rs"]
mod imports;
#[path = "architecture/manifests.rs"]
mod manifests;
#[path = "architecture/plan.rs"]
mod plan;
#[path = "architecture/sizes.rs"]
mod sizes;
#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/texts.rs"]
mod texts;

use house::{Breach, Failure};

/// Turns breaches into one readable failure.
fn none(breaches: Vec<Breach>) -> Result<(), Failure> {
    if breaches.is_empty() {
        return Ok(());
    }
    Err(format!("{} of the house's rules are broken:\n  {}", breaches.len(), breaches.join("\n  ")).into())
}

#[test]
fn every_crate_has_a_floor_and_imports_downwards() -> Result<(), Failure> {
    none(imports::breaches(&house::read()?))
}

#[test]
fn no_engine_is_reached_from_below_the_line() -> Result<(), Failure> {
    none(imports::reached_engines(&house::reached_from_below_the_line()?))
}

#[test]
fn below_the_line_nothing_names_a_clock_a_runtime_or_randomness() -> Result<(), Failure> {
    none(source::breaches(&house::read()?)?)
}

#[test]
fn manifests_inherit_and_clippy_files_repeat_the_shared_keys() -> Result<(), Failure> {
    none(manifests::breaches(&house::read()?)?)
}

#[test]
fn no_file_is_longer_than_the_house_allows() -> Result<(), Failure> {
    none(sizes::breaches(&house::files(&["rs"])?))
}

#[test]
fn no_text_names_a_machine_and_every_index_is_whole() -> Result<(), Failure> {
    none(texts::breaches(&house::read()?)?)
}

#[test]
fn every_edge_case_that_is_built_has_a_test_of_its_number() -> Result<(), Failure> {
    none(cases::breaches(&house::files(&["rs"])?))
}
