//! New oids of objects that were dropped for a load and made again: they still belong to the steps that made them.

use super::{Ledger, failed};
use crate::target::identity::Identity;
use crate::target::{Session, TargetError};

impl Ledger {
    /// Writes the new numbers of constraints that this transaction has detached and restored, for the steps that have
    /// made them; constraints that no step has made are not in the ledger.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn renumber_constraints(
        &self,
        session: &Session,
        before: &[Option<u32>],
        after: &[Option<u32>],
    ) -> Result<(), TargetError> {
        let sql = "UPDATE transship.step AS step SET \
                       made = renumbered.made, transactions = step.transactions || pg_current_xact_id() \
                   FROM ( \
                       SELECT id, jsonb_agg(object || CASE WHEN number.after IS NULL THEN '{}' ELSE jsonb_build_object('oid', number.after::bigint) END ORDER BY one.place) \
                       FROM transship.step, jsonb_array_elements(made) WITH ORDINALITY AS one (object, place) \
                       LEFT JOIN unnest($2::oid[], $3::oid[]) AS number (before, after) \
                           ON number.before = (object ->> 'oid')::oid AND (object ->> 'class')::bigint = $4 \
                       WHERE migration = $1 GROUP BY id HAVING bool_or(number.after IS NOT NULL) \
                   ) AS renumbered (id, made) \
                   WHERE step.migration = $1 AND step.id = renumbered.id";
        let class = i64::from(Identity::CONSTRAINT);
        let updated = session.client().execute(sql, &[&self.migration, &before, &after, &class]).await;
        updated.map_err(|error| failed(&error))?;
        Ok(())
    }
}
