//! Queries about rows that the target already holds, for one table, in a transaction that is rolled back.

use super::target_contents::Changed;
use crate::run::{ExecuteError, Stop};
use crate::spec::Spec;
use crate::target::Session;
use crate::value::Zone;

/// The mapping of ids while a plan is made: the ledger's own, with what a run would add to it.
pub(super) const IDS: &str = "pg_temp.transship_ids";

/// All that looking at one table needs.
pub(super) struct TargetInquiry<'a> {
    pub(super) spec: &'a Spec,
    pub(super) session: &'a Session,
    pub(super) zone: &'a Zone,
    pub(super) shows_values: bool,
    pub(super) stop: &'a Stop,
    pub(super) changed: &'a Changed,
    /// Condition for the target's rows that no run of this migration has written.
    pub(super) others: String,
}

impl TargetInquiry<'_> {
    pub(super) async fn run(&self, statements: Vec<String>, doing: &str) -> Result<(), ExecuteError> {
        for statement in statements {
            self.session.execute(&statement, doing).await?;
        }
        Ok(())
    }

    pub(super) async fn numbers<const N: usize>(&self, sql: &str, doing: &str) -> Result<[u64; N], ExecuteError> {
        let row = self.session.query_one(sql, &[], doing).await?;
        Ok(std::array::from_fn(|at| u64::try_from(row.get::<_, Option<i64>>(at).unwrap_or(0)).unwrap_or(u64::MAX)))
    }

    pub(super) async fn texts(&self, sql: &str, doing: &str) -> Result<Vec<String>, ExecuteError> {
        let rows = self.session.query(sql, &[], doing).await?;
        // The name is empty if no column that may be shown names the row.
        Ok(rows.iter().filter_map(|row| row.get::<_, Option<String>>(0)).filter(|text| !text.is_empty()).collect())
    }
}
