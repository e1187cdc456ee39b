//! A query of the spec as PostgreSQL is asked it: through a cursor, in a read-only transaction that is rolled back.
//!
//! The statement goes over the extended protocol, which takes one statement and no more; and DECLARE takes nothing but a
//! query, so that COMMIT, SET, COPY, DO or CALL are errors of syntax, and INSERT behind WITH is refused (PostgreSQL
//! documentation, DECLARE). What a function in it could still do is up to the transaction: writing tables, nextval and large
//! objects are refused there, settings end with it. The session is the check's own and is thrown away, and with it a lock
//! of the session. There remain functions that reach out of the session, which a role needs rights of its own for:
//! dblink, pg_terminate_backend, pg_reload_conf and the like.

use super::Asking;
use super::value::Reading;
use crate::name::quote_identifier;
use crate::target::{Session, TargetError};
use futures_util::TryStreamExt as _;
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

/// The cursor's name.
const CURSOR: &str = "transship_answer";

/// PostgreSQL's code for a parameter that nobody gives (`undefined_parameter`).
const UNDEFINED_PARAMETER: &str = "42P02";

impl Asking<'_> {
    /// Begins a transaction for a question and opens a cursor on its answer; how its columns are understood.
    pub(super) async fn open(&self, doing: &str, sql: &str, session: &Session) -> Result<Vec<Reading>, TargetError> {
        let path = quote_identifier(self.schema);
        // A user's own settings must not decide how values are printed.
        let begin = format!(
            "BEGIN READ ONLY; SET LOCAL search_path = {path}, public; SET LOCAL extra_float_digits = 1; \
             SET LOCAL bytea_output = 'hex'"
        );
        session.execute(&begin, doing).await?;
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
                private: crate::target::Private::default(),
            });
        }
        session.client().execute(&statement, &[]).await.map_err(failed)?;
        // The columns of FETCH are known when the cursor is open.
        let fetch = session.client().prepare(&format!("FETCH FORWARD 0 FROM {CURSOR}")).await.map_err(failed)?;
        Ok(fetch.columns().iter().map(|column| Reading::of(column.type_())).collect())
    }

    /// Goes through the whole answer; its rows are held no longer than each is looked at.
    pub(super) async fn for_each(
        &self,
        doing: &str,
        session: &Session,
        mut visit: impl FnMut(&SimpleQueryRow),
    ) -> Result<(), TargetError> {
        let failed = |error: tokio_postgres::Error| TargetError::statement(doing, &error);
        let fetch = format!("FETCH FORWARD ALL FROM {CURSOR}");
        let messages = session.client().simple_query_raw(&fetch).await.map_err(failed)?;
        tokio::pin!(messages);
        while let Some(message) = messages.try_next().await.map_err(failed)? {
            if let SimpleQueryMessage::Row(row) = message {
                visit(&row);
            }
        }
        Ok(())
    }

    /// The next rows of the answer, as text.
    pub(super) async fn fetch(
        &self,
        doing: &str,
        rows: usize,
        session: &Session,
    ) -> Result<Vec<SimpleQueryMessage>, TargetError> {
        let sql = format!("FETCH FORWARD {rows} FROM {CURSOR}");
        session.client().simple_query(&sql).await.map_err(|error| TargetError::statement(doing, &error))
    }

    /// Goes over the rest of the answer; how many rows it has.
    pub(super) async fn count_rest(&self, doing: &str, session: &Session) -> Result<u64, TargetError> {
        let moved = session.client().simple_query(&format!("MOVE FORWARD ALL FROM {CURSOR}")).await;
        let moved = moved.map_err(|error| TargetError::statement(doing, &error))?;
        let rows = moved.into_iter().map(|message| match message {
            SimpleQueryMessage::CommandComplete(rows) => rows,
            _ => 0,
        });
        Ok(rows.sum())
    }
}
