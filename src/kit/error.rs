//! Errors of rendering a kit.

use crate::name::{did_you_mean, nearest};
use crate::template::TemplateError;

/// Hint where a file for `--measured` is wrong, or is not there.
pub const HOW_TO_MEASURE: &str =
    "Run `transship rehearse SPEC`, which writes one, .transship/rehearsal-NAME.json beside the spec.";

/// A kit that cannot be rendered. No file was written.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum KitError {
    /// The source's URL is one variable, so that the spec does not say what the source is.
    #[error("the spec does not say whether the source is a file or a server: its URL is ${{{variable}}}")]
    UnknownSource {
        /// The variable.
        variable: String,
    },
    /// Two files of the spec would have one name in the kit.
    #[error("two files of the kit would have one name: {}", paths.join(", "))]
    SameName {
        /// The names.
        paths: Vec<String>,
    },
    /// `--measured` names a file that is no evidence of a run that copied something.
    #[error("{message}")]
    NotMeasured {
        /// The mistake.
        message: String,
    },
    /// A template does not parse, cannot be rendered, or replaces no built-in one.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl KitError {
    /// Hint for the user.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownSource { variable } => Some(format!(
                "Write the scheme in the spec: url = \"sqlite:${{{variable}}}\", or mysql://${{USER}}:${{PASSWORD}}@${{HOST}}/DATABASE."
            )),
            Self::SameName { .. } => Some("Name the files of the spec's steps differently.".to_owned()),
            Self::NotMeasured { .. } => Some(HOW_TO_MEASURE.to_owned()),
            Self::Template(TemplateError::Unknown { path, known }) => {
                let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
                nearest(&name, known.iter().map(String::as_str)).map(did_you_mean)
            }
            Self::Template(TemplateError::Broken { .. }) => None,
        }
    }
}
