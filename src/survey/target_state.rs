//! The target as it stands: its structure, and what the ledger says of it.

use crate::catalog::ColumnType;
use crate::plan::{MadeBy, StepId, StepKind, TargetState, ValueFacts};
use crate::run::ExecuteError;
use crate::spec::{Spec, TablesMode};
use crate::target::fingerprint::Fingerprint;
use crate::target::ledger::ChunkRow;
use crate::target::structure::TargetStructure;
use crate::target::{Ledger, Session, conditions, existing, structure};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// The chunks in the ledger, by source table.
pub(crate) type Loaded = BTreeMap<String, Vec<ChunkRow>>;

/// Reads what the target holds, and what the ledger says of it.
pub(crate) async fn read_target_state(spec: &Spec, session: &Session) -> Result<(TargetState, Loaded), ExecuteError> {
    let mut found = structure::read(session, &spec.target.schemas).await?;
    let ledger = Ledger::of(&spec.name);
    let is_readable = ledger.is_readable(session).await?;
    if !is_readable {
        // The owner of the relations is not known: the finding about the missing right says so, and none about them.
        found = TargetStructure { available_extensions: found.available_extensions, ..TargetStructure::default() };
    }
    let (steps, chunks, contradictions, is_unfinished) = if is_readable && ledger.exists(session).await? {
        let (steps, chunks) = (ledger.read_done_steps(session).await?, ledger.read_all_chunks(session).await?);
        let found = ledger.read_contradictions(session, &spec.target.schemas, &steps.known, &chunks).await?;
        let latest = ledger.read_runs(session).await?.into_iter().next();
        let is_unfinished = latest.is_some_and(|run| run.state.is_unfinished());
        (steps, chunks, found.into_iter().map(|found| (found.table, found.message)).collect(), is_unfinished)
    } else {
        Default::default()
    };
    let detached = if is_readable { ledger.read_detached(session).await? } else { BTreeMap::new() };
    let passed = steps.known.into_iter().filter(|(_, step)| step.passed);
    let (mut done, mut made_by) = (BTreeMap::new(), MadeBy::default());
    for (id, step) in passed {
        made_by.runs.insert(id.clone(), step.run);
        done.insert(id, step.fingerprint);
    }
    if !done.is_empty() {
        made_by.facts = value_facts(&ledger, session).await?;
    }
    let tables = match spec.target.tables {
        TablesMode::Create => None,
        TablesMode::Existing | TablesMode::Replace => {
            Some(existing::read(session, &spec.target.schemas, &ours(&done)).await?)
        }
    };
    let versions = match &tables {
        Some(tables) if spec.target.tables == TablesMode::Existing => {
            existing::read_versions(session, &spec.target.schemas, tables).await?
        }
        _ => BTreeMap::new(),
    };
    let structure = match spec.target.tables {
        TablesMode::Existing => Fingerprint::take(session).await?.in_schemas(&spec.target.schemas),
        TablesMode::Create | TablesMode::Replace => BTreeMap::new(),
    };
    let state = TargetState {
        made_by,
        made_types: made_types(spec, session, &done).await?,
        structure,
        relations: found.relations,
        sequences: found.sequences,
        types: found.types,
        available_extensions: Some(found.available_extensions),
        done,
        unknown: steps.unknown,
        tables,
        versions,
        detached,
        contradictions,
        encoding: Some(conditions::read(session).await?.encoding),
        is_unfinished,
        loaded: chunks.iter().filter(|(_, chunks)| is_loaded(chunks)).map(|(table, _)| table.clone()).collect(),
    };
    Ok((state, chunks))
}

/// The facts about values by which runs were planned. A later version may know facts of other kinds.
async fn value_facts(ledger: &Ledger, session: &Session) -> Result<BTreeMap<i64, ValueFacts>, ExecuteError> {
    let read = |(run, text): (i64, String)| match serde_json::from_str(&text) {
        Ok(facts) => Some((run, facts)),
        Err(error) => {
            tracing::warn!(%error, run, "the ledger's facts about values cannot be read");
            None
        }
    };
    Ok(ledger.read_value_facts(session).await?.into_iter().filter_map(read).collect())
}

/// The types of the columns of tables that a run has made.
async fn made_types(
    spec: &Spec,
    session: &Session,
    done: &BTreeMap<StepId, String>,
) -> Result<BTreeMap<String, BTreeMap<String, ColumnType>>, ExecuteError> {
    let is_made = |table: &str| done.contains_key(&StepKind::Table.id(table));
    if spec.target.tables == TablesMode::Existing || !done.keys().any(|id| id.kind == StepKind::Table) {
        return Ok(BTreeMap::new());
    }
    let standing = structure::read_standing_columns(session, &spec.target.schemas).await?;
    let standing = standing.into_iter().filter(|(table, _)| is_made(table));
    let types = standing.map(|(table, columns)| {
        let read = columns.into_iter().filter_map(|(name, column)| {
            // A type that transship does not know is none that values decide.
            Some((name, ColumnType::from_str(&column.type_words).ok()?))
        });
        (table, read.collect())
    });
    Ok(types.collect())
}

/// The tables in the target whose rows are ours: they need not be counted.
fn ours(done: &BTreeMap<StepId, String>) -> BTreeSet<String> {
    let of_table = done.keys().filter(|id| matches!(id.kind, StepKind::Table | StepKind::Copy));
    of_table.map(|id| id.name.clone()).collect()
}

fn is_loaded(chunks: &[ChunkRow]) -> bool {
    chunks.iter().any(|chunk| chunk.loaded.is_some())
}
