//! Rows of the target that the basis does not have: spelled as the source spells them, staged, and read back by the proof.

use super::left_behind::{has_expression, without_reading};
use super::outcome::{ArrivalDoubts, TableBack};
use super::rows::{BucketGroup, ColumnPositions, Counterpart, UnmatchedRows, bucket_of, meet};
use super::spelling::{Habit, Speller};
use crate::catalog::Key;
use crate::plan::{Finding, FindingCode, Severity, TableMapping};
use crate::proof::form::{RowForm, RowHash, RowScratch, SideRow};
use crate::proof::side::Visitor;
use crate::proof::stream::Fields;
use crate::run::failpoint;
use crate::source::SourceError;
use crate::source::rewrite::{BaseRow, Rewriter};
use crate::value::OwnedCell;
use std::sync::Arc;

/// Finding of a value that the source cannot hold.
const WITHOUT_SPELLING: FindingCode = FindingCode::ValueWithoutSpelling;

/// Finding of a row that has to go or to change, and that nothing names.
const WITHOUT_IDENTITY: FindingCode = FindingCode::RowWithoutIdentity;

/// A table on its way back.
pub(super) struct Arriving<'a> {
    pub(super) mapping: &'a TableMapping,
    /// The table in the target, in its SQL.
    pub(super) target: String,
    pub(super) form: Arc<RowForm>,
    pub(super) places: ColumnPositions,
    pub(super) stored: usize,
    /// Number of the table in the rewriter.
    pub(super) table: usize,
    pub(super) spellers: Arc<Vec<Speller>>,
    pub(super) habits: Vec<Habit>,
    /// The columns of the source that a new row gets no value for.
    pub(super) skipped: Vec<String>,
    pub(super) rewriter: &'a mut Rewriter,
    pub(super) rows: TableBack,
    pub(super) doubts: &'a mut ArrivalDoubts,
}

/// One pass over the target, for a group of buckets.
pub(super) struct Arrivals<'p, 'a> {
    pub(super) table: &'p mut Arriving<'a>,
    pub(super) group: BucketGroup,
    pub(super) unmet: &'p mut UnmatchedRows,
    /// The failure after which no further row is processed.
    pub(super) failure: Option<SourceError>,
}

impl Visitor for Arrivals<'_, '_> {
    fn visit(&mut self, hash: RowHash, row: SideRow<'_, '_>, scratch: &mut RowScratch) {
        let SideRow::Target(fields) = row else { return };
        if self.failure.is_some() || !self.group[bucket_of(hash)] {
            return;
        }
        let key = match meet(self.unmet, hash) {
            Counterpart::Equal => return,
            Counterpart::Other(key) => Some(key),
            Counterpart::Absent => None,
        };
        if let Err(error) = self.table.arrive(key.as_ref(), fields, scratch) {
            self.failure = Some(error);
        }
    }
}

/// A value that waits to be read back.
struct Waiting {
    /// Position in the mapping.
    column: usize,
    /// Position among the stored columns.
    stored: usize,
    /// Bytes by which the target's value is compared.
    expected: Vec<u8>,
    /// The spellings that are still to be tried.
    spellings: std::vec::IntoIter<OwnedCell>,
}

impl Arriving<'_> {
    fn arrive(&mut self, key: Option<&Key>, fields: Fields<'_>, scratch: &mut RowScratch) -> Result<(), SourceError> {
        let base = match key {
            None => None,
            Some(key) => match self.named(key, fields, scratch)? {
                None => return Ok(()),
                base => base,
            },
        };
        let mut cells = match &base {
            Some(base) => base.stored.clone(),
            None => vec![OwnedCell::Null; self.stored],
        };
        let mut waiting = Vec::new();
        for (column, place) in self.places.stored.clone().into_iter().enumerate() {
            let Some(stored) = place else { continue };
            let expected = self.form.bytes_of_field(fields, column, scratch);
            // A value that did not change stays as it was written.
            if let (Some(base), Some(read)) = (&base, self.places.read[column])
                && !failpoint::respells()
                && self.form.bytes_of_cell(base.read[read].cell(), column, scratch).as_ref() == Ok(&expected)
            {
                continue;
            }
            let form = Arc::clone(&self.form);
            let value = form.value(SideRow::Target(fields), column, scratch);
            let spellings =
                value.map(|value| self.spellers[column].spellings(value, fields.get(column), &self.habits[column]));
            // A value that is none of the column's has no spelling, and is a doubt.
            let mut spellings = spellings.unwrap_or_default().into_iter();
            let Some(first) = spellings.next() else {
                self.doubt(column, fields, scratch);
                return Ok(());
            };
            cells[stored] = first;
            waiting.push(Waiting { column, stored, expected, spellings });
        }
        let written = waiting.iter().map(|value| value.stored).collect::<Vec<_>>();
        let position = self.rewriter.stage(self.table, key, &cells, &written)?;
        self.read_back(position, waiting, fields, scratch)?;
        match key {
            Some(key) => {
                self.rewriter.remove(self.table, key)?;
                self.rows.changed += 1;
            }
            None => {
                self.rows.added += 1;
                self.note_skipped(fields, scratch);
            }
        }
        Ok(())
    }

    /// Reads a staged row back until every value means what the target's means.
    fn read_back(
        &mut self,
        position: i64,
        mut waiting: Vec<Waiting>,
        fields: Fields<'_>,
        scratch: &mut RowScratch,
    ) -> Result<(), SourceError> {
        loop {
            let read = match self.rewriter.staged(self.table, position) {
                Err(SourceError::Query { .. }) if has_expression(self.mapping) => {
                    let words = self.words(fields, scratch);
                    self.doubts.add(without_reading(self.mapping, None), || words);
                    return Ok(());
                }
                read => read?,
            };
            let mut others = Vec::new();
            for mut value in waiting {
                let cell = self.places.read[value.column].map_or(&OwnedCell::Null, |place| &read[place]);
                if self.form.bytes_of_cell(cell.cell(), value.column, scratch).as_ref() == Ok(&value.expected) {
                    continue;
                }
                match value.spellings.next() {
                    Some(next) => {
                        self.rewriter.restage(self.table, position, value.stored, &next)?;
                        others.push(value);
                    }
                    None => self.doubt(value.column, fields, scratch),
                }
            }
            if others.is_empty() {
                return Ok(());
            }
            waiting = others;
        }
    }

    /// The row of the basis that a key names. Without one the row cannot be told from others.
    fn named(
        &mut self,
        key: &Key,
        fields: Fields<'_>,
        scratch: &mut RowScratch,
    ) -> Result<Option<BaseRow>, SourceError> {
        let names = self.mapping.row_identity.columns().len();
        if names > 0
            && key.0.len() == names
            && let Some(base) = self.rewriter.base(self.table, key)?
        {
            return Ok(Some(base));
        }
        let words = self.words(fields, scratch);
        self.doubts.add(without_identity(&self.mapping.source), || words);
        Ok(None)
    }

    /// Removes the rows that the target no longer has.
    pub(super) fn remove(&mut self, unmet: UnmatchedRows) -> Result<(), SourceError> {
        let names = self.mapping.row_identity.columns().len();
        for (_, key) in unmet.into_values().flatten() {
            self.rows.removed += 1;
            if names > 0 && key.0.len() == names {
                self.rewriter.remove(self.table, &key)?;
            } else {
                self.doubts.add(without_identity(&self.mapping.source), || key.to_string());
            }
        }
        Ok(())
    }

    /// Key of a row of the target in words.
    fn words(&self, fields: Fields<'_>, scratch: &mut RowScratch) -> String {
        let kept = self.form.keep(SideRow::Target(fields), false, scratch);
        let words = self.form.key_words(&kept);
        if words.is_empty() { "a row without a key".to_owned() } else { words }
    }

    /// The finding of a value that the source's column cannot hold.
    fn doubt(&mut self, column: usize, fields: Fields<'_>, scratch: &mut RowScratch) {
        let words = self.words(fields, scratch);
        let mapping = &self.mapping.columns[column];
        let declared =
            if mapping.declared_type.is_empty() { "a column without a type" } else { &mapping.declared_type };
        let form = Arc::clone(&self.form);
        let value = form.value(SideRow::Target(fields), column, scratch);
        let unit = value.and_then(|value| self.spellers[column].too_coarse(value));
        let name = crate::name::quote_identifier(&mapping.target);
        let (message, suggestion) = match unit {
            Some(unit) => (
                format!(
                    "a moment in the target lies between two {unit}, and {declared} of the source, which counts them, has no place for it"
                ),
                format!("-- in the target: UPDATE {} SET {name} = date_trunc('{unit}', {name})", self.target),
            ),
            None => (
                format!(
                    "a value of {} in the target has no spelling in {declared} of the source that means the same",
                    mapping.type_words()
                ),
                format!("-- in the target, if the value may be another one: UPDATE … SET {name} = … WHERE …"),
            ),
        };
        let finding = Finding::about(WITHOUT_SPELLING, Severity::Blocks, &self.mapping.source, message);
        self.doubts.add(finding.in_column(&mapping.source).suggesting(suggestion), || words);
    }

    /// Notes that a new row has no value for columns that the spec skips.
    fn note_skipped(&mut self, fields: Fields<'_>, scratch: &mut RowScratch) {
        if self.skipped.is_empty() {
            return;
        }
        let message = format!(
            "a row that came since has the source's default in {}, which the target does not have",
            self.skipped.join(", ")
        );
        let finding = Finding::about(FindingCode::SkippedColumn, Severity::Warns, &self.mapping.source, message);
        let words = self.words(fields, scratch);
        self.doubts.add(finding, || words);
    }
}

fn without_identity(table: &str) -> Finding {
    let message = "rows have changed or gone, and nothing in the source tells one row from another";
    Finding::about(WITHOUT_IDENTITY, Severity::Blocks, table, message)
        .suggesting("give the table a key in the source, or take the rows over by hand")
}
