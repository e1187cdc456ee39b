//! Why something stays behind, and where it belongs.

/// Lines of spec under one heading.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lines {
    /// The heading, without its brackets.
    pub(crate) heading: String,
    /// The lines under the heading.
    pub(crate) body: String,
}

impl Lines {
    pub(crate) fn new(heading: impl Into<String>, body: impl Into<String>) -> Self {
        Self { heading: heading.into(), body: body.into() }
    }
}

/// Where something that stays behind belongs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(super) name: String,
    pub(super) table: Option<String>,
    pub(super) column: Option<String>,
}

impl Place {
    /// A column of a table.
    pub(crate) fn column(table: &str, column: &str) -> Self {
        Self { name: format!("{table}.{column}"), table: Some(table.to_owned()), column: Some(column.to_owned()) }
    }

    /// Something of a table, by the name that it has in the list.
    pub(crate) fn of_table(table: &str, name: impl Into<String>) -> Self {
        Self { name: name.into(), table: Some(table.to_owned()), column: None }
    }

    /// Something of its own, such as a trigger of a table that is not known.
    pub(crate) fn alone(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// A table, or what is read like one.
    pub(crate) fn table(name: &str) -> Self {
        Self::of_table(name, name)
    }
}

/// The place where a reviewer is told of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Told {
    /// A finding of the table below.
    #[default]
    ByKind,
    /// Nobody has to: the spec says so, or what it belongs to stays behind as well.
    Known,
    /// A finding with this code.
    Elsewhere(&'static str),
}

/// Why something stays behind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reason {
    pub(super) cause: String,
    /// The text for the list; the cause where there is nothing to add.
    pub(super) full: String,
    pub(super) text: Option<String>,
    pub(super) settled_by: Option<Lines>,
    pub(super) told: Told,
}

impl<T: Into<String>> From<T> for Reason {
    fn from(cause: T) -> Self {
        let cause = cause.into();
        Self { full: cause.clone(), cause, ..Self::default() }
    }
}

impl Reason {
    /// A decision of the spec, or what follows from something else that stays behind.
    pub(crate) fn known(cause: impl Into<String>) -> Self {
        Self { told: Told::Known, ..cause.into().into() }
    }

    /// The cause, the source's text, and the line of spec under `heading` that would decide it: SQL in the place of
    /// `unwritten`, or `false`.
    pub(crate) fn undecided(cause: &str, text: &str, heading: &str, key: &str, unwritten: &str) -> Self {
        let full = format!(
            "{cause}: {text}\nThe spec can say it in PostgreSQL's SQL, or false to leave it behind:\n\
             [{heading}]\n{key} = \"{unwritten}\""
        );
        Self::from(cause).with_text(text, full).settled_by(Lines::new(heading, format!("{key} = false")))
    }

    /// Known after all where it goes with what the spec skips.
    pub(crate) fn known_if(self, goes_with_another: bool) -> Self {
        if goes_with_another { Self { told: Told::Known, ..self } } else { self }
    }

    /// With the source's text, and what stands in the list.
    pub(crate) fn with_text(self, text: &str, full: String) -> Self {
        Self { text: Some(text.to_owned()), full, ..self }
    }

    /// With the lines that settle it.
    pub(crate) fn settled_by(self, lines: Lines) -> Self {
        Self { settled_by: Some(lines), ..self }
    }

    /// Told by a finding that is made elsewhere.
    pub(crate) fn told_by(self, code: &'static str) -> Self {
        Self { told: Told::Elsewhere(code), ..self }
    }
}
