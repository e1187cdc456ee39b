//! Sources: reading a database's structure and rows as they are, without writing to it.
//!
//! [`crate::value::Cell`]s.

pub mod error;
pub mod sqlite;

pub use error::SourceError;
