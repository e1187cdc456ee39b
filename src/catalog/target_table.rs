//! Existing tables of the target: created by the application, filled or replaced by a migration.

use super::{ColumnType, EqualityOperator};
use crate::name::QualifiedName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Advice if row security applies to the role of `target.url`.
pub const WITHOUT_ROW_SECURITY: &str = "use the table's owner, or a role with BYPASSRLS";

/// A relation of a target schema, as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetTable {
    /// Its name, by which [`crate::name::Schemas`] know its place.
    pub name: String,
    /// Its kind.
    pub kind: RelationKind,
    /// Number of its rows; `None` if they may not be read.
    pub rows: Option<u64>,
    /// Whether row security applies to the role of `target.url`: PostgreSQL then refuses COPY FROM.
    pub row_security: bool,
    /// The columns in their order.
    pub columns: Vec<TargetColumn>,
    /// The foreign keys of the table.
    pub foreign_keys: Vec<TargetForeignKey>,
    /// The user's triggers, without the internal ones of foreign keys.
    pub triggers: Vec<TargetTrigger>,
    /// Objects that depend on the table and are not part of it, as PostgreSQL names them, sorted: views, inheriting
    /// tables.
    pub dependents: Vec<String>,
    /// The tables that reference this one by a foreign key, with the key's name; the table itself is not among them.
    pub referenced_by: Vec<InboundForeignKey>,
    /// The unique keys and indexes over plain columns of all rows.
    pub unique_keys: Vec<TargetKey>,
    /// Other constraints that may refuse a row, in words: CHECKs, domains, exclusion constraints, expressions of
    /// indexes and columns.
    pub demands: Vec<String>,
    /// The rights on it that the role of `target.url` lacks.
    pub lacking: Vec<MissingRight>,
}

/// A unique key, or a unique index without a condition, over plain columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetKey {
    /// The index's name, which is the constraint's if there is one.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// NULLS NOT DISTINCT (PostgreSQL 15): a second row of NULLs is refused as well.
    pub nulls_equal: bool,
    /// Whether it is the primary key.
    pub is_primary: bool,
}

/// A right that the role of `target.url`, or every role, lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRight {
    /// The missing right.
    pub right: Right,
    /// The column, the foreign key or the sequence that it is about; `None` for the table as a whole.
    pub object: Option<String>,
    /// The narrowest statement that grants it; `None` if only another role helps.
    pub grant: Option<String>,
}

/// A right that a load into a table requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Uses objects in the schema.
    Usage,
    /// Reads the table.
    Select,
    /// Alters the table: ALTER TABLE takes its owner, or a member of the role that owns it.
    Owner,
    /// Writes a column.
    Insert,
    /// Removes all rows.
    Truncate,
    /// Deletes loaded rows: required by a rollback or a retry, not by the load itself.
    Delete,
    /// Adds a foreign key to the referenced columns.
    References,
    /// Alters the internal triggers of a foreign key.
    Superuser,
    /// Restores a foreign key on its unique index: PostgreSQL would choose another index for its definition.
    Index,
    /// Sets a sequence.
    Sequence,
    /// Reads and writes rows past the table's policies.
    BypassRowSecurity,
    /// Collects statistics (ANALYZE).
    Maintain,
}

/// Advice on missing rights: the statements that grant them.
#[must_use]
pub fn remedy<'a>(grants: impl IntoIterator<Item = &'a str>) -> String {
    let grants = grants.into_iter().map(|grant| format!("{grant};")).collect::<Vec<_>>();
    format!("{ADMINISTRATOR}{}`", grants.join(" "))
}

/// Beginning of the advice on missing rights.
const ADMINISTRATOR: &str = "let an administrator run `";

/// The statements that an advice on missing rights consists of; `None` if it says anything else.
#[must_use]
pub fn granted(advice: &str) -> Option<Vec<&str>> {
    let statements = advice.strip_prefix(ADMINISTRATOR)?.strip_suffix(";`")?;
    (!statements.contains('`')).then(|| statements.split("; ").collect())
}

/// A foreign key that references a table, seen from the referenced side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InboundForeignKey {
    /// The schema of the referencing table.
    pub schema: String,
    /// The referencing table.
    pub table: String,
    /// The constraint's name.
    pub constraint: String,
}

/// Kind of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// A plain table that neither inherits nor is inherited from.
    Table,
    /// A partitioned table or a partition.
    Partitioned,
    /// A table that others inherit from, or that inherits.
    Inheriting,
    /// A table of a foreign data wrapper.
    Foreign,
    /// A view, materialized or not.
    View,
    /// A sequence, an index, a composite type.
    Other,
}

/// A column of such a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetColumn {
    /// Its name.
    pub name: String,
    /// Its type as PostgreSQL spells it (`format_type`).
    pub type_name: String,
    /// The form in which its values are written: the type itself, a domain's base type, text for an enum. `None` if
    /// transship cannot write it.
    pub written_as: Option<ColumnType>,
    /// The labels, if the type is an enum.
    pub labels: Vec<String>,
    /// NOT NULL, by the column or its domain.
    pub not_null: bool,
    /// Whether a row without a value for it gets a default.
    pub has_default: bool,
    /// GENERATED … AS IDENTITY.
    pub identity: Option<TargetIdentity>,
    /// The expression of GENERATED ALWAYS AS (…): PostgreSQL computes it and takes no values.
    pub generated: Option<String>,
    /// The sequence behind an identity, a serial or a default of `nextval()`, qualified and quoted.
    pub sequence: Option<String>,
    /// The default and how it draws, in words, where it may draw from a sequence in a way that is not understood.
    pub unclear_default: Option<String>,
    /// The operator by which keys compare its values.
    pub equality: EqualityOperator,
    /// Whether its collation takes texts for equal that are not written alike.
    pub folds_texts: bool,
}

/// The two kinds of identity columns. COPY writes both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetIdentity {
    /// GENERATED ALWAYS AS IDENTITY
    Always,
    /// GENERATED BY DEFAULT AS IDENTITY
    ByDefault,
}

/// A foreign key of such a table, with all that restoring it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The schema of the referenced table.
    pub referenced_schema: String,
    /// The referenced table.
    pub referenced_table: String,
    /// The referenced columns.
    pub referenced_columns: Vec<String>,
    /// `pg_get_constraintdef()` without NOT VALID.
    pub definition: String,
    /// False for one that is NOT VALID.
    pub validated: bool,
    /// COMMENT ON CONSTRAINT.
    pub comment: Option<String>,
    /// The key's internal triggers that do not fire as usual, by the function that they call (`RI_FKey_check_ins`):
    /// ALTER TABLE … DISABLE TRIGGER ALL disables them, and a key that is added again has them enabled.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub trigger_states: BTreeMap<String, TriggerState>,
    /// Whether a failed run has restored it since it was detached: from then on the application may drop it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_back: bool,
}

/// A user's trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetTrigger {
    /// Its name.
    pub name: String,
    /// State that decides when it fires.
    pub state: TriggerState,
    /// Whether a failed run has restored it since it was detached: from then on the application may disable it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_back: bool,
}

/// `pg_trigger.tgenabled`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerState {
    /// Fires in ordinary sessions.
    Enabled,
    /// ENABLE ALWAYS
    Always,
    /// ENABLE REPLICA: fires for replication only.
    Replica,
    /// DISABLE
    Disabled,
}

impl InboundForeignKey {
    /// Place of the referencing table.
    #[must_use]
    pub fn place(&self) -> QualifiedName<'_> {
        QualifiedName { schema: &self.schema, name: &self.table }
    }
}

impl TargetForeignKey {
    /// Place of the referenced table.
    #[must_use]
    pub fn referenced(&self) -> QualifiedName<'_> {
        QualifiedName { schema: &self.referenced_schema, name: &self.referenced_table }
    }

    /// Whether both have the same definition, apart from NOT VALID.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.definition == other.definition
    }
}

impl TargetTable {
    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&TargetColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns of the primary key; empty if there is none.
    #[must_use]
    pub fn primary_key(&self) -> &[String] {
        self.unique_keys.iter().find(|key| key.is_primary).map_or(&[], |key| key.columns.as_slice())
    }

    /// The foreign key of this name.
    #[must_use]
    pub fn foreign_key(&self, name: &str) -> Option<&TargetForeignKey> {
        self.foreign_keys.iter().find(|key| key.name == name)
    }

    /// The trigger of this name.
    #[must_use]
    pub fn trigger(&self, name: &str) -> Option<&TargetTrigger> {
        self.triggers.iter().find(|trigger| trigger.name == name)
    }

    /// The rights of these kinds that the role lacks.
    pub fn lacks<'a>(&'a self, rights: &'a [Right]) -> impl Iterator<Item = &'a MissingRight> {
        self.lacking.iter().filter(|lacking| rights.contains(&lacking.right))
    }
}

impl TargetColumn {
    /// Whether keys take values for equal that are not written alike: `1.0` and `1.00`, or texts by case.
    #[must_use]
    pub fn has_spellings(&self) -> bool {
        let has_one = |written: &ColumnType| {
            written.is_equal_only_to_itself()
                || matches!(written, ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_))
        };
        self.folds_texts || !self.written_as.as_ref().is_some_and(has_one)
    }

    /// Whether a row without a value for it gets a default, or NULL.
    #[must_use]
    pub fn may_stay_out(&self) -> bool {
        !self.not_null || self.has_default || self.identity.is_some() || self.generated.is_some()
    }
}

impl TriggerState {
    /// Whether it fires while rows are copied.
    #[must_use]
    pub fn fires(self) -> bool {
        matches!(self, TriggerState::Enabled | TriggerState::Always)
    }
}
