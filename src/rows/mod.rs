//! Transfer of rows: read from the source, encoded for the target, and the treatment of values that do not fit.

mod chunk_digest;
pub mod encoder;
pub(crate) mod judging;
pub mod left_out;
pub mod rejected;
pub(crate) mod staging;
pub(crate) mod transfer;
pub mod treatment;

pub use left_out::{LeftOut, OfTable};
