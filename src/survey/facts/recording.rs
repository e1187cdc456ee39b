//! The live source's answers, written down: so much that another spec can be planned from them as well.

use crate::catalog::{
    AppliedMigrations, Catalog, ForeignKey, Key, KeyRange, SelectedColumn, SnapshotState, Table, TableProfile,
    TableSize,
};
use crate::dialect::declared::StoredClasses;
use crate::plan::{ExcessOf, Extents, Finding, FindingCode, Orphans, Plan, RowFacts, TableMapping, mapping};
use crate::rows::judging::Preparation;
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::spec::{OnBadValue, Spec};
use crate::survey::facts::inspection::{
    ColumnFacts, Inspection, RecordedFinding, RecordedSize, RejectedRows, TableFacts, TypeTrial,
};
use crate::survey::facts::live::{Live, size};
use crate::survey::facts::recorded::references::{rejecting_references, rejects_rows, restored_question};
use crate::survey::facts::row_question::{RowQuestion, questions};
use crate::survey::facts::values::ValuesRead;
use crate::survey::facts::{Facts, PlanBasis, holding_types, words};
use crate::survey::references::converted::differs_by_conversion;
use crate::survey::references::foreign_keys::{as_converted, find_orphans, followed};
use crate::survey::references::rejected_parents;
use crate::survey::references::restored_keys::RestoredForeignKey;
use crate::survey::rows::constraints::Tried;
use crate::survey::side_by_side::side_by_side;
use crate::survey::surveyor::Surveyor;
use crate::survey::values::excesses;
use crate::survey::values::misfits::{MisfitSearch, TableMisfits};
use crate::survey::values::preferred::Preferred;
use crate::survey::values::spellings::OfTables;
use crate::survey::versions;
use crate::value::Zone;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A live source whose answers are written down.
#[derive(Debug)]
pub(crate) struct Recording<'a> {
    live: Live<'a>,
    pub(crate) inspection: Inspection,
}

impl<'a> Recording<'a> {
    /// Begins with the structure.
    pub(crate) fn of(mut live: Live<'a>, spec: &Spec) -> Result<Self, ExecuteError> {
        let zone = Zone::from(spec.source.timezone.clone());
        let mut inspection = Inspection::of(&spec.name, zone.to_string(), live.structure()?);
        inspection.network_file_system = live.file_system();
        inspection.application_numbers = live.application_numbers()?;
        Ok(Self { live, inspection })
    }
}

impl Facts for Recording<'_> {
    fn structure(&mut self) -> Result<Catalog, ExecuteError> {
        Ok(self.inspection.structure.clone())
    }

    fn refused_sql(&mut self, spec: &Spec, catalog: &Catalog) -> Result<Vec<Finding>, ExecuteError> {
        // A file without the rows would answer nothing.
        match self.live.refused_sql(spec, catalog)?.len() {
            0 => Ok(Vec::new()),
            findings => Err(ExecuteError::Blocked { findings }),
        }
    }

    /// Takes the size of every table: the spec of tomorrow may select others. A table that the spec leaves out may be one that
    /// cannot be read: then it has no size.
    fn sizes(
        &mut self,
        spec: &Spec,
        catalog: &Catalog,
        _: &[&Table],
    ) -> Result<BTreeMap<String, TableSize>, ExecuteError> {
        let is_selected = |table: &Table| mapping::selected(spec, catalog).any(|selected| selected.name == table.name);
        let structure = &self.inspection.structure;
        let virtual_tables = structure.others.iter().filter_map(|other| other.virtual_table.as_ref()?.rows.as_deref());
        let mut sizes = BTreeMap::new();
        for table in structure.tables.iter().chain(virtual_tables) {
            match size(self.live.reader(), table) {
                Ok(size) => sizes.insert(table.name.clone(), size),
                Err(_) if !is_selected(table) => continue,
                Err(error) => return Err(error.into()),
            };
        }
        self.inspection.sizes = sizes.iter().map(|(name, size)| (name.clone(), RecordedSize::from(*size))).collect();
        Ok(sizes)
    }

    fn stored_classes(
        &mut self,
        basis: &PlanBasis<'_>,
        table: &Table,
        columns: Vec<(String, SelectedColumn)>,
    ) -> Result<BTreeMap<String, StoredClasses>, ExecuteError> {
        // They are written down with the columns.
        self.live.stored_classes(basis, table, columns)
    }

    fn held(
        &mut self,
        basis: &PlanBasis<'_>,
        table: &Table,
        columns: Preferred,
    ) -> Result<BTreeMap<String, bool>, ExecuteError> {
        // The types that hold all values are written down with the columns.
        self.live.held(basis, table, columns)
    }

    fn key_bounds(&mut self, _: &Table, _: &[String], _: u64, _: u64) -> Result<Option<Vec<Key>>, ExecuteError> {
        Ok(None)
    }

    fn spellings(&mut self, basis: &PlanBasis<'_>, tables: &[TableMapping]) -> Result<OfTables, ExecuteError> {
        // They are written down with the columns.
        self.live.spellings(basis, tables)
    }

    fn versions(&mut self, basis: &PlanBasis<'_>) -> Result<BTreeMap<String, Option<AppliedMigrations>>, ExecuteError> {
        // The spec of tomorrow may be about the application's own tables.
        let versions = versions::read(basis.spec, basis.catalog, self.live.reader())?;
        self.inspection.versions.clone_from(&versions);
        Ok(versions)
    }

    fn file_system(&self) -> Option<String> {
        self.inspection.network_file_system.clone()
    }

    fn application_numbers(&self) -> Result<BTreeMap<String, i64>, ExecuteError> {
        Ok(self.inspection.application_numbers.clone())
    }

    fn snapshot_state(&self) -> Option<&SnapshotState> {
        self.live.snapshot_state()
    }

    /// Looks at the tables with all readers, at the largest first.
    fn read_values(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<ValuesRead, ExecuteError> {
        let surveyor = self.live.surveyor(basis);
        let pairs = plan.tables.iter().filter_map(|mapping| Some((mapping, basis.catalog.table(&mapping.source)?)));
        let mut pairs = pairs.collect::<Vec<_>>();
        pairs.sort_by_key(|(mapping, _)| Reverse(mapping.size.bytes));
        let looked = side_by_side(&mut self.live.readers, pairs, |reader, (mapping, table)| {
            Ok((mapping.source.clone(), facts_of_table(&surveyor, reader, mapping, table)?))
        })?;
        let mut read = ValuesRead::default();
        for (table, (facts, rejected, profile)) in looked {
            self.inspection.tables.insert(table, facts);
            read.findings.extend(rejected);
            read.profiles.push(profile);
        }
        Ok(read)
    }

    /// Follows every foreign key as the source has it, and as it is converted where that may be otherwise.
    fn orphans(
        &mut self,
        basis: &PlanBasis<'_>,
        mappings: &[TableMapping],
        _: &[TableProfile],
    ) -> Result<BTreeMap<(String, usize), Orphans>, ExecuteError> {
        let surveyor = self.live.surveyor(basis);
        let stored = find_orphans(&surveyor, &[], &[], &mut self.live.readers)?;
        let converted = find_orphans(&surveyor, mappings, &[], &mut self.live.readers)?;
        for followed in followed(basis.spec, basis.catalog) {
            let place = (followed.table.name.clone(), followed.position);
            let in_place = |found: &BTreeMap<_, Orphans>| found.get(&place).cloned().unwrap_or_default();
            let filter = |table: &Table| mapping::filter(basis.spec, &table.name);
            let asked = words::orphans(&followed, filter(followed.table), filter(followed.parent));
            let orphans = in_place(&stored);
            let foreign_keys = &mut self.inspection.foreign_keys;
            if let Some((child, parent)) = followed.converted(mappings)
                && differs_by_conversion(&child, &parent, orphans.count > 0)
            {
                let asked = words::converted_orphans(&asked, &child, &parent, basis.zone);
                foreign_keys.insert(asked, in_place(&converted).into());
            }
            foreign_keys.insert(asked, orphans.into());
        }
        Ok(converted)
    }

    fn extents(&mut self, plan: &Plan, profiles: &[TableProfile]) -> Extents {
        self.live.extents(plan, profiles)
    }

    /// Asks about every part of an expression that may leave its range, and of those that may as far as the file knows: it
    /// has the columns' extents by powers of two alone, and a plan from it asks more than one from the source.
    fn of_rows(
        &mut self,
        basis: &PlanBasis<'_>,
        plan: &Plan,
        contents: &RowFacts,
    ) -> Result<Vec<Finding>, ExecuteError> {
        let surveyor = self.live.surveyor(basis);
        let rough = |(table, facts): (&String, &TableFacts)| {
            let extent = |(column, facts): (&String, &ColumnFacts)| (column.clone(), facts.extent());
            (table.clone(), facts.columns.iter().map(extent).collect())
        };
        let extents = self.inspection.tables.iter().map(rough).collect();
        let rough = basis.plan(&RowFacts { extents, ..contents.clone() })?;
        for part in plan.excesses.iter().chain(&rough.excesses) {
            let is_exact = plan.excesses.contains(part);
            let found = if is_exact { excesses::of_part(&surveyor, plan, self.live.reader(), part)? } else { None };
            let found = found.into_iter().map(RecordedFinding::of).collect();
            let answers = match part.of {
                ExcessOf::View => Some(self.inspection.views.entry(part.table.clone()).or_default()),
                _ => self.inspection.tables.get_mut(&part.table).map(|facts| &mut facts.questions),
            };
            answers.map(|answers| answers.insert(words::excess(part), found));
        }
        Ok(Vec::new())
    }

    fn constraints(&mut self, _: &PlanBasis<'_>, _: &Plan) -> Result<Vec<Tried>, ExecuteError> {
        Ok(Vec::new())
    }

    fn encoding(&mut self, _: &PlanBasis<'_>, _: &Plan) -> Result<Vec<Finding>, ExecuteError> {
        // The characters of the text are not written down.
        Ok(Vec::new())
    }

    fn orphans_of_restored(
        &mut self,
        basis: &PlanBasis<'_>,
        restored: &RestoredForeignKey<'_>,
    ) -> Result<Option<Orphans>, ExecuteError> {
        let stored = restored.stored_orphans(basis.spec, self.live.reader())?;
        let (asked, ends) = (restored_question(basis.spec, restored), restored.ends());
        let converted = as_converted(&self.live.surveyor(basis), self.live.reader(), ends.as_ref(), stored.clone())?;
        let foreign_keys = &mut self.inspection.foreign_keys;
        if let Some((child, parent)) = &ends
            && differs_by_conversion(child, parent, stored.count > 0)
        {
            foreign_keys.insert(words::converted_orphans(&asked, child, parent, basis.zone), converted.clone().into());
        }
        foreign_keys.insert(asked, stored.into());
        Ok(Some(converted))
    }

    fn references_to_rejected(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
        let PlanBasis { catalog, zone, .. } = *basis;
        for (child, position, parent) in rejecting_references(plan, catalog, |mapping| rejects_rows(plan, mapping)) {
            let Some(table) = catalog.table(&child.source) else { continue };
            let key = &table.foreign_keys[position];
            let alone = with_one_foreign_key(catalog, &child.source, key);
            let found =
                rejected_parents::find(plan, &alone, self.live.reader(), zone, self.live.stop, |_, _, finding| {
                    finding
                })?;
            let asked = words::to_rejected(child, key, parent, zone);
            self.inspection.references_to_rejected.insert(asked, found.into_iter().map(RecordedFinding::of).collect());
        }
        Ok(Vec::new())
    }

    fn unknown(&self, _: &PlanBasis<'_>, _: &Plan) -> Vec<Finding> {
        Vec::new()
    }

    fn confirm_still(&self) -> Result<(), ExecuteError> {
        self.live.confirm_still()
    }
}

/// Facts about one table, the findings about its rejected rows, and its profile, which has values.
fn facts_of_table(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    table: &Table,
) -> Result<(TableFacts, Vec<Finding>, TableProfile), ExecuteError> {
    let (looked, columns) = holding_types::read_columns(surveyor, reader, mapping)?;
    let rows = looked.rows;
    let columns_profile = mapping.columns.iter().zip(&columns);
    let profile = TableProfile {
        table: mapping.source.clone(),
        rows,
        columns: columns_profile.map(|(column, facts)| facts.profile(&column.source)).collect(),
    };
    let TableMisfits { findings, mut misfits, not_judged, rejected, profile: read, .. } =
        misfits(surveyor, reader, mapping)?;
    let rejects = |position: &&usize| mapping.columns[**position].treatment() == OnBadValue::Reject;
    let rejecting = misfits.keys().filter(rejects).map(|position| mapping.columns[*position].source.clone());
    let rejecting = rejecting.collect::<Vec<_>>();
    let mut facts = TableFacts {
        filter: mapping.filter.clone(),
        rows,
        rejected: (rejecting.len() > 1).then_some(RejectedRows { columns: rejecting, rows: rejected }),
        ..TableFacts::default()
    };
    for (position, (column, mut found)) in mapping.columns.iter().zip(columns).enumerate() {
        // Where no encoder can be made for the table, or nobody could be asked, nothing was tried.
        let is_tried = read.is_some() && !not_judged.contains(&position);
        found.tried = is_tried.then(|| TypeTrial {
            becomes: words::becomes(column),
            not_null: column.not_null,
            misfit: misfits.remove(&position),
        });
        facts.columns.insert(column.source.clone(), found);
    }
    // A plan from the file may know the application's tables, and may be made where the target cannot be reached.
    for existing in std::iter::once(None).chain(surveyor.existing.map(Some)) {
        let surveyor = Surveyor { existing, ..*surveyor };
        let questions = questions(surveyor.spec, existing, mapping, table, &profile).into_iter();
        for part in questions.flat_map(RowQuestion::parts) {
            if let Entry::Vacant(asked) = facts.questions.entry(part.words(mapping, surveyor.zone)) {
                let found = part.ask(&surveyor, reader, mapping, &profile)?.into_iter().map(RecordedFinding::of);
                asked.insert(found.collect());
            }
        }
    }
    let rejected = findings.into_iter().filter(|finding| finding.code == FindingCode::RowsRejected).collect();
    Ok((facts, rejected, looked))
}

/// Values that do not fit; nothing where no encoder can be made for the table.
fn misfits(surveyor: &Surveyor<'_>, reader: &Reader, mapping: &TableMapping) -> Result<TableMisfits, ExecuteError> {
    // The spec of tomorrow may have other types: the file holds what is stored.
    match MisfitSearch::of(mapping, surveyor.zone, None, false) {
        Ok(search) => {
            let search = search.asking(surveyor.asker, Preparation::default());
            let part = search.read(reader, &KeyRange::ALL, surveyor.stop, surveyor.events)?;
            search.conclude(surveyor, reader, part)
        }
        Err(_) => Ok(TableMisfits::default()),
    }
}

/// The same structure with this foreign key alone.
fn with_one_foreign_key(catalog: &Catalog, table: &str, key: &ForeignKey) -> Catalog {
    let mut alone = catalog.clone();
    for other in &mut alone.tables {
        other.foreign_keys = if other.name == table { vec![key.clone()] } else { Vec::new() };
    }
    alone
}
