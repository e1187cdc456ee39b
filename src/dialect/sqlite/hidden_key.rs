//! The words for the integer that names a row (<https://www.sqlite.org/lang_createtable.html#rowid>).

/// The words that select the rowid of a table where no column is called so.
pub const HIDDEN_KEYS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// Whether a name selects the rowid where no column is called so.
#[must_use]
pub fn is_hidden_key(name: &str) -> bool {
    HIDDEN_KEYS.iter().any(|word| name.eq_ignore_ascii_case(word))
}
