//! Layout of text in 80 columns.

use crate::name::visible::visible_name;
pub use crate::value::count;
pub(super) use crate::value::counted;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

/// The width of every text document.
pub(super) const WIDTH: usize = 80;

/// `12.31 MiB`
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let power = (bytes.ilog2() / 10).min(6);
    let unit = UNITS[power as usize - 1];
    // The whole part, and hundredths of the rest.
    let (whole, rest) = (bytes >> (10 * power), bytes & ((1 << (10 * power)) - 1));
    let hundredths = (u128::from(rest) * 100 + (1 << (10 * power - 1))) >> (10 * power);
    if hundredths == 100 { format!("{}.00 {unit}", whole + 1) } else { format!("{whole}.{hundredths:02} {unit}") }
}

/// Breaks text at words, every line indented.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    let blank = " ".repeat(indent);
    let options = textwrap::Options::new(WIDTH).initial_indent(&blank).subsequent_indent(&blank).break_words(false);
    text.lines().map(|line| textwrap::fill(line, &options)).collect::<Vec<_>>().join("\n")
}

/// An item of a list, broken at words, its later lines below the first.
pub(super) fn wrapped_item(text: &str, indent: usize) -> String {
    let (first, later) = (format!("{}- ", " ".repeat(indent)), " ".repeat(indent + 2));
    let options = textwrap::Options::new(WIDTH).initial_indent(&first).subsequent_indent(&later).break_words(false);
    textwrap::fill(&visible_name(text), &options)
}

/// Rows in columns, indented; the columns named in `right` are flush right.
pub(super) fn columns(rows: Vec<Vec<String>>, right: &[usize], indent: usize) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    // A line end in a name must not begin a line of the document.
    let shown = |cells: Vec<String>| cells.iter().map(|cell| visible_name(cell).into_owned()).collect::<Vec<_>>();
    table.add_rows(rows.into_iter().map(shown));
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let blank = " ".repeat(indent);
    table.lines().map(|line| format!("{blank}{line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_for_people() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), shown);
        }
        for (bytes, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (1536, "1.50 KiB"),
            (1_048_575, "1024.00 KiB"),
            (12_908_000, "12.31 MiB"),
            (u64::MAX, "16.00 EiB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }
}
