//! The user's own steps, which the spec adds.

use super::Maker;
use crate::name::nearest;
use crate::plan::error::PlanError;
use crate::plan::step::{StepId, StepKind, Work};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

impl Maker<'_> {
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
            let undo = match &step.undo {
                Some(undo) => self.inputs.templates.render_undo(StepKind::Step, &json!({ "undo": undo }))?,
                None => None,
            };
            let made = self.push(StepKind::Step.id(name), after, format!("{};", step.sql.trim().trim_end_matches(';')));
            made.work = Work::Statement { in_transaction: step.transaction };
            made.undo = undo;
            made.own_undo.clone_from(&step.undo);
        }
        for step in &mut self.made.steps {
            step.after.extend(waiting.remove(&step.id).unwrap_or_default());
        }
        Ok(())
    }
}
