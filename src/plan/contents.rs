//! Facts about the source's rows, looked up before the mapping is made.

use crate::catalog::Key;
use crate::dialect::sqlite::declared::StoredClasses;
use crate::value::Spelling;
use std::collections::{BTreeMap, BTreeSet};

/// The smallest and the largest number of columns, by table and column.
pub type Extents = BTreeMap<String, BTreeMap<String, (f64, f64)>>;

/// Facts about the rows that structure alone does not tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// How often each storage class stands in a column: of the columns whose declared type says too little, and of
    /// those of a primary key that may hold NULL. By table, then column.
    pub classes: BTreeMap<String, BTreeMap<String, StoredClasses>>,
    /// Rows whose foreign key points at nothing, by table and the key's position in it.
    pub orphans: BTreeMap<(String, usize), Orphans>,
    /// The keys at which tables are cut into chunks that have another key than one integer, by table.
    pub bounds: BTreeMap<String, Vec<Key>>,
    /// The smallest and the largest number of each column, by table and column, where the values were looked at: what
    /// arithmetic on them may come to.
    pub extents: Extents,
    /// The spellings of the values of a column, by table and column, of those [that matter](super::mapping::spelled).
    pub spellings: BTreeMap<String, BTreeMap<String, BTreeSet<Spelling>>>,
}

/// Rows that reference a row that does not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orphans {
    /// How many.
    pub count: u64,
    /// The keys of some of them.
    pub examples: Vec<String>,
    /// The condition that the other rows meet, where it is not that the source finds what they reference.
    pub staying: Option<String>,
}

impl Contents {
    /// The keys at which a table is cut into chunks.
    #[must_use]
    pub fn bounds_of(&self, table: &str) -> &[Key] {
        self.bounds.get(table).map_or(&[], Vec::as_slice)
    }

    /// The smallest and the largest number of a column, where the values were looked at.
    #[must_use]
    pub fn extent_of(&self, table: &str, column: &str) -> Option<(f64, f64)> {
        self.extents.get(table)?.get(column).copied()
    }

    /// The spellings of a column's values, where they were looked up.
    #[must_use]
    pub fn spellings_of(&self, table: &str, column: &str) -> Option<&BTreeSet<Spelling>> {
        self.spellings.get(table)?.get(column)
    }

    /// The storage classes of a column, where they were looked up.
    #[must_use]
    pub fn classes_of(&self, table: &str, column: &str) -> Option<&StoredClasses> {
        self.classes.get(table)?.get(column)
    }
}
