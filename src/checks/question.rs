//! Transaction in which the target is asked a query of the spec. The session is the check's own and is closed after it.

use super::CheckContext;
use crate::target::{QueryCursor, Session, TargetError, TransactionScope};

impl CheckContext<'_> {
    /// Runs a query of the spec and hands its answer to `hear`.
    pub(super) async fn question<T>(
        &self,
        doing: &str,
        sql: &str,
        session: &Session,
        hear: impl AsyncFnOnce(QueryCursor<'_>) -> Result<T, TargetError>,
    ) -> Result<T, TargetError> {
        // A user's own settings must not decide how values are printed.
        let settings = format!(
            "SET LOCAL search_path = {}, public; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'",
            self.schemas.search_path()
        );
        let asked = async { hear(QueryCursor::open(session, sql, doing).await?).await };
        session.transaction(TransactionScope::reading(doing).beginning(doing).with(&settings), asked).await
    }
}
