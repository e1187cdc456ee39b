//! Bringing rows together with those that the target has: ids are settled once for a table, and each chunk's rows are compared
//! in a temporary table before what is new is added.

use super::Worker;
use crate::catalog::{KeyRange, NAMED_ROWS};
use crate::plan::merge_sql::{MERGED_IDS, MergeSql, STAGED};
use crate::rows::staging::{RowsToStage, stage};
use crate::run::ExecuteError;
use crate::run::failpoint::reach;
use crate::target::existing::read_unique_indexes;
use std::sync::Arc;

impl Worker {
    /// Maps the ids of a table's rows, in the transaction that has claimed the step.
    pub(super) async fn settle(&mut self, at: usize) -> Result<(), ExecuteError> {
        let context = Arc::clone(&self.context);
        let (mapping, session) = (context.mapping(at)?, Arc::clone(&self.session));
        let sql = MergeSql::of(mapping, &context.spec.target.schemas, &context.plan.name, MERGED_IDS);
        let doing = format!("mapping the ids of {}", sql.table);
        session.execute(&sql.create(), &doing).await?;
        let ranges = vec![KeyRange::ALL];
        let rows = RowsToStage { mapping, ranges, copy: &sql.copy() };
        stage(&session, &mut self.reader, rows, &context.zone, &context.stop).await?;
        session.execute(&format!("ANALYZE {STAGED}"), &doing).await?;
        for statement in sql.translate_references() {
            session.execute(&statement, &doing).await?;
        }
        let counts = session.query_one(&sql.doubts_about_keys(), &[], &doing).await?;
        let counts = (0..3).map(|at| counts.get::<_, i64>(at)).collect::<Vec<_>>();
        if counts.iter().any(|count| *count > 0) {
            let reason =
                "rows have NULL in their natural key, or share it with other rows: `transship plan` counts them";
            return Err(not_merged(&sql.table, reason, &[]));
        }
        // Before ids are written that the column cannot hold.
        let taken = session.query_one(&sql.count_taken(), &[], &doing).await?;
        if taken.get::<_, i64>(1) > 0 {
            let reason = "rows have ids that belong to other rows of the target, and new ids have no sequence, or do not fit \
                          the type";
            return Err(not_merged(&sql.table, reason, &[]));
        }
        for statement in sql.settle() {
            session.execute(&statement, &doing).await?;
        }
        session.execute(&format!("DROP TABLE {STAGED}"), &doing).await?;
        reach("merge_settled");
        Ok(())
    }

    /// Adds the rows of a chunk in the temporary table that the target does not hold yet; returns the number of those
    /// that it already holds. `rows` is the number of all rows in that table.
    pub(super) async fn merge(&mut self, at: usize, chunk: i32, rows: u64) -> Result<u64, ExecuteError> {
        let context = Arc::clone(&self.context);
        let (mapping, session) = (context.mapping(at)?, Arc::clone(&self.session));
        let schemas = &context.spec.target.schemas;
        let sql = MergeSql::of(mapping, schemas, &context.plan.name, MERGED_IDS);
        let doing = format!("bringing the rows of {} together", sql.table);
        for statement in sql.translate_references().into_iter().chain(sql.translate_own()) {
            session.execute(&statement, &doing).await?;
        }
        let words = sql.words(false);
        if let Some(part) = sql.unsettled() {
            let found = self.named(&format!("SELECT {words} {part} LIMIT {NAMED_ROWS}"), &doing).await?;
            if !found.is_empty() {
                let reason = "other rows of the target have the key or the id of rows whose ids were not mapped";
                return Err(not_merged(&sql.table, reason, &found));
            }
        }
        let mut there = 0;
        if let Some(merging) = &mapping.merges {
            let (part, same) = (sql.there(), sql.same());
            let counted = session.query_one(&format!("SELECT count(*) {part}"), &[], &doing).await?;
            there = u64::try_from(counted.get::<_, i64>(0)).unwrap_or(0);
            if merging.prefer.is_none() {
                let differing = format!("SELECT {words} {part} WHERE NOT ({same}) ORDER BY 1 LIMIT {NAMED_ROWS}");
                let found = self.named(&differing, &doing).await?;
                if !found.is_empty() {
                    return Err(not_merged(
                        &sql.table,
                        "rows that it holds have other values than the source's",
                        &found,
                    ));
                }
            } else {
                session.change(&sql.remember(), &[&chunk], &doing).await?;
            }
            session.execute(&sql.leave_out(), &doing).await?;
        }
        self.no_collisions(at, &sql, &doing).await?;
        if let Some(overwrite) = sql.overwrite() {
            session.change(&overwrite, &[], &doing).await?;
        }
        let added = session.change(&sql.add(), &[], &doing).await?;
        session.execute(&format!("DROP TABLE {STAGED}"), &doing).await?;
        // A key that several rows of the target have would count more than once.
        if added + there != rows {
            return Err(ExecuteError::RowCount { table: mapping.source.clone(), sent: rows, taken: added + there });
        }
        reach("merge_added");
        Ok(there)
    }

    /// Refuses rows that have the unique key of another row, by the name of the key: PostgreSQL would name its index.
    async fn no_collisions(&mut self, at: usize, sql: &MergeSql<'_>, doing: &str) -> Result<(), ExecuteError> {
        let context = Arc::clone(&self.context);
        let mapping = context.mapping(at)?;
        let place = context.spec.target.schemas.place(&mapping.target);
        let is_filled = |name: &String| mapping.columns.iter().any(|column| column.target == *name);
        let unique = read_unique_indexes(&self.session, place).await?;
        let same = sql.found_by();
        let words = if same.is_empty() { "NULL::text".to_owned() } else { sql.words(false) };
        for index in unique.iter().filter(|index| index.reads.iter().all(is_filled)) {
            let part = index.met(STAGED, &format!("{words} AS words"), &sql.table, "true", &same);
            let met = self.session.query(&format!("SELECT row_.words {part} LIMIT {NAMED_ROWS}"), &[], doing).await?;
            if !met.is_empty() {
                let reason = format!("rows that it holds have the same ({})", index.words());
                return Err(not_merged(
                    &sql.table,
                    &reason,
                    &met.iter().filter_map(|row| row.get(0)).collect::<Vec<_>>(),
                ));
            }
        }
        Ok(())
    }

    async fn named(&mut self, sql: &str, doing: &str) -> Result<Vec<String>, ExecuteError> {
        let rows = self.session.query(sql, &[], doing).await?;
        Ok(rows.iter().filter_map(|row| row.get(0)).collect())
    }
}

fn not_merged(table: &str, reason: &str, keys: &[String]) -> ExecuteError {
    // The name is empty if no column that may be shown names the row.
    let named = keys.iter().filter(|key| !key.is_empty()).map(String::as_str).collect::<Vec<_>>();
    let keys = if named.is_empty() { String::new() } else { format!(" ({})", named.join("; ")) };
    ExecuteError::NotMerged { table: table.to_owned(), reason: format!("{reason}{keys}") }
}
