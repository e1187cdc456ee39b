//! Columns that an UPDATE of a row sets by itself: a trigger does the same in PostgreSQL.

use super::StepMaker;
use crate::catalog::Table;
use crate::name::{quote_toml_key, shorten};
use crate::plan::error::PlanError;
use crate::plan::mapping::{TableMapping, column_spec};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace};
use crate::plan::step::StepKind;
use crate::spec::SqlOrOmitted;
use serde_json::json;

impl StepMaker<'_> {
    /// The trigger of a table with such columns. A step `trigger TABLE` of the spec takes its place.
    pub(super) fn updates(&mut self, mapping: &TableMapping, table: &Table) -> Result<(), PlanError> {
        let (dialect, mut sets) = (mapping.dialect(), Vec::new());
        for column in mapping.columns.iter().filter(|column| column.generated.is_none()) {
            let found = table.column(&column.source).and_then(|column| column.on_update.as_deref());
            let place = || OmittedPlace::column(&table.name, &column.source);
            let by_spec = column_spec(self.inputs.spec, &table.name, &column.source);
            match (by_spec.and_then(|by_spec| by_spec.on_update.as_ref()), found) {
                (Some(SqlOrOmitted::Sql(value)), _) => sets.push(json!({ "column": column.target, "value": value })),
                (Some(SqlOrOmitted::LeftBehind), Some(_)) => {
                    let reason = "an UPDATE leaves the column as it is, as the spec says";
                    self.omit(OmittedObject::Update, place(), OmissionReason::known(reason));
                }
                (None, Some(text)) => {
                    match dialect.default_value(
                        text,
                        column.converting_type(),
                        &column.column_type,
                        &column.zone(&mapping.zone),
                    ) {
                        Ok(value) => sets.push(json!({ "column": column.target, "value": value })),
                        Err(reason) => {
                            let keys = (quote_toml_key(&table.name), quote_toml_key(&column.source));
                            let heading = format!("tables.{}.columns.{}", keys.0, keys.1);
                            let reason = OmissionReason::undecided(&reason.0, text, &heading, "on_update", "…");
                            self.omit(OmittedObject::Update, place(), reason);
                        }
                    }
                }
                (_, None) => {}
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
