//! Rows that a finding is about: counted, some of them named, and the lines of spec that leave them behind.

pub(crate) mod constraints;
pub(crate) mod generated;
pub(crate) mod left_behind;
pub(crate) mod limits;
pub(crate) mod made_keys;
pub(crate) mod source_sql;
pub(crate) mod violations;

use crate::catalog::selection::{enclosed, may_end_in_comment};
use crate::catalog::{KeyRange, NAMED_ROWS, RowFilter, Selection};
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::{FindingSuggestion, TableMapping};
use crate::rows::encoder::name_row_briefly;
use crate::run::ExecuteError;
use crate::source::{ReadFailure, Reader, Row};
use crate::survey::surveyor::Surveyor;
use crate::value::Cell;

/// The most rows that a suggestion names one by one.
pub(crate) const LISTED: usize = 50;

/// Rows that were found.
#[derive(Debug, Default)]
pub(crate) struct FoundRows {
    /// How many.
    pub(crate) count: u64,
    /// The keys of the first of them.
    pub(crate) examples: Vec<String>,
    /// The integers that name the first of them, where integers name rows.
    pub(crate) integers: Vec<i64>,
}

impl FoundRows {
    /// Takes a row in.
    pub(crate) fn add(&mut self, mapping: &TableMapping, row: &Row<'_>) {
        self.add_as(integer_key(row), || name_row_briefly(mapping, row));
    }

    /// Takes a row in under another name.
    pub(crate) fn add_as(&mut self, integer: Option<i64>, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < NAMED_ROWS {
            self.examples.push(name());
        }
        if self.integers.len() < LISTED {
            self.integers.extend(integer);
        }
    }
}

/// The integer that names a row; the first part of another key where it is an integer, which only orders rows.
pub(crate) fn integer_key(row: &Row<'_>) -> Option<i64> {
    match row.key().next() {
        Some(Cell::Integer(integer)) => Some(integer),
        _ => None,
    }
}

/// The columns at `positions` of the rows that are copied and meet a condition in the source's SQL.
pub(crate) fn selection(mapping: &TableMapping, positions: &[usize], condition: Option<&str>) -> Selection {
    let conditions = [mapping.filter.as_deref(), condition];
    let filter = match conditions {
        [Some(filter), Some(condition)] => Some(format!("{} AND {}", enclosed(filter), enclosed(condition))),
        [filter, condition] => filter.or(condition).map(str::to_owned),
    };
    Selection {
        table: mapping.source.clone(),
        columns: positions.iter().map(|position| mapping.columns[*position].selected()).collect(),
        filter: RowFilter::of(filter.as_deref()),
        row_identity: mapping.row_identity.clone(),
        range: KeyRange::ALL,
    }
}

/// Calls `visit` with every row of a selection, until the user asks to stop.
pub(crate) fn for_each(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    selection: &Selection,
    mut visit: impl FnMut(&Row<'_>),
) -> Result<(), ExecuteError> {
    let mut rows = 0_u64;
    let outcome = reader.for_each_row(selection, |row| {
        rows += 1;
        if rows.is_multiple_of(4096) && surveyor.stop.is_thrown() {
            return Err(ExecuteError::Interrupted);
        }
        visit(row);
        Ok(())
    });
    match outcome {
        Ok(_) => Ok(()),
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(error)) => Err(error),
    }
}

/// The rows that are copied and meet a condition in the source's SQL.
pub(crate) fn matching(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    condition: &str,
) -> Result<FoundRows, ExecuteError> {
    let mut found = FoundRows::default();
    for_each(surveyor, reader, &selection(mapping, &[], Some(condition)), |row| found.add(mapping, row))?;
    Ok(found)
}

/// Condition on rows in the source's own SQL, for lines of spec that leave the others behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowCondition {
    sql: String,
    names_rows: bool,
}

impl RowCondition {
    /// A condition on the values of rows, whichever rows have them.
    pub(crate) fn on_values(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), names_rows: false }
    }

    /// The condition in SQL.
    pub(crate) fn sql(self) -> String {
        self.sql
    }

    fn suggestion(&self, lines: String) -> FindingSuggestion {
        FindingSuggestion { text: lines, names_rows: self.names_rows }
    }
}

/// The condition that leaves these rows out by the integers that name them, where they are few.
pub(crate) fn leaving_out(mapping: &TableMapping, found: &FoundRows) -> Option<RowCondition> {
    if !(1..=LISTED as u64).contains(&found.count) {
        return None;
    }
    let sql = mapping.dialect().has_no_key_among(&mapping.row_identity, &found.integers)?;
    Some(RowCondition { sql, names_rows: true })
}

/// The lines of spec that leave these rows behind by the integers that name them, where they are few.
pub(crate) fn leave_behind(mapping: &TableMapping, found: &FoundRows) -> Option<FindingSuggestion> {
    leaving_out(mapping, found).map(|condition| keep_only(mapping, &condition))
}

/// The lines of spec that copy only the rows that meet a condition, beside what the spec already asks for.
pub(crate) fn keep_only(mapping: &TableMapping, condition: &RowCondition) -> FindingSuggestion {
    let (table, filter) = (quote_toml_key(&mapping.source), quote_toml_text(&narrowed(mapping, &condition.sql)));
    condition.suggestion(format!("# leaves these rows behind:\n[tables.{table}]\nwhere = {filter}"))
}

/// The line of spec that keeps every row for the price of a constraint or index, with the condition that leaves rows behind
/// as the other way.
pub(crate) fn keep_every_row(mapping: &TableMapping, line: &str, condition: &RowCondition) -> FindingSuggestion {
    let (table, filter) = (quote_toml_key(&mapping.source), quote_toml_text(&narrowed(mapping, &condition.sql)));
    condition.suggestion(format!(
        "# keeps every row:\n[tables.{table}]\n{line}\n# or leaves these rows behind:\n# where = {filter}"
    ))
}

/// A condition beside the one that the spec already has.
fn narrowed(mapping: &TableMapping, condition: &str) -> String {
    match &mapping.filter {
        // A comment at the end would swallow what follows.
        Some(filter) if may_end_in_comment(filter) => format!("{} AND ({condition})", enclosed(filter.trim())),
        Some(filter) => format!("({}) AND ({condition})", filter.trim()),
        None => condition.to_owned(),
    }
}
