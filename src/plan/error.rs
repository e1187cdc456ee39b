//! Errors of planning.

use crate::name::{did_you_mean, nearest};
use crate::template::TemplateError;
use std::path::PathBuf;

/// A spec or a template from which no plan can be made. Neither side was written to.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The ordering hints contradict one another.
    #[error("the steps wait for one another in a cycle: {}", cycle.join(" -> "))]
    Cycle {
        /// Ids of the cycle; the first is repeated at the end.
        cycle: Vec<String>,
    },
    /// A hint names a step that does not exist.
    #[error("{place} names the step `{missing}`, which the plan does not have")]
    UnknownStep {
        /// Key of the spec that holds the hint.
        place: String,
        /// The id as written.
        missing: String,
        /// The nearest id that exists.
        nearest: Option<String>,
    },
    /// The template of a step of the spec renders SQL that no step can be.
    #[error("the template {template} of the step \"{step}\" renders {problem}")]
    RenderedStep {
        /// The step's name.
        step: String,
        /// The template's file, or another name of it.
        template: String,
        /// The reason, as it follows the name.
        problem: String,
    },
    /// A template's file cannot be read.
    #[error("the template {} {cause}", path.display())]
    TemplateFile {
        /// The file.
        path: PathBuf,
        /// Why, as it follows the name.
        cause: String,
    },
    /// A template does not parse, cannot be rendered, or replaces no built-in one.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl PlanError {
    /// Stable code for messages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cycle { .. } => "transship::plan::cycle",
            Self::UnknownStep { .. } => "transship::plan::unknown_step",
            Self::RenderedStep { .. } => "transship::plan::rendered_step",
            Self::TemplateFile { .. } => "transship::plan::template_file",
            Self::Template(TemplateError::Unknown { .. }) => "transship::plan::unknown_template",
            Self::Template(TemplateError::Broken { .. }) => "transship::plan::template",
        }
    }

    /// A sentence that says what to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Cycle { .. } => Some("remove one of these `after` or `before` hints from the spec".to_owned()),
            Self::UnknownStep { nearest, .. } => nearest.as_deref().map(did_you_mean),
            Self::RenderedStep { .. } => Some(
                "use `schemas`, `tables` (`name`, `source`, `columns`) and `roles`, with which it is rendered; `transaction = false` lets a step have transactions of its own"
                    .to_owned(),
            ),
            Self::TemplateFile { .. } => Some("check `templates` in the spec".to_owned()),
            Self::Template(TemplateError::Unknown { path, known }) => {
                let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
                nearest(&name, known.iter().map(String::as_str)).map(did_you_mean)
            }
            Self::Template(TemplateError::Broken { .. }) => None,
        }
    }
}
