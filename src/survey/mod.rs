//! Looking at both sides and making the plan.

pub mod draft;
pub mod facts;
mod judgement;
mod keys;
mod references;
mod rows;
mod set_aside;
mod side_by_side;
mod storage;
mod surveyor;
mod values;

pub use draft::{Draft, DraftError, draft};
pub(crate) use facts::values::SOURCE_CHANGED;
pub use facts::{Inspection, NoInspection, Recalled, inspect, recall};
pub use judgement::judge;
pub use rows::source_sql::SOURCE_SQL_REFUSED;
pub use surveyor::Depth;

use crate::catalog::{Catalog, Content, RowIdentity, TableProfile, TableSize};
use crate::connection::SourceConnection;
use crate::plan::ddl::Override;
use crate::plan::{Contents, Inputs, Plan, PlanError, StepKind, TargetState, Templates, mapping};
use crate::rows::LeftOut;
use crate::run::{Events, ExecuteError, Stop, failpoint, until_stopped};
use crate::source::{Reader, Snapshot, SourceError, key_bounds, read_catalog, table_size};
use crate::spec::confinement::{Confinement, Refusal, TEMPLATE_EXTENSION};
use crate::spec::{Spec, TablesMode};
use crate::target::fingerprint::Fingerprint;
use crate::target::ledger::ChunkRow;
use crate::target::structure::Structure;
use crate::target::{Ledger, Session, conditions, existing, structure};
use crate::value::Zone;
use facts::values::look_at_values;
use references::foreign_keys::{find_orphans, stored_classes};
use references::{rejected_parents, restored_keys};
use rows::{limits, source_sql};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use storage::shared_file_system;
use surveyor::Surveyor;
use values::{encoding, excesses, spellings};

/// Both sides as they were found, and the plan made of them.
#[derive(Debug)]
pub struct Survey {
    /// The plan.
    pub plan: Plan,
    /// The templates with which it was made.
    pub templates: Templates,
    /// The source's structure.
    pub catalog: Catalog,
    /// Connections to the source, all in the same state of it.
    pub readers: Vec<Reader>,
    /// What a timestamp without zone means.
    pub zone: Zone,
    /// Rows that an earlier run had copied, read again and found unchanged.
    pub unchanged: u64,
    /// Chunks that an earlier run had copied and that are otherwise now, by source table.
    pub changed: BTreeMap<String, BTreeSet<i32>>,
    /// What the spec's `on_bad_value` left out in an earlier run.
    pub left_out: LeftOut,
    /// What stands in the tables that are still to be copied, by name; nothing where the values were not looked at.
    pub profile: Option<Vec<TableProfile>>,
}

/// The hashes of keys that are in memory at the same time: 64 MiB of them.
const KEYS_IN_MEMORY: usize = 4 << 20;

/// How long a source is waited for that another process holds.
const LOCKED: Duration = Duration::from_secs(10);

/// Opens the source with `jobs` readers in one snapshot, looks at the target where there is a session, and makes the
/// plan.
///
/// # Errors
/// The source or the target cannot be read, or no plan can be made.
pub async fn survey(
    spec: &Spec,
    target: Option<&Session>,
    jobs: usize,
    depth: Depth,
    stop: &Stop,
    events: &Events,
) -> Result<Survey, ExecuteError> {
    let (state, chunks) = match target {
        Some(session) => until_stopped(session, stop, target_state(spec, session)).await?,
        None => Default::default(),
    };
    let (owned, stop, events) = (spec.clone(), stop.clone(), events.clone());
    let looked = tokio::task::spawn_blocking(move || look(&owned, &state, &chunks, jobs, depth, &stop, &events));
    let mut survey = looked.await??;
    if let Some(session) = target {
        let findings = set_aside::find(spec, session, &survey.plan).await?;
        survey.plan.add_findings(findings);
    }
    Ok(survey)
}

/// The chunks in the ledger, by source table.
type Loaded = BTreeMap<String, Vec<ChunkRow>>;

/// What the target holds, and what the ledger says of it.
async fn target_state(spec: &Spec, session: &Session) -> Result<(TargetState, Loaded), ExecuteError> {
    let mut found = structure::read(session, &spec.target.schema).await?;
    let ledger = Ledger::of(&spec.name);
    let is_readable = ledger.is_readable(session).await?;
    if !is_readable {
        // Whose the relations are is not known: the finding about the missing right says so, and none about them.
        found = Structure { available_extensions: found.available_extensions, ..Structure::default() };
    }
    let (steps, chunks, contradictions) = if is_readable && ledger.exists(session).await? {
        let (steps, chunks) = (ledger.done_steps(session).await?, ledger.all_chunks(session).await?);
        let found = ledger.contradictions(session, &spec.target.schema, &steps, &chunks).await?;
        (steps, chunks, found.into_iter().map(|found| (found.table, found.message)).collect())
    } else {
        Default::default()
    };
    let detached = if is_readable { ledger.detached(session).await? } else { BTreeMap::new() };
    let done = steps.into_iter().filter(|(_, step)| step.passed).map(|(id, step)| (id, step.fingerprint));
    let done = done.collect::<BTreeMap<_, _>>();
    let tables = match spec.target.tables {
        TablesMode::Create => None,
        TablesMode::Existing | TablesMode::Replace => {
            Some(existing::read(session, &spec.target.schema, &ours(&done)).await?)
        }
    };
    let structure = match spec.target.tables {
        TablesMode::Existing => Fingerprint::take(session).await?.in_schema(&spec.target.schema),
        TablesMode::Create | TablesMode::Replace => BTreeMap::new(),
    };
    let state = TargetState {
        structure,
        relations: found.relations,
        sequences: found.sequences,
        types: found.types,
        available_extensions: Some(found.available_extensions),
        done,
        tables,
        detached,
        contradictions,
        encoding: Some(conditions::read(session).await?.encoding),
        loaded: chunks.iter().filter(|(_, chunks)| is_loaded(chunks)).map(|(table, _)| table.clone()).collect(),
    };
    Ok((state, chunks))
}

/// The tables in the target whose rows are ours: they need not be counted.
fn ours(done: &BTreeMap<String, String>) -> BTreeSet<String> {
    let name = |id: &String| {
        let (kind, name) = id.split_once(':')?;
        [StepKind::Table, StepKind::Copy].map(StepKind::word).contains(&kind).then(|| name.to_owned())
    };
    done.keys().filter_map(name).collect()
}

fn is_loaded(chunks: &[ChunkRow]) -> bool {
    chunks.iter().any(|chunk| chunk.loaded.is_some())
}

fn look(
    spec: &Spec,
    state: &TargetState,
    chunks: &Loaded,
    jobs: usize,
    depth: Depth,
    stop: &Stop,
    events: &Events,
) -> Result<Survey, ExecuteError> {
    let templates = Templates::new(&spec.target.schema, overrides(spec)?)?;
    let snapshot = open(spec, jobs, stop)?;
    let chunk_size = failpoint::chunk_size();
    let catalog = adopt(spec, read_catalog(snapshot.reader())?);
    let (mut sizes, mut contents) = (BTreeMap::new(), Contents::default());
    let refused = source_sql::find(spec, &catalog, snapshot.reader())?;
    let is_refused = |table: &str| refused.iter().any(|finding| finding.table.as_deref() == Some(table));
    for table in mapping::selected(spec, &catalog) {
        let mut size: TableSize = table_size(snapshot.reader(), table)?;
        let undecided = mapping::undecided(spec, table).collect::<Vec<_>>();
        if !undecided.is_empty() && size.rows > 0 && !is_refused(&table.name) {
            let classes =
                stored_classes(snapshot.reader(), &table.name, mapping::filter(spec, &table.name), undecided)?;
            contents.classes.insert(table.name.clone(), classes);
        }
        size.bytes = size.bytes.max(size.rows);
        if let RowIdentity::Key { columns } = &table.row_identity
            && chunk_size.number(&size) > 1
        {
            let bounds = key_bounds(snapshot.reader(), table, columns, size.rows, chunk_size.number(&size))?;
            contents.bounds.insert(table.name.clone(), bounds);
        }
        sizes.insert(table.name.clone(), size);
    }
    // An index over other rows is not counted, and cannot be where these are a view that calls the application's functions.
    let virtual_tables = catalog.others.iter().filter_map(|other| other.virtual_table.as_ref());
    for rows in virtual_tables.filter(|table| table.content == Content::Own).filter_map(|table| table.rows.as_ref()) {
        sizes.insert(rows.name.clone(), table_size(snapshot.reader(), rows)?);
    }
    let make = |contents: &Contents| {
        let (catalog, sizes, templates) = (&catalog, &sizes, &templates);
        Plan::make(Inputs { spec, catalog, sizes, contents, chunk_size, templates, target: state })
    };
    let mut plan = make(&contents)?;
    let zone = Zone::from(spec.source.timezone.clone());
    let mut readers = snapshot.into_readers();
    let storage = readers.first().and_then(Reader::shared_file_system);
    let keys_in_memory = KEYS_IN_MEMORY / readers.len().max(1);
    let existing = state.tables.as_ref().filter(|_| spec.target.tables == TablesMode::Existing);
    let looker = Surveyor { spec, catalog: &catalog, existing, zone: &zone, depth, keys_in_memory, stop, events };
    // The types of the columns are known now, and what their spelling decides with that.
    if refused.is_empty() {
        contents.spellings = spellings::look_up(&looker, &plan.tables, &mut readers)?;
        if !contents.spellings.is_empty() {
            plan = make(&contents)?;
        }
    }
    // What SQLite cannot compute cannot be looked at.
    let can_look = refused.is_empty();
    plan.add_findings(refused);
    if !depth.is_at_values() {
        // What was copied was looked at then.
        contents.extents = excesses::unknown_extents(plan.to_be_copied());
        if !contents.extents.is_empty() && computes(&catalog) {
            plan = Plan { findings: plan.findings, ..make(&contents)? };
            let unknown = [excesses::not_looked_at(&plan), limits::not_looked_at(&plan, &catalog, spec)].concat();
            plan.add_findings(unknown);
        }
        let unknown = plan.to_be_copied().next().and_then(|_| encoding::unknown(state.encoding.as_deref()));
        plan.add_findings(unknown.into_iter().collect());
    }
    if depth == Depth::AtStructure || !can_look {
        plan.add_findings(shared_file_system(storage.as_deref()));
        readers.iter().try_for_each(Reader::confirm_still)?;
        let (changed, left_out) = (BTreeMap::new(), LeftOut::default());
        return Ok(Survey { plan, templates, catalog, readers, zone, unchanged: 0, changed, left_out, profile: None });
    }
    let seen = look_at_values(&mut readers, &plan, chunks, &looker)?;
    if depth.is_at_values() {
        contents.orphans = find_orphans(&looker, &plan.tables, &seen.profiles, &mut readers)?;
        contents.extents = excesses::extents(&seen.profiles);
        // What stands in the columns matters to what computes with them.
        if !contents.orphans.is_empty() || computes(&catalog) {
            plan = make(&contents)?;
        }
    }
    plan.note_fitting(&seen.fitting);
    plan.add_findings(seen.findings);
    plan.add_findings(shared_file_system(storage.as_deref()));
    if let Some(reader) = readers.first() {
        if depth.is_at_values() {
            plan.add_findings(encoding::find(&looker, reader, &plan, state.encoding.as_deref())?);
            plan.add_findings(restored_keys::find(spec, &catalog, &plan, reader)?);
            let found = excesses::find(&looker, &plan, reader)?;
            plan.add_findings(found);
        }
        plan.add_findings(rejected_parents::find(&plan, &catalog, reader, &zone, stop)?);
    }
    // Not every question confirms its answer by itself.
    readers.iter().try_for_each(Reader::confirm_still)?;
    let profile = depth.is_at_values().then_some(seen.profiles);
    let (unchanged, changed, left_out) = (seen.unchanged, seen.changed, seen.left_out);
    Ok(Survey { plan, templates, catalog, readers, zone, unchanged, changed, left_out, profile })
}

/// The structure with the virtual tables that the spec names among the ordinary ones.
fn adopt(spec: &Spec, mut structure: Catalog) -> Catalog {
    let is_named =
        |name: &str| spec.tables.iter().any(|(named, table)| named.eq_ignore_ascii_case(name) && !table.skip);
    structure.adopt(is_named);
    structure
}

/// Whether anything in the source's structure computes with columns.
fn computes(catalog: &Catalog) -> bool {
    let has_expression = |table: &crate::catalog::Table| {
        !table.checks.is_empty()
            || table.columns.iter().any(|column| column.generated.is_some())
            || table.indexes.iter().any(|index| {
                index.predicate.is_some() || index.columns.iter().any(|column| column.expression.is_some())
            })
    };
    let is_view = |other: &crate::catalog::OtherObject| other.kind == crate::catalog::OtherObjectKind::View;
    catalog.tables.iter().any(has_expression) || catalog.others.iter().any(is_view)
}

/// Opens the source with readers whose queries end when there is a wish to stop.
fn open(spec: &Spec, readers: usize, stop: &Stop) -> Result<Snapshot, ExecuteError> {
    let path = match &spec.source.connection {
        SourceConnection::Sqlite { path } => path,
        SourceConnection::Mysql(_) => return Err(SourceError::Unsupported { system: "MySQL" }.into()),
        SourceConnection::Unset { variable } => {
            return Err(SourceError::Unset { variable: variable.clone() }.into());
        }
    };
    let began = Instant::now();
    let snapshot = loop {
        match Snapshot::open(path, readers) {
            Err(_) if stop.is_thrown() => return Err(ExecuteError::Interrupted),
            Err(SourceError::Locked { .. }) if began.elapsed() < LOCKED => {}
            opened => break opened?,
        }
    };
    stop.breaks_off(snapshot.interrupters());
    Ok(snapshot)
}

/// The templates of the directory that the spec names.
fn overrides(spec: &Spec) -> Result<Vec<Override>, PlanError> {
    let Some(directory) = &spec.templates else { return Ok(Vec::new()) };
    let failed =
        |path: &Path, refusal: &Refusal| PlanError::TemplateFile { path: path.to_owned(), cause: refusal.to_string() };
    let confinement = Confinement::of(spec.path.parent().unwrap_or(Path::new("")));
    let confinement = confinement.map_err(|error| failed(directory, &error.into()))?;
    // The spec's own directory is in this path already.
    let absolute = std::path::absolute(directory).map_err(|error| failed(directory, &error.into()))?;
    let as_given = |path: &Path| path.strip_prefix(&absolute).map_or(directory.clone(), |name| directory.join(name));
    match confinement.read_all(&absolute, TEMPLATE_EXTENSION) {
        Ok(files) => Ok(files.into_iter().map(|(path, text)| Override { path: as_given(&path), text }).collect()),
        Err((path, refusal)) => Err(failed(&as_given(&path), &refusal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_seen_to_fit_and_is_read_alike_again_is_proven() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.toml");
        let source = "CREATE TABLE t (a TEXT, b VARCHAR(2), c TEXT); INSERT INTO t VALUES ('x', 'too long', 'y');
            CREATE TABLE filtered (a TEXT); INSERT INTO filtered VALUES ('x')";
        rusqlite::Connection::open(directory.path().join("t.db")).unwrap().execute_batch(source).unwrap();
        let spec = "spec = 1\nname = \"t\"\n[source]\nurl = \"sqlite:t.db\"\n[target]\nurl = \"embedded:\"\n
            [tables.t]\ncolumns.b = { on_bad_value = \"null\" }\ncolumns.c = { source_sql = \"hex(randomblob(4))\" }\n
            [tables.filtered]\nwhere = \"random() % 2\"";
        std::fs::write(&path, spec).unwrap();
        let spec = crate::spec::load(&path, None, &|_| None).unwrap();
        let (events, _listener) = tokio::sync::mpsc::unbounded_channel();
        let (events, stop) = (Events::new(events), Stop::default());
        let proven = async |depth| {
            let plan = survey(&spec, None, 1, depth, &stop, &events).await.unwrap().plan;
            let columns = plan.copies.iter().flat_map(|mapping| &mapping.columns).map(|column| column.is_proven);
            columns.collect::<Vec<_>>()
        };
        // Of `filtered` the one column, then those of `t`.
        assert_eq!(proven(Depth::AtValues).await, [false, true, false, false]);
        assert_eq!(proven(Depth::AtStructure).await, [false; 4]);
    }
}
