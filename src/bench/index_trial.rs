//! A suggested index, made and tried with its question in a transaction that is rolled back. Writers of the table wait until then,
//! so a timeout ends the trial.

use super::measure::milliseconds;
use super::outcome::TriedIndex;
use super::plan_node::nodes;
use super::target_side::answered;
use crate::run::{ExecuteError, Stop};
use crate::target::{Session, TargetError, TransactionScope, WrittenValue};
use std::time::{Duration, Instant};

/// Answers whose middle counts. PostgreSQL plans the first five executions of a prepared statement for their values.
const ANSWERS: usize = 5;

/// Settings of a trial: it gives up if it does not get the lock within 2 seconds, so that no session waits behind it
/// for longer.
const SETTINGS: &str = "SET TRANSACTION READ WRITE; SET LOCAL lock_timeout = '2s'; SET LOCAL synchronous_commit = off";

const DOING: &str = "trying a suggested index";

/// The question that an index is tried with.
#[derive(Debug)]
pub(super) struct IndexTrial<'a> {
    pub(super) session: &'a Session,
    pub(super) sql: &'a str,
    pub(super) values: &'a [WrittenValue],
    /// The longest that writers of the table wait.
    pub(super) timeout: Duration,
    pub(super) stop: &'a Stop,
}

impl IndexTrial<'_> {
    /// Tries an index by the statement that makes it without a name. The inner error is the reason for which it cannot be tried.
    ///
    /// # Errors
    /// The connection is lost, or the bench was interrupted.
    pub(super) async fn of(&self, create: &str) -> Result<Result<TriedIndex, String>, ExecuteError> {
        let scope = TransactionScope::discarded(DOING).beginning(DOING).with(SETTINGS);
        match self.stop.or_end(self.session.transaction(scope, self.tried(create))).await {
            Ok(tried) => Ok(tried),
            Err(ExecuteError::Interrupted) => {
                self.session.cancel().await;
                Err(ExecuteError::Interrupted)
            }
            Err(ExecuteError::Target(TargetError::Statement { message, code: Some(_), .. })) => Ok(Err(message)),
            Err(error) => Err(error),
        }
    }

    async fn tried(&self, create: &str) -> Result<Result<TriedIndex, String>, TargetError> {
        let before_ms = self.middle().await?;
        // The lock of the first statement lasts until the transaction ends.
        if let Ok(tried) = tokio::time::timeout(self.timeout, self.locked(create, before_ms)).await {
            return tried;
        }
        // Nothing else can be asked, not even to roll back, before the answer has ended.
        self.session.cancel().await;
        let limit = self.timeout.as_secs_f64();
        Ok(Err(format!("making it and asking with it takes longer than {limit} s, the limit that `--timeout` sets")))
    }

    /// Makes the index and asks with it, while writers of the table wait.
    async fn locked(&self, create: &str, before_ms: f64) -> Result<Result<TriedIndex, String>, TargetError> {
        let start = Instant::now();
        self.session.execute(create, DOING).await?;
        let made_in_ms = since(start);
        let after_ms = self.middle().await?;
        let json = self.session.explain(self.sql, self.values, DOING).await?;
        let Some(nodes) = nodes(&json, false) else { return Ok(Err("the plan with it cannot be read".to_owned())) };
        let used = nodes.into_iter().filter_map(|node| node.index);
        let made = self.session.read_made_indexes(DOING).await?;
        let is_used = used.into_iter().any(|used| made.iter().any(|(name, _)| *name == used));
        let bytes = made.iter().map(|(_, bytes)| bytes).sum();
        Ok(Ok(TriedIndex { before_ms, after_ms, is_used, made_in_ms, bytes }))
    }

    /// The middle of the times of some answers, after one that does not count.
    async fn middle(&self) -> Result<f64, TargetError> {
        let question = self.session.prepare_question(self.sql, DOING).await?;
        let mut times = Vec::with_capacity(ANSWERS);
        for number in 0..ANSWERS {
            let start = Instant::now();
            answered(self.session, &question, self.values).await?;
            if number > 0 {
                times.push(since(start));
            }
        }
        times.sort_by(f64::total_cmp);
        Ok(times.get(times.len() / 2).copied().unwrap_or_default())
    }
}

fn since(start: Instant) -> f64 {
    milliseconds(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX))
}
