//! Unique keys over FLOATs: two rows may have the same while their values have six digits.

use super::names;
use crate::catalog::{Column, IndexColumn, Table};
use crate::dialect::mysql::quote;
use crate::source::SourceError;
use crate::source::mysql::snapshot::Reader;

/// A primary or unique key, by its parts in SQL.
pub(super) struct UniqueKey(Vec<String>);

impl UniqueKey {
    /// The keys of a table that have one of these columns.
    pub(super) fn over(table: &Table, columns: &[&Column]) -> Vec<Self> {
        let primary = table.primary_key.iter().map(|key| key.columns.iter().map(|name| quote(name)).collect());
        let part = |key: &IndexColumn| match (&key.column, &key.expression) {
            (Some(name), _) => Some(quote(name)),
            (None, expression) => expression.clone(),
        };
        let unique = table.indexes.iter().filter(|index| index.unique);
        let unique = unique.map(|index| index.columns.iter().filter_map(part).collect());
        let is_over = |key: &Self| key.0.iter().any(|part| columns.iter().any(|column| names(part, column)));
        primary.chain(unique).map(Self).filter(is_over).collect()
    }

    /// The key as messages name it.
    pub(super) fn words(&self) -> String {
        self.0.join(", ")
    }

    /// Whether rows have the same key while the values of these columns have the digits that the server writes.
    pub(super) fn has_rows_that_meet(
        &self,
        reader: &Reader,
        table: &Table,
        floats: &[&Column],
    ) -> Result<bool, SourceError> {
        let value = |column: &Column| {
            let name = quote(&column.name);
            match floats.iter().any(|float| float.name == column.name) {
                true => format!("concat({name}) + 0e0 AS {name}"),
                false => name,
            }
        };
        let values = table.columns.iter().map(value).collect::<Vec<_>>().join(", ");
        let parts = self.0.iter().map(|part| format!("({part})")).collect::<Vec<_>>();
        // Rows with a NULL in a key are refused by none.
        let sql = format!(
            "SELECT 1 FROM (SELECT {values} FROM {}) AS written WHERE {} IS NOT NULL GROUP BY {} HAVING count(*) > 1 LIMIT 1",
            reader.quoted(&table.name),
            parts.join(" IS NOT NULL AND "),
            parts.join(", ")
        );
        let met = reader.client().query(&sql);
        let doing = format!("looking for rows of {} that have the same key with six digits", table.name);
        met.map(|rows| !rows.is_empty()).map_err(|error| reader.failed(&doing, &error))
    }
}
