//! Checks that look for wrong rows: their number, and some of them.

use super::{CheckContext, CheckOutcome, counted};
use crate::run::{ExecuteError, FailingRow};
use crate::target::{QueryCursor, Session, TargetError, TextRow};

impl CheckContext<'_> {
    /// Reads the rows of a query with a cursor: the first are fetched, the others are only counted.
    pub(super) async fn no_rows(
        &self,
        doing: &str,
        sql: &str,
        key_columns: Option<usize>,
        session: &Session,
    ) -> Result<CheckOutcome, ExecuteError> {
        let find = async |cursor: QueryCursor<'_>| self.find(&cursor, key_columns).await;
        let (failing, rows) = self.question(doing, sql, session, find).await?;
        let actual = if failing == 0 { "no rows".to_owned() } else { counted(failing) };
        Ok(CheckOutcome { failing: Some(failing), rows, ..CheckOutcome::new(failing == 0, "no rows", actual) })
    }

    async fn find(
        &self,
        cursor: &QueryCursor<'_>,
        key_columns: Option<usize>,
    ) -> Result<(u64, Vec<FailingRow>), TargetError> {
        let (mut failing, mut rows) = (0, Vec::new());
        if self.rows > 0 {
            for row in cursor.fetch(self.rows).await? {
                failing += 1;
                rows.extend(self.failing_row(&row, key_columns));
            }
        }
        failing += cursor.count_rest().await?;
        Ok((failing, rows))
    }

    /// Row in words; `None` if it has no key and its values may not be shown.
    fn failing_row(&self, row: &TextRow, key_columns: Option<usize>) -> Option<FailingRow> {
        let words = |at: usize| {
            let name = row.columns().get(at).map_or("", |column| column.name());
            format!("{name}={}", row.get(at).unwrap_or("NULL"))
        };
        let list = |range: std::ops::Range<usize>| range.map(words).collect::<Vec<_>>().join(", ");
        let keys = key_columns.unwrap_or(row.len());
        let values = (self.show_values && keys < row.len()).then(|| list(keys..row.len()));
        (keys > 0 || values.is_some()).then(|| FailingRow { key: list(0..keys), values })
    }
}
