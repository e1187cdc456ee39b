//! Notes on the limits of a rehearsal.

use super::sample_spec::Sampled;
use crate::spec::{Spec, TablesMode};
use crate::target::Outline;
use crate::verify::Sample;

/// The parts that were not rehearsed, and why.
pub(super) fn notes_about(
    spec: &Spec,
    outline: Option<&Outline>,
    part: Option<&Sampled>,
    sample: Option<Sample>,
) -> Vec<String> {
    let mut notes = Vec::new();
    let list = |names: &[String]| names.join(", ");
    match outline {
        Some(outline) => {
            notes.push(format!(
                "The private server began with the structure of the target's {} tables and the rows of the small ones.",
                outline.tables
            ));
            if !outline.large.is_empty() {
                notes.push(format!(
                    "These hold rows in the target and began without them, for they are large: {}. What `existing_rows` does \
                     about these rows was not rehearsed.",
                    list(&outline.large)
                ));
            }
            if !outline.loaded.is_empty() {
                notes.push(format!(
                    "An earlier run has loaded these in the target; they began empty: {}.",
                    list(&outline.loaded)
                ));
            }
            if !outline.event_triggers.is_empty() {
                notes.push(format!(
                    "Event triggers of the target were left out, and what they do was not rehearsed: {}.",
                    list(&outline.event_triggers)
                ));
            }
        }
        None if spec.target.tables == TablesMode::Create => notes.push(
            "The private server began empty: `transship plan` checks the objects that the target already holds."
                .to_owned(),
        ),
        None => notes.push("The target was never made, and the private server began empty.".to_owned()),
    }
    notes.push(
        "The role of the private server may do everything: `transship plan` says which rights are missing in the target."
            .to_owned(),
    );
    if let (Some(part), Some(sample)) = (part, sample) {
        if part.tables.is_empty() {
            notes.push(format!("No table was large enough for a sample of {sample}: all rows were rehearsed."));
        } else {
            notes.push(format!(
                "{sample} of the rows of the large tables (there are {}) were rehearsed. Foreign keys, checks, views and sequences were left \
                 out: they are about all rows.",
                part.tables.len()
            ));
        }
        if !part.whole.is_empty() {
            notes.push(format!("Taken whole, for no number names their rows: {}.", list(&part.whole)));
        }
    }
    notes
}
