//! Tables, columns, keys and indexes of a source, as found.

use super::{
    ConflictClause, Equality, HiddenPart, KeyGeneration, Partitioning, ReferentialAction, RowIdentity, Sequence,
    ServerZone,
};
use crate::name::named;
use serde::{Deserialize, Serialize};

/// The database system that a catalog was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// SQLite.
    Sqlite,
    /// MySQL or MariaDB.
    Mysql,
}

impl Engine {
    /// Whether a source stays the same from one run to the next, as a file does unless it is written to. A server's
    /// applications write all the time, and its snapshot ends with the connections: a run that continues another reads
    /// a new snapshot, and brings the copied rows up to date with it.
    #[must_use]
    pub fn keeps_state(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Mysql => false,
        }
    }
}

/// The structure of one database: everything that defines it except its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// The system of the database.
    pub engine: Engine,
    /// The databases that it is made of, if there are several: the names of tables and other objects begin with theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<String>,
    /// The tables, sorted by name.
    pub tables: Vec<Table>,
    /// Views, triggers and virtual tables, sorted by kind and name.
    pub others: Vec<OtherObject>,
    /// Parts that the user may not see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<HiddenPart>,
    /// The zone of the server's clock, where it is not UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_zone: Option<ServerZone>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The name as the source spells it.
    pub name: String,
    /// The columns in their declared order.
    pub columns: Vec<Column>,
    /// The declared primary key.
    pub primary_key: Option<PrimaryKey>,
    /// UNIQUE constraints of the table's definition (not those made by CREATE UNIQUE INDEX).
    pub unique_constraints: Vec<UniqueConstraint>,
    /// Indexes made by CREATE INDEX.
    pub indexes: Vec<Index>,
    /// Foreign keys in the order of their declaration.
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK constraints in the order of their declaration, in the source's own SQL.
    pub checks: Vec<CheckConstraint>,
    /// The columns that name a single row.
    pub row_identity: RowIdentity,
    /// Whether the table's storage engine has no transactions: a snapshot of the database does not hold its rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_outside_snapshot: bool,
    /// The CREATE TABLE statement, if its constraints could not be read; everything but columns and keys is then
    /// unknown.
    pub unread_definition: Option<String>,
    /// The comment on the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Facts about how the source stores the table that have no counterpart in an ordinary table.
    #[serde(default, skip_serializing_if = "Storage::is_ordinary")]
    pub storage: Storage,
    /// Foreign keys to tables of another database of the same server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys_elsewhere: Vec<ForeignKeyElsewhere>,
}

/// Storage of a table, beyond rows in columns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Storage {
    /// The partitioning in the source's own SQL: `RANGE (year(d))`; `None` for one piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitioning: Option<String>,
    /// Number of partitions.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub partitions: u64,
    /// The partitions, if columns themselves choose among them; `None` if an expression does, or for one piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Partitioning>,
    /// The division of each partition in the source's own SQL; `None` if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subpartitioning: Option<String>,
    /// Whether it keeps the former versions of its rows, which a query without a word on time does not show.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_history: bool,
    /// The constraints that say themselves what becomes of a row which breaks them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflict_clauses: Vec<ConflictClause>,
}

impl Storage {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_ordinary(&self) -> bool {
        *self == Storage::default()
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A foreign key to a table of another database of the same server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKeyElsewhere {
    /// The constraint's name.
    pub name: String,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The other database.
    pub database: String,
    /// The referenced table.
    pub table: String,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The name as the source spells it.
    pub name: String,
    /// The type as declared, spaces folded; empty if none was declared.
    pub declared_type: String,
    /// NOT NULL was declared.
    pub not_null: bool,
    /// The DEFAULT expression in the source's own SQL.
    pub default: Option<String>,
    /// GENERATED ALWAYS AS.
    pub generated: Option<Generated>,
    /// How its texts are compared.
    pub equality: Equality,
    /// The rule by which the column generates keys for rows inserted without one; `None` if it generates none.
    pub generates_keys: Option<KeyGeneration>,
    /// The expression, in the source's own SQL, that an UPDATE sets the column to unless it names the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_update: Option<String>,
    /// The comment on the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether only SQL that names the column sees it: INVISIBLE.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_invisible: bool,
    /// Whether the source stores every value as it is, which its declared type would not say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_values: bool,
}

/// A generated column's definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// The expression in the source's own SQL; `None` if it could not be found in the table's definition.
    pub expression: Option<String>,
    /// STORED (true) or VIRTUAL (false).
    pub stored: bool,
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryKey {
    /// The constraint's name if one was given.
    pub name: Option<String>,
    /// The columns in the key's order.
    pub columns: Vec<String>,
}

/// A UNIQUE constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueConstraint {
    /// The constraint's name if one was given.
    pub name: Option<String>,
    /// The columns in the constraint's order.
    pub columns: Vec<String>,
}

/// A CHECK constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckConstraint {
    /// The constraint's name if one was given.
    pub name: Option<String>,
    /// The condition in the source's own SQL, without the outer parentheses.
    pub expression: String,
    /// Whether the source does not enforce it: NOT ENFORCED.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_idle: bool,
}

/// An index made by CREATE INDEX.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The index's name.
    pub name: String,
    /// CREATE UNIQUE INDEX.
    pub unique: bool,
    /// The key columns in order.
    pub columns: Vec<IndexColumn>,
    /// The WHERE of a partial index, in the source's own SQL.
    pub predicate: Option<String>,
    /// The statement that created it, for documents and for omitted indexes.
    pub sql: Option<String>,
    /// The questions that it answers.
    #[serde(default, skip_serializing_if = "IndexPurpose::is_order")]
    pub purpose: IndexPurpose,
    /// Whether the source's planner is told not to use it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unused: bool,
}

/// The questions that an index answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexPurpose {
    /// Equality and order of its keys.
    #[default]
    Order,
    /// Words in its texts.
    Words,
    /// Places in space.
    Space,
    /// Whether the periods of rows overlap that are equal otherwise: it refuses that. The last two columns begin and end them.
    Periods,
}

impl IndexPurpose {
    fn is_order(&self) -> bool {
        *self == IndexPurpose::Order
    }
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexColumn {
    /// The column's name; `None` for an expression.
    pub column: Option<String>,
    /// The expression in the source's own SQL, for a key that is not a plain column.
    pub expression: Option<String>,
    /// ASC or DESC.
    pub order: SortOrder,
    /// How its texts are compared.
    pub equality: Equality,
}

/// The direction of an index key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortOrder {
    /// Ascending.
    Ascending,
    /// Descending.
    Descending,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The constraint's name if one was given.
    pub name: Option<String>,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The referenced table as the source spells it there.
    pub referenced_table: String,
    /// The referenced columns; empty if the reference is implicit (to the primary key).
    pub referenced_columns: Vec<String>,
    /// ON UPDATE.
    pub on_update: ReferentialAction,
    /// ON DELETE.
    pub on_delete: ReferentialAction,
    /// DEFERRABLE INITIALLY DEFERRED.
    pub deferred: bool,
}

/// An object of the source other than a table or an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherObject {
    /// Its kind.
    pub kind: OtherObjectKind,
    /// Its name.
    pub name: String,
    /// The statement that made it.
    pub sql: Option<String>,
    /// The columns of a view or a virtual table; empty if it cannot be read, and for a view whose expansion has too
    /// many names to query the source.
    pub columns: Vec<String>,
    /// The source's message if it refuses to list the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The parts of a virtual table's statement, if it can be parsed.
    pub virtual_table: Option<VirtualTable>,
    /// The rule of a sequence, as far as 64 bits hold its numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Sequence>,
}

/// A virtual table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualTable {
    /// The module, in lower case: `fts5`, `rtree`, …
    pub module: String,
    /// Place of its text.
    pub content: Content,
    /// Whether its words are reduced to their stems (the tokenizer `porter`).
    pub stems: bool,
    /// Its rows as those of an ordinary table, if they can be read.
    pub rows: Option<Box<Table>>,
}

/// Place of the text of a full-text table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// In the virtual table itself.
    Own,
    /// In this table.
    Of(String),
    /// None: only the index is stored.
    None,
    /// Elsewhere: it only shows what other tables or the file hold.
    Shown,
}

/// The kinds of [`OtherObject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherObjectKind {
    /// A view.
    View,
    /// A trigger.
    Trigger,
    /// A virtual table (FTS, R-Tree, …).
    VirtualTable,
    /// A table that a virtual table keeps its data in.
    ShadowTable,
    /// A procedure.
    Procedure,
    /// A function.
    Function,
    /// A statement that the server runs at times.
    Event,
    /// A generator of numbers.
    Sequence,
}

impl OtherObjectKind {
    /// Its word in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            OtherObjectKind::View => "view",
            OtherObjectKind::Trigger => "trigger",
            OtherObjectKind::VirtualTable => "virtual table",
            OtherObjectKind::ShadowTable => "shadow table",
            OtherObjectKind::Procedure => "procedure",
            OtherObjectKind::Function => "function",
            OtherObjectKind::Event => "event",
            OtherObjectKind::Sequence => "sequence",
        }
    }

    /// Whether it belongs to no table: a procedure, a function, an event, a sequence.
    #[must_use]
    pub fn is_by_itself(self) -> bool {
        use OtherObjectKind::{Event, Function, Procedure, Sequence};
        matches!(self, Procedure | Function | Event | Sequence)
    }
}

impl Catalog {
    /// Whether the names of tables begin with their databases.
    #[must_use]
    pub fn is_of_databases(&self) -> bool {
        !self.databases.is_empty()
    }

    /// Adds virtual tables to the ordinary ones, so that their rows are migrated.
    pub fn adopt(&mut self, is_wanted: impl Fn(&str) -> bool) {
        for mut other in std::mem::take(&mut self.others) {
            let rows = other.virtual_table.as_mut().and_then(|table| table.rows.take_if(|_| is_wanted(&other.name)));
            match rows {
                Some(rows) => self.tables.push(*rows),
                None => self.others.push(other),
            }
        }
        self.tables.sort_by(|one, two| one.name.cmp(&two.name));
    }

    /// The table of this name: the one that has exactly this name, or the only one that has it without regard to ASCII case.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        named(&self.tables, |table| &table.name, name)
    }
}

impl Table {
    /// The column of this name, compared without regard to ASCII case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}
