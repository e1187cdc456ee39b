//! The user's own steps, which the spec adds.

use super::StepMaker;
use crate::dialect::postgresql::{is_blank, transaction_command};
use crate::name::nearest;
use crate::plan::error::PlanError;
use crate::plan::mapping::TableMapping;
use crate::plan::step::{StepId, StepKind, Work};
use crate::spec::StepSql;
use crate::template::TemplateSet;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

impl StepMaker<'_> {
    pub(super) fn user_steps(&mut self) -> Result<(), PlanError> {
        let everything = self.made.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>();
        let steps = &self.inputs.spec.steps;
        let own = steps.keys().map(|name| StepKind::Step.id(name));
        let known = everything.iter().cloned().chain(own).collect::<BTreeSet<_>>();
        let find = |place: &dyn Fn() -> String, id: &String| {
            id.parse().ok().filter(|id| known.contains(id)).ok_or_else(|| {
                let known = known.iter().map(ToString::to_string).collect::<Vec<_>>();
                let nearest = nearest(id, known.iter().map(String::as_str)).map(str::to_owned);
                PlanError::UnknownStep { place: place(), missing: id.clone(), nearest }
            })
        };
        let mut hints: BTreeMap<&str, Vec<StepId>> = BTreeMap::new();
        let mut waiting: BTreeMap<StepId, Vec<StepId>> = BTreeMap::new();
        for (name, step) in steps {
            let place = |key: &str| format!("`{key}` of the step \"{name}\"");
            let after = step.after.iter().map(|id| find(&|| place("after"), id)).collect::<Result<_, _>>()?;
            hints.insert(name, after);
            for id in &step.before {
                waiting.entry(find(&|| place("before"), id)?).or_default().push(StepKind::Step.id(name));
            }
        }
        for (name, step) in steps {
            let hinted = hints.remove(name.as_str()).unwrap_or_default();
            // Without a hint the user's SQL runs after all other steps but the checks.
            let after = if step.after.is_empty() && step.before.is_empty() { everything.clone() } else { hinted };
            let own_undo = step.undo.as_ref().map(|undo| self.statements(name, undo, step.transaction)).transpose()?;
            let undo = match &own_undo {
                Some(undo) => self.inputs.templates.render_undo(StepKind::Step, &json!({ "undo": undo }))?,
                None => None,
            };
            let sql = self.statements(name, &step.sql, step.transaction)?;
            let made = self.push(StepKind::Step.id(name), after, format!("{};", sql.trim().trim_end_matches(';')));
            made.work = Work::Statement { in_transaction: step.transaction };
            made.undo = undo;
            made.own_undo = own_undo;
        }
        for step in &mut self.made.steps {
            step.after.extend(waiting.remove(&step.id).unwrap_or_default());
        }
        Ok(())
    }

    /// The statements of a step, or of its `undo`: a template is rendered with all tables that the plan has, so that a plan shows what
    /// will be executed.
    fn statements(&self, step: &str, sql: &StepSql, in_transaction: bool) -> Result<String, PlanError> {
        let (template, text) = match sql {
            StepSql::Statements(sql) => return Ok(sql.clone()),
            StepSql::Template { name, text } => (name, text.as_str()),
        };
        let templates = TemplateSet::of_lines([(template.clone(), text)], Vec::new())?.in_schemas(self.schemas());
        let table = |mapping: &TableMapping| {
            let columns = mapping.columns.iter().map(|column| &column.target).collect::<Vec<_>>();
            json!({ "name": mapping.target, "source": mapping.source, "columns": columns })
        };
        let tables = self.tables.iter().map(table).collect::<Vec<_>>();
        let schemas = self.schemas().iter().map(|schema| schema.name()).collect::<Vec<_>>();
        let roles = self.inputs.spec.target.grants.keys().filter(|role| !role.eq_ignore_ascii_case("public"));
        let context = json!({ "schemas": schemas, "tables": tables, "roles": roles.collect::<Vec<_>>() });
        let sql = templates.render(template, &context)?;
        let refused = |problem: String| {
            Err(PlanError::RenderedStep { step: step.to_owned(), template: template.clone(), problem })
        };
        match transaction_command(&sql) {
            _ if is_blank(&sql) => refused("no SQL".to_owned()),
            Some((command, _)) if in_transaction => {
                refused(format!("{command}, which would end the transaction that the step runs in"))
            }
            _ => Ok(sql),
        }
    }
}
