//! Columns that an UPDATE of a row sets by itself: a trigger does the same in PostgreSQL.

use super::Maker;
use crate::catalog::Table;
use crate::name::shorten;
use crate::plan::error::PlanError;
use crate::plan::mapping::TableMapping;
use crate::plan::omitted::{OmissionReason, OmittedPlace};
use crate::plan::step::StepKind;
use serde_json::json;

impl Maker<'_> {
    /// The trigger of a table with such columns. A step `trigger TABLE` of the spec takes its place.
    pub(super) fn updates(&mut self, mapping: &TableMapping, table: &Table) -> Result<(), PlanError> {
        let (dialect, mut sets) = (mapping.dialect(), Vec::new());
        for column in mapping.columns.iter().filter(|column| column.generated.is_none()) {
            let found = table.column(&column.source).and_then(|column| column.on_update.as_deref());
            let Some(expression) = found else { continue };
            let value = dialect.default_value(expression, &column.declared_type, &column.column_type, &mapping.zone);
            match value {
                Ok(value) => sets.push(json!({ "column": column.target, "value": value })),
                Err(reason) => {
                    let place = OmittedPlace::column(&table.name, &column.source);
                    self.omit(
                        "update",
                        place,
                        OmissionReason::from(reason.0).with_text(expression, expression.to_owned()),
                    );
                }
            }
        }
        let name = shorten(&format!("{}_on_update", self.bare(&mapping.target)));
        let name = self.schemas().unlike_tables(name);
        if sets.is_empty() || self.inputs.spec.steps.contains_key(&format!("trigger {}", table.name)) {
            return Ok(());
        }
        let watched = mapping.columns.iter().filter(|column| column.generated.is_none());
        let watched = watched.map(|column| column.target.as_str()).collect::<Vec<_>>();
        let context = json!({ "name": name, "table": mapping.target, "sets": sets, "watched": watched });
        let after = vec![StepKind::Copy.id(&mapping.target)];
        self.render_of(mapping, StepKind::Trigger, Some(&name), after, &context)?;
        Ok(())
    }
}
