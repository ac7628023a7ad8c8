//! Table: rows of cells between delimiters, quoted where they need it (RFC 4180), bounded.
//!
//! A quote that is never closed would swallow the rest of the file. A row over several lines is given up when
//! it grows too long, when a quote in it is followed by what cannot follow one, or when it has more cells than
//! there are columns: then its first line is named, and the lines after it are read as rows of their own.

use std::collections::VecDeque;
use std::io::BufRead;

use crate::import::ImportError;
use crate::import::lines::{Line, Lines, MAX_LINE_BYTES};
use crate::import::skip::Why;

/// The most lines of one row. Source: wild guess, far more than a description has.
const MAX_ROW_LINES: usize = 2_000;

/// A row, or what is wrong with it.
pub(crate) type Row = Result<Vec<String>, Why>;

/// A line that belongs to nobody.
type Held = Result<String, Why>;

/// Reads rows; holds no more than one, with its lines.
pub(crate) struct Table<R> {
    lines: Lines<R>,
    /// Lines to read again, before those that were not read yet.
    again: VecDeque<(u64, Held)>,
    delimiter: char,
    quote: char,
    columns: Option<usize>,
}

impl<R: BufRead> Table<R> {
    /// The table in these lines.
    pub(crate) fn of(lines: Lines<R>, delimiter: char, quote: char) -> Self {
        Self { lines, again: VecDeque::new(), delimiter, quote, columns: None }
    }

    /// The columns' names; none where there is no line. Rows may have as many cells from now on.
    ///
    /// # Errors
    /// When the first line is no row.
    pub(crate) fn header(&mut self) -> Result<Vec<String>, ImportError> {
        let Some((_, row)) = self.next()? else { return Ok(Vec::new()) };
        let names = row.map_err(|_| ImportError::Format)?;
        self.columns = Some(names.len());
        Ok(names.iter().map(|name| name.trim().to_owned()).collect())
    }

    /// The next row with the number of its first line; `None` at the end. Lines without anything are no rows.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Row)>, ImportError> {
        loop {
            let Some((number, line)) = self.line()? else { return Ok(None) };
            match line {
                Err(why) => return Ok(Some((number, Err(why)))),
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Ok(Some((number, self.row(&text)?))),
            }
        }
    }

    fn line(&mut self) -> Result<Option<(u64, Held)>, ImportError> {
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        let next = self.lines.next()?;
        Ok(next.map(|(number, line)| match line {
            Line::Text(text) => (number, Ok(text.to_owned())),
            Line::Bad(why) => (number, Err(why)),
        }))
    }

    /// The row that begins with this line.
    fn row(&mut self, first: &str) -> Result<Row, ImportError> {
        let mut cells = Cells::begin(self.delimiter, self.quote);
        cells.first(first);
        if !cells.open {
            return Ok(self.counted(cells.all));
        }
        let mut taken = Vec::new();
        if self.follow(&mut cells, first.len(), &mut taken)? {
            return Ok(Ok(cells.all));
        }
        taken.into_iter().rev().for_each(|line| self.again.push_front(line));
        Ok(Err(Why::Unclosed))
    }

    /// Takes lines until the open quote is closed; says whether the row is one.
    fn follow(
        &mut self,
        cells: &mut Cells,
        mut bytes: usize,
        taken: &mut Vec<(u64, Held)>,
    ) -> Result<bool, ImportError> {
        while cells.open {
            let Some(line) = self.line()? else { return Ok(false) };
            let fits = line.1.as_ref().is_ok_and(|text| {
                bytes += text.len();
                bytes <= MAX_LINE_BYTES && cells.next(text)
            });
            taken.push(line);
            if !fits || taken.len() >= MAX_ROW_LINES {
                return Ok(false);
            }
        }
        Ok(self.columns.is_none_or(|columns| cells.all.len() <= columns))
    }

    fn counted(&self, cells: Vec<String>) -> Row {
        match self.columns {
            Some(columns) if cells.len() > columns => {
                Err(Why::Row(format!("it has {} cells for {columns} columns", cells.len())))
            }
            _ => Ok(cells),
        }
    }
}

/// The cells of a row that is being read.
struct Cells {
    all: Vec<String>,
    cell: String,
    /// Whether a quote is open.
    open: bool,
    /// Whether a quote stood where none may.
    mended: bool,
    delimiter: char,
    quote: char,
}

impl Cells {
    fn begin(delimiter: char, quote: char) -> Self {
        Self { all: Vec::new(), cell: String::new(), open: false, mended: false, delimiter, quote }
    }

    /// Reads the row's first line. A quote that stands where none may is taken as a mere character.
    fn first(&mut self, line: &str) {
        let mut rest = self.at_cell(line);
        while let Some(text) = rest {
            rest = if self.open { self.quoted(text, true).unwrap_or_default() } else { self.bare(text) };
        }
    }

    /// Reads a further line, inside a quote; says whether it can be one.
    fn next(&mut self, line: &str) -> bool {
        self.cell.push('\n');
        let mut rest = Some(line);
        while let Some(text) = rest {
            rest = if self.open {
                match self.quoted(text, false) {
                    Some(after) => after,
                    None => return false,
                }
            } else {
                self.bare(text)
            };
        }
        true
    }

    /// At the beginning of a cell: opens the quote if there is one.
    fn at_cell<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let inside = text.trim_start_matches(' ').strip_prefix(self.quote);
        self.open = inside.is_some();
        inside.or(Some(text))
    }

    /// Outside quotes, up to the next cell. `None` at the line's end.
    fn bare<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        match text.split_once(self.delimiter) {
            None => {
                self.cell.push_str(text);
                self.end_cell();
                None
            }
            Some((cell, rest)) => {
                self.cell.push_str(cell);
                self.end_cell();
                self.at_cell(rest)
            }
        }
    }

    /// Inside quotes, up to what follows the next one. `None` where what follows cannot follow a quote, and
    /// that matters; `Some(None)` at the line's end.
    fn quoted<'t>(&mut self, text: &'t str, lenient: bool) -> Option<Option<&'t str>> {
        let Some((inside, after)) = text.split_once(self.quote) else {
            self.cell.push_str(text);
            return Some(None);
        };
        self.cell.push_str(inside);
        if let Some(rest) = after.strip_prefix(self.quote) {
            self.cell.push(self.quote);
            return Some(Some(rest));
        }
        let next = after.trim_start_matches(' ');
        if next.is_empty() {
            self.open = false;
            self.end_cell();
            return Some(None);
        }
        if let Some(rest) = next.strip_prefix(self.delimiter) {
            self.open = false;
            self.end_cell();
            return Some(self.at_cell(rest));
        }
        if !lenient {
            return None;
        }
        (self.open, self.mended) = (false, true);
        self.cell.insert(0, self.quote);
        self.cell.push(self.quote);
        Some(Some(after))
    }

    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        let around = |cell: &str| Some(cell.strip_prefix(self.quote)?.strip_suffix(self.quote)?.to_owned());
        let inside = if std::mem::take(&mut self.mended) { around(&cell) } else { None };
        self.all.push(inside.unwrap_or(cell));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn rows(text: &str, delimiter: char) -> Vec<(u64, Row)> {
        let mut table = Table::of(Lines::of(text.as_bytes()), delimiter, '"');
        table.header().unwrap();
        std::iter::from_fn(|| table.next().unwrap()).collect()
    }

    fn cells(line: &str) -> Vec<String> {
        rows(&format!("a,b,c\n{line}\n"), ',').remove(0).1.unwrap()
    }

    #[test]
    fn cells_are_read_as_they_are_written() {
        assert_eq!(cells("1,two words,3"), ["1", "two words", "3"]);
        assert_eq!(cells("\"1,5\", \"a \"\"b\"\"\" ,"), ["1,5", "a \"b\"", ""]);
        assert_eq!(cells("\"over\n\ntwo\",2,3"), ["over\n\ntwo", "2", "3"]);
        assert_eq!(cells("27\" wide,\"\",3"), ["27\" wide", "", "3"]);
        assert_eq!(cells("\"27\" wide\",2,3"), ["27\" wide", "2", "3"]);
        assert_eq!(cells("\"Classic\" lamp,2,3"), ["\"Classic\" lamp", "2", "3"]);
    }

    #[test]
    fn an_open_quote_costs_its_own_line_only() {
        let text = "a,b,c\n1,\"open,3\n2,\"fine\",3\n4,5,6\n";
        let read = rows(text, ',');
        assert_eq!(read[0], (2, Err(Why::Unclosed)));
        assert_eq!(read[1].1.as_ref().unwrap()[1], "fine");
        assert_eq!(read.len(), 3);
        let plain = format!("a,b,c\n1,\"open,3\n{}", "4,5,6\n".repeat(5_000));
        assert_eq!(rows(&plain, ',').len(), 5_001);
        let merged = rows("a,b,c\n1,\"open,3\n2,closed\",3,4\n5,6,7\n", ',');
        assert_eq!((merged[0].clone(), merged.len()), ((2, Err(Why::Unclosed)), 3));
    }

    #[test]
    fn a_huge_cell_is_named_and_what_follows_is_read() {
        let cell = "words of a description\n".repeat(450_000);
        let read = rows(&format!("a,b,c\n1,\"{cell}\",3\n4,5,6\n"), ',');
        assert_eq!(read[0], (2, Err(Why::Unclosed)));
        assert_eq!(read.last().unwrap().1, Ok(vec!["4".to_owned(), "5".to_owned(), "6".to_owned()]));
        let read = rows(&format!("a,b,c\n1,\"{}\",3\n4,5,6\n", "x".repeat(10_000_000)), ',');
        assert_eq!((read[0].clone(), read.len()), ((2, Err(Why::TooLong)), 2));
    }

    fn written(cells: &[String]) -> String {
        let quoted: Vec<String> =
            cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        quoted.join(";")
    }

    proptest! {
        #[test]
        fn what_is_written_by_the_rules_is_read_again(
            all in proptest::collection::vec(proptest::collection::vec("[a\";, \n]{0,12}", 3), 1..5),
        ) {
            let text: String = all.iter().map(|row| written(row) + "\r\n").collect();
            let read = rows(&format!("a;b;c\n{text}"), ';');
            let read: Vec<Vec<String>> = read.into_iter().map(|(_, row)| row.unwrap()).collect();
            prop_assert_eq!(read, all);
        }

        #[test]
        fn anything_ends(text in "[a\";\n\r ]{0,300}") {
            let lines = text.split(['\n', '\r']).count();
            let read = rows(&format!("a;b\n{text}"), ';');
            prop_assert!(read.len() <= lines);
        }
    }
}
