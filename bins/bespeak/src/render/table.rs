//! Tables: columns as wide as their widest cell, two spaces between.

/// Longest cell before the last column, in characters. Source: wild guess; a title may be longer and is cut.
const WIDEST: usize = 48;

/// A table with a head, or a sentence when it has no rows.
pub(super) fn table(head: &[&str], rows: &[Vec<String>], empty: &str) -> String {
    if rows.is_empty() {
        return empty.to_owned();
    }
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let all: Vec<Vec<String>> = std::iter::once(&head).chain(rows).map(|row| fitted(row)).collect();
    let columns = all.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| all.iter().filter_map(|row| row.get(column)).map(|cell| length(cell)).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let gap = " ".repeat(width.saturating_sub(length(cell)));
            format!("{cell}{gap}")
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The cells of a row on one line each, those before the last column cut.
fn fitted(row: &[String]) -> Vec<String> {
    let last = row.len().saturating_sub(1);
    let cells = row.iter().map(|cell| cell.replace(['\n', '\t'], " ")).enumerate();
    cells.map(|(column, cell)| if column < last { cut(&cell) } else { cell }).collect()
}

fn length(cell: &str) -> usize {
    cell.chars().count()
}

/// At most [`WIDEST`] characters.
fn cut(cell: &str) -> String {
    if length(cell) <= WIDEST {
        return cell.to_owned();
    }
    cell.chars().take(WIDEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".to_owned(), "b".to_owned()], vec!["längste".to_owned(), "c".to_owned()]];
        assert_eq!(table(&["X", "Y"], &rows, "none"), "X        Y\na        b\nlängste  c");
        assert_eq!(table(&["X"], &[], "none"), "none");
    }

    #[test]
    fn only_cells_before_the_last_are_cut() {
        let long = "x".repeat(2 * WIDEST);
        let cut = fitted(&[long.clone(), format!("a\nb{long}")]);
        assert_eq!(length(&cut[0]), WIDEST);
        assert_eq!(cut[1], format!("a b{long}"));
    }
}
