//! Replacement of rows that an earlier run copied: one transaction for the tables that foreign keys connect, so that no
//! session sees a table without its rows or its keys, and an error changes nothing.

use super::{JobOutcome, Worker};
use crate::apply::refresh::Replacing;
use crate::run::ExecuteError;
use crate::run::failpoint::reach;
use crate::target::ledger::ChunkRow;
use std::sync::Arc;

impl Worker {
    /// Removes the stale rows of some tables, copies all these chunks and writes their ledger rows; inside the
    /// transaction that has claimed them.
    pub(super) async fn replace(&mut self, copies: &[(usize, Vec<ChunkRow>)]) -> Result<JobOutcome, ExecuteError> {
        let context = Arc::clone(&self.context);
        let replacing = self.remove(copies).await?;
        reach("stale_removed");
        let mut of_copies = Vec::new();
        for (at, chunks) in copies {
            let mut outcome = JobOutcome::default();
            for chunk in chunks {
                match self.copy_rows(*at, chunk).await {
                    Ok(tally) => outcome = outcome.and(tally.into()),
                    Err(error) => return Err(self.with_key(*at, chunk, error).await),
                }
            }
            of_copies.push((*at, outcome));
        }
        replacing.restore(&self.session, &context.ledger, &context.spec.target.schemas, &context.plan).await?;
        Ok(JobOutcome { of_copies, ..JobOutcome::default() })
    }

    async fn remove(&mut self, copies: &[(usize, Vec<ChunkRow>)]) -> Result<Replacing, ExecuteError> {
        let context = Arc::clone(&self.context);
        let tables = copies.iter().map(|(at, _)| context.mapping(*at)).collect::<Result<Vec<_>, _>>()?;
        context.refresh.remove(&self.session, &context.ledger, (&context.spec, &context.plan), &tables).await
    }
}
