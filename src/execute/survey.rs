//! Looking at both sides and making the plan.

use super::encoder::row_encoder;
use super::error::ExecuteError;
use super::event::Events;
use super::rehearse::rehearse;
use super::stop::Stop;
use super::transfer::{ChunkDigest, read_chunk};
use crate::catalog::{Catalog, KeyRange, RowIdentity, Selection, Table, TableSize};
use crate::plan::ddl::Override;
use crate::plan::steps::referenced_columns;
use crate::plan::{
    Contents, Finding, Inputs, Orphans, Plan, PlanError, Severity, StepKind, StepState, TableMapping, TargetState,
    Templates, mapping,
};
use crate::source::SourceError;
use crate::source::sqlite::{End, ReadFailure, Reader, Snapshot, orphans, read_catalog, table_size};
use crate::spec::{SourceConnection, Spec};
use crate::target::ledger::ChunkRow;
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
    /// Rows that an earlier run had copied, read again and found unchanged.
    pub unchanged: u64,
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
    let (state, chunks) = match target {
        Some(session) => target_state(spec, session).await?,
        None => Default::default(),
    };
    let (spec, stop, events) = (spec.clone(), stop.clone(), events.clone());
    tokio::task::spawn_blocking(move || look(&spec, &state, &chunks, jobs, depth, &stop, &events)).await?
}

/// The chunks in the ledger, by source table.
type Loaded = BTreeMap<String, Vec<ChunkRow>>;

/// What the target holds, and what the ledger says of it.
async fn target_state(spec: &Spec, session: &Session) -> Result<(TargetState, Loaded), ExecuteError> {
    let found = structure::read(session, &spec.target.schema).await?;
    let ledger = Ledger::of(&spec.name);
    let (steps, chunks) = if ledger.exists(session).await? {
        (ledger.done_steps(session).await?, ledger.all_chunks(session).await?)
    } else {
        Default::default()
    };
    let state = TargetState {
        relations: found.relations,
        available_extensions: Some(found.available_extensions),
        done: steps.into_iter().filter(|(_, step)| step.passed).map(|(id, step)| (id, step.fingerprint)).collect(),
    };
    Ok((state, chunks))
}

fn look(
    spec: &Spec,
    state: &TargetState,
    chunks: &Loaded,
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
        return Ok(Survey { plan, catalog, readers, zone, unchanged: 0 });
    }
    let looks = looks(&plan, chunks);
    let (readers, seen) = look_at_values(readers, looks, &zone, stop, events)?;
    plan.add_findings(seen.findings);
    Ok(Survey { plan, catalog, readers, zone, unchanged: seen.unchanged })
}

/// What there is to look at in the values: chunks that an earlier run has copied are compared with it, tables that are
/// still to be copied are rehearsed.
fn looks<'a>(plan: &'a Plan, chunks: &'a Loaded) -> Vec<Glance<'a>> {
    let mut looks = Vec::new();
    for mapping in &plan.tables {
        let copy = StepKind::Copy.id(&mapping.target);
        if plan.steps.iter().any(|step| step.id == copy && step.state == StepState::Pending) {
            looks.push(Glance::Rehearse(mapping));
        }
        let loaded = chunks.get(&mapping.source).into_iter().flatten().filter(|chunk| chunk.loaded.is_some());
        looks.extend(loaded.map(|chunk| Glance::Compare(mapping, chunk)));
    }
    looks
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

/// One look at the values of a table.
#[derive(Debug, Clone, Copy)]
enum Glance<'a> {
    Rehearse(&'a TableMapping),
    Compare(&'a TableMapping, &'a ChunkRow),
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    findings: Vec<Finding>,
    /// Rows of earlier runs that are as they were.
    unchanged: u64,
}

/// Looks at the values with one thread for each reader, the largest tables first; the readers come back.
fn look_at_values(
    readers: Vec<Reader>,
    mut looks: Vec<Glance<'_>>,
    zone: &Zone,
    stop: &Stop,
    events: &Events,
) -> Result<(Vec<Reader>, Seen), ExecuteError> {
    looks.sort_by_key(|(Glance::Rehearse(mapping) | Glance::Compare(mapping, _))| mapping.size.bytes);
    let queue = Mutex::new(looks);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = |reader: Reader| {
        let mut seen = Seen::default();
        while let Some(look) = next() {
            match look {
                Glance::Rehearse(mapping) => seen.findings.extend(rehearse(&reader, mapping, zone, stop, events)?),
                Glance::Compare(mapping, chunk) => match compare(&reader, mapping, chunk, zone, stop)? {
                    Ok(rows) => seen.unchanged += rows,
                    Err(finding) => seen.findings.push(*finding),
                },
            }
        }
        Ok::<_, ExecuteError>((reader, seen))
    };
    std::thread::scope(|scope| {
        let threads = readers.into_iter().map(|reader| scope.spawn(|| work(reader))).collect::<Vec<_>>();
        let (mut readers, mut all) = (Vec::new(), Seen::default());
        for thread in threads {
            let joined = thread.join().map_err(|_| ExecuteError::Task("looking at the values".to_owned()))?;
            let (reader, seen) = joined?;
            readers.push(reader);
            all.findings.extend(seen.findings);
            all.unchanged += seen.unchanged;
        }
        Ok((readers, all))
    })
}

/// Reads a chunk that an earlier run has copied, and holds its digest against the ledger's: its rows, or a finding.
fn compare(
    reader: &Reader,
    mapping: &TableMapping,
    chunk: &ChunkRow,
    zone: &Zone,
    stop: &Stop,
) -> Result<Result<u64, Box<Finding>>, ExecuteError> {
    let encoder = row_encoder(mapping, zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
    let digest = match read_chunk(reader, mapping, &encoder, chunk.range, stop, |_| Ok(Vec::new())) {
        Ok(digest) => Some(digest),
        // A value that fits no more has come since.
        Err(ExecuteError::Value { .. }) => None,
        Err(error) => return Err(error),
    };
    let same = |digest: &ChunkDigest| {
        chunk.loaded.as_ref().is_some_and(|(rows, sum)| *rows == digest.rows && *sum == digest.to_string())
    };
    if let Some(digest) = digest.filter(same) {
        return Ok(Ok(digest.rows));
    }
    let message = format!("the source has changed since its rows were copied ({})", chunk.range);
    let finding = Finding::about("source_changed", Severity::Blocks, &mapping.source, message).suggesting(
        "`transship verify` names the rows; to take the new state over, start over: remove this migration's tables and its \
         rows in the schema transship",
    );
    Ok(Err(Box::new(finding)))
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
