//! Rows and values that the spec keeps out of the target, and values that lose digits on their way.

use std::collections::BTreeMap;

/// Rows that are rejected, values that became NULL and values that lost digits, by source table.
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
    /// Values that lost digits (`fraction`), by source column.
    pub shortened: BTreeMap<String, u64>,
    /// Rows that the target had already.
    pub merged: u64,
}

impl OfTable {
    /// Adds the counts of other rows of the table.
    pub fn append(&mut self, other: &Self) {
        self.rejected += other.rejected;
        self.merged += other.merged;
        for (counts, more) in [(&mut self.nulled, &other.nulled), (&mut self.shortened, &other.shortened)] {
            more.iter().for_each(|(column, count)| *counts.entry(column.clone()).or_default() += count);
        }
    }
}

impl LeftOut {
    /// Adds the rows and values left out of a chunk.
    pub fn add(&mut self, table: &str, left: &OfTable) {
        if left.rejected + left.merged == 0 && left.nulled.is_empty() && left.shortened.is_empty() {
            return;
        }
        self.tables.entry(table.to_owned()).or_default().append(left);
    }

    /// Adds the counts of another.
    pub fn extend(&mut self, other: &LeftOut) {
        for (table, left) in &other.tables {
            self.add(table, left);
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

    /// Rows of all tables that the target had already.
    #[must_use]
    pub fn merged(&self) -> u64 {
        self.tables.values().map(|left| left.merged).sum()
    }

    /// Values of all tables that became NULL.
    #[must_use]
    pub fn nulled(&self) -> u64 {
        self.tables.values().flat_map(|left| left.nulled.values()).sum()
    }

    /// Values of all tables that lost digits.
    #[must_use]
    pub fn shortened(&self) -> u64 {
        self.tables.values().flat_map(|left| left.shortened.values()).sum()
    }
}
