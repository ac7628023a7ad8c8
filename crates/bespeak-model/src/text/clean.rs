//! Which characters may stand, judged one at a time with its neighbours.

use unicode_normalization::char::is_combining_mark;

use super::{MAX_MARKS, TextError};

/// Zero width non-joiner and joiner.
const JOINERS: [char; 2] = ['\u{200C}', '\u{200D}'];

/// Reads `text` to its first broken rule.
pub(super) fn check(text: &str, lines: bool) -> Result<(), TextError> {
    let mut judge = Judge::new(lines);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        judge.next(c, rest.as_str().chars().next())?;
    }
    Ok(())
}

/// `text` without what breaks a rule, cut to `max` bytes at a character. A line break or tab that may not
/// stand becomes a space.
pub(super) fn cleaned(text: &str, max: usize, lines: bool) -> String {
    // Two passes: leaving a character out gives its neighbours new neighbours, which matters to joiners.
    let once = cleaned_once(text.trim(), max, lines);
    let twice = cleaned_once(once.trim(), max, lines);
    twice.trim().to_owned()
}

fn cleaned_once(text: &str, max: usize, lines: bool) -> String {
    let mut judge = Judge::new(lines);
    let mut kept = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let c = if c.is_whitespace() && c.is_control() && !may_break(c, lines) { ' ' } else { c };
        if kept.len() + c.len_utf8() > max {
            break;
        }
        if judge.next(c, rest.as_str().chars().next()).is_ok() {
            kept.push(c);
        }
    }
    kept.truncate(kept.trim_end_matches(JOINERS).len());
    kept
}

struct Judge {
    lines: bool,
    before: Option<char>,
    marks: usize,
}

impl Judge {
    fn new(lines: bool) -> Self {
        Self { lines, before: None, marks: 0 }
    }

    /// May `c` stand here? A refused character leaves no trace, as if it had not been there.
    fn next(&mut self, c: char, after: Option<char>) -> Result<(), TextError> {
        if JOINERS.contains(&c) {
            if !self.before.is_some_and(joins) || !after.is_some_and(joins) {
                return Err(TextError::Hidden(c));
            }
        } else if c.is_control() && !may_break(c, self.lines) {
            return Err(TextError::Control(c));
        } else if is_hidden(c) {
            return Err(TextError::Hidden(c));
        }
        let marks = match c {
            _ if is_combining_mark(c) => self.marks + 1,
            // A joiner is not seen, so what follows it still piles on the same letter.
            _ if JOINERS.contains(&c) => self.marks,
            _ => 0,
        };
        if marks > MAX_MARKS {
            return Err(TextError::Piled);
        }
        self.marks = marks;
        self.before = Some(c);
        Ok(())
    }
}

fn may_break(c: char, lines: bool) -> bool {
    lines && matches!(c, '\n' | '\t')
}

/// May a joiner stand beside it? In ASCII it never changes what is read, so it could only deceive.
fn joins(c: char) -> bool {
    !c.is_ascii() && !c.is_whitespace() && !JOINERS.contains(&c) && !is_hidden(c)
}

/// Characters that are not seen, or change how others are seen.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' // soft hyphen
        | '\u{034F}' // grapheme joiner
        | '\u{061C}' | '\u{200E}' | '\u{200F}' // marks of direction
        | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' // empty Hangul letters
        | '\u{17B4}' | '\u{17B5}' // inherent Khmer vowels
        | '\u{180B}'..='\u{180F}' // Mongolian selectors
        | '\u{200B}' // zero width space
        | '\u{2028}' | '\u{2029}' // separators that some readers break lines at
        | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // embeddings, overrides, isolates
        | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' // invisible operators, old format characters
        | '\u{FEFF}' // byte order mark
        | '\u{FFF0}'..='\u{FFFB}' // specials, interlinear marks
        | '\u{FFFE}' | '\u{FFFF}' // no characters
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' // shorthand and musical controls
        | '\u{E0000}'..='\u{E0FFF}' // tags, further selectors
    )
}
