//! The errors of templates, with the place in the template.

use std::ops::Range;
use std::path::PathBuf;

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A user's file replaces no template of the set.
    #[error("{} replaces no built-in template", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The file names of the set's templates.
        known: Vec<String>,
    },
    /// A template does not parse or cannot be rendered.
    #[error("the template {name} fails in line {line}: {message}")]
    Broken {
        /// The template's file name, or the path of the file that replaces it.
        name: String,
        /// The line, from one.
        line: usize,
        /// The template engine's message.
        message: String,
        /// The template's text.
        text: String,
        /// The place in the text, in bytes.
        span: Range<usize>,
    },
}
