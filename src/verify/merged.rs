//! Rows that were brought together with rows of the target: their ids, and the rows whose own values stay.

use super::table::TableComparison;
use crate::proof::form::{RowHash, RowScratch, SideRow};
use crate::proof::ids::read_ids;
use crate::proof::side::Visitor;
use crate::run::ExecuteError;
use crate::spec::MergeSide;
use crate::target::{Ledger, Session};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The keys of some rows.
struct KeySet(BTreeSet<u128>);

impl Visitor for KeySet {
    fn visit(&mut self, hash: RowHash, _: SideRow<'_, '_>, _: &mut RowScratch) {
        self.0.insert(hash.key);
    }
}

impl TableComparison {
    /// Has the source's rows compared under the ids that the ledger gives them.
    pub(super) async fn follow_ids(&mut self, session: &Session) -> Result<(), ExecuteError> {
        if !self.exists || !self.mapping.is_staged() || !Ledger::of(&self.migration).has_merged(session).await? {
            return Ok(());
        }
        let ids = read_ids(session, &self.migration, self.compared()).await?;
        self.form = Arc::new((*self.form).clone().with_ids(ids));
        Ok(())
    }

    /// The keys of rows that both sides have with other values, where the spec prefers those of the target.
    pub(super) async fn staying(&self, session: &Session) -> Result<BTreeSet<u128>, ExecuteError> {
        let merging = self.mapping.merges.as_ref().filter(|merging| merging.prefer == Some(MergeSide::Target));
        let Some(merging) = merging.filter(|_| self.exists) else { return Ok(BTreeSet::new()) };
        if !Ledger::of(&self.migration).has_merged(session).await? {
            return Ok(BTreeSet::new());
        }
        let table = self.schemas.qualified(&self.mapping.target);
        let key = merging.found_by();
        let condition = Ledger::of(&self.migration).is_merged(&self.mapping.source, key, &table, MergeSide::Target);
        let mut keys = KeySet(BTreeSet::new());
        self.compared().read_target(session, &self.schemas, Some(&condition), &mut keys).await?;
        Ok(keys.0)
    }
}
