//! Statements with parameters, and their results.

use super::{Session, TargetError};
use futures_util::{Stream, TryStreamExt};
use std::error::Error;
use std::pin::Pin;
use tokio_postgres::types::FromSql;
use tokio_postgres::{CopyOutStream, RowStream};

pub use tokio_postgres::Row;
pub use tokio_postgres::types::{Kind as ServerTypeKind, ToSql as Parameter, Type as ServerType};

/// The values of a statement's parameters, `$1` first.
pub type Parameters<'a> = &'a [&'a (dyn Parameter + Sync)];

impl Session {
    /// Asks a query; all its rows at once.
    ///
    /// # Errors
    /// PostgreSQL's refusal, with `doing` in its message.
    pub async fn query(&self, sql: &str, parameters: Parameters<'_>, doing: &str) -> Result<Vec<Row>, TargetError> {
        self.client().query(sql, parameters).await.map_err(|error| TargetError::statement(doing, &error))
    }

    /// Asks a query that has one row.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or another number of rows.
    pub async fn query_one(&self, sql: &str, parameters: Parameters<'_>, doing: &str) -> Result<Row, TargetError> {
        self.client().query_one(sql, parameters).await.map_err(|error| TargetError::statement(doing, &error))
    }

    /// Asks a query for its rows one after the other.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn stream<'a>(&self, sql: &str, doing: &'a str) -> Result<IncomingRows<'a>, TargetError> {
        let parameters = std::iter::empty::<&(dyn Parameter + Sync)>();
        let rows = self.client().query_raw(sql, parameters).await;
        let rows = rows.map_err(|error| TargetError::statement(doing, &error))?;
        Ok(Incoming { stream: Box::pin(rows), doing })
    }

    /// Runs a statement that changes rows and returns their number.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn change(&self, sql: &str, parameters: Parameters<'_>, doing: &str) -> Result<u64, TargetError> {
        self.client().execute(sql, parameters).await.map_err(|error| TargetError::statement(doing, &error))
    }

    /// Counts the rows of a table, whose name is quoted.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn count_rows(&self, table: &str, doing: &str) -> Result<u64, TargetError> {
        let row = self.query_one(&format!("SELECT count(*) FROM {table}"), &[], doing).await?;
        Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0))
    }

    /// The types of a query's columns; it is not run.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_column_types(&self, sql: &str, doing: &str) -> Result<Vec<ServerType>, TargetError> {
        let prepared = self.client().prepare(sql).await.map_err(|error| TargetError::statement(doing, &error))?;
        Ok(prepared.columns().iter().map(|column| column.type_().clone()).collect())
    }

    /// Sends a `COPY … TO STDOUT` and returns its bytes in the pieces in which they arrive.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn copy_out<'a>(&self, sql: &str, doing: &'a str) -> Result<CopyOut<'a>, TargetError> {
        let stream = self.client().copy_out(sql).await.map_err(|error| TargetError::statement(doing, &error))?;
        Ok(Incoming { stream: Box::pin(stream), doing })
    }
}

/// Stream of items that PostgreSQL sends.
pub struct Incoming<'a, S> {
    stream: Pin<Box<S>>,
    doing: &'a str,
}

/// The rows of a query.
pub type IncomingRows<'a> = Incoming<'a, RowStream>;

/// The bytes of a COPY.
pub type CopyOut<'a> = Incoming<'a, CopyOutStream>;

impl<S> std::fmt::Debug for Incoming<'_, S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Incoming").field("doing", &self.doing).finish_non_exhaustive()
    }
}

impl<'a> IncomingRows<'a> {
    /// The rows of an answer.
    pub(super) fn of(rows: RowStream, doing: &'a str) -> Self {
        Incoming { stream: Box::pin(rows), doing }
    }
}

impl<T, S: Stream<Item = Result<T, tokio_postgres::Error>>> Incoming<'_, S> {
    /// The next item; `None` at the end.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or the connection is lost.
    pub async fn next(&mut self) -> Result<Option<T>, TargetError> {
        self.stream.try_next().await.map_err(|error| TargetError::statement(self.doing, &error))
    }
}

/// A value of a row in the bytes in which PostgreSQL sends it, whatever its type.
#[derive(Debug, Clone, Copy)]
pub struct RawValue<'a>(pub &'a [u8]);

impl<'a> FromSql<'a> for RawValue<'a> {
    fn from_sql(_: &ServerType, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &ServerType) -> bool {
        true
    }
}
