//! The rows of a target table that some chunks were copied to, and whether they still are what was copied.
//!
//! A row tells by its `xmin` which transaction has written it, and the ledger knows the transactions that loaded the table
//! (PostgreSQL documentation, section 5.5, System Columns; freezing keeps the value since PostgreSQL 9.4). A row of another
//! transaction was added or changed by others; a loaded row that is no longer there was deleted or changed by them.

use super::change::Change;
use crate::catalog::{Key, remedy};
use crate::name::{quote_identifier, quote_literal};
use crate::plan::{Finding, Severity, StepKind, TableMapping};
use crate::run::ExecuteError;
use crate::spec::{ExistingRows, Spec};
use crate::target::ledger::{ChunkRow, Load};
use crate::target::{Ledger, Session};

/// The finding about a right that the role lacks.
pub(super) const NOT_PERMITTED: &str = "target_not_permitted";

/// Rows of others that are named.
const NAMED: u64 = 5;

/// What the ledger knows of all loads of a migration.
#[derive(Debug)]
pub(super) struct Loads {
    loads: Vec<Load>,
    /// The transactions of the user's own steps, which may have altered what was loaded.
    steps: Vec<String>,
}

impl Loads {
    pub(super) async fn read(session: &Session, ledger: &Ledger) -> Result<Self, ExecuteError> {
        let steps = ledger.transactions_of_steps(session, Some(StepKind::Step)).await?;
        Ok(Self { loads: ledger.loads(session).await?, steps })
    }
}

/// The rows of some chunks of a table, in the target.
#[derive(Debug)]
pub(super) struct Copied<'a> {
    pub(super) mapping: &'a TableMapping,
    /// The table with its schema, quoted.
    pub(super) table: String,
    /// What the rows fulfil, and nobody else's do that are not in their place.
    condition: String,
    /// How many were copied.
    pub(super) rows: u64,
    /// The transactions that loaded the table, the first chunk's first.
    transactions: Vec<String>,
    steps: &'a [String],
    /// Why these do not tell the loaded rows from others, where they do not.
    pub(super) unknown: Option<&'static str>,
    /// Whether the table holds rows of the application's own beside the loaded ones (`existing_rows = "keep"`).
    pub(super) keeps: bool,
}

/// What stands in the place of the copied rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// As they were loaded.
    pub(super) loaded: u64,
    /// Written by the user's own steps.
    pub(super) by_steps: u64,
    /// Written by others, before the load as well as since.
    pub(super) others: u64,
    /// Of these, written since the load began.
    pub(super) since: u64,
    /// The keys of some that others have written since.
    pub(super) keys: Vec<String>,
}

impl<'a> Copied<'a> {
    pub(super) fn of(
        spec: &Spec,
        mapping: &'a TableMapping,
        chunks: &[&ChunkRow],
        Loads { loads, steps }: &'a Loads,
    ) -> Self {
        let load = loads.iter().find(|load| load.source == mapping.source);
        Self {
            mapping,
            table: qualified(&spec.target.schema, &mapping.target),
            condition: condition(mapping, chunks),
            rows: chunks.iter().filter_map(|chunk| chunk.loaded.as_ref()).map(|(rows, _)| rows).sum(),
            transactions: load.map(|load| load.transactions.clone()).unwrap_or_default(),
            steps,
            unknown: load.and_then(|load| load.unknown),
            keeps: spec.existing_rows(&mapping.source) == ExistingRows::Keep,
        }
    }

    /// Looks at what stands there.
    pub(super) async fn standing(&self, session: &Session) -> Result<Standing, ExecuteError> {
        let Self { table, condition, transactions, .. } = self;
        let doing = format!("looking at the rows of {table} that are copied again");
        let sql = format!(
            "SELECT count(*) FILTER (WHERE is_loaded), count(*) FILTER (WHERE NOT is_loaded AND is_of_step), \
             count(*) FILTER (WHERE NOT is_loaded AND NOT is_of_step), \
             count(*) FILTER (WHERE NOT is_loaded AND NOT is_of_step AND is_since) \
             FROM (SELECT xmin IN (SELECT unnest($1::text[])::xid) AS is_loaded, \
                          xmin IN (SELECT unnest($2::text[])::xid) AS is_of_step, \
                          age(xmin) < age($3::text::xid) AS is_since FROM ONLY {table} WHERE {condition}) AS row"
        );
        let first = transactions.first();
        let row = session.query_one(&sql, &[transactions, &self.steps, &first], &doing).await?;
        let count = |at: usize| u64::try_from(row.get::<_, i64>(at)).unwrap_or(0);
        let mut standing =
            Standing { loaded: count(0), by_steps: count(1), others: count(2), since: count(3), keys: Vec::new() };
        if let Some(key) = self.key()
            && standing.others > 0
            && self.unknown.is_none()
        {
            let sql = format!(
                "SELECT {key} FROM ONLY {table} WHERE ({condition}) \
                 AND (xmin IN (SELECT unnest($1::text[] || $2::text[])::xid)) IS NOT TRUE \
                 AND (NOT $4 OR age(xmin) < age($3::text::xid)) ORDER BY 1 LIMIT {NAMED}"
            );
            let rows = session.query(&sql, &[transactions, &self.steps, &first, &self.keeps], &doing).await?;
            standing.keys = rows.iter().map(|row| row.get(0)).collect();
        }
        Ok(standing)
    }

    /// The finding that the role may not replace them, with the statements that would let it.
    pub(super) fn not_permitted(&self, grants: &[String]) -> Finding {
        let message = format!("the role of `target.url` may not replace rows of {}", self.table);
        Finding::about(NOT_PERMITTED, Severity::Blocks, &self.mapping.source, message)
            .suggesting(remedy(grants.iter().map(String::as_str)))
    }

    /// A condition for the rows that are removed.
    pub(super) fn goes(&self) -> String {
        if !self.keeps {
            return self.condition.clone();
        }
        let ours = self.transactions.iter().chain(self.steps).map(|transaction| quote_literal(transaction));
        format!("({}) AND xmin = ANY (ARRAY[{}]::xid[])", self.condition, ours.collect::<Vec<_>>().join(", "))
    }

    /// A condition for all others.
    pub(super) fn stays(&self) -> String {
        format!("({}) IS NOT TRUE", self.goes())
    }

    /// What others have done there that a refresh would undo.
    pub(super) async fn change(&self, session: &Session) -> Result<Option<Change>, ExecuteError> {
        let change = Change::of(self, self.standing(session).await?);
        let filled = self.mapping.columns.iter().map(|column| column.target.as_str()).collect::<Vec<_>>();
        let added = Ledger::added_columns(session, &self.table, &filled).await?;
        Ok(Change::with_columns(change, self, &added))
    }

    /// Removes the rows in whose place others are copied. Nobody else writes the table meanwhile.
    pub(super) async fn remove(&self, session: &Session) -> Result<(), ExecuteError> {
        let table = &self.table;
        let doing = format!("removing the rows of {table} that are copied again");
        let standing = self.standing(session).await?;
        let of_others = if self.keeps {
            0
        } else {
            // Whether others have rows among them was asked under the same lock, and leave was given where they have.
            standing.others
        };
        let sql = format!("DELETE FROM ONLY {table} WHERE {}", self.goes());
        let removed = session.change(&sql, &[], &doing).await?;
        let expected = standing.loaded + standing.by_steps + of_others;
        if removed == expected {
            return Ok(());
        }
        let reason = format!("{table}: {removed} of {expected} rows go; a rule or a policy of the table is in the way");
        Err(ExecuteError::NotRefreshed { reasons: vec![reason] })
    }

    /// An expression for the words that name a row by its key, as everywhere: `id=5`.
    fn key(&self) -> Option<String> {
        let sources = self.mapping.row_identity.declared_columns()?;
        let columns = self.mapping.target_columns(sources)?;
        let parts = sources.iter().zip(&columns).map(|(source, column)| {
            let name = quote_literal(&format!("{source}="));
            format!("{name} || coalesce({}::text, 'NULL')", quote_identifier(column))
        });
        Some(format!("concat_ws(', ', {})", parts.collect::<Vec<_>>().join(", ")))
    }
}

/// The chunks that are replaced where these have changed: where the key does not tell the rows of one from those of
/// another, all that were loaded.
pub(super) fn replaced<'c>(
    mapping: &TableMapping,
    chunks: &'c [ChunkRow],
    has_changed: impl Fn(&ChunkRow) -> bool,
) -> Vec<&'c ChunkRow> {
    let is_exact = mapping.exact_key().is_some();
    chunks.iter().filter(|chunk| chunk.loaded.is_some() && (!is_exact || has_changed(chunk))).collect()
}

fn condition(mapping: &TableMapping, chunks: &[&ChunkRow]) -> String {
    let Some(key) = mapping.exact_key() else { return "true".to_owned() };
    let key = quote_identifier(&key.target);
    let ranges = chunks.iter().map(|chunk| {
        let bound = |operator: &str, bound: Option<&Key>| {
            let bound = bound.and_then(Key::integer);
            bound.map_or_else(|| "true".to_owned(), |bound| format!("{key} {operator} {bound}"))
        };
        format!("{} AND {}", bound(">=", chunk.range.from.as_ref()), bound("<", chunk.range.below.as_ref()))
    });
    let ranges = ranges.collect::<Vec<_>>();
    if ranges.is_empty() { "false".to_owned() } else { ranges.join(" OR ") }
}

/// A table's name with its schema, quoted.
pub(super) fn qualified(schema: &str, table: &str) -> String {
    format!("{}.{}", quote_identifier(schema), quote_identifier(table))
}
