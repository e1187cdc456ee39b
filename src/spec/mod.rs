//! The spec: from the TOML file to checked values, with every problem at once.
//!
//! `read` fetches typed fields from the TOML tree into the `raw` document, where every value knows its place in the
//! file; `checked` makes the [`Spec`] of it. No check stops at the first problem.

pub mod backup;
mod bench;
pub mod check;
mod checked;
mod column_zone;
pub mod confinement;
mod cutover;
pub mod data_mode;
mod decisions;
mod document;
mod essence;
mod existing_rows;
mod kit;
mod load;
pub mod model;
mod neighbours;
mod overlay;
mod pasted;
pub mod pattern;
mod place;
pub mod problem;
mod raw;
mod read;
mod record_file;
pub mod schema;
pub mod starter;
mod time;
pub mod type_rule;
pub mod user_step;
mod variables;
mod written;

pub use backup::BackupSpec;
pub use bench::BenchSpec;
pub use check::{Check, CheckQuestion, CheckSeverity, Expected, TableQuestion};
pub use checked::MayBeUnset;
pub use column_zone::ColumnZone;
pub use cutover::CutoverSpec;
pub use data_mode::DataMode;
pub use decisions::Decision;
pub use existing_rows::{ExistingRows, MergeSide, MergeSpec};
pub use kit::{KitBackup, KitPool, KitSpec, Platform};
pub use load::{check, load, load_without, read, read_without};
pub use model::{
    ColumnSpec, ForeignKeyMode, IndexMethod, OnBadValue, Privileges, SchemaVersion, SearchSpec, SourceSpec, Spec,
    SqlOrOmitted, TableSpec, TablesMode, TargetSpec, TextComparison, ViewComparison, ViewSpec,
};
pub use pattern::NamePatterns;
pub use problem::{Problem, SpecError};
pub use record_file::RecordFile;
pub use time::parse_time;
pub use type_rule::TypeRule;
pub use user_step::{StepSql, UserStep};
pub use written::{WrittenPiece, WrittenSpec, WrittenUrl, written};
