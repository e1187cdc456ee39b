//! Rows that the spec's `where` leaves behind: counted, and some of them named.

use crate::catalog::{KeyRange, NAMED_ROWS};
use crate::plan::{Cause, Finding, FindingCode, Severity, TableMapping};
use crate::run::ExecuteError;
use crate::source::{ReadFailure, Reader};
use crate::survey::rows::FoundRows;
use crate::survey::surveyor::Surveyor;

/// The finding about the rows of a table that `where` leaves behind; `copied` is how many it does not.
pub(crate) fn find_left_behind(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    copied: u64,
) -> Result<Option<Finding>, ExecuteError> {
    let count = mapping.size.rows.saturating_sub(copied);
    let left = mapping.selection(KeyRange::ALL).left_behind();
    let Some(selection) = left.filter(|_| count > 0) else { return Ok(None) };
    let mut found = FoundRows::default();
    // Enough rows, or a user who does not want to wait, end the reading as an error would.
    let outcome = reader.for_each_row(&selection, |row| {
        found.add(mapping, row);
        if found.examples.len() < NAMED_ROWS && !surveyor.stop.is_thrown() { Ok(()) } else { Err(()) }
    });
    match outcome {
        Err(ReadFailure::Source(error)) => return Err(error.into()),
        _ if surveyor.stop.is_thrown() => return Err(ExecuteError::Interrupted),
        Ok(_) | Err(ReadFailure::Caller(())) => {}
    }
    let word = format!("`{}`", mapping.filtered_by());
    let message = match mapping.size.rows {
        1 => format!("{word} leaves the only row behind"),
        all => format!("{word} leaves {} of {} behind", crate::value::count(count), crate::value::counted_rows(all)),
    };
    let finding = Finding::about(FindingCode::RowsLeftBehind, Severity::Notes, &mapping.source, message);
    let finding = finding.because(Cause::new(["row is", "rows are"], format!("left behind by {word}")));
    Ok(Some(Finding { count, examples: found.examples, ..finding }))
}
