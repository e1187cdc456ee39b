//! Procedures, functions and events are omitted with their text: programs have to be rewritten. So is a sequence that
//! PostgreSQL cannot have.

use super::StepMaker;
use crate::catalog::{OtherObject, OtherObjectKind};
use crate::name::quote_toml_key;
use crate::plan::omitted::{OmissionReason, OmittedPlace, SpecLines};

impl StepMaker<'_> {
    pub(super) fn objects(&mut self) {
        let is_selected =
            |other: &&OtherObject| other.kind.is_by_itself() && self.inputs.spec.source.tables.selects(&other.name);
        for object in self.inputs.catalog.others.iter().filter(is_selected) {
            let step = format!("{} {}", object.kind.word(), object.name);
            if self.sequences.iter().any(|sequence| sequence.source == object.name) {
                continue;
            }
            // The spec has a step in its place.
            if self.inputs.spec.steps.contains_key(&step) {
                continue;
            }
            let skipped = &self.inputs.spec.skipped_objects;
            let reason = if skipped.iter().any(|skipped| skipped.eq_ignore_ascii_case(&object.name)) {
                OmissionReason::known("left out by `skip`")
            } else {
                let (key, sql) = (quote_toml_key(&step), object.sql.as_deref().unwrap_or_default());
                let cause = match object.kind {
                    OtherObjectKind::Event => {
                        "PostgreSQL runs no statements by itself; an extension or another scheduler does"
                    }
                    OtherObjectKind::Sequence => {
                        "its numbers leave 64 bits, or a setting of the server is its increment"
                    }
                    _ => "its body has to be rewritten for PostgreSQL",
                };
                let full = format!("{cause}; give it as the step [steps.{key}]. It is:\n{sql}");
                let heading = format!("objects.{}", quote_toml_key(&object.name));
                OmissionReason::from(cause).with_text(sql, full).settled_by(SpecLines::new(heading, "skip = true"))
            };
            self.omit(object.kind.into(), OmittedPlace::alone(&object.name), reason);
        }
    }
}
