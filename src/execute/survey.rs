//! Looking at both sides and making the plan.

use super::error::ExecuteError;
use super::event::Events;
use super::rehearse::rehearse;
use super::stop::Stop;
use crate::catalog::{Catalog, KeyRange, RowIdentity, Selection, Table, TableSize};
use crate::plan::ddl::Override;
use crate::plan::steps::referenced_columns;
use crate::plan::{
    Contents, Finding, Inputs, Orphans, Plan, PlanError, StepKind, StepState, TableMapping, TargetState, Templates,
    mapping,
};
use crate::source::SourceError;
use crate::source::sqlite::{End, ReadFailure, Reader, Snapshot, orphans, read_catalog, table_size};
use crate::spec::{SourceConnection, Spec};
use crate::target::{Ledger, Session, structure};
use crate::value::Zone;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Both sides as they were found, and the plan made of them.
#[derive(Debug)]
pub struct Survey {
    /// The plan.
    pub plan: Plan,
    /// The source's structure.
    pub catalog: Catalog,
    /// Connections to the source, all in the same state of it.
    pub readers: Vec<Reader>,
    /// What a timestamp without zone means.
    pub zone: Zone,
}

/// Whether the values are looked at before the plan is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Every value of every table that is still to be copied.
    AtValues,
    /// The structure alone.
    AtStructure,
}

/// Opens the source with `jobs` readers in one snapshot, looks at the target where there is a session, and makes the
/// plan.
///
/// # Errors
/// The source or the target cannot be read, or no plan can be made.
pub async fn survey(
    spec: &Spec,
    target: Option<&Session>,
    jobs: usize,
    depth: Look,
    stop: &Stop,
    events: &Events,
) -> Result<Survey, ExecuteError> {
    let state = match target {
        Some(session) => target_state(spec, session).await?,
        None => TargetState::default(),
    };
    let (spec, stop, events) = (spec.clone(), stop.clone(), events.clone());
    tokio::task::spawn_blocking(move || look(&spec, &state, jobs, depth, &stop, &events)).await?
}

/// What the target holds, and what the ledger says of it.
async fn target_state(spec: &Spec, session: &Session) -> Result<TargetState, ExecuteError> {
    let found = structure::read(session, &spec.target.schema).await?;
    let ledger = Ledger::of(&spec.name);
    let steps = if ledger.exists(session).await? { ledger.done_steps(session).await? } else { BTreeMap::new() };
    Ok(TargetState {
        relations: found.relations,
        available_extensions: Some(found.available_extensions),
        done: steps.into_iter().filter(|(_, step)| step.passed).map(|(id, step)| (id, step.fingerprint)).collect(),
    })
}

fn look(
    spec: &Spec,
    state: &TargetState,
    jobs: usize,
    depth: Look,
    stop: &Stop,
    events: &Events,
) -> Result<Survey, ExecuteError> {
    let templates = Templates::new(&spec.target.schema, overrides(spec.templates.as_deref())?)?;
    let snapshot = open(spec, jobs)?;
    let catalog = read_catalog(snapshot.reader())?;
    let (mut sizes, mut contents) = (BTreeMap::new(), Contents::default());
    for table in mapping::selected(spec, &catalog) {
        let mut size: TableSize = table_size(snapshot.reader(), table)?;
        let undecided = mapping::undecided(spec, table).map(|column| column.name.clone()).collect::<Vec<_>>();
        if !undecided.is_empty() && size.rows > 0 {
            let classes = stored_classes(snapshot.reader(), &table.name, undecided)?;
            contents.classes.insert(table.name.clone(), classes);
        }
        size.bytes = size.bytes.max(size.rows);
        sizes.insert(table.name.clone(), size);
    }
    if depth == Look::AtValues {
        contents.orphans = find_orphans(spec, &catalog, snapshot.reader())?;
    }
    let inputs =
        Inputs { spec, catalog: &catalog, sizes: &sizes, contents: &contents, templates: &templates, target: state };
    let mut plan = Plan::make(inputs)?;
    let zone = Zone::from(spec.source.timezone.clone());
    let readers = snapshot.into_readers();
    if depth == Look::AtStructure {
        return Ok(Survey { plan, catalog, readers, zone });
    }
    let pending = |mapping: &&TableMapping| {
        let copy = StepKind::Copy.id(&mapping.target);
        plan.steps.iter().any(|step| step.id == copy && step.state == StepState::Pending)
    };
    let tables = plan.tables.iter().filter(pending).collect::<Vec<_>>();
    let (readers, findings) = rehearse_all(readers, &tables, &zone, stop, events)?;
    plan.add_findings(findings);
    Ok(Survey { plan, catalog, readers, zone })
}

/// Opens the source.
fn open(spec: &Spec, readers: usize) -> Result<Snapshot, SourceError> {
    match &spec.source.connection {
        SourceConnection::Sqlite { path } => Snapshot::open(path, readers),
        SourceConnection::Mysql(_) => Err(SourceError::Unsupported { system: "MySQL" }),
    }
}

/// Follows every foreign key between migrated tables.
fn find_orphans(
    spec: &Spec,
    catalog: &Catalog,
    reader: &Reader,
) -> Result<BTreeMap<(String, usize), Orphans>, ExecuteError> {
    let tables = mapping::selected(spec, catalog).map(|table| (table.name.as_str(), table)).collect::<BTreeMap<_, _>>();
    let mut found = BTreeMap::new();
    for (name, table) in &tables {
        for (position, key) in table.foreign_keys.iter().enumerate() {
            let parent =
                catalog.table(&key.referenced_table).filter(|parent| tables.contains_key(parent.name.as_str()));
            let columns = referenced_columns(catalog, key);
            let exists = |parent: &Table| columns.iter().all(|column| parent.column(column).is_some());
            let Some(parent) = parent.filter(|parent| columns.len() == key.columns.len() && exists(parent)) else {
                continue;
            };
            let child = End { table, columns: &key.columns, filter: mapping::filter(spec, name) };
            let parent = End { table: parent, columns: &columns, filter: mapping::filter(spec, &parent.name) };
            let (count, examples) = orphans(reader, key, child, parent)?;
            if count > 0 {
                found.insert(((*name).to_owned(), position), Orphans { count, examples });
            }
        }
    }
    Ok(found)
}

/// Counts the storage classes of some columns in one pass.
fn stored_classes(
    reader: &Reader,
    table: &str,
    columns: Vec<String>,
) -> Result<BTreeMap<String, crate::plan::types::StoredClasses>, ExecuteError> {
    let mut classes = vec![BTreeMap::new(); columns.len()];
    let selection = Selection {
        table: table.to_owned(),
        columns: columns.clone(),
        filter: None,
        row_identity: RowIdentity::None,
        range: KeyRange::ALL,
    };
    let outcome = reader.for_each_row(&selection, |row| {
        for (position, classes) in classes.iter_mut().enumerate() {
            *classes.entry(row.cell(position).storage_class()).or_insert(0) += 1;
        }
        Ok::<(), Infallible>(())
    });
    match outcome {
        Ok(_) => Ok(columns.into_iter().zip(classes).collect()),
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(never)) => match never {},
    }
}

/// Rehearses the tables, the largest first, with one thread for each reader; the readers come back.
fn rehearse_all(
    readers: Vec<Reader>,
    tables: &[&TableMapping],
    zone: &Zone,
    stop: &Stop,
    events: &Events,
) -> Result<(Vec<Reader>, Vec<Finding>), ExecuteError> {
    let mut queue = tables.to_vec();
    queue.sort_by_key(|mapping| mapping.size.bytes);
    let queue = Mutex::new(queue);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = |reader: Reader| {
        let mut found = Vec::new();
        while let Some(mapping) = next() {
            found.extend(rehearse(&reader, mapping, zone, stop, events)?);
        }
        Ok::<_, ExecuteError>((reader, found))
    };
    std::thread::scope(|scope| {
        let threads = readers.into_iter().map(|reader| scope.spawn(|| work(reader))).collect::<Vec<_>>();
        let (mut readers, mut findings) = (Vec::new(), Vec::new());
        for thread in threads {
            let joined = thread.join().map_err(|_| ExecuteError::Task("looking at the values".to_owned()))?;
            let (reader, found) = joined?;
            readers.push(reader);
            findings.extend(found);
        }
        Ok((readers, findings))
    })
}

/// The templates of the directory that the spec names.
fn overrides(directory: Option<&Path>) -> Result<Vec<Override>, PlanError> {
    let Some(directory) = directory else { return Ok(Vec::new()) };
    let failed = |path: &Path, error: &std::io::Error| PlanError::TemplateFile {
        path: path.to_owned(),
        cause: error.to_string(),
    };
    let mut paths = std::fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>())
        .map_err(|error| failed(directory, &error))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "j2"));
    paths.sort();
    let read = |path: std::path::PathBuf| match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Override { path, text }),
        Err(error) => Err(failed(&path, &error)),
    };
    paths.into_iter().map(read).collect()
}
