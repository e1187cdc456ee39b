//! Unique keys that take more rows than the source's: a column of theirs became a type that compares by itself.

use super::StepMaker;
use crate::catalog::{Equality, Index, Table};
use crate::name::quote_toml_key;
use crate::plan::mapping::{ColumnMapping, TableMapping};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};

impl StepMaker<'_> {
    /// Reports a unique key over these columns of the source if it keeps apart what the source takes for equal.
    pub(super) fn key_by_spelling(&mut self, mapping: &TableMapping, table: &Table, columns: &[String]) {
        let parts = columns.iter().filter_map(|name| Some((name.clone(), &table.column(name)?.equality)));
        let parts = parts.collect::<Vec<_>>();
        let name = format!("{} ({})", mapping.source, columns.join(", "));
        self.keeps_apart(mapping, name, &parts);
    }

    /// The same for a unique index, over columns or their beginnings.
    pub(super) fn index_by_spelling(&mut self, mapping: &TableMapping, index: &Index) {
        let parts = index.columns.iter().filter_map(|key| {
            let beginning = || mapping.dialect().prefix(key.expression.as_deref()?).map(|(column, _)| column);
            Some((key.column.clone().or_else(beginning)?, &key.equality))
        });
        let parts = parts.filter(|_| index.unique).collect::<Vec<_>>();
        self.keeps_apart(mapping, format!("{}.{}", mapping.source, index.name), &parts);
    }

    fn keeps_apart(&mut self, mapping: &TableMapping, name: String, parts: &[(String, &Equality)]) {
        let found = parts.iter().filter_map(|(column, equality)| {
            let column = mapping.column_of(column).filter(|column| column.loses(equality))?;
            Some((column, equality.collation().unwrap_or_default()))
        });
        let found = found.collect::<Vec<_>>();
        let Some((first, _)) = found.first() else { return };
        let cause = format!("{} keeps apart what the source takes for equal", first.column_type);
        let one =
            |(column, collation): &(&ColumnMapping, &str)| format!("{} has the collation {collation}", column.source);
        let full = format!("{cause}: {}", found.iter().map(one).collect::<Vec<_>>().join(", "));
        let lines = found.iter().map(|(column, _)| column.bytes_line()).collect::<Vec<_>>().join("\n");
        let lines = SpecLines::new(format!("tables.{}", quote_toml_key(&mapping.source)), lines);
        let reason = OmissionReason::from(cause).listed_as(full).settled_by(lines);
        self.omit(OmittedObject::KeyComparison, OmittedPlace::of_table(&mapping.source, name), reason);
    }
}
