//! The plan from what was found, as it would be made of the source itself.

mod column;
pub(crate) mod references;
mod table;

use crate::catalog::{Catalog, SelectedColumn, StoredCounts, Table, TableProfile, TableSize};
use crate::dialect::sqlite::declared::StoredClasses;
use crate::plan::{
    ChunkSize, ColumnMapping, Contents, Excess, ExcessOf, Extents, Finding, Inputs, Plan, TableMapping, TargetState,
    Templates, mapping,
};
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::survey::facts::inspection::{ColumnFacts, Inspection};
use crate::survey::facts::not_inspected;
use crate::survey::facts::recorded::references::References;
use crate::survey::facts::recorded::table::{Overlap, known, of_expression};
use crate::survey::rows::limits;
use crate::survey::storage::shared_file_system;
use crate::survey::surveyor::Depth;
use crate::survey::values::spellings::OfTables;
use crate::survey::values::{encoding, excesses};
use crate::survey::{adopt, overrides, target_state};
use crate::target::Session;
use crate::value::{StorageClass, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// A plan that was made without the source.
#[derive(Debug)]
pub struct Recalled {
    /// The plan.
    pub plan: Plan,
    /// What stands in the tables that are still to be copied; nothing where the values were not asked for.
    pub profile: Option<Vec<TableProfile>>,
}

/// Plans from an inspected source; looks at the target where there is a session. Of the values it knows what the
/// inspection knows; with [`Depth::AtStructure`] nothing.
///
/// # Errors
/// The target cannot be read, or no plan can be made.
pub async fn recall(
    spec: &Spec,
    target: Option<&Session>,
    depth: Depth,
    inspection: &Inspection,
) -> Result<Recalled, ExecuteError> {
    let state = match target {
        Some(session) => target_state(spec, session).await?.0,
        None => TargetState::default(),
    };
    plan(spec, &state, depth, inspection)
}

fn plan(spec: &Spec, state: &TargetState, depth: Depth, inspection: &Inspection) -> Result<Recalled, ExecuteError> {
    let templates = Templates::new(&spec.target.schema, overrides(spec)?)?;
    let catalog = adopt(spec, inspection.structure.clone());
    let zone = Zone::from(spec.source.timezone.clone());
    let size = |(name, extent): (&String, &crate::survey::facts::inspection::Extent)| {
        (name.clone(), TableSize { rows: extent.rows, bytes: extent.bytes, ..TableSize::default() })
    };
    let sizes = inspection.sizes.iter().map(size).collect::<BTreeMap<_, _>>();
    let (mut contents, mut unknown) = (Contents::default(), Vec::new());
    for table in mapping::selected(spec, &catalog) {
        let (classes, findings) = classes(spec, table, inspection);
        unknown.extend(findings);
        if !classes.is_empty() {
            contents.classes.insert(table.name.clone(), classes);
        }
    }
    let chunk_size = ChunkSize::default();
    let make = |contents: &Contents| {
        let (catalog, sizes, templates) = (&catalog, &sizes, &templates);
        Plan::make(Inputs { spec, catalog, sizes, contents, chunk_size, templates, target: state })
    };
    let mut plan = make(&contents)?;
    contents.spellings = spellings(&plan, &catalog, inspection);
    if !contents.spellings.is_empty() {
        plan = make(&contents)?;
    }
    // What is stored in a column that the spec leaves behind decides nothing.
    unknown.retain(|finding: &Finding| {
        let mut mapped = plan.tables.iter().filter(|mapping| finding.table.as_ref() == Some(&mapping.source));
        mapped.any(|mapping| mapping.columns.iter().any(|column| finding.column.as_ref() == Some(&column.source)))
    });
    unknown.extend(shared_file_system(inspection.network_file_system.as_deref()));
    unknown.extend(encoding::unknown(state.encoding.as_deref()));
    if !depth.is_at_values() {
        contents.extents = excesses::unknown_extents(plan.to_be_copied());
        plan = make(&contents)?;
        unknown.extend(excesses::not_looked_at(&plan));
        unknown.extend(limits::not_looked_at(&plan, &catalog, spec));
        plan.add_findings(unknown);
        return Ok(Recalled { plan, profile: None });
    }
    let references = References { inspection, spec, catalog: &catalog, zone: &zone };
    let not_followed = references.orphans(&plan.tables, &mut contents);
    let (extents, is_every_one_known) = extents(&plan, inspection);
    contents.extents = extents;
    plan = make(&contents)?;
    unknown.extend(of_views(&plan, inspection, is_every_one_known));
    unknown.extend(references.unknown(&plan, &not_followed));
    unknown.extend(references.restored(&plan));
    let (findings, profile) = of_tables(spec, &plan, &catalog, inspection, &zone);
    plan.add_findings(findings);
    plan.add_findings(unknown);
    let unknown = references.of_rejected(&plan);
    plan.add_findings(unknown);
    Ok(Recalled { plan, profile: Some(profile) })
}

/// What is known of the tables that are still to be copied.
fn of_tables(
    spec: &Spec,
    plan: &Plan,
    catalog: &Catalog,
    inspection: &Inspection,
    zone: &Zone,
) -> (Vec<Finding>, Vec<TableProfile>) {
    let (mut findings, mut profiles) = (Vec::new(), Vec::new());
    for mapping in plan.to_be_copied() {
        let Some(table) = catalog.table(&mapping.source) else { continue };
        match known(inspection, spec, mapping, table, zone, plan) {
            Ok(known) => {
                findings.extend(known.findings());
                profiles.extend(known.profile());
            }
            Err(unknown) => findings.extend(unknown.map(|finding| *finding)),
        }
    }
    profiles.sort_by(|one, two| one.table.cmp(&two.table));
    (findings, profiles)
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
fn spellings(plan: &Plan, catalog: &Catalog, inspection: &Inspection) -> OfTables {
    let mut found = OfTables::new();
    for mapping in &plan.tables {
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

/// What is known of arithmetic in views; the answers hold as long as those about all columns do.
fn of_views(plan: &Plan, inspection: &Inspection, holds: bool) -> Vec<Finding> {
    let none = BTreeMap::new();
    let is_view = |parts: &Vec<&Excess>| parts.first().is_some_and(|part| part.of == ExcessOf::View);
    let of_view = |parts: Vec<&Excess>| {
        let answers = parts.first().map_or(&none, |part| inspection.views.get(&part.table).unwrap_or(&none));
        of_expression(&parts, Some(answers).filter(|_| holds))
    };
    excesses::expressions(plan).into_iter().filter(is_view).flat_map(of_view).collect()
}

/// The storage classes in the columns of a table that decide something, and of which columns they are not known.
fn classes(spec: &Spec, table: &Table, inspection: &Inspection) -> (BTreeMap<String, StoredClasses>, Vec<Finding>) {
    let (mut classes, mut unknown) = (BTreeMap::new(), Vec::new());
    // That a whole table was not looked at is a finding of its own.
    let has_rows = inspection.sizes.get(&table.name).is_some_and(|size| size.rows > 0);
    let Some(facts) = inspection.tables.get(&table.name).filter(|_| has_rows) else { return (classes, unknown) };
    let rows = Overlap::between(facts.filter.as_deref(), mapping::filter(spec, &table.name));
    for (name, selected) in mapping::undecided(spec, table) {
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
