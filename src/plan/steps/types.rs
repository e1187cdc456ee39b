//! Enums of the migration's own columns.

use super::StepMaker;
use crate::plan::error::PlanError;
use crate::plan::mapping::TableMapping;
use crate::plan::step::{StepId, StepKind};
use serde_json::json;
use std::collections::BTreeMap;

impl StepMaker<'_> {
    /// Makes the enums of all tables; those of one name have the same labels.
    pub(super) fn types(&mut self) -> Result<(), PlanError> {
        let columns = self.tables.iter().flat_map(|table| &table.columns);
        let enums = columns.filter_map(|column| Some((column.enum_type.as_deref()?, &column.labels)));
        let before = self.ids(&[StepKind::Schema]);
        for (name, labels) in enums.collect::<BTreeMap<_, _>>() {
            self.render(StepKind::Type, name, before.clone(), &json!({ "type": name, "labels": labels }))?;
        }
        Ok(())
    }
}

/// The steps that make the enums of a table's columns.
pub(super) fn types_of(mapping: &TableMapping) -> impl Iterator<Item = StepId> {
    mapping.columns.iter().filter_map(|column| Some(StepKind::Type.id(column.enum_type.as_deref()?)))
}
