//! PostgreSQL's binary COPY format, as it is written
//! (<https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4>).
//!
//! [`RowEncoder`] writes rows straight from borrowed source cells into one buffer; [`canonical()`] brings a field into
//! one form, so that bytes are equal exactly where values are. What the target sends is read by the proof (`verify`),
//! by itself.

mod canonical;
mod column;
mod encode;
#[cfg(test)]
mod forgotten;
mod label;
mod list;
#[cfg(feature = "mutations")]
pub mod mutation;
mod numeric;
mod row;
mod shorten;
mod sink;

pub use canonical::{MalformedField, canonical};
pub use column::{ColumnEncoder, UnsuitableReading};
pub use row::{BadCell, Repair, RowEncoder, TooManyColumns};
pub use sink::CopyIn;

/// Header of a stream: the signature, no flags, no header extension.
pub const HEADER: [u8; 19] = *b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Trailer of a stream: a row of -1 fields.
pub const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// The length of a field that is NULL.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();
