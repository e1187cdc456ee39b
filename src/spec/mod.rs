//! The spec: from the TOML file to checked values, with every problem at once.
//!
//! `read` fetches typed fields from the TOML tree into the `raw` document, where every value knows its place in the
//! file; `checked` makes the [`Spec`] of it. No check stops at the first problem.

pub mod check;
mod checked;
pub mod confinement;
mod document;
mod essence;
mod kit;
mod load;
pub mod model;
mod overlay;
pub mod pattern;
mod place;
pub mod problem;
mod raw;
mod read;
pub mod schema;
pub mod starter;
mod variables;
mod written;

pub use check::{Check, CheckSeverity, Expected, Question, TableQuestion};
pub use checked::MayBeUnset;
pub use kit::{KitBackup, KitPool, KitSpec, Platform};
pub use load::{check, load, load_without, read, read_without};
pub use model::{
    ColumnSpec, Comparison, ExistingRows, ForeignKeyMode, Given, IndexMethod, OnBadValue, Privileges, SearchSpec,
    SourceSpec, Spec, TableSpec, TablesMode, TargetSpec, TypeRule, UserStep, ViewComparison, ViewSpec,
};
pub use pattern::NamePatterns;
pub use problem::{Problem, SpecError};
pub use written::{WrittenPiece, WrittenSpec, WrittenUrl, written};
