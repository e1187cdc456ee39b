//! Reason for an omission, and the place of the omitted object.

use crate::plan::FindingCode;

/// Lines of spec under one heading.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SpecLines {
    /// The heading, without its brackets.
    pub(crate) heading: String,
    /// The lines under the heading.
    pub(crate) body: String,
}

impl SpecLines {
    pub(crate) fn new(heading: impl Into<String>, body: impl Into<String>) -> Self {
        Self { heading: heading.into(), body: body.into() }
    }
}

/// Place of an omitted object.
#[derive(Debug, Clone, Default)]
pub(crate) struct OmittedPlace {
    pub(super) name: String,
    pub(super) table: Option<String>,
    pub(super) column: Option<String>,
}

impl OmittedPlace {
    /// A column of a table.
    pub(crate) fn column(table: &str, column: &str) -> Self {
        Self { name: format!("{table}.{column}"), table: Some(table.to_owned()), column: Some(column.to_owned()) }
    }

    /// An object of a table, by its name in the list.
    pub(crate) fn of_table(table: &str, name: impl Into<String>) -> Self {
        Self { name: name.into(), table: Some(table.to_owned()), column: None }
    }

    /// An object without a table, such as a trigger of an unknown table.
    pub(crate) fn alone(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// A table, or a view or virtual table.
    pub(crate) fn table(name: &str) -> Self {
        Self::of_table(name, name)
    }
}

/// The finding by which an omission is reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Reported {
    /// The finding of its kind.
    #[default]
    ByKind,
    /// No finding: the spec decided it, or it follows from another omission.
    Known,
    /// A finding with this code.
    Elsewhere(FindingCode),
}

/// Reason for an omission.
#[derive(Debug, Clone, Default)]
pub(crate) struct OmissionReason {
    pub(super) cause: String,
    /// The text for the list; equal to the cause if there is nothing to add.
    pub(super) full: String,
    pub(super) text: Option<String>,
    pub(super) settled_by: Option<SpecLines>,
    pub(super) reported: Reported,
}

impl<T: Into<String>> From<T> for OmissionReason {
    fn from(cause: T) -> Self {
        let cause = cause.into();
        Self { full: cause.clone(), cause, ..Self::default() }
    }
}

impl OmissionReason {
    /// A decision of the spec, or the consequence of another omission.
    pub(crate) fn known(cause: impl Into<String>) -> Self {
        Self { reported: Reported::Known, ..cause.into().into() }
    }

    /// The cause, the source's text, and the line of spec under `heading` that would decide it: SQL in the place of
    /// `unwritten`, or `false`.
    pub(crate) fn undecided(cause: &str, text: &str, heading: &str, key: &str, unwritten: &str) -> Self {
        let full = format!(
            "{cause}: {text}\nThe spec can say it in PostgreSQL's SQL, or false to leave it behind:\n\
             [{heading}]\n{key} = \"{unwritten}\""
        );
        Self::from(cause).with_text(text, full).settled_by(SpecLines::new(heading, format!("{key} = false")))
    }

    /// Known after all if it follows from an object that the spec skips.
    pub(crate) fn known_if(self, goes_with_another: bool) -> Self {
        if goes_with_another { Self { reported: Reported::Known, ..self } } else { self }
    }

    /// With the source's text, and the text for the list.
    pub(crate) fn with_text(self, text: &str, full: String) -> Self {
        Self { text: Some(text.to_owned()), full, ..self }
    }

    /// With another text for the list.
    pub(crate) fn listed_as(self, full: String) -> Self {
        Self { full, ..self }
    }

    /// With the lines that settle it.
    pub(crate) fn settled_by(self, lines: SpecLines) -> Self {
        Self { settled_by: Some(lines), ..self }
    }

    /// Reported by a finding that is made elsewhere.
    pub(crate) fn reported_by(self, code: FindingCode) -> Self {
        Self { reported: Reported::Elsewhere(code), ..self }
    }
}
