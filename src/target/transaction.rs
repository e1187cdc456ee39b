//! Transactions and savepoints as scopes: the one place that begins, commits and rolls back.
//!
//! A scope ends with its work, whatever the outcome. If the work is dropped before its end (a time limit, a task that
//! is aborted), the rollback is queued at that moment, before anything else that the session may be asked: no statement
//! runs in a transaction that its owner has given up.

use super::{Session, TargetError};
use crate::name::quote_literal;
use futures_util::FutureExt;

/// Name of every savepoint. PostgreSQL keeps savepoints of one name apart: the latest counts (documentation,
/// SAVEPOINT).
const SAVEPOINT: &str = "transship_savepoint";

/// Beginning and end of a transaction, with the action of each for an error's message.
#[derive(Debug, Clone, Copy)]
pub struct TransactionScope<'a> {
    begin: &'static str,
    settings: &'a str,
    is_committed: bool,
    beginning: &'a str,
    ending: &'a str,
}

impl<'a> TransactionScope<'a> {
    /// A transaction that is committed if its work succeeds, and rolled back if it fails.
    #[must_use]
    pub const fn committed(ending: &'a str) -> Self {
        Self { begin: "BEGIN", settings: "", is_committed: true, beginning: "beginning a transaction", ending }
    }

    /// A transaction that writes and is always rolled back.
    #[must_use]
    pub const fn discarded(ending: &'a str) -> Self {
        Self { is_committed: false, ..Self::committed(ending) }
    }

    /// A read-only transaction, which is rolled back.
    #[must_use]
    pub const fn reading(ending: &'a str) -> Self {
        Self { begin: "BEGIN READ ONLY", ..Self::discarded(ending) }
    }

    /// This scope with another message for its beginning.
    #[must_use]
    pub const fn beginning(self, beginning: &'a str) -> Self {
        Self { beginning, ..self }
    }

    /// This scope with settings that are sent along with BEGIN.
    #[must_use]
    pub const fn with(self, settings: &'a str) -> Self {
        Self { settings, ..self }
    }
}

impl Session {
    /// Does `work` in a transaction of its own. No other transaction may be in progress.
    ///
    /// A COMMIT that fails with a lost connection may have happened: the ledger's row of the same transaction tells.
    ///
    /// # Errors
    /// The work's error, after a rollback; PostgreSQL's refusal to begin or to end the transaction.
    pub async fn transaction<T, E: From<TargetError>>(
        &self,
        scope: TransactionScope<'_>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut open = OpenScope::on(self, "ROLLBACK");
        if scope.settings.is_empty() {
            self.execute(scope.begin, scope.beginning).await?;
        } else {
            self.execute(&format!("{}; {}", scope.begin, scope.settings), scope.beginning).await?;
        }
        let done = work.await;
        let ended = match (&done, scope.is_committed) {
            (Ok(_), true) => self.execute("COMMIT", scope.ending).await,
            (Ok(_), false) => self.execute("ROLLBACK", scope.ending).await,
            (Err(_), _) => self.execute("ROLLBACK", "rolling back").await,
        };
        open.is_ended = true;
        match (done, ended) {
            (Ok(value), Ok(())) => Ok(value),
            (Ok(_), Err(error)) => Err(error.into()),
            (Err(error), Ok(())) => Err(error),
            (Err(error), Err(rollback)) => {
                tracing::debug!(%rollback, "the transaction ended with its connection");
                Err(error)
            }
        }
    }

    /// Does `work` under a savepoint of the transaction in progress; if it fails, it is rolled back.
    ///
    /// # Errors
    /// The savepoint cannot be set or released. The failure of the work itself is the inner result.
    pub async fn savepoint<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<Result<T, E>, TargetError> {
        let go_back = format!("ROLLBACK TO {SAVEPOINT}; RELEASE {SAVEPOINT}");
        let mut open = OpenScope::on(self, &go_back);
        self.execute(&format!("SAVEPOINT {SAVEPOINT}"), "setting a savepoint").await?;
        let done = work.await;
        let ended = match &done {
            Ok(_) => self.execute(&format!("RELEASE {SAVEPOINT}"), "releasing a savepoint").await,
            Err(_) => self.execute(&go_back, "going back to a savepoint").await,
        };
        open.is_ended = true;
        match (&done, ended) {
            (Ok(_), Err(error)) => return Err(error),
            // The work's own error says more. Whatever is asked next fails for the same reason.
            (Err(_), Err(error)) => tracing::debug!(%error, "the savepoint ended with its connection"),
            (_, Ok(())) => {}
        }
        Ok(done)
    }

    /// Begins a read-only transaction that lasts as long as the session: all that it reads is of one state.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn hold_snapshot(&self) -> Result<(), TargetError> {
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "beginning a snapshot").await
    }

    /// Gives others the state that [`Session::hold_snapshot`] holds, by a name that lasts as long as the transaction.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn export_snapshot(&self) -> Result<String, TargetError> {
        Ok(self.query_one("SELECT pg_export_snapshot()", &[], "exporting a snapshot").await?.get(0))
    }

    /// As [`Session::hold_snapshot`], in the state that another session has exported.
    ///
    /// # Errors
    /// The connection is lost, or that session's transaction has ended.
    pub async fn join_snapshot(&self, name: &str) -> Result<(), TargetError> {
        self.hold_snapshot().await?;
        let sql = format!("SET TRANSACTION SNAPSHOT {}", quote_literal(name));
        self.execute(&sql, "joining a snapshot").await
    }

    /// Ends the transaction of [`Session::hold_snapshot`], also one in which a statement was refused; without effect if
    /// none is in progress.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn leave_snapshot(&self) -> Result<(), TargetError> {
        self.execute("ROLLBACK", "ending the snapshot").await
    }
}

/// An open scope; when it is dropped, its end is queued.
struct OpenScope<'a> {
    session: &'a Session,
    sql: &'a str,
    is_ended: bool,
}

impl<'a> OpenScope<'a> {
    fn on(session: &'a Session, sql: &'a str) -> Self {
        Self { session, sql, is_ended: false }
    }
}

impl Drop for OpenScope<'_> {
    fn drop(&mut self) {
        if self.is_ended {
            return;
        }
        // The first poll puts the message into the connection's queue, behind what the work has sent. Nobody can wait
        // for the answer here, and the driver takes it in.
        if let Some(Err(error)) = self.session.client().batch_execute(self.sql).now_or_never() {
            tracing::debug!(%error, "the transaction ended with its connection");
        }
    }
}
