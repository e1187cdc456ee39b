//! Columns with a list of labels: an enum of PostgreSQL, one for all columns that have the same labels in the same order.

use super::{ColumnMapping, MappingDraft, TableMapping};
use crate::catalog::{ColumnType, DeclaredType};
use crate::dialect;
use crate::name::{LONGEST_NAME, quote_identifier, quote_literal};
use crate::plan::Inputs;
use crate::plan::names::RelationNames;
use std::collections::BTreeMap;

impl ColumnMapping {
    /// Whether the column gets an enum made for it, whose name is not settled yet or is.
    #[must_use]
    pub fn has_own_enum(&self) -> bool {
        self.enum_type.is_some()
    }

    /// The condition that the labels put on a column that is no enum: on text one of them, on an array only them.
    #[must_use]
    pub(in crate::plan) fn label_condition(&self) -> Option<String> {
        let listed = |labels: &[String]| labels.iter().map(|label| quote_literal(label)).collect::<Vec<_>>().join(", ");
        let column = quote_identifier(&self.target);
        if !self.members.is_empty() && self.column_type == ColumnType::TextArray {
            return Some(format!("{column} <@ ARRAY[{}]::text[]", listed(&self.members)));
        }
        let is_checked = !self.labels.is_empty() && self.enum_type.is_none() && self.target_type.is_none();
        is_checked.then(|| format!("{column} IN ({})", listed(&self.labels)))
    }
}

/// Whether PostgreSQL takes the labels: it keeps as many bytes of one as of a name (documentation, section 8.7.4).
pub(super) fn can_be_enum(labels: &[String]) -> bool {
    labels.iter().all(|label| label.len() <= LONGEST_NAME && !label.contains('\0'))
}

impl MappingDraft {
    /// Names the enums: after the first table and column of the source that has the labels, whether it is migrated or not, so
    /// that leaving out a table renames none. Columns with the same labels share one in each schema. `names` are those of the
    /// tables, with which types share a namespace (PostgreSQL documentation, CREATE TABLE, notes).
    pub(super) fn name_enums(&mut self, inputs: Inputs<'_>, names: &mut RelationNames<'_>) {
        let (schemas, style) = (&inputs.spec.target.schemas, inputs.spec.target.names);
        for other in &inputs.catalog.others {
            names.take(&schemas.within(&other.name, |name| style.apply(name)));
        }
        let wished = self.wished_names(inputs);
        let mut named = BTreeMap::<(&str, Vec<String>), String>::new();
        for TableMapping { target, columns, .. } in &mut self.tables {
            let schema = schemas.schema_of(target);
            for column in columns.iter_mut().filter(|column| column.has_own_enum()) {
                let own = || format!("{target}_{}", column.target);
                let wish = || wished.get(&(schema, column.labels.clone())).cloned().unwrap_or_else(own);
                let name = named.entry((schema, column.labels.clone())).or_insert_with(|| names.take_free(&wish()));
                column.enum_type = Some(name.clone());
            }
        }
    }

    /// The name of an enum by its labels: the target's names of the first table and column that has them.
    fn wished_names<'a>(&self, inputs: Inputs<'a>) -> BTreeMap<(&'a str, Vec<String>), String> {
        let (dialect, style) = (dialect::of(inputs.catalog.engine), inputs.spec.target.names);
        let schemas = &inputs.spec.target.schemas;
        let mut wished = BTreeMap::new();
        for table in &inputs.catalog.tables {
            let mapping = self.tables.iter().find(|mapping| mapping.source == table.name);
            let target = mapping.map_or_else(
                || schemas.within(&table.name, |name| style.apply(name)),
                |mapping| mapping.target.clone(),
            );
            for column in &table.columns {
                let Some(labels) = dialect.labels(&DeclaredType::parse(&column.declared_type)).one else { continue };
                let mapped = mapping.and_then(|mapping| mapping.target_column(&column.name));
                let column = mapped.map_or_else(|| style.apply(&column.name), str::to_owned);
                wished.entry((schemas.schema_of(&target), labels)).or_insert_with(|| format!("{target}_{column}"));
            }
        }
        wished
    }
}
