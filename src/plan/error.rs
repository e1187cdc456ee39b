//! Why no plan can be made.

use crate::name::did_you_mean;
use std::path::PathBuf;

/// A spec or a template that makes no plan. Nothing has been touched.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The ordering hints contradict one another.
    #[error("the steps wait for one another in a cycle: {}", cycle.join(" -> "))]
    Cycle {
        /// The ids, the first again at the end.
        cycle: Vec<String>,
    },
    /// A hint names a step that does not exist.
    #[error("{place} names the step `{missing}`, which the plan does not have")]
    UnknownStep {
        /// Where in the spec.
        place: String,
        /// The id as written.
        missing: String,
        /// The nearest id that exists.
        nearest: Option<String>,
    },
    /// A template's file cannot be read.
    #[error("the template {} {cause}", path.display())]
    TemplateFile {
        /// The file.
        path: PathBuf,
        /// Why, as it follows the name.
        cause: String,
    },
    /// A file in the templates directory replaces nothing.
    #[error("{} replaces no built-in template", path.display())]
    UnknownTemplate {
        /// The file.
        path: PathBuf,
        /// The nearest name that exists.
        nearest: Option<String>,
    },
    /// A template does not parse or cannot be rendered.
    #[error("the template {name} fails in line {line}: {message}")]
    Template {
        /// The template's name, or the path of the file that replaces it.
        name: String,
        /// The line, from one.
        line: usize,
        /// The template engine's message.
        message: String,
        /// The template's text.
        text: String,
        /// Where in the text, in bytes.
        span: std::ops::Range<usize>,
    },
}

impl PlanError {
    /// Stable code for messages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cycle { .. } => "transship::plan::cycle",
            Self::UnknownStep { .. } => "transship::plan::unknown_step",
            Self::TemplateFile { .. } => "transship::plan::template_file",
            Self::UnknownTemplate { .. } => "transship::plan::unknown_template",
            Self::Template { .. } => "transship::plan::template",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Cycle { .. } => Some("remove one of these `after` or `before` hints from the spec".to_owned()),
            Self::UnknownStep { nearest, .. } | Self::UnknownTemplate { nearest, .. } => {
                nearest.as_deref().map(did_you_mean)
            }
            Self::TemplateFile { .. } => Some("check `templates` in the spec".to_owned()),
            Self::Template { .. } => None,
        }
    }
}
