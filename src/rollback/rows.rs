//! Origin of a table's rows: `xmin` tells whether a transaction that loaded the table, or one of a step of the spec,
//! wrote a row. Rows that others have added or changed are theirs. VACUUM FREEZE leaves `xmin` readable; a dump does
//! not keep it, and after two thousand million transactions it is ambiguous: [`Load::unknown`] tells.

use crate::target::ledger::Load;
use crate::target::{Session, TargetError, structure};
use crate::value::{self, counted_rows as rows};

/// Table with loaded rows.
#[derive(Debug, Clone)]
pub(super) struct LoadedTable {
    /// Name with its schema, quoted.
    pub(super) table: String,
    /// Whether the table is dropped; otherwise it loses only the loaded rows.
    pub(super) goes: bool,
    /// Whether rows that were not loaded are permitted and stay.
    pub(super) keeps: bool,
    /// Number of rows that were loaded.
    pub(super) copied: u64,
    /// Transactions that loaded the rows, and those of steps that may have altered them.
    pub(super) transactions: Vec<String>,
    /// Reason for which the transactions do not identify the loaded rows; `None` if they do.
    pub(super) unknown: Option<&'static str>,
}

/// Row counts of such a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct LoadedCounts {
    pub(super) all: u64,
    /// Rows as they were loaded.
    pub(super) loaded: u64,
    /// Rows written by others since the load began.
    pub(super) since: u64,
}

impl LoadedTable {
    /// Table that is dropped with its rows.
    pub(super) fn created(table: String, load: Option<&Load>, steps: &[String]) -> Self {
        let mut transactions = load.map(|load| load.transactions.clone()).unwrap_or_default();
        transactions.extend(steps.iter().cloned());
        Self {
            table,
            goes: true,
            keeps: false,
            copied: load.map_or(0, |load| load.rows),
            transactions,
            unknown: load.filter(|load| load.rows > 0).and_then(|load| load.unknown),
        }
    }

    /// Counts the rows; `None` if the table is missing.
    pub(super) async fn count(&self, session: &Session) -> Result<Option<LoadedCounts>, TargetError> {
        let table = &self.table;
        let doing = format!("counting the rows of {table}");
        let Some(own_rows) = structure::read_own_rows(session, table, &doing).await? else { return Ok(None) };
        let sql = format!(
            "SELECT count(*), count(*) FILTER (WHERE loaded), count(*) FILTER (WHERE NOT loaded AND age(writer) < age($2::text::xid)) \
             FROM (SELECT xmin AS writer, xmin IN (SELECT unnest($1::text[])::xid) AS loaded FROM {own_rows}) AS row"
        );
        let first = self.transactions.first();
        let row = session.query_one(&sql, &[&self.transactions, &first], &doing).await?;
        let count = |at: usize| u64::try_from(row.get::<_, i64>(at)).unwrap_or(0);
        Ok(Some(LoadedCounts { all: count(0), loaded: count(1), since: count(2) }))
    }

    /// Changes of others that stop the rollback, in words; `None` if there are none.
    pub(super) fn changed(&self, count: LoadedCounts) -> Option<String> {
        let (table, others, fewer) = (&self.table, count.all - count.loaded, self.copied.saturating_sub(count.loaded));
        let more = count.loaded.saturating_sub(self.copied);
        if let Some(reason) = self.unknown {
            return Some(format!("{table}: loaded rows among its {} cannot be identified: {reason}", rows(count.all)));
        }
        if self.keeps {
            // Rows of the application's own are expected; rows that it changed cannot be distinguished from rows that
            // it added.
            return (fewer > 0 && count.since > 0).then(|| {
                format!(
                    "{table}: {} of the {} that were loaded are gone or changed, and {} written since",
                    value::count(fewer),
                    rows(self.copied),
                    if count.since == 1 { "1 row was".to_owned() } else { format!("{} were", rows(count.since)) }
                )
            });
        }
        // A step of the spec may have added rows to a table that is dropped whole.
        let others = if self.goes { others } else { others + more };
        (others > 0).then(|| {
            let others = rows(others);
            format!("{table}: {others} beside the {} that were loaded, or changed since", rows(self.copied))
        })
    }
}
