//! Contents of the target before the survey, as far as rows that are there already are asked about.

use crate::catalog::{KeyRange, RelationKind, Right, TargetTable};
use crate::plan::{TableMapping, TargetState};
use crate::run::ExecuteError;
use crate::spec::{Spec, TablesMode};
use crate::survey::target_state::Loaded;
use crate::target::Session;
use crate::target::ledger::ChunkRow;
use std::collections::{BTreeMap, BTreeSet};

/// Contents of the target before the survey: rows of its tables, and the parts of the source that are still to be copied.
#[derive(Debug, Clone, Default)]
pub(crate) struct TargetContents {
    /// Rows by the table in the target, for those that are not empty. Of a table that a run has filled, only rows that no run of
    /// this migration has written count.
    pub(super) rows: BTreeMap<String, u64>,
    /// Tables whose rows were counted, whether there are any or not.
    counted: BTreeSet<String>,
    /// Tables that a run has filled: their rows were not counted with the others.
    filled: BTreeSet<String>,
    /// The chunks that a run has fixed, by source table: the number of one that is copied, and its range.
    pub(super) chunks: BTreeMap<String, Vec<(Option<i32>, KeyRange)>>,
}

/// The chunks whose rows have changed in the source since they were copied, by source table.
pub(crate) type Changed = BTreeMap<String, BTreeSet<i32>>;

impl TargetContents {
    pub(crate) fn of(spec: &Spec, state: &TargetState, chunks: &Loaded) -> Self {
        if spec.target.tables != TablesMode::Existing {
            return Self::default();
        }
        let rows = state.tables.iter().flatten().filter_map(|(name, table)| Some((name.clone(), table.rows?)));
        let is_filled = |table: &TargetTable| {
            let is_readable = table.lacks(&[Right::Usage, Right::Select]).next().is_none();
            table.rows.is_none() && table.kind == RelationKind::Table && !table.row_security && is_readable
        };
        let filled = state.tables.iter().flatten().filter(|(_, table)| is_filled(table)).map(|(name, _)| name.clone());
        let range = |chunk: &ChunkRow| (chunk.loaded.as_ref().map(|_| chunk.ordinal), chunk.range.clone());
        Self {
            counted: rows.clone().map(|(name, _)| name).collect(),
            rows: rows.filter(|(_, rows)| *rows > 0).collect(),
            filled: filled.collect(),
            chunks: chunks.iter().map(|(table, chunks)| (table.clone(), chunks.iter().map(range).collect())).collect(),
        }
    }

    /// Whether the rows of a table may be read.
    pub(super) fn may_read(&self, table: &String) -> bool {
        self.counted.contains(table) || self.filled.contains(table)
    }

    /// Whether rows of a source table are copied already.
    pub(super) fn is_loaded(&self, source: &str) -> bool {
        self.chunks.get(source).is_some_and(|chunks| chunks.iter().any(|(copied, _)| copied.is_some()))
    }

    /// With the rows of others counted in tables that a run has filled, as far as these tables, which are to be copied, need it:
    /// a refresh meets rows of the application as the first run does.
    pub(super) async fn counted(
        &self,
        spec: &Spec,
        session: &Session,
        copied: &[TableMapping],
        others: &str,
    ) -> Result<Self, ExecuteError> {
        let own = copied.iter().filter(|mapping| mapping.keeps_rows).map(|mapping| &mapping.target);
        let referenced = copied.iter().flat_map(|mapping| &mapping.kept_references).map(|reference| &reference.target);
        let wanted = own.chain(referenced).filter(|name| self.filled.contains(*name)).collect::<BTreeSet<_>>();
        let mut held = self.clone();
        for name in wanted {
            let table = spec.target.schemas.qualified(name);
            let doing = format!("counting the rows of others in {table}");
            let row = session.query_one(&format!("SELECT count(*) FROM {table} WHERE {others}"), &[], &doing).await?;
            let count = u64::try_from(row.get::<_, i64>(0)).unwrap_or(0);
            if count > 0 {
                held.rows.insert(name.clone(), count);
            }
        }
        Ok(held)
    }

    /// The ranges of a table that are still to be copied, or to be copied again.
    pub(super) fn ranges(&self, mapping: &TableMapping, changed: &Changed) -> Vec<KeyRange> {
        let Some(chunks) = self.chunks.get(&mapping.source) else { return mapping.chunks.clone() };
        let again = changed.get(&mapping.source);
        // Where the key does not tell one chunk's rows from another's, all of them are replaced.
        let is_whole = mapping.exact_key().is_none();
        let is_wanted = |copied: &Option<i32>| match copied {
            None => true,
            Some(ordinal) => again.is_some_and(|again| is_whole || again.contains(ordinal)),
        };
        chunks.iter().filter(|(copied, _)| is_wanted(copied)).map(|(_, range)| range.clone()).collect()
    }
}
