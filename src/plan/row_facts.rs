//! Facts about the source's rows, looked up before the mapping is made.

use super::value_facts::SpellingsByColumn;
use crate::catalog::{AppliedMigrations, ColumnType, Key};
use crate::dialect::declared::StoredClasses;
use crate::value::{Spelling, Verdicts};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The smallest and the largest number of columns, by table and column.
pub type Extents = BTreeMap<String, BTreeMap<String, (f64, f64)>>;

/// Facts about the source's rows that its structure does not hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowFacts {
    /// Number of values of each storage class, by table and column: for columns whose declared type does not decide,
    /// and for columns of a primary key that may hold NULL.
    pub classes: BTreeMap<String, BTreeMap<String, StoredClasses>>,
    /// Columns that a [preferred type](crate::dialect::declared::Declared::Preferred) holds, or does not, by table and column.
    pub held: BTreeMap<String, BTreeMap<String, bool>>,
    /// Orphans, by table and the foreign key's position in it.
    pub orphans: BTreeMap<(String, usize), Orphans>,
    /// Keys at which tables are cut into chunks, by table: only for tables whose key is not a single integer.
    pub bounds: BTreeMap<String, Vec<Key>>,
    /// The smallest and the largest number of each column, by table and column, if the values were read: they bound the
    /// results of arithmetic.
    pub extents: Extents,
    /// The applied migrations of each record of a migration tool, by its table, if they are compared; `None` for one that
    /// nobody could read.
    pub versions: BTreeMap<String, Option<AppliedMigrations>>,
    /// The spellings of the values of a column, by table and column, of those [that matter](super::mapping::spelled).
    pub spellings: SpellingsByColumn,
    /// Types that values decided when an earlier run made the table, by table and column, where the present values would decide
    /// otherwise.
    pub kept: BTreeMap<String, BTreeMap<String, ColumnType>>,
    /// PostgreSQL's verdicts on values that its own input functions read.
    pub verdicts: VerdictBook,
}

/// PostgreSQL's verdicts, by table, column and type: the same for each plan that is made of the contents.
#[derive(Debug, Clone, Default)]
pub struct VerdictBook(Arc<Mutex<VerdictsByColumn>>);

/// Verdicts by table, column and type.
type VerdictsByColumn = BTreeMap<(String, String, String), Verdicts>;

impl VerdictBook {
    /// The verdicts on the values of a column of the source as a type.
    #[must_use]
    pub fn of(&self, table: &str, column: &str, type_name: &str) -> Verdicts {
        let key = (table.to_owned(), column.to_owned(), type_name.to_owned());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }
}

/// Verdicts are no fact of the contents: each reader finds them again.
impl PartialEq for VerdictBook {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Rows that reference a row that does not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orphans {
    /// Number of such rows.
    pub count: u64,
    /// The keys of some of them.
    pub examples: Vec<String>,
    /// The condition that the other rows meet, if it is not simply that the referenced row exists.
    pub staying: Option<String>,
}

impl RowFacts {
    /// The keys at which a table is cut into chunks.
    #[must_use]
    pub fn bounds_of(&self, table: &str) -> &[Key] {
        self.bounds.get(table).map_or(&[], Vec::as_slice)
    }

    /// The smallest and the largest number of a column, if the values were read.
    #[must_use]
    pub fn extent_of(&self, table: &str, column: &str) -> Option<(f64, f64)> {
        self.extents.get(table)?.get(column).copied()
    }

    /// The spellings of a column's values, if they were looked up.
    #[must_use]
    pub fn spellings_of(&self, table: &str, column: &str) -> Option<&BTreeSet<Spelling>> {
        self.spellings.get(table)?.get(column)
    }

    /// Whether the preferred type holds every value of a column; where nothing is stored, it does.
    #[must_use]
    pub fn is_held(&self, table: &str, column: &str) -> bool {
        self.held.get(table).and_then(|columns| columns.get(column)).copied().unwrap_or(true)
    }

    /// The type of a column that stays as an earlier run made it.
    #[must_use]
    pub fn kept_type(&self, table: &str, column: &str) -> Option<&ColumnType> {
        self.kept.get(table)?.get(column)
    }

    /// The storage classes of a column, if they were looked up.
    #[must_use]
    pub fn classes_of(&self, table: &str, column: &str) -> Option<&StoredClasses> {
        self.classes.get(table)?.get(column)
    }
}
