//! Queries with parameters, prepared once and asked many times, in a session as the application has it.

use super::statement::{IncomingRows, RawValue, ServerType};
use super::{Session, TargetError};
use crate::name::{quote_identifier, quote_literal};
use bytes::{BufMut as _, BytesMut};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;
use tokio_postgres::Statement;
use tokio_postgres::types::{Format, IsNull, ToSql, to_sql_checked};

/// A prepared query.
#[derive(Debug, Clone)]
pub struct TargetQuery {
    statement: Statement,
    sql: String,
}

/// Column of a query's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub server_type: ServerType,
    /// Table and number of the column that its values come from, unaltered; `None` for an expression.
    pub origin: Option<(u32, i16)>,
}

/// Column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnOrigin {
    /// Place of the table in the list that was asked for.
    pub table: usize,
    /// Table and number.
    pub origin: (u32, i16),
    /// The column's name.
    pub column: String,
}

/// Value of a parameter in text, which PostgreSQL reads by the parameter's type; `None` for NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenValue(pub Option<String>);

impl ToSql for WrittenValue {
    fn to_sql(&self, _: &ServerType, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(text) = &self.0 else { return Ok(IsNull::Yes) };
        out.put_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &ServerType) -> bool {
        true
    }

    fn encode_format(&self, _: &ServerType) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

impl TargetQuery {
    /// The types of its parameters.
    #[must_use]
    pub fn parameters(&self) -> &[ServerType] {
        self.statement.params()
    }

    /// The columns of its answer.
    #[must_use]
    pub fn columns(&self) -> Vec<QuestionColumn> {
        let column = |column: &tokio_postgres::Column| QuestionColumn {
            name: column.name().to_owned(),
            server_type: column.type_().clone(),
            origin: column.table_oid().zip(column.column_id()),
        };
        self.statement.columns().iter().map(column).collect()
    }
}

impl Session {
    /// Makes this a session as the application has it, but one that only reads: with the settings that server, database and
    /// role give every session, those of the spec, names without a schema found in `search_path`, and a limit of time.
    ///
    /// # Errors
    /// PostgreSQL refuses a setting.
    pub async fn become_application(
        &self,
        search_path: &str,
        settings: &BTreeMap<String, String>,
        timeout: Duration,
    ) -> Result<(), TargetError> {
        let own = settings.iter().map(|(name, value)| {
            format!("SELECT pg_catalog.set_config({}, {}, false);", quote_literal(name), quote_literal(value))
        });
        let path = match settings.keys().any(|name| name.eq_ignore_ascii_case("search_path")) {
            true => String::new(),
            false => format!("SET search_path = {search_path}, {};", quote_identifier("public")),
        };
        let sql = format!(
            "RESET ALL; {} {path} SET statement_timeout = {}; SET default_transaction_read_only = on",
            own.collect::<String>(),
            timeout.as_millis()
        );
        self.execute(&sql, "setting up a session as the application has it").await
    }

    /// Prepares a query of the spec.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn prepare_question(&self, sql: &str, doing: &str) -> Result<TargetQuery, TargetError> {
        let prepared = self.client().prepare(sql).await;
        let statement = prepared.map_err(|error| TargetError::of_statement(doing, Some(sql), &error))?;
        Ok(TargetQuery { statement, sql: sql.to_owned() })
    }

    /// Asks a prepared query; its values come in PostgreSQL's binary format.
    ///
    /// # Errors
    /// PostgreSQL's refusal; later ones come with the rows.
    pub async fn ask<'a>(
        &self,
        question: &TargetQuery,
        values: &[WrittenValue],
        doing: &'a str,
    ) -> Result<IncomingRows<'a>, TargetError> {
        let values = values.iter().take(question.parameters().len()).map(|value| value as &(dyn ToSql + Sync));
        let rows = self.client().query_raw(&question.statement, values.collect::<Vec<_>>()).await;
        let rows = rows.map_err(|error| TargetError::of_statement(doing, Some(&question.sql), &error))?;
        Ok(IncomingRows::of(rows, doing))
    }

    /// PostgreSQL's plan of a query as JSON, with the times and the rows of one execution.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn explain(&self, sql: &str, values: &[WrittenValue], doing: &str) -> Result<String, TargetError> {
        let explained = format!("EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON) {sql}");
        let question = self.prepare_question(&explained, doing).await?;
        let mut rows = self.ask(&question, values, doing).await?;
        let mut text = String::new();
        while let Some(row) = rows.next().await? {
            if let Ok(Some(RawValue(bytes))) = row.try_get::<_, Option<RawValue<'_>>>(0) {
                text += &String::from_utf8_lossy(bytes);
            }
        }
        Ok(text)
    }

    /// The columns of tables, whose names are quoted; a table that is not there has none.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read_column_origins(&self, tables: &[String]) -> Result<Vec<ColumnOrigin>, TargetError> {
        let doing = "asking for the columns of the tables";
        let rows = self.query(include_str!("queries/column_origins.sql"), &[&tables], doing).await?;
        let origin = |row: &tokio_postgres::Row| ColumnOrigin {
            table: usize::try_from(row.get::<_, i64>(0)).unwrap_or(usize::MAX),
            origin: (row.get(1), row.get(2)),
            column: row.get(3),
        };
        Ok(rows.iter().map(origin).collect())
    }

    /// The indexes over all rows of a table, whose name is quoted: their names and keys; an expression is `None`.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read_index_keys(&self, table: &str) -> Result<Vec<(String, Vec<Option<String>>)>, TargetError> {
        let rows = self.query(include_str!("queries/index_keys.sql"), &[&table], "asking for its indexes").await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// Names and bytes of the indexes that the transaction in progress has made.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read_made_indexes(&self, doing: &str) -> Result<Vec<(String, u64)>, TargetError> {
        let rows = self.query(include_str!("queries/made_indexes.sql"), &[], doing).await?;
        Ok(rows.iter().map(|row| (row.get(0), u64::try_from(row.get::<_, i64>(1)).unwrap_or(0))).collect())
    }
}
