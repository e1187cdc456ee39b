//! Rows that the application's tables already hold.

use super::StepMaker;
use super::rights::lacking_right;
use crate::catalog::{InboundForeignKey, Right, TargetTable};
use crate::name::quote_toml_key;
use crate::plan::error::PlanError;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::mapping::TableMapping;
use crate::plan::step::{StepId, StepKind};
use crate::spec::ExistingRows;
use crate::value::counted_rows;
use serde_json::json;

impl StepMaker<'_> {
    /// Treatment of the rows that a table holds: a finding, and the step that removes them if the spec says so.
    pub(super) fn rows_of(&mut self, mapping: &TableMapping, before: &[StepId]) -> Result<Option<StepId>, PlanError> {
        let (state, name) = (self.inputs.target, &mapping.target);
        let Some(found) = self.fillable(mapping) else { return Ok(None) };
        let choice = self.inputs.spec.existing_rows(&mapping.source);
        let truncate = StepKind::Truncate.id(name);
        let is_loaded = state.loaded.contains(&mapping.source) || state.done.contains_key(&StepKind::Copy.id(name));
        let finding = match (is_loaded, choice) {
            (true, ExistingRows::Truncate) if !state.done.contains_key(&truncate) => Some(already_loaded(mapping)),
            (true, _) => None,
            (false, ExistingRows::Truncate) if state.done.contains_key(&truncate) => None,
            (false, _) => self.rows_there(mapping, found, choice),
        };
        self.made.findings.extend(finding);
        if choice != ExistingRows::Truncate {
            return Ok(None);
        }
        self.render_of(mapping, StepKind::Truncate, None, before.to_vec(), &json!({ "table": name }))?;
        Ok(Some(truncate))
    }

    /// The finding about the rows that a table holds before the first copied one.
    fn rows_there(&self, mapping: &TableMapping, found: &TargetTable, choice: ExistingRows) -> Option<Finding> {
        let name = self.schemas().shown(&found.name);
        let about = |code, severity, message: String| Finding::about(code, severity, &mapping.source, message);
        let table = quote_toml_key(&mapping.source);
        let Some(rows) = found.rows else {
            let message = |table: &str| {
                format!("the role of `target.url` may not read {table}: whether it holds rows is not known")
            };
            let lacking = found.lacks(&[Right::Usage, Right::Select]).collect::<Vec<_>>();
            return lacking_right(FindingCode::TargetUnreadable, &mapping.source, &name, &message, &lacking);
        };
        if rows == 0 {
            return None;
        }
        let counted = counted_rows(rows);
        let finding = match choice {
            ExistingRows::Stop => about(FindingCode::ExistingRows, Severity::Blocks, format!("{name} already holds {counted}"))
                .suggesting(format!(
                    "# the source's rows are added to them, if all their keys are others; \"merge\" brings rows of the same key together;\n\
                     # \"truncate\" removes them first\n[tables.{table}]\nexisting_rows = \"keep\""
                ))
                .because(Cause::new(["row stands", "rows stand"], "in the target already")),
            ExistingRows::Keep => {
                let message = format!("the source's rows are added to {counted} of {name}");
                about(FindingCode::RowsKept, Severity::Notes, message)
                    .because(Cause::new(["row of the target stays", "rows of the target stay"], "and the source's are added"))
            }
            // Their fate is found out row by row.
            ExistingRows::Merge => return None,
            ExistingRows::Truncate => match self.standing_references(found).as_slice() {
                [] => {
                    let message = format!("{counted} of {name} {} removed first", if rows == 1 { "is" } else { "are" });
                    about(FindingCode::RowsRemoved, Severity::Warns, message)
                        .because(Cause::new(["row of the target is", "rows of the target are"], "removed first"))
                }
                references => {
                    let tables = references
                        .iter()
                        .map(|reference| format!("{}.{}", reference.schema, reference.table))
                        .collect::<Vec<_>>()
                        .join(", ");
                    let message = format!(
                        "{counted} of {name} cannot be removed: tables that are not migrated reference it ({tables})"
                    );
                    let words = "be removed: tables that are not migrated reference them";
                    let cause = Cause { detail: Some(format!(" ({tables})")), ..Cause::new(["row cannot", "rows cannot"], words) };
                    about(FindingCode::TruncateReferenced, Severity::Blocks, message)
                        .suggesting(format!("[tables.{table}]\nexisting_rows = \"keep\""))
                        .because(cause)
                }
            },
        };
        Some(Finding { count: rows, ..finding })
    }

    /// Foreign keys of tables that are not migrated, which are not detached.
    pub(super) fn standing_references<'t>(&self, found: &'t TargetTable) -> Vec<&'t InboundForeignKey> {
        let is_migrated = |reference: &&InboundForeignKey| {
            self.tables.iter().any(|table| self.schemas().place(&table.target) == reference.place())
        };
        found.referenced_by.iter().filter(|reference| !is_migrated(reference)).collect()
    }
}

fn already_loaded(mapping: &TableMapping) -> Finding {
    let message = "rows of it are copied already: they would be removed, and not copied again".to_owned();
    Finding::about(FindingCode::ChangedSinceRun, Severity::Blocks, &mapping.source, message)
        .suggesting("remove `existing_rows = \"truncate\"`")
}
