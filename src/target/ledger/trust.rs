//! Trust in the ledger. Its statements are executed when a migration is rolled back, its triggers and
//! defaults run with every row that is written to it: a role that made it, or may write it, acts as the role that runs.
//!
//! Trusted are the current role, roles that may become it (superusers among them), and those that
//! `target.trusted_roles` names. Event triggers are no part of it: only a superuser makes them, and they are about
//! every statement of the database.

use super::{Distrust, Ledger, failed};
use crate::target::{Session, TargetError};

impl Ledger {
    /// Checks that the ledger belongs to roles that are trusted, that nobody else may write it, and that nothing
    /// on it, such as a trigger or a rule, runs by itself.
    ///
    /// # Errors
    /// [`TargetError::Distrusted`]; PostgreSQL's refusal.
    pub(super) async fn check_trust(&self, session: &Session) -> Result<(), TargetError> {
        refuse(self.distrust(session).await?)
    }

    /// Takes away what default privileges gave to others on the tables that this transaction has made, then checks as
    /// [`Ledger::check_trust`] does.
    ///
    /// # Errors
    /// As for [`Ledger::check_trust`].
    pub(super) async fn close_to_others(&self, session: &Session) -> Result<(), TargetError> {
        let (new, old): (Vec<_>, Vec<_>) =
            self.distrust(session).await?.into_iter().partition(|distrust| distrust.is_new);
        refuse(old)?;
        for distrust in new {
            session.execute(&distrust.remedy, "keeping others from the ledger").await?;
        }
        self.check_trust(session).await
    }

    async fn distrust(&self, session: &Session) -> Result<Vec<Distrust>, TargetError> {
        let sql = include_str!("queries/distrust.sql");
        let rows = session.client().query(sql, &[&session.trusted_roles()]).await.map_err(|error| failed(&error))?;
        let distrust =
            |row: &tokio_postgres::Row| Distrust { what: row.get(0), remedy: row.get(1), is_new: row.get(2) };
        Ok(rows.iter().map(distrust).collect())
    }
}

fn refuse(reasons: Vec<Distrust>) -> Result<(), TargetError> {
    if reasons.is_empty() { Ok(()) } else { Err(TargetError::Distrusted { reasons }) }
}
