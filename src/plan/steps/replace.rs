//! Tables that are set aside and created again.

use super::StepMaker;
use crate::catalog::{InboundForeignKey, RelationKind, TargetTable};
use crate::name::{QualifiedName, Schemas, shorten};
use crate::plan::error::PlanError;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::mapping::TableMapping;
use crate::plan::step::StepKind;
use crate::spec::TablesMode;
use serde_json::json;

/// The schema into which a migration moves a table that it replaces, and in which it stays until the user drops it. Tables of
/// several databases may have one name, so that each of their schemas has one of its own for them.
#[must_use]
pub fn schema_aside(migration: &str, schemas: &Schemas, table: &str) -> String {
    let aside = format!("transship_replaced_{migration}");
    shorten(&if schemas.are_of_databases() { format!("{aside}_{}", schemas.schema_of(table)) } else { aside })
}

impl StepMaker<'_> {
    /// The steps of `tables = "replace"` that come before the tables. They check for tables to set aside only when they
    /// run, so that the plan is the same before and after; the findings name the tables.
    pub(super) fn set_aside(&mut self) -> Result<(), PlanError> {
        if self.inputs.spec.target.tables != TablesMode::Replace {
            return Ok(());
        }
        let (tables, state) = (self.tables, self.inputs.target);
        let mut before = self.ids(&[StepKind::Schema]);
        for mapping in tables {
            let name = &mapping.target;
            let is_ours = state.done.contains_key(&StepKind::Table.id(name));
            let is_aside = state.done.contains_key(&StepKind::SetAside.id(name));
            if is_ours && !is_aside {
                // A table that an earlier run of this migration created in another mode stays.
                continue;
            }
            if let Some(found) = self.found(mapping).filter(|_| !is_ours) {
                let finding = if is_aside {
                    let message =
                        format!("{} was set aside, and has been made again since", self.schemas().shown(name));
                    Finding::about(FindingCode::TargetTableExists, Severity::Blocks, &mapping.source, message)
                        .suggesting("remove it yourself: it was created after the table was set aside")
                } else {
                    self.what_is_replaced(mapping, found)
                };
                self.made.findings.push(finding);
            }
            let schema = self.schemas().schema_of(name);
            let mut context = json!({ "table": name, "schema": schema, "aside": self.aside(name) });
            if self.schemas().are_of_databases() {
                context["by_place"] = json!(true);
            }
            self.render_of(mapping, StepKind::SetAside, None, before, &context)?;
            before = vec![StepKind::SetAside.id(name)];
        }
        Ok(())
    }

    fn what_is_replaced(&self, mapping: &TableMapping, found: &TargetTable) -> Finding {
        let name = self.schemas().shown(&found.name);
        let about = |code, severity, message: String| Finding::about(code, severity, &mapping.source, message);
        if matches!(found.kind, RelationKind::View | RelationKind::Foreign | RelationKind::Other) {
            let message = format!("{name} is no table, and is not replaced by one");
            return about(FindingCode::TargetNotATable, Severity::Blocks, message).suggesting(format!(
                "remove it yourself, or migrate into another schema (`{}`)",
                self.inputs.spec.target.schema_key()
            ));
        }
        // An interrupted run has set their tables aside already; the step drops these keys like the others.
        let schemas = self.schemas();
        let is_aside = |reference: &&InboundForeignKey| {
            let is_now = |table: &TableMapping| {
                let (schema, name) = (self.aside(&table.target), schemas.bare(&table.target));
                reference.place() == QualifiedName { schema: &schema, name }
            };
            self.tables.iter().any(is_now)
        };
        let keys =
            self.standing_references(found).into_iter().filter(|reference| !is_aside(reference)).map(|reference| {
                format!("constraint {} of {}.{}", reference.constraint, reference.schema, reference.table)
            });
        let dependents = found.dependents.iter().cloned().chain(keys).collect::<Vec<_>>();
        if !dependents.is_empty() {
            let message = format!("{name} cannot be set aside, for others depend on it: {}", dependents.join(", "));
            let finding = about(FindingCode::ReplacedTableNeeded, Severity::Blocks, message)
                .suggesting("remove them yourself, and create them again in a step of the spec");
            return Finding { count: dependents.len() as u64, ..finding };
        }
        let rows = match found.rows {
            Some(1) => "its row".to_owned(),
            Some(rows) => format!("its {} rows", crate::value::count(rows)),
            None => "rows that the role of `target.url` may not read".to_owned(),
        };
        let aside = self.aside(&found.name);
        let mut message = format!("{name} is set aside as {aside}.{}, with {rows}", schemas.bare(&found.name));
        let kept = found.foreign_keys.iter().filter(|key| self.filled(key).is_none());
        let kept = kept.map(|key| format!("{} ({}.{})", key.name, key.referenced_schema, key.referenced_table));
        let kept = kept.collect::<Vec<_>>();
        if !kept.is_empty() {
            let keys = format!("; its foreign keys to tables that stay hold there as well: {}", kept.join(", "));
            message.push_str(&keys);
        }
        let finding = about(FindingCode::TableReplaced, Severity::Warns, message)
            .suggesting("run `transship rollback` to bring it back, or `transship discard` to remove it for good");
        let words = format!("in tables that are set aside in the schema {aside}");
        let finding = finding.because(Cause::new(["row stands", "rows stand"], words));
        Finding { count: found.rows.unwrap_or(1), ..finding }
    }

    /// The schema into which a table is moved.
    fn aside(&self, table: &str) -> String {
        schema_aside(&self.inputs.spec.name, self.schemas(), table)
    }
}
