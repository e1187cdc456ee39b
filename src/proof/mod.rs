//! Meaning of rows for the proving side, shared by `verify` and `checks`; nothing here uses the encoder.
//!
//! [`meaning`] understands the values of either side; `form` makes rows of them; `stream` reads the target's binary
//! answer; `side` streams all rows of a side; `rejected` puts a rejected row into the ledger's words; `first_keys` names a few rows; `asking` has the
//! target say what it makes of texts that PostgreSQL itself reads.

pub(crate) mod asking;
pub(crate) mod first_keys;
pub(crate) mod form;
pub(crate) mod ids;
pub mod meaning;
mod rejected;
pub(crate) mod side;
pub(crate) mod stream;
