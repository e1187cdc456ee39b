//! Tables that are dropped and made anew.

use super::Maker;
use crate::catalog::{RelationKind, TargetTable};
use crate::plan::error::PlanError;
use crate::plan::finding::{Finding, Severity};
use crate::plan::mapping::TableMapping;
use crate::plan::step::StepKind;
use crate::spec::TablesMode;
use serde_json::json;

impl Maker<'_> {
    /// The steps of `tables = "replace"` that come before the tables. Whether there is something to drop is found out when
    /// they run, so that the plan is the same before and after; the findings say what will go.
    pub(super) fn drops(&mut self) -> Result<(), PlanError> {
        if self.inputs.spec.target.tables != TablesMode::Replace {
            return Ok(());
        }
        let (tables, state) = (self.tables, self.inputs.target);
        let mut before = self.ids(&[StepKind::Schema]);
        for mapping in tables {
            let name = &mapping.target;
            let is_ours = state.done.contains_key(&StepKind::Table.id(name));
            let is_dropped = state.done.contains_key(&StepKind::Drop.id(name));
            if is_ours && !is_dropped {
                // An earlier run made it in another mode: it is what this migration has made, and stays.
                continue;
            }
            if let Some(found) = self.found(mapping).filter(|_| !is_ours) {
                let finding = if is_dropped {
                    let message = format!("{} was dropped, and has been made again since", self.qualified(name));
                    Finding::about("target_table_exists", Severity::Blocks, &mapping.source, message)
                        .suggesting("remove it yourself: it is not what the plan was about")
                } else {
                    self.what_goes(mapping, found)
                };
                self.made.findings.push(finding);
            }
            let context = json!({ "table": name, "schema": self.inputs.spec.target.schema });
            self.render(StepKind::Drop, name, before, &context)?.table = Some(mapping.source.clone());
            before = vec![StepKind::Drop.id(name)];
        }
        Ok(())
    }

    fn what_goes(&self, mapping: &TableMapping, found: &TargetTable) -> Finding {
        let name = self.qualified(&found.name);
        let about = |code, severity, message: String| Finding::about(code, severity, &mapping.source, message);
        if matches!(found.kind, RelationKind::View | RelationKind::Foreign | RelationKind::Other) {
            let message = format!("{name} is no table, and is not replaced by one");
            return about("target_not_a_table", Severity::Blocks, message)
                .suggesting("remove it yourself, or migrate into another schema (`target.schema`)");
        }
        let keys = self.standing_references(found).into_iter().map(|reference| {
            format!("constraint {} of {}.{}", reference.constraint, reference.schema, reference.table)
        });
        let dependents = found.dependents.iter().cloned().chain(keys).collect::<Vec<_>>();
        if !dependents.is_empty() {
            let message = format!("{name} cannot be dropped, for others depend on it: {}", dependents.join(", "));
            let finding = about("replaced_table_needed", Severity::Blocks, message)
                .suggesting("remove them yourself, and make them anew in a step of the spec");
            return Finding { count: dependents.len() as u64, ..finding };
        }
        let rows = match found.rows {
            Some(1) => "its row".to_owned(),
            Some(rows) => format!("its {rows} rows"),
            None => "rows that the role of `target.url` may not read".to_owned(),
        };
        let finding = about("table_replaced", Severity::Warns, format!("{name} is dropped, with {rows}"));
        Finding { count: found.rows.unwrap_or(1), ..finding }
    }

    fn qualified(&self, name: &str) -> String {
        format!("{}.{name}", self.inputs.spec.target.schema)
    }
}
