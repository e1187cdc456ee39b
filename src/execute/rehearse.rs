//! Rehearsing the copy: every value is encoded and thrown away, so that what would not fit is known before anything is
//! written. The same pass gathers the table's profile.

use super::encoder::{NoEncoder, name_row, rehearsing_encoder, shortened};
use super::error::ExecuteError;
use super::event::{Event, Events};
use super::remedy::{alternatives, remedies};
use super::stop::Stop;
use super::survey::profile::Profiler;
use super::survey::shapes;
use crate::catalog::{KeyRange, TableProfile};
use crate::plan::{Finding, Severity, TableMapping};
use crate::source::sqlite::{ReadFailure, Reader, Row};
use crate::spec::OnBadValue;
use crate::target::copy::{BadCell, Repair, RowEncoder};
use crate::value::Zone;
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
    fn add(&mut self, mapping: &TableMapping, row: &Row<'_>, bad: BadCell, shows_values: bool) {
        self.count += 1;
        *self.reasons.entry(bad.bad.to_string()).or_default() += 1;
        self.hint = self.hint.or(bad.bad.hint());
        if self.examples.len() < EXAMPLES {
            let name = name_row(mapping, row);
            let value = shows_values.then(|| format!(": {}", shortened(row.cell(bad.column))));
            self.examples.push(name + value.as_deref().unwrap_or_default());
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

/// What a rehearsal saw.
#[derive(Debug, Default)]
pub(super) struct Rehearsed {
    pub(super) findings: Vec<Finding>,
    /// What stands in the table; nothing where no encoder can be made for it, so that it was not read.
    pub(super) profile: Option<TableProfile>,
}

/// Encodes every row of a table and says which values do not fit, and what would hold them.
pub(super) fn rehearse(
    reader: &Reader,
    mapping: &TableMapping,
    zone: &Zone,
    shows_values: bool,
    stop: &Stop,
    events: &Events,
) -> Result<Rehearsed, ExecuteError> {
    let encoder = match rehearsing_encoder(mapping, zone) {
        Ok(encoder) => encoder,
        Err(NoEncoder { column: None, .. }) => return Ok(Rehearsed::default()),
        Err(NoEncoder { column: Some(position), message }) => {
            let column = &mapping.columns[position].source;
            let finding = Finding::about("unsuitable_from", Severity::Blocks, &mapping.source, message);
            let finding = finding.in_column(column).suggesting("change `type` or `from` of this column");
            return Ok(Rehearsed { findings: vec![finding], profile: None });
        }
    };
    let mut profiler = Profiler::new(mapping);
    let mut failing: BTreeMap<usize, Failing> = BTreeMap::new();
    let rejected = read_rows(reader, mapping, &encoder, stop, events, |row, bad| match bad {
        Some(bad) => failing.entry(bad.column).or_default().add(mapping, row, bad, shows_values),
        None => profiler.add(row),
    })?;
    let columns = failing.keys().copied().collect::<Vec<_>>();
    let remedies = remedies(reader, mapping, zone, &columns, stop)?;
    let findings = failing.into_iter().zip(remedies);
    let findings = findings.map(|((position, failing), remedy)| {
        finding(mapping, position, failing, &shapes::told(&profiler.shapes(position)), remedy)
    });
    let mut findings = findings.chain(rows_rejected(mapping, rejected)).collect::<Vec<_>>();
    findings.extend(shapes::zones_mixed(mapping, &profiler, zone));
    Ok(Rehearsed { findings, profile: Some(profiler.finish()) })
}

/// How many rows the target will not have: several columns of one row may be bad.
fn rows_rejected(mapping: &TableMapping, rows: u64) -> Option<Finding> {
    let (rows_go, it) = if rows == 1 { ("1 row goes".to_owned(), "it") } else { (format!("{rows} rows go"), "them") };
    let message = format!(
        "{rows_go} into the ledger instead of the target; after apply, `transship status SPEC --rejected` lists {it}"
    );
    let finding = Finding::about("rows_rejected", Severity::Warns, &mapping.source, message);
    (rows > 0).then_some(Finding { count: rows, ..finding })
}

/// One pass over the table: `see` is called for every value that fails, and once for the row itself. The answer is the
/// number of rows that are rejected.
fn read_rows(
    reader: &Reader,
    mapping: &TableMapping,
    encoder: &RowEncoder,
    stop: &Stop,
    events: &Events,
    mut see: impl FnMut(&Row<'_>, Option<BadCell>),
) -> Result<u64, ExecuteError> {
    let (mut scratch, mut rows, mut rejected) = (Vec::new(), 0_u64, 0_u64);
    let rejects = mapping.columns.iter().map(|column| column.treatment() == OnBadValue::Reject).collect::<Vec<_>>();
    let outcome = reader.for_each_row(&mapping.selection(KeyRange::ALL), |row| {
        scratch.clear();
        let mut is_rejected = false;
        let repair = |bad: BadCell| {
            is_rejected |= rejects[bad.column];
            see(row, Some(bad));
            Repair::Null
        };
        // Every value is repaired, so no row is refused.
        let encoded = encoder.encode_repairing(|column| row.cell(column), repair, &mut scratch);
        debug_assert!(encoded.is_ok(), "every value is repaired");
        rejected += u64::from(is_rejected);
        see(row, None);
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
        Ok(_) => Ok(rejected),
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(error)) => Err(error),
    }
}

fn finding(mapping: &TableMapping, position: usize, failing: Failing, shapes: &str, remedy: Option<String>) -> Finding {
    let column = &mapping.columns[position];
    let values = if failing.count == 1 { "1 value does".to_owned() } else { format!("{} values do", failing.count) };
    let own = column.target_type.clone();
    let (column_type, reasons) = (own.unwrap_or_else(|| column.column_type.to_string()), failing.reasons());
    // Some reasons name the type themselves.
    let told = reasons.strip_prefix(&format!("does not fit {column_type}")).unwrap_or(&reasons);
    let told = told.strip_prefix(": ").unwrap_or(told).replace(&format!("; does not fit {column_type}: "), "; ");
    let mut message = if told.is_empty() {
        format!("{values} not fit {column_type}")
    } else {
        format!("{values} not fit {column_type}: {told}")
    };
    let one = failing.count == 1;
    let (severity, decided) = match column.treatment() {
        OnBadValue::Stop if column.on_bad_value == OnBadValue::Null => {
            (Severity::Blocks, if one { "; it cannot become NULL here" } else { "; they cannot become NULL here" })
        }
        OnBadValue::Stop => (Severity::Blocks, ""),
        OnBadValue::Null if one => (Severity::Warns, "; it becomes NULL, as the spec says"),
        OnBadValue::Null => (Severity::Warns, "; they become NULL, as the spec says"),
        OnBadValue::Reject if one => (Severity::Warns, "; its row is rejected, as the spec says"),
        OnBadValue::Reject => (Severity::Warns, "; their rows are rejected, as the spec says"),
    };
    message.push_str(shapes);
    message.push_str(decided);
    Finding {
        count: failing.count,
        examples: failing.examples,
        suggestion: alternatives(mapping, position, remedy),
        ..Finding::about("value_does_not_fit", severity, &mapping.source, message).in_column(&column.source)
    }
}
