//! Values that do not fit their type: every value is encoded and thrown away, so that misfits are known before anything is
//! written. The same pass gathers the table's profile.

use crate::catalog::{KeyRange, NAMED_ROWS, TableProfile};
use crate::plan::{Cause, ColumnMapping, Finding, FindingCode, Severity, TableMapping, told_reasons};
use crate::rows::encoder::{NoEncoder, name_row_briefly, row_encoder, shortened};
use crate::rows::judging::{InputAsker, Judging, NotJudged, Preparation, not_asked};
use crate::run::{Event, Events, ExecuteError, Stop};
use crate::source::{ReadFailure, Reader, Row};
use crate::spec::OnBadValue;
use crate::survey::surveyor::Surveyor;
use crate::survey::values::doubts::TypeDoubts;
use crate::survey::values::profile::Profiler;
use crate::survey::values::remedy::{alternatives, remedies};
use crate::survey::values::{shapes, zero_dates};
use crate::target::copy::{BadCell, Repair, RowEncoder};
use crate::value::{Zone, counted};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

/// A number of values for words about several.
pub(crate) const SEVERAL: u64 = 2;

/// Rows between two progress events.
const STRIDE: u64 = 20_000;

/// Values of one column that fail.
#[derive(Debug, Default)]
struct Failing {
    count: u64,
    examples: Vec<String>,
    /// How many fail for each reason.
    reasons: BTreeMap<String, u64>,
    hint: Option<&'static str>,
    /// The failures by dates that no calendar has.
    zero_dates: Option<Box<Failing>>,
}

impl Failing {
    fn add(&mut self, mapping: &TableMapping, row: &Row<'_>, bad: BadCell, shows_values: bool) {
        if bad.bad.is_zero_date() {
            return self.zero_dates.get_or_insert_default().count_one(mapping, row, bad, shows_values);
        }
        self.count_one(mapping, row, bad, shows_values);
    }

    fn count_one(&mut self, mapping: &TableMapping, row: &Row<'_>, bad: BadCell, shows_values: bool) {
        self.count += 1;
        *self.reasons.entry(bad.bad.to_string()).or_default() += 1;
        self.hint = self.hint.or(bad.bad.hint());
        if self.examples.len() < NAMED_ROWS {
            let name = name_row_briefly(mapping, row);
            let value = shows_values.then(|| format!(": {}", shortened(row.cell(bad.column))));
            self.examples.push(name + value.as_deref().unwrap_or_default());
        }
    }

    /// Takes in what fails further on in the column.
    fn append(&mut self, next: Failing) {
        self.count += next.count;
        for (reason, count) in next.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self.hint = self.hint.or(next.hint);
        let room = NAMED_ROWS.saturating_sub(self.examples.len());
        self.examples.extend(next.examples.into_iter().take(room));
        if let Some(next) = next.zero_dates {
            self.zero_dates.get_or_insert_default().append(*next);
        }
    }

    /// The content of a finding, once the rest of it is known.
    fn told(self, shapes: String, remedy: Option<String>) -> Misfit {
        let zero_dates = self.zero_dates.map(|zero_dates| Box::new(zero_dates.told(String::new(), None)));
        Misfit { count: self.count, examples: self.examples, reasons: self.reasons, shapes, remedy, zero_dates }
    }
}

/// The values of one column that do not fit its type: what a finding about them says, whatever the spec then decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Misfit {
    /// How many.
    pub(crate) count: u64,
    /// The keys of some of their rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) examples: Vec<String>,
    /// Why they do not fit, with the number for each reason.
    pub(crate) reasons: BTreeMap<String, u64>,
    /// How the column's dates are written, as the end of a message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) shapes: String,
    /// The lines of spec for a type that holds all values of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
    /// Dates that no calendar has, which are counted here alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zero_dates: Option<Box<Misfit>>,
}

impl Misfit {
    /// All values of the column that do not fit.
    pub(crate) fn all(&self) -> u64 {
        self.count + self.zero_dates.as_ref().map_or(0, |zero_dates| zero_dates.count)
    }
}

/// Outcome of the search in one table.
#[derive(Debug, Default)]
pub(crate) struct TableMisfits {
    pub(crate) findings: Vec<Finding>,
    /// The material of findings about single values, by the column's position.
    pub(crate) misfits: BTreeMap<usize, Misfit>,
    /// The positions of columns about whose values nobody could be asked.
    pub(crate) not_judged: BTreeSet<usize>,
    /// The target's columns whose stored values all fit: what was read is what a copy reads.
    pub(crate) fitting: BTreeSet<String>,
    /// The rows that the target will not have.
    pub(crate) rejected: u64,
    /// Contents of the table; `None` where no encoder can be made for it, so that it was not read.
    pub(crate) profile: Option<TableProfile>,
}

/// The search for misfits in one table. Its rows are read in parts, by several readers if there are; the results are
/// merged in the order of the parts, so that they do not depend on the number of readers.
#[derive(Debug)]
pub(crate) struct MisfitSearch<'a> {
    pub(crate) mapping: &'a TableMapping,
    zone: &'a Zone,
    encoder: RowEncoder,
    /// Whether a bad value of the column keeps its row out.
    rejects: Vec<bool>,
    /// The rows that have to be read, if not all.
    doubts: Option<TypeDoubts>,
    shows_values: bool,
    /// Whom to ask about values that PostgreSQL reads itself, with what their types need.
    asking: Option<(&'a InputAsker, Preparation)>,
    /// Rows read so far, by whoever reads.
    rows: AtomicU64,
}

/// Outcome of reading a part of the rows of a table.
#[derive(Debug)]
pub(crate) struct RowsRead {
    profiler: Profiler,
    /// By the column's position.
    failing: BTreeMap<usize, Failing>,
    /// Rows that are kept out of the target.
    rejected: u64,
    /// Columns whose values nobody could ask about, with the reason.
    not_judged: NotJudged,
}

impl RowsRead {
    /// Takes in the part that follows this one.
    pub(crate) fn append(&mut self, next: RowsRead) {
        self.profiler.append(next.profiler);
        for (position, failing) in next.failing {
            self.failing.entry(position).or_default().append(failing);
        }
        self.rejected += next.rejected;
        self.not_judged.extend(next.not_judged);
    }
}

impl<'a> MisfitSearch<'a> {
    /// The search in a table, or what is wrong with the table as a whole, so that no row of it can be encoded; a table
    /// without columns has nothing wrong and nothing to read. With `doubts` only the rows in doubt are read.
    pub(crate) fn of(
        mapping: &'a TableMapping,
        zone: &'a Zone,
        doubts: Option<TypeDoubts>,
        shows_values: bool,
    ) -> Result<Self, Option<Box<Finding>>> {
        let encoder = match row_encoder(mapping, zone) {
            Ok(encoder) => encoder,
            Err(error) => return Err(unsuitable(mapping, error).map(Box::new)),
        };
        let rejects = mapping.columns.iter().map(|column| column.treatment() == OnBadValue::Reject).collect();
        let asking = None;
        Ok(Self { mapping, zone, encoder, rejects, doubts, shows_values, asking, rows: AtomicU64::new(0) })
    }

    /// The same with somebody to ask about values that PostgreSQL reads itself.
    pub(crate) fn asking(self, asker: Option<&'a InputAsker>, preparation: Preparation) -> Self {
        Self { asking: asker.map(|asker| (asker, preparation)), ..self }
    }

    /// Has PostgreSQL judge the values that it reads itself, of the rows in a range.
    fn judged(&self, reader: &Reader, range: &KeyRange, stop: &Stop) -> Result<NotJudged, ExecuteError> {
        match &self.asking {
            Some((asker, preparation)) => {
                Judging { mapping: self.mapping, asker, preparation }.judge(reader, range, stop)
            }
            None => Ok(not_asked(self.mapping)),
        }
    }

    /// Encodes the rows of a range, throws the encoding away and keeps what was seen.
    pub(crate) fn read(
        &self,
        reader: &Reader,
        range: &KeyRange,
        stop: &Stop,
        events: &Events,
    ) -> Result<RowsRead, ExecuteError> {
        let not_judged = self.judged(reader, range, stop)?;
        let mut part =
            RowsRead { profiler: Profiler::new(self.mapping), failing: BTreeMap::new(), rejected: 0, not_judged };
        let (mut scratch, mut rows) = (Vec::new(), 0_u64);
        let RowsRead { profiler, failing, rejected, .. } = &mut part;
        let tell = |more: u64| {
            let rows = self.rows.fetch_add(more, Ordering::Relaxed) + more;
            let (table, of) = (self.mapping.source.clone(), self.mapping.size.rows);
            events.tell(Event::SurveyProgress { table, rows, of });
        };
        let selection = match &self.doubts {
            None => self.mapping.selection(range.clone()),
            Some(doubts) => {
                let profile = doubts.profile(reader, self.mapping, range)?;
                tell(profile.rows);
                profiler.add(&profile);
                match doubts.selection(self.mapping, range) {
                    None => return Ok(part),
                    Some(selection) => selection,
                }
            }
        };
        let is_counted = self.doubts.is_some();
        let outcome = reader.for_each_row(&selection, |row| {
            scratch.clear();
            let mut is_rejected = false;
            // Every cell is asked for once and in order: the profile counts it on its way.
            let cell = |column| {
                let cell = row.cell(column);
                if is_counted {
                    // Text beyond ASCII is in doubt in every column that has it.
                    profiler.count_encoding(column, cell);
                } else {
                    profiler.count(column, cell);
                }
                cell
            };
            let repair = |bad: BadCell| {
                is_rejected |= self.rejects[bad.column];
                failing.entry(bad.column).or_default().add(self.mapping, row, bad, self.shows_values);
                Repair::Null
            };
            // Every value is repaired, so no row is refused.
            let encoded = self.encoder.encode_repairing(cell, repair, |_| {}, &mut scratch);
            debug_assert!(encoded.is_ok(), "every value is repaired");
            *rejected += u64::from(is_rejected);
            rows += 1;
            if !is_counted {
                profiler.end_row();
            }
            if rows.is_multiple_of(STRIDE) {
                if stop.is_thrown() {
                    return Err(ExecuteError::Interrupted);
                }
                if !is_counted {
                    tell(STRIDE);
                }
            }
            Ok(())
        });
        match outcome {
            Ok(_) => Ok(part),
            Err(ReadFailure::Source(error)) => Err(error.into()),
            Err(ReadFailure::Caller(error)) => Err(error),
        }
    }

    /// Says which values do not fit, and what would hold them; `seen` is what all parts saw.
    pub(crate) fn conclude(
        &self,
        surveyor: &Surveyor<'_>,
        reader: &Reader,
        seen: RowsRead,
    ) -> Result<TableMisfits, ExecuteError> {
        let (mapping, RowsRead { profiler, failing, rejected, not_judged }) = (self.mapping, seen);
        let columns = failing.keys().map(|position| (*position, profiler.stored(*position))).collect::<Vec<_>>();
        let remedies = remedies(surveyor, reader, mapping, &columns)?;
        let misfits = failing.into_iter().zip(remedies).map(|((position, failing), remedy)| {
            (position, failing.told(shapes::told(&profiler.shapes(position)), remedy))
        });
        let misfits = misfits.collect::<BTreeMap<_, _>>();
        let findings = misfits.iter().flat_map(|(position, misfit)| findings(mapping, *position, misfit));
        let mut findings = findings.chain(rows_rejected(mapping, rejected)).collect::<Vec<_>>();
        findings.extend(not_judged.iter().map(|(position, reason)| unjudged(mapping, *position, reason)));
        let judged = mapping.columns.iter().enumerate().filter(|(at, _)| !not_judged.contains_key(at));
        judged.for_each(|(_, column)| column.verdicts.complete());
        findings.extend(shapes::zones_mixed(mapping, &profiler, self.zone));
        let is_looked_at = |at: &usize| !misfits.contains_key(at) && !not_judged.contains_key(at);
        let columns = mapping.columns.iter().enumerate().filter(|(at, _)| is_looked_at(at));
        // The spec's own SQL may give something else each time.
        let is_stored = |column: &ColumnMapping| mapping.filter.is_none() && column.source_sql.is_none();
        let fitting = columns.filter(|(_, column)| is_stored(column)).map(|(_, column)| column.target.clone());
        let fitting = fitting.collect();
        let not_judged = not_judged.into_keys().collect();
        Ok(TableMisfits { findings, misfits, not_judged, fitting, rejected, profile: Some(profiler.finish()) })
    }
}

/// The finding about a table for which no encoder can be made; nothing where another finding says so.
pub(crate) fn unsuitable(mapping: &TableMapping, error: NoEncoder) -> Option<Finding> {
    let column = &mapping.columns[error.column?].source;
    let finding = Finding::about(FindingCode::UnsuitableFrom, Severity::Blocks, &mapping.source, error.message);
    Some(finding.in_column(column).suggesting("change `type` or `from` of this column"))
}

/// The finding about values of which it is not known whether PostgreSQL reads them.
fn unjudged(mapping: &TableMapping, position: usize, reason: &str) -> Finding {
    let column = &mapping.columns[position];
    let message = format!("whether PostgreSQL reads every value as {} is not known: {reason}", column.type_words());
    Finding::about(FindingCode::ValuesNotJudged, Severity::Warns, &mapping.source, message)
        .in_column(&column.source)
        .suggesting("plan with the target, once it has the type; a copy asks again before it writes")
}

/// How many rows the target will not have: several columns of one row may be bad.
pub(crate) fn rows_rejected(mapping: &TableMapping, rows: u64) -> Option<Finding> {
    let (rows_go, it) = (counted(rows, "row goes", "rows go"), if rows == 1 { "it" } else { "them" });
    let message = format!(
        "{rows_go} into the ledger instead of the target; after apply, `transship status SPEC --rejected` lists {it}"
    );
    let finding = Finding::about(FindingCode::RowsRejected, Severity::Warns, &mapping.source, message);
    let cause = Cause::new(
        ["row goes", "rows go"],
        "into the ledger instead of the target; after apply, `transship status SPEC --rejected` lists them",
    );
    (rows > 0).then_some(Finding { count: rows, ..finding.because(cause) })
}

/// The findings about the values of a column that do not fit.
pub(crate) fn findings(mapping: &TableMapping, position: usize, misfit: &Misfit) -> Vec<Finding> {
    let others = (misfit.count > 0).then(|| finding(mapping, position, misfit));
    let zero_dates = misfit.zero_dates.as_ref().map(|misfit| zero_dates::finding(mapping, position, misfit));
    others.into_iter().chain(zero_dates).collect()
}

/// The severity of a finding about values that do not fit, and what the spec decides about them, as the end of a message.
pub(crate) fn decided(column: &ColumnMapping, count: u64) -> (Severity, &'static str) {
    let one = count == 1;
    match column.treatment() {
        OnBadValue::Stop if column.on_bad_value == OnBadValue::Null => {
            (Severity::Blocks, if one { "; it cannot become NULL here" } else { "; they cannot become NULL here" })
        }
        OnBadValue::Stop => (Severity::Blocks, ""),
        OnBadValue::Null if one => (Severity::Warns, "; it becomes NULL, as the spec says"),
        OnBadValue::Null => (Severity::Warns, "; they become NULL, as the spec says"),
        OnBadValue::Reject if one => (Severity::Warns, "; its row is rejected, as the spec says"),
        OnBadValue::Reject => (Severity::Warns, "; their rows are rejected, as the spec says"),
    }
}

/// The finding about the values of a column that do not fit, with what the spec decides about them.
fn finding(mapping: &TableMapping, position: usize, misfit: &Misfit) -> Finding {
    let column = &mapping.columns[position];
    let values = if misfit.count == 1 { "1 value does".to_owned() } else { format!("{} values do", misfit.count) };
    let column_type = column.type_words();
    // Some reasons name the type themselves.
    let own = format!("does not fit {column_type}");
    let plain = |reason: &str| match reason.strip_prefix(&own) {
        Some("") if misfit.reasons.len() == 1 => None,
        Some(rest) => Some(rest.strip_prefix(": ").unwrap_or(reason).to_owned()),
        None => Some(reason.to_owned()),
    };
    let reasons = misfit.reasons.iter().filter_map(|(reason, count)| Some((plain(reason)?, *count)));
    let reasons = reasons.collect::<BTreeMap<_, _>>();
    let words = format!("not fit {column_type}");
    let told = if reasons.is_empty() { String::new() } else { format!(": {}", told_reasons(&reasons)) };
    let mut message = format!("{values} {words}{told}");
    let (severity, told) = decided(column, misfit.count);
    message.push_str(&misfit.shapes);
    message.push_str(told);
    let (_, decided) = decided(column, SEVERAL);
    Finding {
        count: misfit.count,
        examples: misfit.examples.clone(),
        suggestion: alternatives(mapping, position, misfit.remedy.clone()).map(Into::into),
        ..Finding::about(FindingCode::ValueDoesNotFit, severity, &mapping.source, message).in_column(&column.source)
    }
    .because(Cause { reasons, end: decided.to_owned(), ..Cause::new(["value does", "values do"], words) })
}
