//! SQL of the spec that goes into statements of transship's own: one expression, one query, one transaction.

use super::Checker;
use crate::connection::SourceConnection;
use crate::dialect::{Refusal, postgresql, sqlite};
use crate::spec::model::SourceSpec;
use crate::spec::problem::{Problem, code};
use crate::spec::read::Text;

impl Checker<'_> {
    /// Notes whose SQL the source understands. Where it is not known, the other SQL of the spec is SQLite's.
    pub(super) fn notes_source(&self, source: Option<&SourceSpec>) {
        let is_other = source.is_some_and(|source| matches!(source.connection, SourceConnection::Mysql(_)));
        self.reads_sqlite.set(!is_other);
    }

    /// An expression over the rows of a source table.
    pub(super) fn source_expression(&self, text: &Text, key: &str) -> Option<String> {
        let sql = self.sql(text, key)?;
        let checked = if self.reads_sqlite.get() { sqlite::one_expression(&sql) } else { Ok(()) };
        self.accepted_sql(text, key, sql, code::NOT_ONE_EXPRESSION, checked)
    }

    /// A query for the source.
    pub(super) fn source_query(&self, text: &Text, key: &str) -> Option<String> {
        let sql = self.sql(text, key)?;
        let checked = if self.reads_sqlite.get() { sqlite::one_query(&sql) } else { Ok(()) };
        self.accepted_sql(text, key, sql, code::NOT_ONE_QUERY, checked)
    }

    /// A query for the target.
    pub(super) fn target_query(&self, text: &Text, key: &str) -> Option<String> {
        let sql = self.sql(text, key)?;
        let checked = postgresql::one_query(&sql);
        self.accepted_sql(text, key, sql, code::NOT_ONE_QUERY, checked)
    }

    /// SQL that runs in a transaction of ours, which it must not end: what it has done and its row in the ledger would
    /// no longer be one. `text` is where it stands in the spec; a file's SQL stands elsewhere.
    pub(super) fn in_transaction(&self, sql: String, text: &Text, key: &str) -> Option<String> {
        let Some((command, place)) = postgresql::transaction_command(&sql) else { return Some(sql) };
        let place = if *text.get_ref() == sql { self.locate(text, place) } else { text.span() };
        let message = format!("`{key}` has {command}, which would end the transaction that the step runs in");
        let hint = "remove it: the step and its row in the ledger are one transaction; or say `transaction = false`";
        self.report(Problem::new(code::TRANSACTION_IN_STEP, place, message).label("ends our transaction").hint(hint))
    }

    fn accepted_sql(
        &self,
        text: &Text,
        key: &str,
        sql: String,
        code: &'static str,
        checked: Result<(), Refusal>,
    ) -> Option<String> {
        let Err(refusal) = checked else { return Some(sql) };
        let place = if *text.get_ref() == sql { self.locate(text, refusal.place) } else { text.span() };
        self.report(Problem::new(code, place, format!("`{key}` {}", refusal.message)).hint(refusal.hint))
    }
}
