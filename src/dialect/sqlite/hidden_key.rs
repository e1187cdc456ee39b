//! The words for the integer that names a row (<https://www.sqlite.org/lang_createtable.html#rowid>).

/// The words that select the rowid of a table if no column is called so.
pub(crate) const HIDDEN_KEYS: [&str; 3] = ["rowid", "_rowid_", "oid"];
