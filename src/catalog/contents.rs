//! The rows of tables, counted and digested, to tell whether a copy holds the same.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rows of one table. Two tables with the same rows in another order have the same digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableContents {
    /// The number of its rows.
    pub rows: u64,
    /// The digest of all values: the sum of the digests of the rows, in a form of the engine's own.
    pub digest: String,
}

/// The tables of a database, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DatabaseContents(pub BTreeMap<String, TableContents>);

impl DatabaseContents {
    /// The number of all rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.values().map(|table| table.rows).sum()
    }

    /// The tables that `copy` does not hold as these are, in words.
    #[must_use]
    pub fn differences(&self, copy: &DatabaseContents) -> Vec<String> {
        let of_table = |(name, table): (&String, &TableContents)| match copy.0.get(name) {
            None => Some(format!("{name} is missing")),
            Some(copied) if copied.rows != table.rows => {
                Some(format!("{name} has {} rows in place of {}", copied.rows, table.rows))
            }
            Some(copied) if copied.digest != table.digest => Some(format!("{name} has other values")),
            Some(_) => None,
        };
        let more = copy.0.keys().filter(|name| !self.0.contains_key(*name));
        self.0.iter().filter_map(of_table).chain(more.map(|name| format!("{name} is not in the original"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(tables: &[(&str, u64, &str)]) -> DatabaseContents {
        let table = |(name, rows, digest): &(&str, u64, &str)| {
            ((*name).to_owned(), TableContents { rows: *rows, digest: (*digest).to_owned() })
        };
        DatabaseContents(tables.iter().map(table).collect())
    }

    #[test]
    fn what_a_copy_does_not_hold_is_named() {
        let whole = contents(&[("a", 1, "x"), ("b", 2, "y"), ("c", 3, "z")]);
        assert_eq!(whole.differences(&whole), Vec::<String>::new());
        let copy = contents(&[("a", 1, "other"), ("b", 1, "y"), ("d", 0, "")]);
        let expected = ["a has other values", "b has 1 rows in place of 2", "c is missing", "d is not in the original"];
        assert_eq!(whole.differences(&copy), expected);
    }
}
