//! What is kept: whether all of it can be read, and how the journal and its index stand.

use bespeak_store::{Damage, DamageKind, IndexState, OpeningReport};

use super::{
    Line,
    words::{count, sentence, size},
};

/// Damaged places told one by one; the rest is counted. Source: a wild guess, what a person reads.
const TOLD: usize = 20;

/// What mends a journal: what is whole goes into a new home, and what a backup has that this home has not comes back with
/// it.
const ANEW: &str = "`bespeak backup FILE`, then `bespeak restore FILE --home NEW`: a new home with all that is left; an older \
                    backup may hold what is lost";

/// What is known of the store.
pub(crate) struct Store {
    /// Its own report.
    pub(crate) report: OpeningReport,
    /// Documents that are whole, and could not be understood at the start.
    pub(crate) unreadable: usize,
}

/// How the store stands: all of it, each damage, the journal, the index.
pub(crate) fn store(facts: &Store) -> Vec<Line> {
    let Store { report, unreadable } = facts;
    let mut lines = damages(&report.damaged);
    lines.extend((*unreadable > 0).then(|| not_understood(*unreadable)));
    if lines.is_empty() {
        let kept = count(report.records, "record");
        lines.push(Line::fine("store", format!("{kept} kept; none is known to be damaged or missing.")));
    }
    lines.push(journal(report));
    lines.push(index(&report.index));
    lines
}

fn damages(damaged: &[Damage]) -> Vec<Line> {
    let mut lines: Vec<Line> = damaged.iter().take(TOLD).map(damage).collect();
    let more = damaged.len().saturating_sub(TOLD) as u64;
    lines.extend((more > 0).then(|| {
        Line::broken("store", format!("{} are damaged beside these.", count(more, "more place")), ANEW)
    }));
    lines
}

fn damage(damage: &Damage) -> Line {
    let Damage { segment, offset, bytes, numbers, what } = damage;
    let lost = numbers.map(commits);
    let lost = lost.as_deref().unwrap_or("what was in it");
    let length = if *bytes > 0 { format!(" ({bytes} bytes)") } else { String::new() };
    let file = format!("journal/{segment:08}.seg");
    let says = match what {
        DamageKind::Entry => {
            format!("{file} is damaged from byte {offset} on{length}: {lost} cannot be read.")
        }
        DamageKind::Header => format!("The head of {file} is damaged: {lost} cannot be read."),
        DamageKind::HeaderCopy => {
            let says = format!("One of the two heads of {file} is damaged; nothing is lost.");
            return Line::attention("store", says, "the disk may be failing: `bespeak backup FILE`");
        }
        DamageKind::Cut => format!("{file} ends too early, at byte {offset}: {lost} cannot be read."),
        DamageKind::Missing => format!("{lost} missing from the journal: a file of it is gone, or was cut."),
        DamageKind::Seal => format!("{file} has at byte {offset}{length} what cannot be unsealed: {lost}."),
    };
    Line::broken("store", says, ANEW)
}

fn commits((first, last): (u64, u64)) -> String {
    if first == last { format!("commit {first}") } else { format!("commits {first} to {last}") }
}

fn not_understood(unreadable: usize) -> Line {
    let says = format!("{} kept here cannot be understood.", count(unreadable as u64, "document"));
    Line::broken(
        "store",
        says,
        "use the newest Bespeak; the log of the start says why: `bespeak run --verbose`",
    )
}

fn journal(report: &OpeningReport) -> Line {
    let OpeningReport { segments, bytes, live, torn_tail, .. } = report;
    let mut says = format!(
        "The journal has {} with {}, of which {} are in use.",
        count(*segments, "file"),
        size(*bytes),
        size(*live)
    );
    if let Some(tail) = torn_tail {
        let cut = format!(
            " Its last {} bytes were half written when the machine stopped, and were cut at the start: nothing that was \
             promised to be kept was in them.",
            tail.bytes
        );
        says.push_str(&cut);
    }
    Line::fine("journal", says)
}

fn index(index: &IndexState) -> Line {
    match index {
        IndexState::Current => Line::fine("index", "The index fits the journal."),
        IndexState::Rebuilt { why } => {
            Line::fine("index", format!("The index was made anew from the journal, as {}", lowered(why)))
        }
        IndexState::InMemory { why } => {
            let says = format!(
                "The index cannot be kept on disk and is held in memory: all works, and each start takes longer. {}",
                sentence(why)
            );
            Line::attention(
                "index",
                says,
                "make room on the disk and see that it can be written, then start the node again",
            )
        }
    }
}

/// The store's words about its index, as the end of a sentence.
fn lowered(why: &str) -> String {
    format!("{}.", why.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use bespeak_store::TornTail;

    use super::*;
    use crate::doctor::State;

    fn report() -> OpeningReport {
        OpeningReport {
            records: 3,
            segments: 2,
            bytes: 5 << 20,
            live: 1 << 20,
            torn_tail: None,
            damaged: Vec::new(),
            index: IndexState::Current,
        }
    }

    fn lines(report: OpeningReport) -> Vec<Line> {
        store(&Store { report, unreadable: 0 })
    }

    fn of<'a>(lines: &'a [Line], what: &str) -> Vec<&'a Line> {
        lines.iter().filter(|line| line.what == what).collect()
    }

    #[test]
    fn a_whole_store_is_fine() {
        let lines = lines(report());
        assert!(lines.iter().all(|line| line.state == State::Fine && line.mend.is_none()), "{lines:?}");
        assert!(of(&lines, "store")[0].says.contains("3 records"));
        assert!(of(&lines, "journal")[0].says.contains("2 files with 5 MiB, of which 1 MiB"));
    }

    #[test]
    fn each_damage_is_a_line_of_its_own() {
        use DamageKind::{Cut, Entry, Header, HeaderCopy, Missing, Seal};
        let cases = [
            (Entry, Some((4, 4)), State::Broken, "commit 4 cannot"),
            (Header, Some((4, 9)), State::Broken, "commits 4 to 9"),
            (HeaderCopy, None, State::Attention, "nothing is lost"),
            (Cut, None, State::Broken, "what was in it"),
            (Missing, Some((4, 9)), State::Broken, "commits 4 to 9"),
            (Seal, Some((4, 4)), State::Broken, "unsealed: commit 4"),
        ];
        let damaged = |(what, numbers, ..): (DamageKind, _, State, &str)| Damage {
            segment: 7,
            offset: 8_192,
            bytes: 12,
            numbers,
            what,
        };
        let lines = lines(OpeningReport { damaged: cases.map(damaged).to_vec(), ..report() });
        let found = of(&lines, "store");
        assert_eq!(found.len(), cases.len(), "{found:?}");
        for (line, (what, _, state, wanted)) in found.iter().zip(cases) {
            assert_eq!(line.state, state, "{line:?}");
            assert!(line.says.to_lowercase().contains(wanted) && line.mend.is_some(), "{line:?}");
            assert!(what == Missing || line.says.contains("journal/00000007.seg"), "{line:?}");
        }
    }

    #[test]
    fn many_damages_are_counted() {
        let one = Damage { segment: 1, offset: 0, bytes: 0, numbers: None, what: DamageKind::Entry };
        let lines = lines(OpeningReport { damaged: vec![one; TOLD + 3], ..report() });
        let found = of(&lines, "store");
        assert_eq!(found.len(), TOLD + 1);
        assert!(found[TOLD].says.starts_with("3 more places"), "{:?}", found[TOLD]);
    }

    #[test]
    fn what_cannot_be_understood_is_broken() {
        let lines = store(&Store { report: report(), unreadable: 2 });
        let found = of(&lines, "store");
        assert_eq!((found.len(), found[0].state), (1, State::Broken));
        assert!(found[0].says.starts_with("2 documents"));
    }

    #[test]
    fn a_cut_tail_is_told_and_is_no_damage() {
        let tail = TornTail { segment: 2, offset: 9_000, bytes: 41, after: 7 };
        let lines = lines(OpeningReport { torn_tail: Some(tail), ..report() });
        let journal = of(&lines, "journal")[0];
        assert_eq!(journal.state, State::Fine);
        assert!(journal.says.contains("41 bytes"), "{journal:?}");
    }

    #[test]
    fn an_index_in_memory_needs_attention_and_a_new_one_does_not() {
        let index = |index| index_line(OpeningReport { index, ..report() });
        assert_eq!(index(IndexState::Rebuilt { why: "there was none".into() }).state, State::Fine);
        let held = index(IndexState::InMemory { why: "no room".into() });
        assert_eq!(held.state, State::Attention);
        assert!(held.says.ends_with("No room.") && held.mend.is_some());
    }

    fn index_line(report: OpeningReport) -> Line {
        of(&lines(report), "index")[0].clone()
    }
}
