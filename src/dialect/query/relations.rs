//! The tables and views that a query may read.

use crate::catalog::LetterRule;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::scope::{Relation, Visible};
use crate::name::quote_identifier;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A table or view of the target, by its name in the source.
#[derive(Debug, Clone)]
pub(crate) struct KnownRelation {
    /// Its name in SQL, with the schema.
    pub(crate) sql: String,
    /// The qualifier of its columns if it has no alias, quoted: its name, and of two of one name in two schemas another one
    /// for each.
    pub(crate) name: String,
    /// Its name inside the schema, quoted, by which PostgreSQL knows it where no AS says another.
    pub(crate) bare: String,
    /// Its columns, unqualified.
    pub(crate) relation: Relation,
}

impl KnownRelation {
    /// A table of WITH.
    pub(crate) fn named(name: &str, columns: &[Visible]) -> Self {
        let quoted = quote_identifier(name).into_owned();
        let written =
            |column: &Visible| Visible { sql: Ok(quote_identifier(&column.name).into_owned()), ..column.typed() };
        let relation = Relation { columns: columns.iter().map(written).collect(), ..Relation::default() };
        Self { sql: quoted.clone(), name: quoted.clone(), bare: quoted, relation }
    }
}

/// All names that a query may use in FROM; names that it may not use have the reason.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relations {
    known: BTreeMap<String, Result<KnownRelation, String>>,
    /// Number of times that each was read, shared by all clones.
    read: Rc<RefCell<BTreeMap<String, usize>>>,
    /// The schema of the collations that compare texts as the source does, if the run makes such.
    schema: Option<String>,
    /// The rules of the collations that were named, shared by all clones.
    collations: Rc<RefCell<BTreeSet<LetterRule>>>,
}

impl Relations {
    /// No names; queries may name the collations of this schema.
    pub(crate) fn with_collations(schema: Option<String>) -> Self {
        Self { schema, ..Self::default() }
    }

    /// The schema in which the collation of this rule will be, and notes that it is named; `None` if the run makes none.
    pub(crate) fn collation_schema(&self, rule: LetterRule) -> Option<&str> {
        let schema = self.schema.as_deref()?;
        self.collations.borrow_mut().insert(rule);
        Some(schema)
    }

    /// Whether the run makes collations that queries may name.
    pub(crate) fn has_collations(&self) -> bool {
        self.schema.is_some()
    }

    /// The rules of the collations that were named since the last call.
    pub(crate) fn take_collations(&self) -> BTreeSet<LetterRule> {
        std::mem::take(&mut *self.collations.borrow_mut())
    }

    pub(crate) fn insert(&mut self, name: &str, readable: Result<KnownRelation, String>) {
        self.known.insert(name.to_ascii_lowercase(), readable);
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Result<KnownRelation, String>> {
        self.known.get(&name.to_ascii_lowercase())
    }

    /// Finds a table or view and notes that it is read.
    pub(crate) fn read(&self, name: &str) -> Result<&KnownRelation, String> {
        *self.read.borrow_mut().entry(name.to_ascii_lowercase()).or_default() += 1;
        match self.find(name) {
            Some(Ok(readable)) => Ok(readable),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(format!("it reads {name}, which does not exist")),
        }
    }

    pub(crate) fn times_read(&self, name: &str) -> usize {
        self.read.borrow().get(&name.to_ascii_lowercase()).copied().unwrap_or_default()
    }

    /// The names that were read since the last call, in lower case.
    pub(crate) fn take_read(&self) -> Vec<String> {
        std::mem::take(&mut *self.read.borrow_mut()).into_keys().collect()
    }
}

/// Adds a relation whose columns are written with this qualifier.
pub(crate) fn push(
    relations: &mut Vec<Relation>,
    mut relation: Relation,
    qualifier: &str,
) -> Result<(), Untranslatable> {
    if relations.iter().any(|other| other.alias.eq_ignore_ascii_case(&relation.alias)) {
        return Err(Untranslatable(format!("two tables in it are called {}", relation.alias)));
    }
    for column in &mut relation.columns {
        column.sql = column.sql.clone().map(|sql| format!("{qualifier}.{sql}"));
    }
    relations.push(relation);
    Ok(())
}
