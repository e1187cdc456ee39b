//! A verification from beginning to end.

use super::not_compared;
use super::outcome::{JudgedColumn, TableResult, Verification, ViewResult};
use super::rights::all_is_seen;
use super::sample::Sample;
use super::session::open;
use super::shared::Spare;
use super::structure::{Structure, StructureChange};
use super::table::Comparison;
use super::views::Comparing;
use crate::checks::Asking;
use crate::plan::{Plan, TableMapping};
use crate::proof::asking::{Asker, is_asked};
use crate::proof::form::RowForm;
use crate::run::{CheckResult, Event, Events, ExecuteError, Stop};
use crate::source::Reader;
use crate::spec::{MergeSide, Spec};
use crate::survey::{SOURCE_SQL_REFUSED, Survey};
use crate::target::{Ledger, Server, Session, structure};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Options of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Most rows shown for each table that differs, and for each check that finds wrong ones.
    pub examples: usize,
    /// Whether values may be shown beside keys.
    pub show_values: bool,
    /// Compares only this part of the larger tables.
    pub sample: Option<Sample>,
    /// Compares only these source tables, by their exact names and without checks; all tables if empty.
    pub tables: Vec<String>,
}

impl Options {
    fn selects(&self, table: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|name| name == table)
    }
}

/// Compares every table of the survey's plan on both sides, and runs the spec's checks.
///
/// # Errors
/// A side cannot be read. A difference is a result, not an error.
pub async fn verify(
    spec: &Spec,
    survey: Survey,
    server: &Server,
    options: Options,
    stop: &Stop,
    events: &Events,
) -> Result<Verification, ExecuteError> {
    verify_snapshot(spec, survey, server, options, None, stop, events).await
}

/// As [`verify`], with the tables of the target in the state that another session has exported. The spec's checks ask the
/// present.
///
/// # Errors
/// As for [`verify`]; or that session's transaction has ended.
pub async fn verify_snapshot(
    spec: &Spec,
    mut survey: Survey,
    server: &Server,
    options: Options,
    snapshot: Option<&str>,
    stop: &Stop,
    events: &Events,
) -> Result<Verification, ExecuteError> {
    let first = open(server, snapshot).await?;
    let mut readers = std::mem::take(&mut survey.readers);
    // Where the spec copies no rows, those of the target are others' by intent.
    let has_rows = spec.target.data.is_all();
    let selected = || survey.plan.tables.iter().filter(|mapping| has_rows && options.selects(&mapping.source));
    let relations = structure::read(&first, &spec.target.schemas).await?.relations;
    let columns = structure::columns(&first, &spec.target.schemas).await?;
    let ledger = Ledger::of(&spec.name);
    let (rejected, strangers) = if ledger.exists(&first).await? {
        (ledger.rejected_tallies(&first).await?, ledger.strangers(&first, &spec.target.schemas).await?)
    } else {
        Default::default()
    };
    let merged = merged_rows(&ledger, &first).await?;
    let schemas = &spec.target.schemas;
    let is_ours = |name: &str| !strangers.contains(name);
    let read = survey.plan.tables.iter().filter(|mapping| options.selects(&mapping.source) && is_ours(&mapping.target));
    let asked = survey.plan.views.iter().map(|view| view.target.as_str());
    let asked = asked.filter(|name| options.tables.is_empty() && is_ours(name));
    all_is_seen(&first, schemas, read, asked).await?;
    // The structure is compared as a whole, not for some tables.
    let mut structure = match options.tables.is_empty() {
        true => {
            let schemas = &spec.target.schemas;
            let mut structure = Structure::compare(&first, &ledger, schemas, &survey.plan, &strangers).await?;
            structure.compare_sequences(&first, schemas, &survey.plan, &strangers, &mut readers).await?;
            structure.other_sequences(&first, schemas, &survey.plan, &strangers).await?;
            structure
        }
        false => Structure::default(),
    };
    if options.tables.is_empty() && ledger.exists(&first).await? {
        structure.last_run(&first, &ledger, &survey.plan).await?;
    }
    let mut crew = vec![first];
    while crew.len() < readers.len() {
        crew.push(open(server, snapshot).await?);
    }
    // Independent readers, for an error of the reader that `apply` uses would go unnoticed here.
    let readers = readers.into_iter().map(Reader::independent);
    let mut idle = crew.into_iter().zip(readers).collect::<Vec<_>>();
    // Readers without a table left to read.
    let (mut resting, spare) = (Vec::new(), Arc::new(Spare::default()));

    let asker = match selected().any(|mapping| mapping.columns.iter().any(is_asked)) {
        true => Some(Asker::of(server.connect().await?)),
        false => None,
    };
    // Tables that are not the migration's are not even read.
    let stranger = |mapping: &TableMapping| {
        let is_other = strangers.contains(&mapping.target);
        is_other
            .then(|| format!("something else stands in the place of {}", spec.target.schemas.shown(&mapping.target)))
    };
    let comparison = |mapping: &TableMapping| {
        let table = survey.catalog.table(&mapping.source);
        let key = table.map(|table| mapping.primary_key(table)).unwrap_or_default();
        let comparison = Comparison {
            form: Arc::new(RowForm::of(mapping, &found_by(mapping, key), &survey.zone)?),
            mapping: Arc::new(mapping.clone()),
            schemas: spec.target.schemas.clone(),
            exists: relations.contains(&mapping.target),
            refused: stranger(mapping).or_else(|| refused(&survey.plan, &mapping.source)),
            ledger: rejected.get(&mapping.source).copied().unwrap_or_default(),
            merged: merged.get(&mapping.source).copied().filter(|_| mapping.merges.is_some()),
            migration: spec.name.clone(),
            options: options.clone(),
            asker: asker.clone(),
            slices: None,
            stop: stop.clone(),
            spare: Arc::clone(&spare),
        };
        Ok::<_, ExecuteError>((mapping.size.bytes, comparison))
    };
    let mut waiting = selected().map(comparison).collect::<Result<Vec<_>, _>>()?;
    // The largest is taken first, from the end.
    waiting.sort_by_key(|(bytes, _)| *bytes);

    let mut running = JoinSet::new();
    let mut tables: Vec<TableResult> = Vec::new();
    loop {
        while let Some((session, reader)) = idle.pop() {
            let Some((_, comparison)) = waiting.pop() else {
                resting.push(session);
                spare.give(reader);
                continue;
            };
            events.tell(Event::TableStarted { table: comparison.mapping.source.clone() });
            running.spawn(async move {
                let (reader, result) = comparison.run(&session, reader).await;
                (session, reader, result)
            });
        }
        let Some(joined) = running.join_next().await else { break };
        let (session, reader, result) = joined?;
        idle.extend(reader.map(|reader| (session, reader)));
        let result = result?;
        events.tell(Event::TableVerified {
            table: result.table.clone(),
            rows: result.source_rows,
            equal: result.is_equal(),
        });
        tables.push(result);
    }
    tables.sort_by(|one, two| one.table.cmp(&two.table));

    let reader = spare.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
    // Each check opens a session of its own.
    drop(resting);
    let (plan, schemas, zone) = (&survey.plan, &spec.target.schemas, &survey.zone);
    let asking = Asking { server, plan, schemas, zone, rows: options.examples, show_values: options.show_values, stop };
    let (mut reader, mut checks) = (Some(reader), Vec::new());
    for name in survey.plan.checks.keys().filter(|_| options.tables.is_empty()) {
        events.tell(Event::CheckStarted { check: name.clone() });
        let result = asking.ask(name, &mut reader).await?;
        events.tell(Event::CheckDone(result.clone()));
        checks.push(result);
    }
    let comparing = Comparing {
        server,
        schemas,
        zone: &spec.source.timezone,
        tables: &survey.plan.tables,
        results: &tables,
        examples: options.examples,
        show_values: options.show_values,
        stop,
    };
    let mut views = Vec::new();
    for view in survey.plan.views.iter().filter(|_| options.tables.is_empty() && has_rows) {
        let exists = relations.contains(&view.target) && !strangers.contains(&view.target);
        views.push(comparing.compare(view, exists, &mut reader).await?);
    }
    views.sort_by(|one, two| one.view.cmp(&two.view));
    if let Some(reader) = &reader {
        reader.confirm_still()?;
    }
    let pending = survey.plan.changes();
    let equal = tables.iter().all(TableResult::is_equal) && !checks.iter().any(CheckResult::is_failure);
    let equal = equal
        && !views.iter().any(ViewResult::differs)
        && !structure.changes.iter().any(StructureChange::is_difference);
    let tables_left_out = if has_rows { survey.plan.tables.len() - tables.len() } else { 0 };
    let mut not_compared = structure.not_compared;
    if !has_rows {
        not_compared.extend(not_compared::without_rows(&survey.plan, &spec.left_checks));
    }
    let not_compared = not_compared::list(&survey.plan, &tables, &views, &columns, not_compared, has_rows);
    let (sample, sequences, structure) = (options.sample, structure.sequences, structure.changes);
    let judged_by_postgresql = judged(&survey.plan, &tables);
    Ok(Verification {
        equal,
        sample,
        pending,
        tables_left_out,
        not_compared,
        judged_by_postgresql,
        tables,
        checks,
        views,
        structure,
        sequences,
    })
}

/// The columns by which a row is found: its natural key where rows of both sides are brought together by one. Where the target's
/// values stay, the id counts among them, so that it is compared all the same. A key that PostgreSQL takes for equal to others, such as
/// texts without regard to case, is no name of a row here, where every byte counts: the id is.
fn found_by(mapping: &TableMapping, primary: Vec<String>) -> Vec<String> {
    let Some(merging) = &mapping.merges else { return primary };
    if !merging.identity.is_empty() && merging.has_spellings {
        return merging.identity.clone();
    }
    let identity = merging.identity.iter().filter(|_| merging.prefer == Some(MergeSide::Target));
    merging.key.iter().chain(identity).cloned().collect()
}

/// Rows of each source table that the target had already, according to the ledger.
async fn merged_rows(ledger: &Ledger, session: &Session) -> Result<BTreeMap<String, u64>, ExecuteError> {
    if !ledger.exists(session).await? {
        return Ok(BTreeMap::new());
    }
    let chunks = ledger.all_chunks(session).await?;
    Ok(chunks.into_iter().map(|(table, chunks)| (table, chunks.iter().map(|chunk| chunk.merged).sum())).collect())
}

/// The columns of the compared tables whose values PostgreSQL itself has read.
fn judged(plan: &Plan, tables: &[TableResult]) -> Vec<JudgedColumn> {
    let is_compared = |mapping: &&TableMapping| tables.iter().any(|table| table.table == mapping.source);
    let columns = plan.tables.iter().filter(is_compared).flat_map(|mapping| {
        mapping.columns.iter().filter(|column| is_asked(column)).map(|column| JudgedColumn {
            table: mapping.source.clone(),
            column: column.source.clone(),
            column_type: column.type_words(),
        })
    });
    let mut columns = columns.collect::<Vec<_>>();
    columns.sort();
    columns
}

/// Reason for which the rows of a source table cannot be read as the spec says.
fn refused(plan: &Plan, table: &str) -> Option<String> {
    let is_it = |code, of: Option<&str>| code == SOURCE_SQL_REFUSED && of == Some(table);
    let found = plan.each_finding().find(|finding| is_it(finding.code, finding.table.as_deref()));
    found.map(|finding| finding.message.clone())
}
