//! Columns with a list of labels: an enum of PostgreSQL, one for all columns that have the same labels in the same order.

use super::{ColumnMapping, Mapped, TableMapping};
use crate::catalog::ColumnType;
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

impl Mapped {
    /// Names the enums: after the first table and column that has the labels. Columns with the same labels share one in each
    /// schema. `names` are those of the tables, with which types share a namespace (PostgreSQL documentation, CREATE TABLE,
    /// notes).
    pub(super) fn name_enums(&mut self, inputs: Inputs<'_>, names: &mut RelationNames<'_>) {
        let (schemas, style) = (&inputs.spec.target.schemas, inputs.spec.target.names);
        for other in &inputs.catalog.others {
            names.take(&schemas.within(&other.name, |name| style.apply(name)));
        }
        let mut named = BTreeMap::<(&str, Vec<String>), String>::new();
        for TableMapping { target, columns, .. } in &mut self.tables {
            for column in columns.iter_mut().filter(|column| column.has_own_enum()) {
                let name = named.entry((schemas.schema_of(target), column.labels.clone()));
                let name = name.or_insert_with(|| names.take_free(&format!("{target}_{}", column.target)));
                column.enum_type = Some(name.clone());
            }
        }
    }
}
