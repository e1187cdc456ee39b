//! Rows of some chunks in a target table, and whether they are still as they were copied.
//!
//! The `xmin` of a row names the transaction that wrote it, and the ledger has the transactions that loaded the table
//! (PostgreSQL documentation, section 5.5, System Columns; freezing keeps the value since PostgreSQL 9.4). A row of
//! another transaction was added or changed by others; a loaded row that is missing was deleted or changed by them.

use super::change::RowChange;
use crate::catalog::{Key, NAMED_ROWS, remedy};
use crate::name::{quote_identifier, quote_literal};
use crate::plan::{Finding, FindingCode, Severity, StepKind, TableMapping};
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::ledger::{ChunkRow, Load};
use crate::target::{Ledger, Session};
use std::collections::BTreeMap;

/// Code of the finding about a privilege that the role lacks.
pub(super) const NOT_PERMITTED: FindingCode = FindingCode::TargetNotPermitted;

/// Ledger's record of all loads of a migration.
#[derive(Debug)]
pub(super) struct Loads {
    loads: Vec<Load>,
    /// The transactions of the user's own steps, which may have altered what was loaded.
    steps: Vec<String>,
    /// Rows of the application's own that a chunk's load has overwritten: its transaction wrote them as well.
    overwritten: BTreeMap<(String, i32), u64>,
}

impl Loads {
    pub(super) async fn read(session: &Session, ledger: &Ledger) -> Result<Self, ExecuteError> {
        let steps = ledger.read_transactions_of_steps(session, Some(StepKind::Step)).await?;
        let overwritten = ledger.read_overwritten_rows(session).await?;
        Ok(Self { loads: ledger.read_loads(session).await?, steps, overwritten })
    }
}

/// The rows of some chunks of a table, in the target.
#[derive(Debug)]
pub(super) struct CopiedChunks<'a> {
    pub(super) mapping: &'a TableMapping,
    /// The table with its schema, quoted.
    pub(super) table: String,
    /// Condition that the rows meet, and that no other row of the table meets unless it took the place of one.
    condition: String,
    /// Number of rows that the load has written.
    pub(super) rows: u64,
    /// The transactions that loaded the table, the first chunk's first.
    transactions: Vec<String>,
    steps: &'a [String],
    /// Reason for which the transactions do not identify the loaded rows; `None` if they do.
    pub(super) unknown: Option<&'static str>,
    /// Whether the table holds rows of the application's own beside the loaded ones (`existing_rows = "keep"` or
    /// `"merge"`).
    pub(super) keeps: bool,
}

/// Rows that the target has in the place of the copied ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RowsInPlace {
    /// Rows as they were loaded.
    pub(super) loaded: u64,
    /// Rows written by the user's own steps.
    pub(super) by_steps: u64,
    /// Rows written by others, before the load or since.
    pub(super) others: u64,
    /// Rows of others that were written since the load began.
    pub(super) since: u64,
    /// Keys of some of the rows that others have written since.
    pub(super) keys: Vec<String>,
}

impl<'a> CopiedChunks<'a> {
    pub(super) fn of(
        spec: &Spec,
        mapping: &'a TableMapping,
        chunks: &[&ChunkRow],
        Loads { loads, steps, overwritten }: &'a Loads,
    ) -> Self {
        let written = |chunk: &&ChunkRow| {
            let more = overwritten.get(&(mapping.source.clone(), chunk.ordinal)).copied().unwrap_or(0);
            Some(chunk.loaded.as_ref()?.0.saturating_sub(chunk.merged) + more)
        };
        let load = loads.iter().find(|load| load.source == mapping.source);
        Self {
            mapping,
            table: spec.target.schemas.qualified(&mapping.target),
            condition: condition(mapping, chunks),
            rows: chunks.iter().filter_map(written).sum(),
            transactions: load.map(|load| load.transactions.clone()).unwrap_or_default(),
            steps,
            unknown: load.and_then(|load| load.unknown),
            keeps: spec.existing_rows(&mapping.source).keeps(),
        }
    }

    /// Reads the rows that the target has there.
    pub(super) async fn read_rows_in_place(&self, session: &Session) -> Result<RowsInPlace, ExecuteError> {
        let Self { table, condition, transactions, .. } = self;
        let only = self.mapping.only();
        let doing = format!("looking at the rows of {table} that are copied again");
        let sql = format!(
            "SELECT count(*) FILTER (WHERE is_loaded), count(*) FILTER (WHERE NOT is_loaded AND is_of_step), \
             count(*) FILTER (WHERE NOT is_loaded AND NOT is_of_step), \
             count(*) FILTER (WHERE NOT is_loaded AND NOT is_of_step AND is_since) \
             FROM (SELECT xmin IN (SELECT unnest($1::text[])::xid) AS is_loaded, \
                          xmin IN (SELECT unnest($2::text[])::xid) AS is_of_step, \
                          age(xmin) < age($3::text::xid) AS is_since FROM {only}{table} WHERE {condition}) AS row"
        );
        let first = transactions.first();
        let row = session.query_one(&sql, &[transactions, &self.steps, &first], &doing).await?;
        let count = |at: usize| u64::try_from(row.get::<_, i64>(at)).unwrap_or(0);
        let mut standing =
            RowsInPlace { loaded: count(0), by_steps: count(1), others: count(2), since: count(3), keys: Vec::new() };
        if let Some(key) = self.key()
            && standing.others > 0
            && self.unknown.is_none()
        {
            let sql = format!(
                "SELECT {key} FROM {only}{table} WHERE ({condition}) \
                 AND (xmin IN (SELECT unnest($1::text[] || $2::text[])::xid)) IS NOT TRUE \
                 AND (NOT $4 OR age(xmin) < age($3::text::xid)) ORDER BY 1 LIMIT {NAMED_ROWS}"
            );
            let rows = session.query(&sql, &[transactions, &self.steps, &first, &self.keeps], &doing).await?;
            standing.keys = rows.iter().map(|row| row.get(0)).collect();
        }
        Ok(standing)
    }

    /// Finding that the role may not replace the rows, with the statements that would permit it.
    pub(super) fn not_permitted(&self, grants: &[String]) -> Finding {
        let message = format!("the role of `target.url` may not replace rows of {}", self.table);
        Finding::about(NOT_PERMITTED, Severity::Blocks, &self.mapping.source, message)
            .suggesting(remedy(grants.iter().map(String::as_str)))
    }

    /// Condition for the rows that are removed.
    pub(super) fn goes(&self) -> String {
        if !self.keeps {
            return self.condition.clone();
        }
        let ours = self.transactions.iter().chain(self.steps).map(|transaction| quote_literal(transaction));
        format!("({}) AND xmin = ANY (ARRAY[{}]::xid[])", self.condition, ours.collect::<Vec<_>>().join(", "))
    }

    /// Condition for all other rows.
    pub(super) fn stays(&self) -> String {
        format!("({}) IS NOT TRUE", self.goes())
    }

    /// Change by others that a refresh would undo; `None` if there is none.
    pub(super) async fn change(&self, session: &Session) -> Result<Option<RowChange>, ExecuteError> {
        let change = RowChange::of(self, self.read_rows_in_place(session).await?);
        let filled = self.mapping.columns.iter().map(|column| column.target.as_str()).collect::<Vec<_>>();
        let added = Ledger::read_added_columns(session, &self.table, &filled).await?;
        Ok(RowChange::with_columns(change, self, &added))
    }

    /// Removes the stale rows before their new copy. The table's lock keeps all others from writing it meanwhile.
    pub(super) async fn remove(&self, session: &Session) -> Result<(), ExecuteError> {
        let table = &self.table;
        let doing = format!("removing the rows of {table} that are copied again");
        let standing = self.read_rows_in_place(session).await?;
        let of_others = if self.keeps {
            0
        } else {
            // Rows of others were looked for under the same lock, and the user has permitted their removal.
            standing.others
        };
        let only = self.mapping.only();
        let sql = format!("DELETE FROM {only}{table} WHERE {}", self.goes());
        let removed = session.change(&sql, &[], &doing).await?;
        let expected = standing.loaded + standing.by_steps + of_others;
        if removed == expected {
            return Ok(());
        }
        let reason = format!(
            "{table}: {} of {} could be removed; a rule or a policy of the table is in the way",
            crate::value::count(removed),
            crate::value::counted_rows(expected)
        );
        Err(ExecuteError::NotRefreshed { reasons: vec![reason] })
    }

    /// SQL expression that names a row by its key, as everywhere: `id=5`.
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

/// Chunks that are replaced if these have changed: all loaded chunks if the key does not distinguish one chunk's rows
/// from another's.
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
