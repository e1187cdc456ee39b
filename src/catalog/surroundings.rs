//! Facts of a server around a database: what its user may not see of it, and the clock of its applications.

use serde::{Deserialize, Serialize};

/// A part of the database that the server does not show, so that its existence or its definition is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenPart {
    /// The part.
    pub part: HiddenPartKind,
    /// The table that it is about; `None` for the whole database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The column that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The beginning of the statement that would let the user see it, up to the user's name; `None` if nobody is shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
}

/// Kind of a part that the server does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HiddenPartKind {
    /// Columns of a table.
    Columns,
    /// Tables and views.
    Tables,
    /// Triggers.
    Triggers,
    /// Procedures and functions.
    Routines,
    /// Events.
    Events,
    /// Labels of a column of labels.
    Labels,
}

/// The time zone in which the server's clock writes times without a zone, where it is not UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerZone {
    /// The zone as a spec names it; `None` if the server does not say enough to name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The zone in the server's words.
    pub words: String,
}
