//! Problems of a spec with their places, and the error that carries all of them.

use crate::connection::secret;
use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The stable codes of problems, for scripts and for searching.
pub mod code {
    /// The document is not TOML.
    pub const SYNTAX: &str = "transship::spec::syntax";
    /// A key that is not known.
    pub const UNKNOWN_KEY: &str = "transship::spec::unknown_key";
    /// A required key that is missing.
    pub const MISSING_KEY: &str = "transship::spec::missing_key";
    /// A value of another TOML type than the key needs.
    pub const WRONG_TYPE: &str = "transship::spec::wrong_type";
    /// A value that the key does not accept.
    pub const BAD_VALUE: &str = "transship::spec::bad_value";
    /// `spec = …` names a form of the document that this version does not read.
    pub const UNKNOWN_VERSION: &str = "transship::spec::unknown_version";
    /// `--env` names an overlay that the document does not have.
    pub const UNKNOWN_ENVIRONMENT: &str = "transship::spec::unknown_environment";
    /// A source type is mapped to a name that is no column type.
    pub const UNKNOWN_TYPE: &str = "transship::spec::unknown_type";
    /// A time zone that the machine's time zone data does not have.
    pub const UNKNOWN_TIMEZONE: &str = "transship::spec::unknown_timezone";
    /// An address of a database that cannot be read.
    pub const BAD_URL: &str = "transship::spec::bad_url";
    /// A name or value is given twice.
    pub const DUPLICATE: &str = "transship::spec::duplicate";
    /// Two settings that exclude one another.
    pub const CONTRADICTION: &str = "transship::spec::contradiction";
    /// A file or directory that the spec names and that cannot be read.
    pub const MISSING_FILE: &str = "transship::spec::missing_file";
    /// A file that a spec may not show: see `spec::confinement`.
    pub const FILE_NOT_ALLOWED: &str = "transship::spec::file_not_allowed";
    /// A variable that is not set and has no default.
    pub const UNSET_VARIABLE: &str = "transship::spec::unset_variable";
    /// A `${` that is no reference to a variable.
    pub const MALFORMED_VARIABLE: &str = "transship::spec::malformed_variable";
    /// A reference to a variable outside of `[source]` and `[target]`.
    pub const VARIABLE_NOT_READ_HERE: &str = "transship::spec::variable_not_read_here";
    /// SQL for the source that is not one expression computed for each row by itself.
    pub const NOT_ONE_EXPRESSION: &str = "transship::spec::not_one_expression";
    /// SQL of a check that is not one query.
    pub const NOT_ONE_QUERY: &str = "transship::spec::not_one_query";
    /// SQL of a step that would end the transaction that it runs in.
    pub const TRANSACTION_IN_STEP: &str = "transship::spec::transaction_in_step";
}

/// One mistake in a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// One of [`code`].
    pub code: &'static str,
    /// Description of the mistake, in one line, without secrets.
    pub message: String,
    /// The bytes of the document it is about.
    pub span: Range<usize>,
    /// A word or two for the mark under those bytes.
    pub label: String,
    /// Hint for the user.
    pub hint: Option<String>,
}

impl Problem {
    pub(super) fn new(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span, label: "here".to_owned(), hint: None }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Line and column of the problem's beginning in `text`, both counted from 1, the column in characters.
    #[must_use]
    pub fn position(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        // No editor counts the byte order mark.
        let in_line = before[line_start..].trim_start_matches('\u{feff}');
        (before.matches('\n').count() + 1, in_line.chars().count() + 1)
    }
}

/// Collects problems while a document is read.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// Notes a problem. Passwords in its message, label and hint are masked.
    pub(super) fn report(&self, mut problem: Problem) {
        problem.message = secret::mask_message(&problem.message);
        problem.label = secret::mask_message(&problem.label);
        problem.hint = problem.hint.map(|hint| secret::mask_message(&hint));
        self.0.borrow_mut().push(problem);
    }

    /// Whether a value of the wrong type was found for `key` at or after a place in the document.
    pub(super) fn has_wrong_type(&self, key: &str, from: usize) -> bool {
        let prefix = format!("`{key}`: ");
        let is_it = |problem: &Problem| {
            problem.code == code::WRONG_TYPE && problem.span.start >= from && problem.message.starts_with(&prefix)
        };
        self.0.borrow().iter().any(is_it)
    }

    /// All problems in the order of the document, without duplicates.
    pub(super) fn into_sorted(self) -> Vec<Problem> {
        let mut problems = self.0.into_inner();
        problems.sort_by(|one, other| {
            (one.span.start, one.span.end, one.code, &one.message).cmp(&(
                other.span.start,
                other.span.end,
                other.code,
                &other.message,
            ))
        });
        problems
            .dedup_by(|one, other| one.code == other.code && one.span == other.span && one.message == other.message);
        problems
    }
}

/// Reason why there is no spec.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file could not be read as text.
    #[error("{}: {message}", path.display())]
    Io {
        /// The file as the user named it.
        path: PathBuf,
        /// Description of the mistake.
        message: String,
        /// Hint for the user.
        hint: Option<String>,
        /// The operating system's reason, if it gave one.
        source: Option<std::io::Error>,
    },
    /// The document has problems.
    #[error("{}", Listing { path, text, problems })]
    Problems {
        /// The file as the user named it.
        path: PathBuf,
        /// The document for excerpts. Every byte has its place in the file, but passwords in URLs are masked by stars.
        text: String,
        /// All problems, in the order of the document.
        problems: Vec<Problem>,
    },
}

struct Listing<'a> {
    path: &'a Path,
    text: &'a str,
    problems: &'a [Problem],
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            let (line, column) = problem.position(self.text);
            write!(formatter, "{}:{line}:{column}: {}", self.path.display(), problem.message)?;
            if let Some(hint) = &problem.hint {
                write!(formatter, "\n  hint: {hint}")?;
            }
        }
        Ok(())
    }
}
