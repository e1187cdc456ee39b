//! Looking at the source and writing down what there is to know.

use crate::catalog::{Catalog, ForeignKey, KeyRange, Table, TableProfile, TableSize};
use crate::plan::{
    ChunkSize, Contents, ExcessOf, Finding, Inputs, Orphans, Plan, TableMapping, TargetState, Templates, mapping,
};
use crate::run::{Events, ExecuteError, Stop};
use crate::source::{Reader, read_catalog, table_size};
use crate::spec::{OnBadValue, Spec, TablesMode};
use crate::survey::facts::inspection::{
    Answer, ColumnFacts, Extent, Inspection, OrphanFacts, RejectedRows, TableFacts, TypeTrial,
};
use crate::survey::facts::recorded::references::{rejecting_references, rejects_rows, restored_question};
use crate::survey::facts::{holding_types, question};
use crate::survey::keys::duplicates::find_duplicates;
use crate::survey::references::converted::differs_by_conversion;
use crate::survey::references::foreign_keys::{find_orphans, followed, stored_classes};
use crate::survey::references::rejected_parents;
use crate::survey::references::restored_keys::restored;
use crate::survey::rows::left_behind::find_left_behind;
use crate::survey::rows::limits::find_beyond_limits;
use crate::survey::rows::source_sql;
use crate::survey::rows::violations::find_violations;
use crate::survey::side_by_side::side_by_side;
use crate::survey::surveyor::{Depth, Surveyor};
use crate::survey::values::merging::find_merging;
use crate::survey::values::misfits::{MisfitSearch, TableMisfits};
use crate::survey::values::{excesses, spellings};
use crate::survey::{KEYS_IN_MEMORY, adopt, open, overrides};
use crate::target::{Session, existing};
use crate::value::Zone;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Looks at the whole source with `jobs` readers in one snapshot. Of the target only the application's own tables are
/// looked at, where the spec is about them: which types are tried is theirs to say.
///
/// # Errors
/// The source or the target cannot be read, or no plan can be made.
pub async fn inspect(
    spec: &Spec,
    target: Option<&Session>,
    jobs: usize,
    stop: &Stop,
    events: &Events,
) -> Result<Inspection, ExecuteError> {
    let tables = match target.filter(|_| spec.target.tables == TablesMode::Existing) {
        Some(session) => Some(existing::read(session, &spec.target.schema, &BTreeSet::new()).await?),
        None => None,
    };
    let state = TargetState { tables, ..TargetState::default() };
    let (spec, stop, events) = (spec.clone(), stop.clone(), events.clone());
    tokio::task::spawn_blocking(move || record(&spec, &state, jobs, &stop, &events)).await?
}

fn record(
    spec: &Spec,
    state: &TargetState,
    jobs: usize,
    stop: &Stop,
    events: &Events,
) -> Result<Inspection, ExecuteError> {
    let templates = Templates::new(&spec.target.schema, overrides(spec)?)?;
    let snapshot = open(spec, jobs, stop)?;
    let reader = snapshot.reader();
    let structure = read_catalog(reader)?;
    let catalog = adopt(spec, structure.clone());
    let refused = source_sql::find(spec, &catalog, reader)?.len();
    if refused > 0 {
        return Err(ExecuteError::Blocked { findings: refused });
    }
    let zone = Zone::from(spec.source.timezone.clone());
    let sizes = sizes(spec, &structure, &catalog, reader)?;
    let mut inspection = Inspection::of(&spec.name, zone.to_string(), structure);
    inspection.sizes =
        sizes.iter().map(|(name, size)| (name.clone(), Extent { rows: size.rows, bytes: size.bytes })).collect();
    let mut contents = Contents::default();
    for table in mapping::selected(spec, &catalog) {
        let undecided = mapping::undecided(spec, table).collect::<Vec<_>>();
        if !undecided.is_empty() && sizes.get(&table.name).is_some_and(|size| size.rows > 0) {
            let classes = stored_classes(reader, &table.name, mapping::filter(spec, &table.name), undecided)?;
            contents.classes.insert(table.name.clone(), classes);
        }
    }
    let chunk_size = ChunkSize::default();
    let make = |contents: &Contents| {
        let (catalog, sizes, templates) = (&catalog, &sizes, &templates);
        Plan::make(Inputs { spec, catalog, sizes, contents, chunk_size, templates, target: state })
    };
    let mut plan = make(&contents)?;
    let mut looker = Surveyor {
        spec,
        catalog: &catalog,
        // What the source is asked for does not depend on the target.
        existing: None,
        zone: &zone,
        depth: Depth::AtValues,
        keys_in_memory: KEYS_IN_MEMORY,
        stop,
        events,
    };
    for restored in restored(&catalog, &plan) {
        let (count, examples) = restored.orphans(spec, reader)?;
        let facts = OrphanFacts { count, examples, staying: None };
        inspection.foreign_keys.insert(restored_question(spec, &restored), facts);
    }
    let mut readers = snapshot.into_readers();
    looker.keys_in_memory = KEYS_IN_MEMORY / readers.len().max(1);
    contents.spellings = spellings::look_up(&looker, &plan.tables, &mut readers)?;
    if !contents.spellings.is_empty() {
        plan = make(&contents)?;
    }
    follow(&looker, &plan.tables, &mut readers, &mut inspection)?;
    let (facts, rejected, profiles) = look_at_tables(&mut readers, &plan.tables, &looker)?;
    inspection.tables = facts;
    if let Some(reader) = readers.first() {
        let make = |extents| make(&Contents { extents, ..contents.clone() });
        // A plan from the file knows the columns' extents by powers of two alone: it asks more than one from the source.
        let rough = |(table, facts): (&String, &TableFacts)| {
            let extent = |(column, facts): (&String, &ColumnFacts)| (column.clone(), facts.extent());
            (table.clone(), facts.columns.iter().map(extent).collect())
        };
        let (exact, rough) =
            (make(excesses::extents(&profiles))?, make(inspection.tables.iter().map(rough).collect())?);
        for part in exact.excesses.iter().chain(&rough.excesses) {
            let found =
                if exact.excesses.contains(part) { excesses::of_part(&looker, &exact, reader, part)? } else { None };
            let found = found.into_iter().map(Answer::of).collect();
            let answers = match part.of {
                ExcessOf::View => Some(inspection.views.entry(part.table.clone()).or_default()),
                _ => inspection.tables.get_mut(&part.table).map(|facts| &mut facts.questions),
            };
            answers.map(|answers| answers.insert(question::excess(part), found));
        }
    }
    plan.add_findings(rejected);
    for (child, position, parent) in rejecting_references(&plan, &catalog, |mapping| rejects_rows(&plan, mapping)) {
        let (Some(table), Some(reader)) = (catalog.table(&child.source), readers.first()) else { continue };
        let key = &table.foreign_keys[position];
        let alone = with_one_foreign_key(&catalog, &child.source, key);
        let found = rejected_parents::find(&plan, &alone, reader, &zone, stop)?;
        let asked = question::to_rejected(child, key, parent, &zone);
        inspection.references_to_rejected.insert(asked, found.into_iter().map(Answer::of).collect());
    }
    readers.iter().try_for_each(Reader::confirm_still)?;
    inspection.network_file_system = readers.first().and_then(Reader::shared_file_system);
    Ok(inspection)
}

/// How much stands in the tables. A table that the spec leaves out may be one that cannot be read: then it has no size.
fn sizes(
    spec: &Spec,
    structure: &Catalog,
    catalog: &Catalog,
    reader: &Reader,
) -> Result<BTreeMap<String, TableSize>, ExecuteError> {
    let is_selected = |table: &Table| mapping::selected(spec, catalog).any(|selected| selected.name == table.name);
    let virtual_tables = structure.others.iter().filter_map(|other| other.virtual_table.as_ref()?.rows.as_deref());
    let mut sizes = BTreeMap::new();
    for table in structure.tables.iter().chain(virtual_tables) {
        let mut size = match table_size(reader, table) {
            Ok(size) => size,
            Err(_) if !is_selected(table) => continue,
            Err(error) => return Err(error.into()),
        };
        size.bytes = size.bytes.max(size.rows);
        sizes.insert(table.name.clone(), size);
    }
    Ok(sizes)
}

/// Follows every foreign key as the source has it, and as it is converted where that may be otherwise.
fn follow(
    look: &Surveyor<'_>,
    mappings: &[TableMapping],
    readers: &mut [Reader],
    inspection: &mut Inspection,
) -> Result<(), ExecuteError> {
    let stored = find_orphans(look, &[], &[], readers)?;
    let converted = find_orphans(look, mappings, &[], readers)?;
    for followed in followed(look.spec, look.catalog) {
        let place = (followed.table.name.clone(), followed.position);
        let in_place = |found: &BTreeMap<_, Orphans>| found.get(&place).cloned().unwrap_or_default();
        let filter = |table: &Table| mapping::filter(look.spec, &table.name);
        let asked = question::orphans(&followed, filter(followed.table), filter(followed.parent));
        let orphans = in_place(&stored);
        let differs = followed
            .converted(mappings)
            .is_some_and(|(child, parent)| differs_by_conversion(&child, &parent, orphans.count > 0));
        if differs && let Some(asked) = question::converted_orphans(&asked, &followed, mappings, look.zone) {
            inspection.foreign_keys.insert(asked, in_place(&converted).into());
        }
        inspection.foreign_keys.insert(asked, orphans.into());
    }
    Ok(())
}

/// The facts of each table, the findings about rejected rows, and what stands in the columns.
type Facts = (BTreeMap<String, TableFacts>, Vec<Finding>, Vec<TableProfile>);

/// Looks at the tables with all readers, at the largest first.
fn look_at_tables(readers: &mut [Reader], tables: &[TableMapping], look: &Surveyor<'_>) -> Result<Facts, ExecuteError> {
    let pairs = tables.iter().filter_map(|mapping| Some((mapping, look.catalog.table(&mapping.source)?)));
    let mut pairs = pairs.collect::<Vec<_>>();
    pairs.sort_by_key(|(mapping, _)| Reverse(mapping.size.bytes));
    let looked = side_by_side(readers, pairs, |reader, (mapping, table)| {
        Ok((mapping.source.clone(), look_at_table(look, reader, mapping, table)?))
    })?;
    let (mut facts, mut rejected, mut profiles): Facts = Default::default();
    for (table, (found, findings, profile)) in looked {
        facts.insert(table, found);
        rejected.extend(findings);
        profiles.push(profile);
    }
    Ok((facts, rejected, profiles))
}

fn look_at_table(
    look: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    table: &Table,
) -> Result<(TableFacts, Vec<Finding>, TableProfile), ExecuteError> {
    let (looked, columns) = holding_types::look(look, reader, mapping)?;
    let rows = looked.rows;
    let columns_profile = mapping.columns.iter().zip(&columns);
    let profile = TableProfile {
        table: mapping.source.clone(),
        rows,
        columns: columns_profile.map(|(column, facts)| facts.profile(&column.source)).collect(),
    };
    let TableMisfits { findings, mut misfits, rejected, profile: read, .. } = rehearse(look, reader, mapping)?;
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
        // Where no encoder can be made for the table, nothing was tried.
        found.rehearsed = read.is_some().then(|| TypeTrial {
            becomes: question::becomes(column),
            not_null: column.not_null,
            misfit: misfits.remove(&position),
        });
        facts.columns.insert(column.source.clone(), found);
    }
    if rows > 0 {
        facts.questions = answers(look, reader, mapping, table, &profile)?;
    }
    if let Some(asked) = question::left_behind(mapping) {
        let found = find_left_behind(look, reader, mapping, rows)?;
        facts.questions.insert(asked, found.into_iter().map(Answer::of).collect());
    }
    let rejected = findings.into_iter().filter(|finding| finding.code == "rows_rejected").collect();
    Ok((facts, rejected, looked))
}

fn rehearse(look: &Surveyor<'_>, reader: &Reader, mapping: &TableMapping) -> Result<TableMisfits, ExecuteError> {
    match MisfitSearch::of(mapping, look.zone, false) {
        Ok(trying) => {
            let part = trying.read(reader, &KeyRange::ALL, look.stop, look.events)?;
            trying.conclude(look, reader, part)
        }
        Err(_) => Ok(TableMisfits::default()),
    }
}

/// Asks about keys, limits and CHECKs, one by one.
fn answers(
    look: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    table: &Table,
    profile: &TableProfile,
) -> Result<BTreeMap<String, Vec<Answer>>, ExecuteError> {
    let mut answers = BTreeMap::new();
    let mut add = |asked: String, found: Vec<Finding>| {
        answers.insert(asked, found.into_iter().map(Answer::of).collect());
    };
    // All columns are looked at together; what is found in one answers its question.
    let merging = find_merging(look, reader, mapping, profile)?;
    for (column, profile) in mapping.columns.iter().zip(&profile.columns) {
        if let Some(asked) = question::merging(column, profile, look.zone) {
            let is_here = |finding: &&Finding| finding.column.as_ref() == Some(&column.source);
            add(asked, merging.iter().filter(is_here).cloned().collect());
        }
    }
    for table in question::with_one_key(table) {
        if let Some((_, asked)) = question::shared_key(mapping, &table, look.spec, profile, look.zone) {
            add(asked, find_duplicates(look, reader, mapping, &table, profile)?);
        }
    }
    if let Some(asked) = question::limits(mapping, table, look.spec, profile, look.zone) {
        add(asked, find_beyond_limits(look, reader, mapping, table, profile)?);
    }
    for check in mapping.carried_checks(look.spec, table) {
        let asked = question::check(check.0);
        add(asked, find_violations(look, reader, mapping, &[check], profile)?);
    }
    Ok(answers)
}

/// The same structure with this foreign key alone.
fn with_one_foreign_key(catalog: &Catalog, table: &str, key: &ForeignKey) -> Catalog {
    let mut alone = catalog.clone();
    for other in &mut alone.tables {
        other.foreign_keys = if other.name == table { vec![key.clone()] } else { Vec::new() };
    }
    alone
}
