//! The inspect file in place of the source: each question is answered from what was written down.

mod column;
pub(crate) mod references;
mod table;

use crate::catalog::{
    AppliedMigrations, Catalog, Key, SelectedColumn, SnapshotState, StoredCounts, Table, TableProfile, TableSize,
};
use crate::dialect::declared::StoredClasses;
use crate::plan::{
    ColumnMapping, ExcessOf, ExpressionExcess, Extents, Finding, Orphans, Plan, RowFacts, TableMapping, mapping,
};
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::survey::facts::inspection::{ColumnFacts, Inspection};
use crate::survey::facts::recorded::references::References;
use crate::survey::facts::recorded::table::{Overlap, RecordedTable, known, of_expression};
use crate::survey::facts::values::ValuesRead;
use crate::survey::facts::{Facts, PlanBasis, not_inspected};
use crate::survey::references::restored_keys::{RestoredForeignKey, with_restored};
use crate::survey::rows::constraints::Tried;
use crate::survey::values::preferred::Preferred;
use crate::survey::values::spellings::OfTables;
use crate::survey::values::{encoding, excesses};
use crate::value::StorageClass;
use std::collections::{BTreeMap, BTreeSet};

/// An inspect file that answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordedFacts<'a> {
    pub(crate) inspection: &'a Inspection,
}

impl Facts for RecordedFacts<'_> {
    fn structure(&mut self) -> Result<Catalog, ExecuteError> {
        Ok(self.inspection.structure.clone())
    }

    fn refused_sql(&mut self, _: &Spec, _: &Catalog) -> Result<Vec<Finding>, ExecuteError> {
        // Nothing is written down of a source that refuses the spec's expressions; a new one is unknown by its question.
        Ok(Vec::new())
    }

    fn sizes(&mut self, _: &Spec, _: &Catalog, tables: &[&Table]) -> Result<BTreeMap<String, TableSize>, ExecuteError> {
        let size =
            |table: &&Table| Some((table.name.clone(), TableSize::from(*self.inspection.sizes.get(&table.name)?)));
        Ok(tables.iter().filter_map(size).collect())
    }

    fn stored_classes(
        &mut self,
        basis: &PlanBasis<'_>,
        table: &Table,
        columns: Vec<(String, SelectedColumn)>,
    ) -> Result<BTreeMap<String, StoredClasses>, ExecuteError> {
        Ok(classes(basis.spec, table, columns, self.inspection).0)
    }

    fn held(
        &mut self,
        basis: &PlanBasis<'_>,
        table: &Table,
        columns: Preferred,
    ) -> Result<BTreeMap<String, bool>, ExecuteError> {
        Ok(held(basis.spec, table, columns, self.inspection).0)
    }

    fn key_bounds(&mut self, _: &Table, _: &[String], _: u64, _: u64) -> Result<Option<Vec<Key>>, ExecuteError> {
        // Keys are not in the file; how a table is cut is no part of what a plan binds.
        Ok(None)
    }

    fn spellings(&mut self, basis: &PlanBasis<'_>, tables: &[TableMapping]) -> Result<OfTables, ExecuteError> {
        Ok(spellings(tables, basis.catalog, self.inspection))
    }

    fn versions(&mut self, _: &PlanBasis<'_>) -> Result<BTreeMap<String, Option<AppliedMigrations>>, ExecuteError> {
        Ok(self.inspection.versions.clone())
    }

    fn file_system(&self) -> Option<String> {
        self.inspection.network_file_system.clone()
    }

    fn application_numbers(&self) -> Result<BTreeMap<String, i64>, ExecuteError> {
        Ok(self.inspection.application_numbers.clone())
    }

    fn snapshot_state(&self) -> Option<&SnapshotState> {
        None
    }

    fn read_values(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<ValuesRead, ExecuteError> {
        let known = self.known(basis, plan).into_iter().filter_map(Result::ok);
        let mut profiles = known.filter_map(|known| known.profile()).collect::<Vec<_>>();
        profiles.sort_by(|one, two| one.table.cmp(&two.table));
        Ok(ValuesRead { profiles, ..ValuesRead::default() })
    }

    fn orphans(
        &mut self,
        basis: &PlanBasis<'_>,
        mappings: &[TableMapping],
        _: &[TableProfile],
    ) -> Result<BTreeMap<(String, usize), Orphans>, ExecuteError> {
        Ok(self.references(basis).orphans(mappings))
    }

    fn extents(&mut self, plan: &Plan, _: &[TableProfile]) -> Extents {
        extents(plan, self.inspection).0
    }

    fn of_rows(&mut self, basis: &PlanBasis<'_>, plan: &Plan, _: &RowFacts) -> Result<Vec<Finding>, ExecuteError> {
        // All questions about rows of a table together: which of the answers still hold is decided for the table as a whole.
        let of_table = |known: Result<RecordedTable<'_>, Option<Box<Finding>>>| match known {
            Ok(known) => known.findings(),
            Err(unknown) => unknown.map(|finding| *finding).into_iter().collect(),
        };
        let mut findings = self.known(basis, plan).into_iter().flat_map(of_table).collect::<Vec<_>>();
        findings.extend(of_views(plan, self.inspection, extents(plan, self.inspection).1));
        Ok(findings)
    }

    fn constraints(&mut self, _: &PlanBasis<'_>, _: &Plan) -> Result<Vec<Tried>, ExecuteError> {
        Ok(Vec::new())
    }

    fn encoding(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
        Ok(encoding::unknown(plan, basis.state.encoding.as_deref()).into_iter().collect())
    }

    fn orphans_of_restored(
        &mut self,
        basis: &PlanBasis<'_>,
        restored: &RestoredForeignKey<'_>,
    ) -> Result<Option<Orphans>, ExecuteError> {
        Ok(self.references(basis).of_restored(restored))
    }

    fn references_to_rejected(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
        let catalog = with_restored(basis.catalog, plan);
        Ok(References { catalog: &catalog, ..self.references(basis) }.of_rejected(plan))
    }

    fn unknown(&self, basis: &PlanBasis<'_>, plan: &Plan) -> Vec<Finding> {
        let (mut unknown, mut versions) = (Vec::new(), Vec::new());
        for table in mapping::selected(basis.spec, basis.catalog) {
            let undecided = mapping::undecided(basis.spec, basis.catalog.engine, table);
            unknown.extend(classes(basis.spec, table, undecided, self.inspection).1);
            let preferred = mapping::preferred(basis.spec, basis.catalog.engine, table);
            let preferred = preferred.map(|(column, selected, first)| (column.name.clone(), selected, first)).collect();
            unknown.extend(held(basis.spec, table, preferred, self.inspection).1);
        }
        if basis.existing().is_some() {
            let records = basis.catalog.tool_records().into_iter();
            let not_said = records.filter(|record| !self.inspection.versions.contains_key(&record.table));
            versions.extend(not_said.map(|record| {
                not_inspected(&record.table, format!("which migrations {} has applied", record.tool.name))
            }));
        }
        // A column that the spec leaves behind decides nothing.
        unknown.retain(|finding| {
            let mut mapped = plan.tables.iter().filter(|mapping| finding.table.as_ref() == Some(&mapping.source));
            mapped.any(|mapping| mapping.columns.iter().any(|column| finding.column.as_ref() == Some(&column.source)))
        });
        if basis.depth.is_at_values() {
            unknown.extend(self.references(basis).unknown(plan));
        }
        unknown.extend(versions);
        unknown
    }

    fn confirm_still(&self) -> Result<(), ExecuteError> {
        Ok(())
    }
}

impl<'a> RecordedFacts<'a> {
    fn references<'b>(&self, basis: &PlanBasis<'b>) -> References<'b>
    where
        'a: 'b,
    {
        let PlanBasis { spec, catalog, zone, .. } = *basis;
        References { inspection: self.inspection, spec, catalog, zone }
    }

    /// Each table that is still to be copied with its facts; otherwise the finding that it was not looked at, unless it is
    /// empty.
    fn known<'b>(&self, basis: &PlanBasis<'b>, plan: &'b Plan) -> Vec<Result<RecordedTable<'b>, Option<Box<Finding>>>>
    where
        'a: 'b,
    {
        let of_table = |mapping: &'b TableMapping| {
            let table = basis.catalog.table(&mapping.source)?;
            Some(known(self.inspection, basis, mapping, table, plan))
        };
        plan.to_be_copied().filter_map(of_table).collect()
    }
}

/// Facts about a column; `None` if the file has them of other rows, or of another expression, than the spec reads now.
fn facts_of_column<'i>(
    inspection: &'i Inspection,
    mapping: &TableMapping,
    column: &ColumnMapping,
) -> Option<&'i ColumnFacts> {
    let facts = inspection.tables.get(&mapping.source)?;
    let of_these_rows = Overlap::between(facts.filter.as_deref(), mapping.filter.as_deref()) != Overlap::Others;
    let facts = facts.columns.get(&column.source)?;
    (of_these_rows && facts.source_sql == column.source_sql).then_some(facts)
}

/// How the values are spelled where that matters, as far as the file says it of the rows that the spec selects now.
fn spellings(tables: &[TableMapping], catalog: &Catalog, inspection: &Inspection) -> OfTables {
    let mut found = OfTables::new();
    for mapping in tables {
        let is_empty = inspection.sizes.get(&mapping.source).is_some_and(|size| size.rows == 0);
        for column in mapping::spelled(catalog, mapping).into_iter().map(|position| &mapping.columns[position]) {
            let facts = facts_of_column(inspection, mapping, column);
            let spelled = if is_empty { Some(BTreeSet::new()) } else { facts.and_then(ColumnFacts::spelled) };
            if let Some(spelled) = spelled {
                found.entry(mapping.source.clone()).or_default().insert(column.source.clone(), spelled);
            }
        }
    }
    found
}

/// The smallest and the largest number that the columns of the tables to be copied may hold, and whether the file says so of
/// every one of them.
fn extents(plan: &Plan, inspection: &Inspection) -> (Extents, bool) {
    let mut is_every_one_known = true;
    let mut extents = excesses::unknown_extents(plan.to_be_copied());
    for mapping in plan.to_be_copied() {
        for column in &mapping.columns {
            let found = facts_of_column(inspection, mapping, column).map(ColumnFacts::extent);
            is_every_one_known &= found.is_some() || mapping.size.rows == 0;
            if let Some(known) = found
                && let Some(extent) = extents.get_mut(&mapping.source).and_then(|of| of.get_mut(&column.source))
            {
                *extent = known;
            }
        }
    }
    (extents, is_every_one_known)
}

/// Findings about arithmetic in views; the answers hold as long as those about all columns do.
fn of_views(plan: &Plan, inspection: &Inspection, holds: bool) -> Vec<Finding> {
    let none = BTreeMap::new();
    let is_view = |parts: &Vec<&ExpressionExcess>| parts.first().is_some_and(|part| part.of == ExcessOf::View);
    let of_view = |parts: Vec<&ExpressionExcess>| {
        let answers = parts.first().map_or(&none, |part| inspection.views.get(&part.table).unwrap_or(&none));
        of_expression(&parts, Some(answers).filter(|_| holds))
    };
    excesses::expressions(plan).into_iter().filter(is_view).flat_map(of_view).collect()
}

/// The storage classes in the columns of a table that decide something, and of which columns they are not known.
fn classes(
    spec: &Spec,
    table: &Table,
    undecided: impl IntoIterator<Item = (String, SelectedColumn)>,
    inspection: &Inspection,
) -> (BTreeMap<String, StoredClasses>, Vec<Finding>) {
    let (mut classes, mut unknown) = (BTreeMap::new(), Vec::new());
    // A table that was not looked at is a finding of its own.
    let has_rows = inspection.sizes.get(&table.name).is_some_and(|size| size.rows > 0);
    let Some(facts) = inspection.tables.get(&table.name).filter(|_| has_rows) else { return (classes, unknown) };
    let rows = Overlap::between(facts.filter.as_deref(), mapping::filter(spec, &table.name));
    for (name, selected) in undecided {
        let sql = match selected {
            SelectedColumn::Named(_) => None,
            SelectedColumn::Computed(sql) => Some(sql),
        };
        let found = facts.columns.get(&name).filter(|column| column.source_sql == sql);
        classes.extend(found.map(|column| (name.clone(), stored_classes(column.stored.into()))));
        let is_empty = facts.rows == 0 && rows != Overlap::Others;
        if found.is_none() || (rows != Overlap::Same && !is_empty) {
            let message = "what these rows store in it, which decides the plan";
            unknown.push(not_inspected(&table.name, message).in_column(&name));
        }
    }
    (classes, unknown)
}

/// Whether preferred types hold all values of the columns of a table, and of which columns it is not known.
fn held(
    spec: &Spec,
    table: &Table,
    columns: Preferred,
    inspection: &Inspection,
) -> (BTreeMap<String, bool>, Vec<Finding>) {
    let (mut held, mut unknown) = (BTreeMap::new(), Vec::new());
    let has_rows = inspection.sizes.get(&table.name).is_some_and(|size| size.rows > 0);
    let Some(facts) = inspection.tables.get(&table.name).filter(|_| has_rows) else { return (held, unknown) };
    let rows = Overlap::between(facts.filter.as_deref(), mapping::filter(spec, &table.name));
    for (name, selected, first) in columns {
        let sql = match selected {
            SelectedColumn::Named(_) => None,
            SelectedColumn::Computed(sql) => Some(sql),
        };
        let found = facts.columns.get(&name).filter(|column| column.source_sql == sql);
        let is_held = found.map(|facts| column::is_held(facts, &first));
        held.extend(is_held.map(|is_held| (name.clone(), is_held)));
        // Of some of the rows all values are held as well.
        let is_known = is_held == Some(true) && rows == Overlap::Fewer || found.is_some() && rows == Overlap::Same;
        if !is_known && facts.rows > 0 {
            let message = "what these rows store in it, which decides the plan";
            unknown.push(not_inspected(&table.name, message).in_column(&name));
        }
    }
    (held, unknown)
}

fn stored_classes(stored: StoredCounts) -> StoredClasses {
    let StoredCounts { null, integer, real, text, blob } = stored;
    let counts = [
        (StorageClass::Null, null),
        (StorageClass::Integer, integer),
        (StorageClass::Real, real),
        (StorageClass::Text, text),
        (StorageClass::Blob, blob),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}
