//! Counters of generated keys that PostgreSQL cannot go on with as the source does: one that is beyond the column's type, and
//! one that counts from the start within each group of rows.

use super::StepMaker;
use crate::catalog::{ColumnType, KeyGeneration, Table};
use crate::name::quote_toml_key;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::mapping::{ColumnMapping, TableMapping};

impl StepMaker<'_> {
    /// Findings about a column from whose sequence new rows get their number.
    pub(super) fn counter(&mut self, mapping: &TableMapping, column: &ColumnMapping) {
        let Some(table) = self.inputs.catalog.table(&mapping.source) else { return };
        let generation = table.column(&column.source).and_then(|column| column.generates_keys);
        if generation != Some(KeyGeneration::NeverTwice) {
            return;
        }
        let found = used_up(mapping, column).into_iter().chain(within_groups(table, column));
        self.made.findings.extend(found);
    }
}

/// A warning if the source has given the last number of the column's type: the sequence has none that is new.
fn used_up(mapping: &TableMapping, column: &ColumnMapping) -> Option<Finding> {
    let last = match column.column_type {
        ColumnType::SmallInt => i64::from(i16::MAX),
        ColumnType::Integer => i64::from(i32::MAX),
        ColumnType::BigInt => i64::MAX,
        _ => return None,
    };
    mapping.last_key().filter(|key| *key >= last)?;
    let message = format!(
        "the source has given numbers up to {last} at least, the last of {}: PostgreSQL has none left for a new row, whose INSERT \
         without a number is refused",
        column.column_type
    );
    let heading = format!("[tables.{}.columns.{}]", quote_toml_key(&mapping.source), quote_toml_key(&column.source));
    let suggestion = match column.column_type {
        ColumnType::BigInt => {
            format!("# the numbers are kept, and none is generated\n{heading}\ntype = \"numeric(20)\"")
        }
        _ => format!("# where the numbers fit it\n{heading}\ntype = \"bigint\""),
    };
    let finding = Finding::about(FindingCode::KeysUsedUp, Severity::Warns, &mapping.source, message);
    Some(finding.in_column(&column.source).suggesting(suggestion))
}

/// A warning if the column is first in no key: its numbers are then counted within the values of the columns before it.
/// Source: <https://dev.mysql.com/doc/refman/8.4/en/example-auto-increment.html>, on a column after the first of a key.
fn within_groups(table: &Table, column: &ColumnMapping) -> Option<Finding> {
    let of_indexes = table.indexes.iter().map(|index| {
        let names = index.columns.iter().map(|column| column.column.as_deref().unwrap_or_default());
        names.collect::<Vec<_>>()
    });
    let constraints = table.primary_key.iter().map(|key| &key.columns);
    let constraints = constraints.chain(table.unique_constraints.iter().map(|unique| &unique.columns));
    let keys = constraints.map(|columns| columns.iter().map(String::as_str).collect::<Vec<_>>()).chain(of_indexes);
    let places = keys.filter_map(|columns| {
        let place = columns.iter().position(|name| *name == column.source)?;
        Some(columns[..place].join(", "))
    });
    let places = places.collect::<Vec<_>>();
    let groups = places.first().filter(|_| places.iter().all(|groups| !groups.is_empty()))?;
    let message = format!(
        "the source numbers the rows of each {groups} separately, and the target's sequence numbers all rows: a new row gets \
         another number than in the source"
    );
    let finding = Finding::about(FindingCode::KeysCountedInGroups, Severity::Warns, &table.name, message);
    let suggestion = format!(
        "let the application give the number, or a trigger of your own (a `[[steps]]` after the copy): one more than the \
         greatest of its {groups}"
    );
    Some(finding.in_column(&column.source).suggesting(suggestion))
}
