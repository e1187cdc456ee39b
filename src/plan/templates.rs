//! The templates of a plan's SQL, by their use: a kind of step, its rollback, a ready-made check, a suggestion.

use super::error::PlanError;
use super::step::StepKind;
use crate::catalog::Detached;
use crate::name::Schemas;
use crate::template::{Override, TemplateSet};
use serde::Serialize;
use serde_json::{Value, json};

/// The templates that are part of the program, by the kind of step that they make.
const BUILT_IN: [(StepKind, &str); 24] = [
    (StepKind::Role, include_str!("../../templates/role.sql.j2")),
    (StepKind::Schema, include_str!("../../templates/schema.sql.j2")),
    (StepKind::Extension, include_str!("../../templates/extension.sql.j2")),
    (StepKind::Collation, include_str!("../../templates/collation.sql.j2")),
    (StepKind::Setting, include_str!("../../templates/setting.sql.j2")),
    (StepKind::SetAside, include_str!("../../templates/set_aside.sql.j2")),
    (StepKind::Detach, include_str!("../../templates/detach.sql.j2")),
    (StepKind::Truncate, include_str!("../../templates/truncate.sql.j2")),
    (StepKind::Restore, include_str!("../../templates/restore.sql.j2")),
    (StepKind::Type, include_str!("../../templates/type.sql.j2")),
    (StepKind::Generator, include_str!("../../templates/generator.sql.j2")),
    (StepKind::Table, include_str!("../../templates/table.sql.j2")),
    (StepKind::Copy, include_str!("../../templates/copy.sql.j2")),
    (StepKind::Sequence, include_str!("../../templates/sequence.sql.j2")),
    (StepKind::PrimaryKey, include_str!("../../templates/primary_key.sql.j2")),
    (StepKind::Unique, include_str!("../../templates/unique.sql.j2")),
    (StepKind::Index, include_str!("../../templates/index.sql.j2")),
    (StepKind::ForeignKey, include_str!("../../templates/foreign_key.sql.j2")),
    (StepKind::Validate, include_str!("../../templates/validate.sql.j2")),
    (StepKind::Constraint, include_str!("../../templates/constraint.sql.j2")),
    (StepKind::Trigger, include_str!("../../templates/trigger.sql.j2")),
    (StepKind::View, include_str!("../../templates/view.sql.j2")),
    (StepKind::Grant, include_str!("../../templates/grant.sql.j2")),
    (StepKind::Analyze, include_str!("../../templates/analyze.sql.j2")),
];

/// Rollback of the steps of a kind: queries that run before the step and give the statements. A kind that is not listed
/// leaves nothing of its own: rows go with their table.
const UNDO: [(StepKind, &str); 18] = [
    (StepKind::Role, include_str!("../../templates/undo_role.sql.j2")),
    (StepKind::Schema, include_str!("../../templates/undo_schema.sql.j2")),
    (StepKind::Extension, include_str!("../../templates/undo_extension.sql.j2")),
    (StepKind::Collation, include_str!("../../templates/undo_collation.sql.j2")),
    (StepKind::Setting, include_str!("../../templates/undo_setting.sql.j2")),
    (StepKind::SetAside, include_str!("../../templates/undo_set_aside.sql.j2")),
    (StepKind::Type, include_str!("../../templates/undo_type.sql.j2")),
    (StepKind::Generator, include_str!("../../templates/undo_generator.sql.j2")),
    (StepKind::Table, include_str!("../../templates/undo_table.sql.j2")),
    (StepKind::Sequence, include_str!("../../templates/undo_sequence.sql.j2")),
    (StepKind::PrimaryKey, include_str!("../../templates/undo_primary_key.sql.j2")),
    (StepKind::Unique, include_str!("../../templates/undo_unique.sql.j2")),
    (StepKind::Index, include_str!("../../templates/undo_index.sql.j2")),
    (StepKind::ForeignKey, include_str!("../../templates/undo_foreign_key.sql.j2")),
    (StepKind::Constraint, include_str!("../../templates/undo_constraint.sql.j2")),
    (StepKind::Trigger, include_str!("../../templates/undo_trigger.sql.j2")),
    (StepKind::View, include_str!("../../templates/undo_view.sql.j2")),
    (StepKind::Grant, include_str!("../../templates/undo_grant.sql.j2")),
];

/// Rollback of a step of the spec that has `undo`.
const UNDO_STEP: (StepKind, &str) = (StepKind::Step, include_str!("../../templates/undo_step.sql.j2"));

/// The queries of ready-made checks, by the spec's word for them.
const CHECKS: [(&str, &str); 6] = [
    ("check_not_null", include_str!("../../templates/check_not_null.sql.j2")),
    ("check_unique", include_str!("../../templates/check_unique.sql.j2")),
    ("check_foreign_key", include_str!("../../templates/check_foreign_key.sql.j2")),
    ("check_accepted_values", include_str!("../../templates/check_accepted_values.sql.j2")),
    ("check_row_count", include_str!("../../templates/check_row_count.sql.j2")),
    ("check_sum", include_str!("../../templates/check_sum.sql.j2")),
];

/// Templates of SQL that a plan suggests, by name.
const SUGGESTED: [(&str, &str); 2] = [
    ("touch_trigger", include_str!("../../templates/touch_trigger.sql.j2")),
    ("undo_touch_trigger", include_str!("../../templates/undo_touch_trigger.sql.j2")),
];

/// The context of the templates that detach foreign keys and triggers from a table or restore them.
pub(crate) fn detached_context(table: &str, detached: &Detached) -> Value {
    let Detached { foreign_keys, triggers } = detached;
    json!({ "table": table, "foreign_keys": foreign_keys, "triggers": triggers })
}

/// The templates of a plan, ready to render.
#[derive(Debug)]
pub struct Templates {
    set: TemplateSet,
}

impl Templates {
    /// Compiles the built-in templates and those that replace some of them, for tables of these schemas.
    ///
    /// # Errors
    /// A file that replaces nothing, a template that does not parse.
    pub fn new(schemas: &Schemas, overrides: Vec<Override>) -> Result<Self, PlanError> {
        let does = BUILT_IN.iter().map(|(kind, text)| (file_name(kind.word()), *text));
        let undoes = UNDO.iter().chain([&UNDO_STEP]).map(|(kind, text)| (undo_file_name(*kind), *text));
        let suggested = CHECKS.iter().chain(&SUGGESTED).map(|(name, text)| (file_name(name), *text));
        let set = TemplateSet::new(does.chain(undoes).chain(suggested), overrides)?.in_schemas(schemas);
        Ok(Self { set })
    }

    /// Renders the SQL of one step.
    ///
    /// # Errors
    /// The template uses a name that the context does not have, or fails for another reason.
    pub fn render(&self, kind: StepKind, context: &impl Serialize) -> Result<String, PlanError> {
        Ok(self.set.render(&file_name(kind.word()), context)?)
    }

    /// Renders the query for the statements that roll a step back; `None` if it leaves nothing of its own.
    ///
    /// # Errors
    /// As for [`Templates::render`].
    pub fn render_undo(&self, kind: StepKind, context: &impl Serialize) -> Result<Option<String>, PlanError> {
        let file = undo_file_name(kind);
        let rendered = self.set.has(&file).then(|| self.set.render(&file, context)).transpose()?;
        Ok(rendered.filter(|query| !query.is_empty()))
    }

    /// Renders the query of a ready-made check.
    ///
    /// # Errors
    /// As for [`Templates::render`].
    pub(super) fn check(&self, kind: &str, context: &impl Serialize) -> Result<String, PlanError> {
        Ok(self.set.render(&file_name(&format!("check_{kind}")), context)?)
    }

    /// Renders SQL that a plan suggests.
    ///
    /// # Errors
    /// As for [`Templates::render`].
    pub(super) fn suggest(&self, name: &str, context: &impl Serialize) -> Result<String, PlanError> {
        Ok(self.set.render(&file_name(name), context)?)
    }

    /// The digest of every template's text.
    #[must_use]
    pub fn digest(&self) -> String {
        self.set.digest()
    }
}

fn file_name(name: &str) -> String {
    format!("{name}.sql.j2")
}

fn undo_file_name(kind: StepKind) -> String {
    format!("undo_{kind}.sql.j2")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::PathBuf;

    #[test]
    fn names_are_quoted_and_qualified() {
        let templates = Templates::new(&Schemas::one("my schema"), Vec::new()).unwrap();
        let sql = templates
            .render(StepKind::PrimaryKey, &json!({ "table": "order", "name": "pk", "columns": ["id", "Größe"] }))
            .unwrap();
        assert_eq!(sql, "ALTER TABLE \"my schema\".\"order\"\n    ADD CONSTRAINT pk PRIMARY KEY (id, \"Größe\");");
    }

    #[test]
    fn the_template_that_was_meant_is_suggested() {
        let file = Override { path: PathBuf::from("tabel.sql.j2"), text: String::new() };
        let error = Templates::new(&Schemas::one("s"), vec![file]).unwrap_err();
        assert_eq!(error.hint().unwrap(), "did you mean `table.sql.j2`?");
    }
}
