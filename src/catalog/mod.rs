//! A database's structure as plain data, neutral of engine.
//!
//! [`Catalog`] describes the source as it was found; [`ColumnType`] names the types of the target. Everything here is
//! data that can be compared, sorted and serialized; nothing talks to a database.

pub mod column_type;
mod conflict_clause;
mod contents;
pub mod declared_type;
mod detached;
mod equality;
mod equality_operator;
mod identity;
pub mod judged_type;
pub mod key;
mod language;
mod merge_side;
pub mod migration_tool;
mod partitioning;
pub mod profile;
mod referential_action;
pub mod selection;
mod sequence;
pub mod size;
mod snapshot;
pub mod structure;
mod surroundings;
pub mod target_table;
mod write_hold;

pub use column_type::{ColumnType, UnknownType};
pub use conflict_clause::ConflictClause;
pub use contents::{DatabaseContents, TableContents};
pub use declared_type::{DeclaredType, Specificity};
pub use detached::Detached;
pub use equality::{CollationRule, Equality, Folding, LetterRule, Sensitivity};
pub use equality_operator::EqualityOperator;
pub use identity::{KeyGeneration, RowIdentity, Visibility};
pub use judged_type::JudgedType;
pub use key::{Key, KeyValue, NAMED_ROWS};
pub use language::Language;
pub use merge_side::MergeSide;
pub use migration_tool::{AppliedMigrations, MigrationTool, ToolRecord, VersionsCompared};
pub use partitioning::{Partition, PartitionBound, PartitionHolds, PartitionRule, Partitioning};
pub use profile::{ColumnProfile, StoredCounts, StoredNumber, TableProfile};
pub use referential_action::ReferentialAction;
pub use selection::{KeyRange, RowFilter, SelectedColumn, Selection};
pub use sequence::Sequence;
pub use size::TableSize;
pub use snapshot::{LockPrivileges, SnapshotMethod, SnapshotState};
pub use structure::{
    Catalog, CheckConstraint, Column, Content, Engine, ForeignKey, ForeignKeyElsewhere, Generated, Index, IndexColumn,
    IndexPurpose, OtherObject, OtherObjectKind, PrimaryKey, SortOrder, Storage, Table, UniqueConstraint, VirtualTable,
};
pub use surroundings::{HiddenPart, HiddenPartKind, ServerZone};
pub use target_table::{
    InboundForeignKey, MissingRight, RelationKind, Right, TargetColumn, TargetForeignKey, TargetIdentity, TargetKey,
    TargetTable, TargetTrigger, TriggerState, WITHOUT_ROW_SECURITY, granted, remedy,
};
pub use write_hold::WriteHold;
