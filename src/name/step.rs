//! Ids of steps: the names of pieces of work in a spec, a plan, its events and the ledger.

use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The kind of a step, in the order of the phases in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// Creates a role that grants name.
    Role,
    /// Makes the schema.
    Schema,
    /// Makes an extension.
    Extension,
    /// Makes a collation that compares texts as the source does.
    Collation,
    /// Sets a parameter of the database.
    Setting,
    /// Moves a table that is replaced (`tables = "replace"`) into a schema of its own, from which a rollback restores
    /// it.
    SetAside,
    /// Makes an enum.
    Type,
    /// Makes a sequence that belongs to no table.
    Generator,
    /// Makes a table without keys.
    Table,
    /// Takes foreign keys and triggers off an application's table for the duration of the load.
    Detach,
    /// Removes the rows of a table of the application, as the spec says.
    Truncate,
    /// Maps the ids of a table whose rows are brought together with those of the target by another key.
    Merge,
    /// Copies a table's rows.
    Copy,
    /// Sets an identity column past its largest value, or a sequence that belongs to no table to its next number.
    Sequence,
    /// Adds a primary key.
    PrimaryKey,
    /// Adds a unique constraint.
    Unique,
    /// Makes an index.
    Index,
    /// Adds a foreign key, which holds for new rows from then on.
    ForeignKey,
    /// Validates the existing rows against a foreign key. A step of its own, since adding the key locks both of its
    /// ends, and validating the rows does not (PostgreSQL documentation, ALTER TABLE, notes).
    Validate,
    /// Adds a CHECK constraint.
    Constraint,
    /// Makes a trigger that sets columns of an updated row.
    Trigger,
    /// Restores foreign keys and triggers that were detached.
    Restore,
    /// Makes a view.
    View,
    /// Grants privileges.
    Grant,
    /// The user's own SQL.
    Step,
    /// Gathers statistics for the planner.
    Analyze,
    /// Compares an answer with the spec's expectation.
    Check,
}

/// The id of a step, unique in a plan. Its text form is `kind:name`, in plans, events, reports and the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StepId {
    /// The kind of the step.
    pub kind: StepKind,
    /// The object of the step; for a part of a table, the names of table and part with a point between them.
    pub name: String,
}

/// The text form of an id of a kind that this version does not have: another version wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{id} is no step of a kind that this version of transship has")]
pub struct UnknownStepId {
    /// The text.
    pub id: String,
    /// The part of it in front of the first colon.
    pub kind: String,
}

impl StepKind {
    /// Every kind, in the order of the phases in a plan.
    pub const ALL: [Self; 27] = [
        Self::Role,
        Self::Schema,
        Self::Extension,
        Self::Collation,
        Self::Setting,
        Self::SetAside,
        Self::Type,
        Self::Generator,
        Self::Table,
        Self::Detach,
        Self::Truncate,
        Self::Merge,
        Self::Copy,
        Self::Sequence,
        Self::PrimaryKey,
        Self::Unique,
        Self::Index,
        Self::ForeignKey,
        Self::Validate,
        Self::Constraint,
        Self::Trigger,
        Self::Restore,
        Self::View,
        Self::Grant,
        Self::Step,
        Self::Analyze,
        Self::Check,
    ];

    /// The word before the colon of an id, in plans, events and the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Schema => "schema",
            Self::Extension => "extension",
            Self::Collation => "collation",
            Self::Setting => "setting",
            Self::SetAside => "set_aside",
            Self::Type => "type",
            Self::Generator => "generator",
            Self::Table => "table",
            Self::Detach => "detach",
            Self::Truncate => "truncate",
            Self::Merge => "merge",
            Self::Copy => "copy",
            Self::Sequence => "sequence",
            Self::PrimaryKey => "primary_key",
            Self::Unique => "unique",
            Self::Index => "index",
            Self::ForeignKey => "foreign_key",
            Self::Validate => "validate",
            Self::Constraint => "constraint",
            Self::Trigger => "trigger",
            Self::Restore => "restore",
            Self::View => "view",
            Self::Grant => "grant",
            Self::Step => "step",
            Self::Analyze => "analyze",
            Self::Check => "check",
        }
    }

    /// The id of a step of this kind.
    #[must_use]
    pub fn id(self, name: &str) -> StepId {
        StepId { kind: self, name: name.to_owned() }
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl Serialize for StepKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind, self.name)
    }
}

impl FromStr for StepId {
    type Err = UnknownStepId;

    fn from_str(text: &str) -> Result<Self, UnknownStepId> {
        let (word, name) = text.split_once(':').unwrap_or((text, ""));
        let kind = StepKind::ALL.into_iter().find(|kind| kind.word() == word && word.len() < text.len());
        kind.map(|kind| kind.id(name)).ok_or_else(|| UnknownStepId { id: text.to_owned(), kind: word.to_owned() })
    }
}

/// The order of the text form. A plan's digest binds the ids that a step waits for in this order.
impl Ord for StepId {
    fn cmp(&self, other: &Self) -> Ordering {
        // No word is a prefix of another, so that the colons never decide.
        self.kind.word().cmp(other.kind.word()).then_with(|| self.name.cmp(&other.name))
    }
}

impl PartialOrd for StepId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for StepId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        for kind in StepKind::ALL {
            for name in ["a", "a.b", "a:b", ":", ""] {
                let id = kind.id(name);
                assert_eq!(id.to_string().parse::<StepId>().unwrap(), id);
            }
        }
        for text in ["drop:a", "table", "Table:a", "", ":a"] {
            let unknown = text.parse::<StepId>().unwrap_err();
            assert_eq!(unknown.id, text);
        }
        assert_eq!("drop:a:b".parse::<StepId>().unwrap_err().kind, "drop");
    }

    #[test]
    fn ids_have_the_order_of_their_texts() {
        let names = ["", "!", "a", "a.b", "b", ":", "é"];
        let mut ids = StepKind::ALL.into_iter().flat_map(|kind| names.map(|name| kind.id(name))).collect::<Vec<_>>();
        let mut texts = ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        ids.sort();
        texts.sort();
        assert_eq!(ids.iter().map(ToString::to_string).collect::<Vec<_>>(), texts);
    }
}
