//! Rows that were brought together with rows of the target: their mapped ids, and those that differed.

use super::{Ledger, failed, unsigned};
use crate::catalog::MergeSide;
use crate::name::{quote_identifier, quote_literal};
use crate::target::{Parameters, Session, TargetError};
use std::collections::BTreeMap;

impl Ledger {
    /// Rows of each source table that both sides had with different values, and that have the values of this side since.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_merged_rows(
        &self,
        session: &Session,
        prefers: MergeSide,
    ) -> Result<BTreeMap<String, u64>, TargetError> {
        if !self.has_merged(session).await? {
            return Ok(BTreeMap::new());
        }
        let sql = "SELECT table_name, count(*) FROM transship.merged_rows \
                   WHERE migration = $1 AND prefers = $2 GROUP BY table_name";
        let rows =
            session.client().query(sql, &[&self.migration, &prefers.word()]).await.map_err(|error| failed(&error))?;
        Ok(rows.iter().map(|row| (row.get(0), unsigned(row.get(1)).unwrap_or(0))).collect())
    }

    /// Rows of the target's own that the load of each chunk has overwritten, by source table and number of the chunk.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_overwritten_rows(&self, session: &Session) -> Result<BTreeMap<(String, i32), u64>, TargetError> {
        if !self.has_merged(session).await? {
            return Ok(BTreeMap::new());
        }
        let sql = "SELECT table_name, chunk, count(*) FROM transship.merged_rows \
                   WHERE migration = $1 AND prefers = $2 GROUP BY table_name, chunk";
        let side = MergeSide::Source.word();
        let rows = session.client().query(sql, &[&self.migration, &side]).await.map_err(|error| failed(&error))?;
        Ok(rows.iter().map(|row| ((row.get(0), row.get(1)), unsigned(row.get(2)).unwrap_or(0))).collect())
    }

    /// Whether the ledger has the tables for it: one of an earlier version has not.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn has_merged(&self, session: &Session) -> Result<bool, TargetError> {
        let sql = "SELECT to_regclass('transship.merged_ids') IS NOT NULL AND to_regclass('transship.merged_rows') IS NOT NULL";
        Ok(session.client().query_one(sql, &[]).await.map_err(|error| failed(&error))?.get(0))
    }

    /// The condition for a row of a table to be one of the merged rows; `row` is the name of its relation in the query, `key`
    /// the columns by which its rows are found.
    #[must_use]
    pub fn is_merged(&self, source: &str, key: &[String], row: &str, prefers: MergeSide) -> String {
        let names = key.iter().map(|column| quote_literal(column)).collect::<Vec<_>>().join(", ");
        let values = key.iter().map(|column| format!("{row}.{}::text", quote_identifier(column)));
        format!(
            "EXISTS (SELECT FROM transship.merged_rows AS merged WHERE merged.migration = {} AND merged.table_name = {} \
             AND merged.prefers = '{}' AND merged.key = jsonb_object(ARRAY[{names}]::text[], ARRAY[{}]::text[]))",
            quote_literal(&self.migration),
            quote_literal(source),
            prefers.word(),
            values.collect::<Vec<_>>().join(", ")
        )
    }

    /// Copies the mapped ids into another relation of the same columns.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn copy_merged_ids(&self, session: &Session, into: &str, doing: &str) -> Result<(), TargetError> {
        let sql = format!("INSERT INTO {into} SELECT * FROM transship.merged_ids WHERE migration = $1");
        session.change(&sql, &[&self.migration], doing).await?;
        Ok(())
    }

    /// The query for the mapped ids of a table: `fields` of `source_key` and `target_key`, which are arrays of texts.
    #[must_use]
    pub fn merged_ids_of(&self, source: &str, fields: &str) -> String {
        format!(
            "SELECT {fields} FROM transship.merged_ids WHERE migration = {} AND table_name = {}",
            quote_literal(&self.migration),
            quote_literal(source)
        )
    }

    /// The query for the merged rows of a table.
    #[must_use]
    pub fn merged_rows_of(&self, source: &str, prefers: MergeSide) -> String {
        format!(
            "SELECT key, old FROM transship.merged_rows WHERE migration = {} AND table_name = {} AND prefers = '{}'",
            quote_literal(&self.migration),
            quote_literal(source),
            prefers.word()
        )
    }

    /// The names of the columns by which the merged rows of a table are found, and of those whose values were overwritten.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_overwritten_columns(
        &self,
        session: &Session,
        source: &str,
    ) -> Result<Option<(Vec<String>, Vec<String>)>, TargetError> {
        let sql = "SELECT ARRAY(SELECT jsonb_object_keys(key)), ARRAY(SELECT jsonb_object_keys(old)) \
                   FROM transship.merged_rows WHERE migration = $1 AND table_name = $2 AND prefers = $3 LIMIT 1";
        let parameters: Parameters<'_> = &[&self.migration, &source, &MergeSide::Source.word()];
        let row = session.client().query_opt(sql, parameters).await.map_err(|error| failed(&error))?;
        Ok(row.map(|row| (row.get(0), row.get(1))))
    }
}
