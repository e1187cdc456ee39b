//! Rehearsing the copy: every value is encoded and thrown away, so that what would not fit is known before anything is
//! written.

use super::encoder::{NoEncoder, name_row, row_encoder};
use super::error::ExecuteError;
use super::event::{Event, Events};
use super::remedy::remedies;
use super::stop::Stop;
use crate::catalog::{ColumnType, KeyRange};
use crate::plan::{Finding, Severity, TableMapping};
use crate::source::sqlite::{ReadFailure, Reader, Row};
use crate::target::copy::{BadCell, Repair, RowEncoder};
use crate::value::json::has_duplicate_key;
use crate::value::{BadValue, Cell, Zone};
use std::collections::BTreeMap;

/// Keys named for a finding.
const EXAMPLES: usize = 5;

/// Different reasons told for a finding.
const REASONS: usize = 3;

/// Rows between two signs of life.
const STRIDE: u64 = 20_000;

/// Values of one column that fail.
#[derive(Debug, Default)]
struct Failing {
    count: u64,
    examples: Vec<String>,
    /// How many fail for each reason.
    reasons: BTreeMap<String, u64>,
    hint: Option<&'static str>,
}

impl Failing {
    fn add(&mut self, mapping: &TableMapping, row: &Row<'_>, bad: BadCell) {
        self.count += 1;
        *self.reasons.entry(bad.bad.to_string()).or_default() += 1;
        self.hint = self.hint.or(bad.bad.hint());
        if self.examples.len() < EXAMPLES {
            self.examples.push(name_row(mapping, row));
        }
    }

    /// The reasons, the most frequent first.
    fn reasons(&self) -> String {
        let mut reasons = self.reasons.iter().collect::<Vec<_>>();
        reasons.sort_by(|one, two| two.1.cmp(one.1).then(one.0.cmp(two.0)));
        if let [(only, _)] = reasons.as_slice() {
            return (*only).clone();
        }
        let told = reasons.iter().take(REASONS).map(|(reason, count)| format!("{reason} ({count})"));
        let more = reasons.len().saturating_sub(REASONS);
        let more = (more > 0).then(|| format!("and {more} other reasons"));
        told.chain(more).collect::<Vec<_>>().join("; ")
    }
}

/// Encodes every row of a table and says which values do not fit, and what would hold them.
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
    let failing = find_failing(reader, mapping, &encoder, stop, events)?;
    let columns = failing.keys().copied().collect::<Vec<_>>();
    let remedies = remedies(reader, mapping, zone, &columns, stop)?;
    let findings = failing.into_iter().zip(remedies);
    Ok(findings.map(|((position, failing), remedy)| finding(mapping, position, failing, &remedy)).collect())
}

/// One pass over the table; the columns with values that fail, by position.
fn find_failing(
    reader: &Reader,
    mapping: &TableMapping,
    encoder: &RowEncoder,
    stop: &Stop,
    events: &Events,
) -> Result<BTreeMap<usize, Failing>, ExecuteError> {
    let mut failing: BTreeMap<usize, Failing> = BTreeMap::new();
    let (mut scratch, mut rows) = (Vec::new(), 0_u64);
    let is_jsonb = |position: &usize| mapping.columns[*position].column_type == ColumnType::Jsonb;
    let documents = (0..mapping.columns.len()).filter(is_jsonb).collect::<Vec<_>>();
    let outcome = reader.for_each_row(&mapping.selection(KeyRange::ALL), |row| {
        scratch.clear();
        let repair = |bad: BadCell| {
            failing.entry(bad.column).or_default().add(mapping, row, bad);
            Repair::Null
        };
        // Every value is repaired, so no row is refused.
        let encoded = encoder.encode_repairing(|column| row.cell(column), repair, &mut scratch);
        debug_assert!(encoded.is_ok(), "every value is repaired");
        // jsonb takes such a document, and forgets a part of it.
        for column in &documents {
            if let Cell::Text(text) = row.cell(*column)
                && has_duplicate_key(text)
            {
                let bad = BadCell { column: *column, bad: BadValue::JsonDuplicateKey };
                failing.entry(*column).or_default().add(mapping, row, bad);
            }
        }
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
        Ok(_) => Ok(failing),
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(error)) => Err(error),
    }
}

fn finding(mapping: &TableMapping, position: usize, failing: Failing, remedy: &str) -> Finding {
    let column = &mapping.columns[position];
    let values = if failing.count == 1 { "1 value does".to_owned() } else { format!("{} values do", failing.count) };
    let (column_type, reasons) = (column.column_type.to_string(), failing.reasons());
    // Some reasons name the type themselves.
    let told = reasons.strip_prefix(&format!("does not fit {column_type}")).unwrap_or(&reasons);
    let told = told.strip_prefix(": ").unwrap_or(told);
    let message = if told.is_empty() {
        format!("{values} not fit {column_type}")
    } else {
        format!("{values} not fit {column_type}: {told}")
    };
    Finding {
        count: failing.count,
        examples: failing.examples,
        ..Finding::about("value_does_not_fit", Severity::Blocks, &mapping.source, message)
            .in_column(&column.source)
            .suggesting(remedy)
    }
}
