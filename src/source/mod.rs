//! Sources: reading a database's structure and rows as they are, without writing to it.
//!
//! [`crate::value::Cell`]s.

pub mod error;
pub mod sqlite;

pub use error::SourceError;
pub use sqlite::{
    End, Interrupter, ReadFailure, Reader, Row, Snapshot, count_matching, key_behind, key_bounds, literal, orphans,
    read_catalog, references, rows_condition, table_size,
};
