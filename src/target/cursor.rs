//! Queries of the user's, run through a cursor, in a read-only transaction that is rolled back.
//!
//! The statement goes over the extended protocol, which takes one statement and no more; and DECLARE takes nothing but
//! a query, so that COMMIT, SET, COPY, DO or CALL are errors of syntax, and INSERT behind WITH is refused (PostgreSQL
//! documentation, DECLARE). What a function in it could still do is up to the transaction: writing tables, nextval and
//! large objects are refused there, settings end with it. There remain functions that reach out of the session, which a
//! role needs rights of its own for: dblink, pg_terminate_backend, pg_reload_conf and the like; and locks of the
//! session, so that the session has to be thrown away afterwards.

use super::sqlstate::UNDEFINED_PARAMETER;
use super::statement::ServerType;
use super::{Private, Session, TargetError};
use futures_util::TryStreamExt as _;
use tokio_postgres::SimpleQueryMessage;

pub use tokio_postgres::SimpleQueryRow as TextRow;

/// The cursor's name.
const CURSOR: &str = "transship_answer";

/// The answer to a query, to be fetched; in the transaction in which it was opened. Values come as PostgreSQL prints
/// them.
#[derive(Debug)]
pub struct QueryCursor<'a> {
    session: &'a Session,
    doing: &'a str,
}

impl<'a> QueryCursor<'a> {
    /// Opens a cursor for a query, inside of a transaction.
    ///
    /// # Errors
    /// PostgreSQL's refusal; the query has a parameter.
    pub async fn open(session: &'a Session, sql: &str, doing: &'a str) -> Result<Self, TargetError> {
        let failed = |error: tokio_postgres::Error| TargetError::of_statement(doing, Some(sql), &error);
        let statement = format!("DECLARE {CURSOR} NO SCROLL CURSOR FOR {sql}\n");
        let statement = session.client().prepare(&statement).await.map_err(failed)?;
        if !statement.params().is_empty() {
            return Err(TargetError::Statement {
                doing: doing.to_owned(),
                message: "there is no parameter $1".to_owned(),
                code: Some(UNDEFINED_PARAMETER.to_owned()),
                transient: false,
                context: None,
                private: Private::default(),
            });
        }
        session.client().execute(&statement, &[]).await.map_err(failed)?;
        Ok(Self { session, doing })
    }

    /// The types of the answer's columns.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read_column_types(&self) -> Result<Vec<ServerType>, TargetError> {
        self.session.read_column_types(&format!("FETCH FORWARD 0 FROM {CURSOR}"), self.doing).await
    }

    /// Visits every row of the answer; a row is dropped after its visit.
    ///
    /// # Errors
    /// The query fails, or the connection is lost.
    pub async fn for_each(&self, mut visit: impl FnMut(&TextRow)) -> Result<(), TargetError> {
        let fetch = format!("FETCH FORWARD ALL FROM {CURSOR}");
        let messages = self.session.client().simple_query_raw(&fetch).await.map_err(|error| self.failed(&error))?;
        tokio::pin!(messages);
        while let Some(message) = messages.try_next().await.map_err(|error| self.failed(&error))? {
            if let SimpleQueryMessage::Row(row) = message {
                visit(&row);
            }
        }
        Ok(())
    }

    /// The next rows of the answer, at most `rows`; empty at its end.
    ///
    /// # Errors
    /// The query fails, or the connection is lost.
    pub async fn fetch(&self, rows: usize) -> Result<Vec<TextRow>, TargetError> {
        let sql = format!("FETCH FORWARD {rows} FROM {CURSOR}");
        let messages = self.session.client().simple_query(&sql).await.map_err(|error| self.failed(&error))?;
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        };
        Ok(messages.into_iter().filter_map(row).collect())
    }

    /// Counts the remaining rows of the answer.
    ///
    /// # Errors
    /// The query fails, or the connection is lost.
    pub async fn count_rest(&self) -> Result<u64, TargetError> {
        let moved = self.session.client().simple_query(&format!("MOVE FORWARD ALL FROM {CURSOR}")).await;
        let moved = moved.map_err(|error| self.failed(&error))?;
        let rows = moved.into_iter().map(|message| match message {
            SimpleQueryMessage::CommandComplete(rows) => rows,
            _ => 0,
        });
        Ok(rows.sum())
    }

    fn failed(&self, error: &tokio_postgres::Error) -> TargetError {
        TargetError::statement(self.doing, error)
    }
}
