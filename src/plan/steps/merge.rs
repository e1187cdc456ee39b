//! Bringing rows together with those of the target: ids are mapped before anything that references them is copied.

use super::StepMaker;
use crate::plan::mapping::TableMapping;
use crate::plan::mapping::merging::key_parents;
use crate::plan::merge_sql::{MERGED_IDS, MergeSql};
use crate::plan::step::{StepId, StepKind, StepTable};

impl StepMaker<'_> {
    /// The SQL by which a table's rows are brought together with the target's, by the mapping of its copied columns.
    pub(super) fn merge_sql<'m>(&self, copied: &'m TableMapping) -> MergeSql<'m> {
        MergeSql::of(copied, self.schemas(), &self.inputs.spec.name, MERGED_IDS)
    }

    /// The step that maps the ids of a table, if they are mapped. Its natural key may follow the ids of other tables.
    pub(super) fn merge_ids(&mut self, mapping: &TableMapping, before: &[StepId]) {
        if !mapping.maps_ids() {
            return;
        }
        let sql = self.merge_sql(&mapping.copied()).settling_script();
        let mut after = before.to_vec();
        after.extend(key_parents(mapping).filter_map(|source| self.merged(source)));
        let step = self.push(StepKind::Merge.id(&mapping.target), after, sql);
        let (source, target) = (mapping.source.clone(), mapping.target.clone());
        step.table = Some(StepTable { source, target, part: None });
    }

    /// The steps that settle the ids which the rows of a table have or reference.
    pub(super) fn ids_of(&self, mapping: &TableMapping) -> Vec<StepId> {
        let references = mapping.mapped_references.iter().map(|reference| reference.table.as_str());
        let own = mapping.maps_ids().then_some(mapping.source.as_str());
        references.chain(own).filter_map(|source| self.merged(source)).collect()
    }

    fn merged(&self, source: &str) -> Option<StepId> {
        let table = self.tables.iter().find(|table| table.source == source && table.maps_ids())?;
        Some(StepKind::Merge.id(&table.target))
    }
}
