//! Leads as a table.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use bespeak_leads::{Fact, Field, Person, table::table};
use bespeak_model::text::Text;
use common::{agreed, by, early, now, placed, wish};

fn rows(bytes: &[u8]) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(bytes).records().map(Result::unwrap).collect()
}

#[test]
fn a_row_for_each_lead_with_its_terms() {
    let bytes = table(&[early(wish()), agreed(placed())], now()).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.starts_with(
        "lead,at,kind,intention,thread,offer,order,terms,accepted,purposes,retain_until,title,"
    ));
    assert_eq!(text.matches("\r\n").count(), 3);
    let rows = rows(&bytes);
    let columns: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let cell = |row: usize, name: &str| {
        rows[row][columns.iter().position(|column| *column == name).unwrap()].to_owned()
    };
    assert_eq!(
        (cell(0, "kind"), cell(0, "accepted"), cell(0, "name")),
        ("intention-matched".into(), "false".into(), String::new())
    );
    assert_eq!(
        (cell(0, "category"), cell(0, "place"), cell(0, "needed_by")),
        ("vehicles.bicycles".into(), "DE-u33d".into(), "2027-02-01".into())
    );
    assert_eq!(
        (cell(1, "amount"), cell(1, "currency"), cell(1, "terms")),
        ("1399.00".into(), "EUR".into(), "SD-BASE".into())
    );
    assert_eq!(
        (cell(1, "name"), cell(1, "retain_until")),
        ("Anna Zinnober".into(), "2027-04-15T08:00:00Z".into())
    );
    assert_eq!(cell(1, "lines"), "1x Folding e-bike 20\" = 1399.00 EUR");
}

#[test]
fn no_cell_is_a_formula() {
    let evil = ["=1+1", "+1", "-2", "@x", "＝1"];
    for text in evil {
        let person = Person::default().with(Field::Name, text.parse::<Text<200>>().unwrap());
        let bytes = table(&[by(Fact::Test {}, person)], now()).unwrap();
        let row = &rows(&bytes)[0];
        assert!(row.iter().any(|cell| cell == format!("'{text}")), "{row:?}");
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '＝'])), "{row:?}");
    }
}

#[test]
fn what_may_not_be_kept_is_not_in_it() {
    let lead = early(wish());
    let after = lead.cover().retain_until().saturating_add(1);
    assert_eq!(rows(&table([&lead], lead.cover().retain_until()).unwrap()).len(), 1);
    assert_eq!(rows(&table([&lead], after).unwrap()).len(), 0);
}
