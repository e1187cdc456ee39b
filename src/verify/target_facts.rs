//! Facts of the target and its ledger that every part of a verification needs, read before the rows.

use crate::name::Schemas;
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::ledger::RejectedTally;
use crate::target::{Ledger, Session, structure};
use std::collections::{BTreeMap, BTreeSet};

/// The target's relations, and what the ledger says about tables.
pub(super) struct TargetFacts {
    pub(super) ledger: Ledger,
    pub(super) has_ledger: bool,
    /// The names of all relations in the schemas.
    relations: BTreeSet<String>,
    /// The names of the columns, by table.
    pub(super) columns: BTreeMap<String, Vec<String>>,
    /// Relations that others have made in the place of the migration's.
    pub(super) strangers: BTreeSet<String>,
    /// Tallies of the rejected rows, by source table.
    rejected: BTreeMap<String, RejectedTally>,
    /// Rows that the target had already, by source table.
    merged: BTreeMap<String, u64>,
}

impl TargetFacts {
    pub(super) async fn read(session: &Session, spec: &Spec) -> Result<Self, ExecuteError> {
        let schemas = &spec.target.schemas;
        let ledger = Ledger::of(&spec.name);
        let mut facts = Self {
            has_ledger: ledger.exists(session).await?,
            relations: structure::read(session, schemas).await?.relations,
            columns: structure::read_columns(session, schemas).await?,
            strangers: BTreeSet::new(),
            rejected: BTreeMap::new(),
            merged: BTreeMap::new(),
            ledger,
        };
        if facts.has_ledger {
            facts.rejected = facts.ledger.read_rejected_tallies(session).await?;
            facts.strangers = facts.ledger.read_strangers(session, schemas).await?;
            facts.merged = merged_rows(&facts.ledger, session).await?;
        }
        Ok(facts)
    }

    /// Whether the target has a relation of this name, even if others have created it.
    pub(super) fn has(&self, relation: &str) -> bool {
        self.relations.contains(relation)
    }

    /// Whether no relation of others stands in the place of this one.
    pub(super) fn is_ours(&self, relation: &str) -> bool {
        !self.strangers.contains(relation)
    }

    /// Reason for which a table is not even read: others have made it.
    pub(super) fn stranger(&self, table: &str, schemas: &Schemas) -> Option<String> {
        let words = || format!("something else stands in the place of {}", schemas.shown(table));
        (!self.is_ours(table)).then(words)
    }

    /// Tally of a source table's rejected rows in the ledger.
    pub(super) fn rejected(&self, source: &str) -> RejectedTally {
        self.rejected.get(source).copied().unwrap_or_default()
    }

    /// Rows of a source table that the target had already; `None` if no run has recorded the table.
    pub(super) fn merged(&self, source: &str) -> Option<u64> {
        self.merged.get(source).copied()
    }
}

/// Rows of each source table that the target had already, according to the ledger.
async fn merged_rows(ledger: &Ledger, session: &Session) -> Result<BTreeMap<String, u64>, ExecuteError> {
    let chunks = ledger.read_all_chunks(session).await?;
    Ok(chunks.into_iter().map(|(table, chunks)| (table, chunks.iter().map(|chunk| chunk.merged).sum())).collect())
}
