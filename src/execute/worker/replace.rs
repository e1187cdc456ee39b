//! Replacing what an earlier run has copied: one transaction for a table, so that nobody sees it without its rows.

use super::{Outcome, Worker};
use crate::execute::ExecuteError;
use crate::execute::failpoint::reach;
use crate::execute::refresh::remove_stale;
use crate::target::ledger::ChunkRow;
use std::sync::Arc;

impl Worker {
    /// Removes the stale rows, copies all these chunks and writes their ledger rows; inside the transaction that has
    /// claimed them.
    pub(super) async fn replace(&mut self, at: usize, chunks: &[ChunkRow]) -> Result<Outcome, ExecuteError> {
        self.remove(at, chunks).await?;
        self.copy_all(at, chunks).await
    }

    async fn remove(&mut self, at: usize, chunks: &[ChunkRow]) -> Result<(), ExecuteError> {
        let context = Arc::clone(&self.context);
        remove_stale(&self.session, &context.spec.target.schema, context.mapping(at)?, chunks).await?;
        reach("stale_removed");
        Ok(())
    }

    async fn copy_all(&mut self, at: usize, chunks: &[ChunkRow]) -> Result<Outcome, ExecuteError> {
        let mut outcome = Outcome::default();
        for chunk in chunks {
            match self.copy_rows(at, chunk).await {
                Ok(tally) => outcome = outcome.and(tally.into()),
                Err(error) => return Err(self.with_key(at, chunk, error).await),
            }
        }
        Ok(outcome)
    }
}
