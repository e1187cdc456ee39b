//! Rehearsing the copy: every value is encoded and thrown away, so that what would not fit is known before anything is
//! written.

use super::encoder::{NoEncoder, name_row, row_encoder};
use super::error::ExecuteError;
use super::event::{Event, Events};
use super::stop::Stop;
use crate::catalog::KeyRange;
use crate::plan::{Finding, Severity, TableMapping};
use crate::source::sqlite::{ReadFailure, Reader, Row};
use crate::target::copy::{BadCell, Repair};
use crate::value::Zone;
use std::collections::BTreeMap;

/// Keys named for a finding.
const EXAMPLES: usize = 5;

/// Rows between two signs of life.
const STRIDE: u64 = 20_000;

/// Values of one column that fail for one reason.
#[derive(Debug, Default)]
struct Failing {
    count: u64,
    examples: Vec<String>,
    hint: Option<&'static str>,
}

/// Encodes every row of a table and says which values do not fit.
pub(super) fn rehearse(
    reader: &Reader,
    mapping: &TableMapping,
    zone: &Zone,
    stop: &Stop,
    events: &Events,
) -> Result<Vec<Finding>, ExecuteError> {
    let encoder = match row_encoder(mapping, zone) {
        Ok(encoder) => encoder,
        Err(NoEncoder { column: None, .. }) => return Ok(Vec::new()),
        Err(NoEncoder { column: Some(position), message }) => {
            let column = &mapping.columns[position].source;
            let finding = Finding::about("unsuitable_from", Severity::Blocks, &mapping.source, message);
            return Ok(vec![finding.in_column(column).suggesting("change `type` or `from` of this column")]);
        }
    };
    let mut failing: BTreeMap<(usize, String), Failing> = BTreeMap::new();
    let (mut scratch, mut rows) = (Vec::new(), 0_u64);
    let mut note = |row: &Row<'_>, bad: BadCell| {
        let entry = failing.entry((bad.column, bad.bad.to_string())).or_default();
        entry.count += 1;
        entry.hint = bad.bad.hint();
        if entry.examples.len() < EXAMPLES {
            entry.examples.push(name_row(mapping, row));
        }
    };
    let outcome = reader.for_each_row(&mapping.selection(KeyRange::ALL), |row| {
        scratch.clear();
        let repair = |bad| {
            note(row, bad);
            Repair::Null
        };
        // Every value is repaired, so no row is refused.
        let encoded = encoder.encode_repairing(|column| row.cell(column), repair, &mut scratch);
        debug_assert!(encoded.is_ok(), "every value is repaired");
        rows += 1;
        if rows.is_multiple_of(STRIDE) {
            if stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
            events.tell(Event::SurveyProgress { table: mapping.source.clone(), rows, of: mapping.size.rows });
        }
        Ok(())
    });
    match outcome {
        Ok(_) => {}
        Err(ReadFailure::Source(error)) => return Err(error.into()),
        Err(ReadFailure::Caller(error)) => return Err(error),
    }
    let findings =
        failing.into_iter().map(|((position, reason), failing)| finding(mapping, position, &reason, failing));
    Ok(findings.collect())
}

fn finding(mapping: &TableMapping, position: usize, reason: &str, failing: Failing) -> Finding {
    let column = &mapping.columns[position];
    let values = if failing.count == 1 { "1 value does".to_owned() } else { format!("{} values do", failing.count) };
    let message = format!("{values} not fit {}: {reason}", column.column_type);
    let hint = failing.hint.map(|hint| format!("{hint}; or ")).unwrap_or_default();
    let suggestion = format!(
        "{hint}give the column another type:\n[tables.{:?}]\ncolumns.{:?} = {{ type = \"text\" }}",
        mapping.source, column.source
    );
    Finding {
        count: failing.count,
        examples: failing.examples,
        ..Finding::about("value_does_not_fit", Severity::Blocks, &mapping.source, message)
            .in_column(&column.source)
            .suggesting(suggestion)
    }
}
