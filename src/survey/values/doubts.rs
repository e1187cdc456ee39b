//! Reading only the rows in doubt: where the source's types promise that values fit, the source says what else a profile
//! asks, in aggregates, and only the rows that the promises do not cover are read.

use crate::catalog::{ColumnProfile, KeyRange, RowFilter, Selection, StoredCounts, StoredNumber, Table, TableProfile};
use crate::dialect::guarantee::{Guarantee, GuaranteedColumn, Length};
use crate::plan::{ColumnMapping, TableMapping};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::survey::values::profile::count_class;
use crate::value::{Cell, Reading, StorageClass};

/// The promises about all columns of a table, and what they leave to ask.
#[derive(Debug)]
pub(crate) struct TypeDoubts {
    columns: Vec<ColumnQuestion>,
    /// Aggregates in the source's SQL; the first counts the rows.
    aggregates: Vec<String>,
    /// Holds for the rows in doubt; `None` if there are none.
    condition: Option<String>,
}

/// The aggregates about one column, by their positions.
#[derive(Debug)]
struct ColumnQuestion {
    class: StorageClass,
    /// The count of its values that are not NULL; without one, none is NULL.
    count: Option<usize>,
    /// The smallest number; the largest follows it.
    minimum: Option<usize>,
    length: KnownLength,
}

/// An upper bound of the bytes of a column's values.
#[derive(Debug)]
enum KnownLength {
    Bytes(u64),
    Aggregate(usize, u64),
}

impl TypeDoubts {
    /// The promises about the table, if there is one about each column.
    pub(crate) fn of(mapping: &TableMapping, table: &Table) -> Option<Self> {
        // The rows behind a filter are few or many; the filter's own SQL is evaluated for each of them anyway.
        if mapping.filter.is_some() {
            return None;
        }
        // No type of a source promises what PostgreSQL's input functions take.
        if mapping.columns.iter().any(ColumnMapping::is_judged) {
            return None;
        }
        let mut doubts = Self { columns: Vec::new(), aggregates: vec!["count(*)".to_owned()], condition: None };
        let mut conditions = Vec::new();
        for column in &mapping.columns {
            conditions.extend(doubts.add(mapping, table, column)?);
        }
        doubts.condition = (!conditions.is_empty()).then(|| conditions.join(" OR "));
        Some(doubts)
    }

    /// Adds a column, and gives the condition of its rows in doubt; `None` if there is no promise about it.
    fn add(&mut self, mapping: &TableMapping, table: &Table, column: &ColumnMapping) -> Option<Vec<String>> {
        let is_as_stored =
            column.reading == Reading::Stored && column.source_sql.is_none() && column.target_type.is_none();
        let stored = table.column(&column.source).filter(|_| is_as_stored)?;
        let Guarantee { class, doubt, length } = mapping.dialect().guarantee(GuaranteedColumn {
            name: &column.source,
            declared: &crate::catalog::DeclaredType::parse(&column.declared_type),
            column_type: &column.column_type,
            collation: stored.equality.collation(),
        })?;
        let name = mapping.dialect().quote_identifier(&column.source);
        let mut conditions = doubt.map(|doubt| format!("({doubt})")).into_iter().collect::<Vec<_>>();
        if column.not_null && !stored.not_null {
            conditions.push(format!("{name} IS NULL"));
        }
        let count = (!stored.not_null).then(|| self.ask(format!("count({name})")));
        let minimum = matches!(class, StorageClass::Integer | StorageClass::Real).then(|| {
            let minimum = self.ask(format!("min({name})"));
            self.ask(format!("max({name})"));
            minimum
        });
        let length = match length {
            Length::Declared(bytes) => KnownLength::Bytes(bytes),
            Length::Stored(expression, factor) => {
                KnownLength::Aggregate(self.ask(format!("max({expression})")), factor)
            }
        };
        self.columns.push(ColumnQuestion { class, count, minimum, length });
        Some(conditions)
    }

    fn ask(&mut self, aggregate: String) -> usize {
        self.aggregates.push(aggregate);
        self.aggregates.len() - 1
    }

    /// The reading of the rows in doubt in a range; `None` if there are none.
    pub(crate) fn selection(&self, mapping: &TableMapping, range: &KeyRange) -> Option<Selection> {
        let filter = RowFilter::Passing(self.condition.clone()?);
        Some(Selection { filter, ..mapping.selection(range.clone()) })
    }

    /// The profile of the rows in a range. Lengths are upper bounds.
    ///
    /// # Errors
    /// The source's failure; or it gives no number for a count, which must not pass for zero.
    pub(crate) fn profile(
        &self,
        reader: &Reader,
        mapping: &TableMapping,
        range: &KeyRange,
    ) -> Result<TableProfile, ExecuteError> {
        let mut profile = None;
        reader.aggregate(&mapping.selection(range.clone()), &self.aggregates, |row| {
            let number = |at| match row.cell(at) {
                Cell::Integer(integer) => Some(StoredNumber::Integer(integer)),
                Cell::Real(real) => Some(StoredNumber::Real(real)),
                // Beyond 64 bits: such rows are in doubt, and their numbers are looked at.
                Cell::Text(digits) => std::str::from_utf8(digits).ok()?.parse().ok().map(StoredNumber::Real),
                Cell::Null | Cell::Blob(_) => None,
            };
            let whole = |at| match row.cell(at) {
                Cell::Integer(integer) => u64::try_from(integer).ok(),
                _ => None,
            };
            profile = whole(0).and_then(|rows| {
                let columns = mapping.columns.iter().zip(&self.columns);
                let columns = columns.map(|(column, question)| question.answer(column, rows, number, whole));
                Some(TableProfile { table: mapping.source.clone(), rows, columns: columns.collect::<Option<_>>()? })
            });
        })?;
        profile.ok_or_else(|| ExecuteError::Task(format!("counting the values of {}", mapping.source)))
    }
}

impl ColumnQuestion {
    fn answer(
        &self,
        column: &ColumnMapping,
        rows: u64,
        number: impl Fn(usize) -> Option<StoredNumber>,
        whole: impl Fn(usize) -> Option<u64>,
    ) -> Option<ColumnProfile> {
        let values = self.count.map_or(Some(rows), &whole)?;
        let mut stored = StoredCounts::default();
        count_class(&mut stored, self.class, values);
        count_class(&mut stored, StorageClass::Null, rows.saturating_sub(values));
        let bytes = match self.length {
            KnownLength::Bytes(bytes) => Some(bytes),
            KnownLength::Aggregate(at, factor) => whole(at).map(|bytes| bytes.saturating_mul(factor)),
        };
        let bytes_of = |class| bytes.filter(|_| self.class == class && values > 0);
        Some(ColumnProfile {
            column: column.source.clone(),
            stored,
            minimum: self.minimum.and_then(&number),
            maximum: self.minimum.and_then(|at| number(at + 1)),
            longest_characters: bytes_of(StorageClass::Text),
            longest_bytes: bytes_of(StorageClass::Text),
            longest_blob: bytes_of(StorageClass::Blob),
            ..ColumnProfile::default()
        })
    }
}
