//! Triggers are omitted: their bodies are programs. For the common kinds the plan suggests a replacement.

use super::StepMaker;
use crate::catalog::{OtherObject, OtherObjectKind, RowIdentity};
use crate::dialect;
use crate::dialect::trigger::{Touch, Trigger};
use crate::name::{quote_toml_key, shorten};
use crate::plan::error::PlanError;
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};
use serde_json::json;

impl StepMaker<'_> {
    pub(super) fn triggers(&mut self) -> Result<(), PlanError> {
        let is_trigger = |other: &&OtherObject| {
            other.kind == OtherObjectKind::Trigger && self.inputs.spec.source.tables.selects(&other.name)
        };
        for trigger in self.inputs.catalog.others.iter().filter(is_trigger) {
            // The spec has a step in its place.
            if self.inputs.spec.steps.contains_key(&step_name(&trigger.name)) {
                continue;
            }
            let sql = trigger.sql.as_deref().unwrap_or_default();
            let read = dialect::of(self.inputs.catalog.engine).trigger(sql);
            let place = match &read {
                Some(read) => OmittedPlace::of_table(&read.table, &trigger.name),
                None => OmittedPlace::alone(&trigger.name),
            };
            if self.is_skipped(&trigger.name) {
                self.omit(OmittedObject::Trigger, place, OmissionReason::known("left out by `skip`"));
                continue;
            }
            if read.as_ref().is_some_and(|read| self.is_search(read) && self.has_search(&read.table)) {
                continue;
            }
            let reason = match read {
                Some(read) if self.is_search(&read) => {
                    let table = &read.writes[0];
                    let cause = format!(
                        "it keeps the full-text table {table} in step, which a generated tsvector column does by itself"
                    );
                    let full = format!("{cause}:\n{sql}");
                    OmissionReason::known(cause).with_text(sql, full)
                }
                Some(Trigger { table, touch: Some(touch), .. }) => match self.touch(&trigger.name, &table, &touch)? {
                    Some(step) => {
                        let cause = "a trigger's body has to be rewritten; a step of the spec can do the same";
                        let full = format!("{cause}:\n[{}]\n{}\nIt was:\n{sql}", step.heading, step.body);
                        OmissionReason::from(cause).with_text(sql, full).settled_by(step)
                    }
                    None => untranslated(&trigger.name, sql),
                },
                _ => untranslated(&trigger.name, sql),
            };
            self.omit(OmittedObject::Trigger, place, reason);
        }
        Ok(())
    }

    /// Whether the spec skips a trigger.
    fn is_skipped(&self, trigger: &str) -> bool {
        self.inputs.spec.skipped_triggers.iter().any(|skipped| skipped.eq_ignore_ascii_case(trigger))
    }

    /// Whether a trigger writes virtual tables and nothing else.
    fn is_search(&self, trigger: &Trigger) -> bool {
        let is_virtual = |name: &String| {
            let others = &self.inputs.catalog.others;
            others
                .iter()
                .any(|other| other.kind == OtherObjectKind::VirtualTable && other.name.eq_ignore_ascii_case(name))
        };
        !trigger.writes.is_empty() && trigger.writes.iter().all(is_virtual)
    }

    /// Whether the spec gives a table a tsvector column.
    fn has_search(&self, table: &str) -> bool {
        self.tables.iter().any(|mapping| mapping.source.eq_ignore_ascii_case(table) && mapping.search.is_some())
    }

    /// The step of the spec that sets the same columns to the same values before the row is written.
    fn touch(&self, name: &str, table: &str, touch: &Touch) -> Result<Option<SpecLines>, PlanError> {
        let Some(table) = self.inputs.catalog.table(table) else { return Ok(None) };
        let Some(mapping) = self.tables.iter().find(|mapping| mapping.source == table.name) else { return Ok(None) };
        let is_hidden = |identity: &RowIdentity| {
            matches!(identity, RowIdentity::Integer { .. })
                && table.column(&touch.key).is_none()
                && mapping.dialect().row_names().iter().any(|name| touch.key.eq_ignore_ascii_case(name))
        };
        let is_key = match &table.primary_key {
            Some(key) if key.columns.len() == 1 => key.columns[0].eq_ignore_ascii_case(&touch.key),
            _ => false,
        } || is_hidden(&table.row_identity);
        let dialect = mapping.dialect();
        let set = |(column, value): &(String, _)| {
            let column = mapping.columns.iter().find(|mapped| mapped.source.eq_ignore_ascii_case(column))?;
            Some(
                json!({ "column": column.target, "value": dialect.present(value, &column.column_type, &column.zone(&mapping.zone))? }),
            )
        };
        let sets = touch.sets.iter().map(set).collect::<Option<Vec<_>>>();
        let (Some(sets), Some(of), true) = (sets, mapping.target_columns(&touch.of), is_key) else { return Ok(None) };
        let target = shorten(&self.inputs.spec.target.names.apply(self.bare(name)));
        let target = self.schemas().unlike_tables(target);
        let context = json!({ "name": target, "table": mapping.target, "sets": sets, "of": of });
        let sql = self.inputs.templates.suggest("touch_trigger", &context)?;
        let undo = self.inputs.templates.suggest("undo_touch_trigger", &context)?;
        let step = quote_toml_key(&step_name(name));
        let body = format!("sql = '''\n{sql}\n'''\nundo = '''\n{undo}\n'''");
        Ok(Some(SpecLines::new(format!("steps.{step}"), body)))
    }
}

/// The step of the spec that takes a trigger's place.
fn step_name(trigger: &str) -> String {
    format!("trigger {trigger}")
}

fn untranslated(trigger: &str, sql: &str) -> OmissionReason {
    let step = quote_toml_key(&step_name(trigger));
    let cause = "a trigger's body has to be rewritten for PostgreSQL";
    let full = format!("{cause}; give it as the step [steps.{step}]. It is:\n{sql}");
    let lines = SpecLines::new(format!("triggers.{}", quote_toml_key(trigger)), "skip = true");
    OmissionReason::from(cause).with_text(sql, full).settled_by(lines)
}
