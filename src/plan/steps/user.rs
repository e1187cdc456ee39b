//! What the spec adds: the user's own steps.

use super::Maker;
use crate::name::nearest;
use crate::plan::error::PlanError;
use crate::plan::step::StepKind;
use serde_json::json;
use std::collections::BTreeMap;

impl Maker<'_> {
    pub(super) fn user_steps(&mut self) -> Result<(), PlanError> {
        let everything = self.made.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>();
        let steps = &self.inputs.spec.steps;
        let own = steps.keys().map(|name| StepKind::Step.id(name)).collect::<Vec<_>>();
        let known = || everything.iter().chain(&own).map(String::as_str);
        let missing = |place: String, id: &str| PlanError::UnknownStep {
            place,
            missing: id.to_owned(),
            nearest: nearest(id, known()).map(str::to_owned),
        };
        let mut waiting: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, step) in steps {
            for (key, ids) in [("after", &step.after), ("before", &step.before)] {
                if let Some(id) = ids.iter().find(|id| !known().any(|known| known == id.as_str())) {
                    return Err(missing(format!("`{key}` of the step \"{name}\""), id));
                }
            }
            for id in &step.before {
                waiting.entry(id).or_default().push(StepKind::Step.id(name));
            }
        }
        for (name, step) in steps {
            // Without a hint the user's SQL finds everything in its place.
            let after =
                if step.after.is_empty() && step.before.is_empty() { everything.clone() } else { step.after.clone() };
            let undo = match &step.undo {
                Some(undo) => self.inputs.templates.render_undo(StepKind::Step, &json!({ "undo": undo }))?,
                None => None,
            };
            let made = self.push(StepKind::Step, name, after, format!("{};", step.sql.trim().trim_end_matches(';')));
            made.transaction = step.transaction;
            made.undo = undo;
        }
        for step in &mut self.made.steps {
            step.after.extend(waiting.remove(step.id.as_str()).unwrap_or_default());
        }
        Ok(())
    }
}
