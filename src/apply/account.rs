//! Row equation of a run: the source's rows against the loaded, rejected and filtered rows of the ledger.

use crate::plan::Plan;
use crate::run::ExecuteError;
use crate::target::ledger::{ChunkRow, RunRow, StepLine};
use crate::target::{Ledger, Server, Session};
use serde::Serialize;
use std::collections::BTreeMap;

/// Row counts of one table over all runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The table in the source.
    pub table: String,
    /// Rows in the source, counted there.
    pub source_rows: u64,
    /// Loaded rows, as PostgreSQL counted them chunk by chunk.
    pub loaded_rows: u64,
    /// Rows that the target had already, and that were not written again.
    pub already_there_rows: u64,
    /// Rejected rows, kept in the ledger.
    pub rejected_rows: u64,
    /// Rows that the spec's `where` leaves behind, counted in the source.
    pub filtered_rows: u64,
    /// Values that became NULL, as the spec says.
    pub nulled_values: u64,
    /// Values that lost digits, as the spec says.
    pub shortened_values: u64,
    /// Chunks of the table; zero if its copy has not begun.
    pub chunks: usize,
    /// Loaded chunks.
    pub chunks_done: usize,
}

/// State of the ledger after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// The tables, by name.
    pub tables: Vec<Account>,
    /// The runs, the latest first.
    pub runs: Vec<RunRow>,
    /// The steps of all runs, with their times.
    pub steps: Vec<StepLine>,
    /// The server's version.
    pub postgresql: String,
}

/// Runs of a migration and the steps that they have done, as the ledger has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunRecord {
    /// The runs, the latest first.
    pub runs: Vec<RunRow>,
    /// The steps of all runs, with their times.
    pub steps: Vec<StepLine>,
}

impl RunRecord {
    /// Reads the ledger of a migration; empty where there is none.
    ///
    /// # Errors
    /// The target cannot be read.
    pub async fn read(session: &Session, migration: &str) -> Result<Self, ExecuteError> {
        let ledger = Ledger::of(migration);
        if !ledger.exists(session).await? {
            return Ok(Self::default());
        }
        Ok(Self { runs: ledger.read_runs(session).await?, steps: ledger.read_step_lines(session).await? })
    }
}

impl Account {
    /// Whether the table is loaded and its rows add up.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.is_whole()
            && self.source_rows == self.loaded_rows + self.already_there_rows + self.rejected_rows + self.filtered_rows
    }

    /// Whether all chunks are loaded.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.chunks > 0 && self.chunks_done == self.chunks
    }
}

impl Accounts {
    /// Reads the ledger. `filtered` is how many rows the spec's filters leave behind, by source table.
    ///
    /// # Errors
    /// The target cannot be read.
    pub async fn read(server: &Server, plan: &Plan, filtered: &BTreeMap<String, u64>) -> Result<Self, ExecuteError> {
        let session = server.connect().await?;
        let ledger = Ledger::of(&plan.name);
        let chunks =
            if ledger.exists(&session).await? { ledger.read_all_chunks(&session).await? } else { BTreeMap::default() };
        let RunRecord { runs, steps } = RunRecord::read(&session, &plan.name).await?;
        let tables = plan.copies.iter().map(|mapping| {
            let chunks = chunks.get(&mapping.source).map_or(&[][..], Vec::as_slice);
            let filtered = filtered.get(&mapping.source).copied().unwrap_or(0);
            account(&mapping.source, mapping.size.rows, filtered, chunks)
        });
        let tables = tables.collect();
        Ok(Self { tables, runs, steps, postgresql: session.read_server_version().await? })
    }
}

fn account(table: &str, source_rows: u64, filtered_rows: u64, chunks: &[ChunkRow]) -> Account {
    let already_there_rows = chunks.iter().map(|chunk| chunk.merged).sum();
    let loaded = || chunks.iter().filter_map(|chunk| chunk.loaded.as_ref());
    Account {
        table: table.to_owned(),
        source_rows,
        loaded_rows: loaded().map(|(rows, _)| rows).sum::<u64>().saturating_sub(already_there_rows),
        already_there_rows,
        rejected_rows: chunks.iter().map(|chunk| chunk.rejected.0).sum(),
        filtered_rows,
        nulled_values: chunks.iter().flat_map(|chunk| chunk.nulled.values()).sum(),
        shortened_values: chunks.iter().flat_map(|chunk| chunk.shortened.values()).sum(),
        chunks: chunks.len(),
        chunks_done: chunks.iter().filter(|chunk| chunk.is_done()).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::KeyRange;

    fn chunk(loaded: Option<(u64, &str)>, rejected: u64) -> ChunkRow {
        ChunkRow {
            ordinal: 0,
            range: KeyRange::ALL,
            loaded: loaded.map(|(rows, digest)| (rows, digest.to_owned())),
            is_stale: false,
            rejected: (rejected, String::new()),
            nulled: BTreeMap::new(),
            shortened: BTreeMap::new(),
            merged: 0,
        }
    }

    #[test]
    fn rows_add_up_or_not() {
        let high = "ffffffffffffffffffffffffffffffff";
        let whole = account("t", 6, 1, &[chunk(Some((2, high)), 1), chunk(Some((2, "2")), 0)]);
        assert!(whole.closes());
        assert!(!Account { source_rows: 7, ..whole }.closes());
        assert!(!account("t", 2, 0, &[chunk(Some((2, high)), 0), chunk(None, 0)]).closes());
        assert!(!account("t", 0, 0, &[]).closes());
    }
}
