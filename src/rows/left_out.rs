//! Rows and values that the spec's `on_bad_value` keeps out of the target.

use std::collections::BTreeMap;

/// Rows that are rejected and values that became NULL, by source table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    tables: BTreeMap<String, OfTable>,
}

/// Rows and values left out of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfTable {
    /// Rejected rows, kept in the ledger.
    pub rejected: u64,
    /// Values that became NULL, by source column.
    pub nulled: BTreeMap<String, u64>,
}

impl LeftOut {
    /// Adds the rows and values left out of a chunk.
    pub fn add(&mut self, table: &str, rejected: u64, nulled: &BTreeMap<String, u64>) {
        if rejected == 0 && nulled.is_empty() {
            return;
        }
        let of_table = self.tables.entry(table.to_owned()).or_default();
        of_table.rejected += rejected;
        for (column, count) in nulled {
            *of_table.nulled.entry(column.clone()).or_default() += count;
        }
    }

    /// Adds the counts of another.
    pub fn extend(&mut self, other: &LeftOut) {
        for (table, left) in &other.tables {
            self.add(table, left.rejected, &left.nulled);
        }
    }

    /// Tables of which something is left out, by name.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &OfTable)> {
        self.tables.iter().map(|(table, left)| (table.as_str(), left))
    }

    /// Rejected rows of all tables.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.tables.values().map(|left| left.rejected).sum()
    }

    /// Values of all tables that became NULL.
    #[must_use]
    pub fn nulled(&self) -> u64 {
        self.tables.values().flat_map(|left| left.nulled.values()).sum()
    }
}
