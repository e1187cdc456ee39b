//! SQL of the spec that goes into transship's own statements: one expression, one query, one transaction.

use super::Checker;
use crate::catalog::Engine;
use crate::connection::SourceConnection;
use crate::dialect::{self, SqlRefusal, postgresql};
use crate::spec::model::SourceSpec;
use crate::spec::problem::{Problem, code};
use crate::spec::read::Text;

impl Checker<'_> {
    /// Notes the engine whose SQL the source understands. If the source is not known, the assumed engine stays.
    pub(super) fn notes_source(&self, source: Option<&SourceSpec>) {
        match source.map(|source| &source.connection) {
            Some(SourceConnection::Sqlite { .. }) => self.engine.set(Some(Engine::Sqlite)),
            Some(SourceConnection::Mysql(_)) => self.engine.set(Some(Engine::Mysql)),
            Some(SourceConnection::Unset { .. }) | None => {}
        }
    }

    /// An expression over the rows of a source table.
    pub(super) fn source_expression(&self, text: &Text, key: &str) -> Option<String> {
        let sql = self.sql(text, key)?;
        let checked = self.engine.get().map_or(Ok(()), |engine| dialect::of(engine).one_expression(&sql));
        self.accepted_sql(text, key, sql, code::NOT_ONE_EXPRESSION, checked)
    }

    /// A query for the source.
    pub(super) fn source_query(&self, text: &Text, key: &str) -> Option<String> {
        let sql = self.sql(text, key)?;
        let checked = self.engine.get().map_or(Ok(()), |engine| dialect::of(engine).one_query(&sql));
        self.accepted_sql(text, key, sql, code::NOT_ONE_QUERY, checked)
    }

    /// A query for the source, with parameters that are filled in.
    pub(super) fn source_query_of_parameters(&self, text: &Text, key: &str) -> Option<String> {
        let sql = self.sql(text, key)?;
        let checked = self.engine.get().map_or(Ok(()), |engine| dialect::of(engine).one_query_of_parameters(&sql));
        self.accepted_sql(text, key, sql, code::NOT_ONE_QUERY, checked)
    }

    /// A query for the target.
    pub(super) fn target_query(&self, text: &Text, key: &str) -> Option<String> {
        let sql = self.sql(text, key)?;
        let checked = postgresql::one_query(&sql);
        self.accepted_sql(text, key, sql, code::NOT_ONE_QUERY, checked)
    }

    /// SQL that runs in transship's own transaction and must not end it: its effect and its ledger row are committed
    /// together. `text` is its place in the spec; a file's SQL is elsewhere.
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
        checked: Result<(), SqlRefusal>,
    ) -> Option<String> {
        let Err(refusal) = checked else { return Some(sql) };
        let place = if *text.get_ref() == sql { self.locate(text, refusal.place) } else { text.span() };
        self.report(Problem::new(code, place, format!("`{key}` {}", refusal.message)).hint(refusal.hint))
    }
}
