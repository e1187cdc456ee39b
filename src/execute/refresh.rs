//! Taking over a source that has changed since its rows were copied: chunks whose digest differs are marked in the ledger
//! as stale, and what is in the target of them stays until a worker replaces it, in one transaction for each table. Whoever
//! reads the table meanwhile sees the old rows or the new ones, also where the run is broken off in between; and a unique
//! value may move from one chunk to another.
//!
//! Where the key of the target tells the rows of a chunk exactly (an integer that is the source's rowid), these rows are
//! replaced; otherwise all rows of the table. Rows that the application has added, deleted or moved since would be lost with
//! them: where another number of rows stands there than was copied, nothing is touched. Foreign keys of the migration that
//! touch the table are taken off and added again, for their ON DELETE would alter other tables.

use super::error::ExecuteError;
use super::failpoint::reach;
use super::worker::Context;
use crate::catalog::{ColumnType, Key, RowIdentity};
use crate::name::quote_identifier;
use crate::plan::{Plan, Severity, StepKind, StepState, TableMapping};
use crate::target::ledger::{ChunkRow, UndoRow};
use crate::target::{Ledger, Session, TargetError};
use crate::value::Reading;
use std::collections::{BTreeMap, BTreeSet};

/// The finding that a refresh answers.
pub(super) const SOURCE_CHANGED: &str = "source_changed";

/// What others have put on a table and what a removal of rows would set off.
const IN_THE_WAY: &str = "
    SELECT format('the foreign key %I of %s', o.conname, o.conrelid::regclass), n.nspname::text, c.relname::text, o.conname::text
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE o.contype = 'f' AND to_regclass($1) IN (o.confrelid, o.conrelid)
        AND (o.confrelid = to_regclass($1) OR n.nspname = $2)
    UNION ALL
    SELECT format('the trigger %I of %s', t.tgname, t.tgrelid::regclass), NULL, NULL, NULL
    FROM pg_trigger t WHERE t.tgrelid = to_regclass($1) AND NOT t.tgisinternal
    ORDER BY 1";

/// Chunks to be copied again, and the steps that are done again because of them.
#[derive(Debug, Default)]
pub(super) struct Refresh {
    /// The chunks' numbers by source table.
    chunks: BTreeMap<String, BTreeSet<i32>>,
    steps: Vec<String>,
}

impl Refresh {
    /// Marks in the plan what has to be done again; nothing is written.
    pub(super) async fn prepare(
        control: &Session,
        schema: &str,
        plan: &mut Plan,
        changed: &BTreeMap<String, BTreeSet<i32>>,
    ) -> Result<Self, ExecuteError> {
        for finding in plan.findings.iter_mut().filter(|finding| finding.code == SOURCE_CHANGED) {
            finding.severity = Severity::Warns;
            finding.suggestion = Some("these rows are copied again".to_owned());
        }
        let mut again = BTreeSet::new();
        for source in changed.keys() {
            let Some(mapping) = plan.copied(source) else { continue };
            again.insert(StepKind::Analyze.id(&mapping.target));
            for key in foreign_keys(control, schema, mapping, plan).await? {
                again.insert(StepKind::Validate.id(&key));
                again.insert(StepKind::ForeignKey.id(&key));
            }
        }
        let mut steps = Vec::new();
        for step in &mut plan.steps {
            let of_table = matches!(step.kind, StepKind::Copy | StepKind::Sequence)
                && step.table.as_ref().is_some_and(|table| changed.contains_key(table));
            let is_affected = of_table || again.contains(&step.id) || step.kind == StepKind::Check;
            if !changed.is_empty() && is_affected {
                step.state = StepState::Pending;
                steps.push(step.id.clone());
            }
        }
        Ok(Self { chunks: changed.clone(), steps })
    }

    /// Takes the foreign keys off and marks the chunks, in one transaction with the ledger.
    pub(super) async fn begin(&self, control: &Session, context: &Context) -> Result<(), ExecuteError> {
        if self.chunks.is_empty() {
            return Ok(());
        }
        control.execute("BEGIN", "beginning a transaction").await?;
        let begun = match context.ledger.claim_run(control, &context.fence).await {
            Ok(()) => self.begin_all(control, &context.ledger, &context.spec.target.schema, &context.plan).await,
            Err(error) => Err(error.into()),
        };
        if begun.is_ok() {
            reach("refresh_before_commit");
        }
        control.end_transaction(begun, "marking what is copied again").await?;
        reach("refresh_committed");
        Ok(())
    }

    async fn begin_all(
        &self,
        control: &Session,
        ledger: &Ledger,
        schema: &str,
        plan: &Plan,
    ) -> Result<(), ExecuteError> {
        let back = ledger.way_back(control).await?;
        // A sequence stays where it is until it is set anew: the application may draw from it meanwhile.
        let is_structure = |row: &&UndoRow| row.kind != StepKind::Sequence.word();
        for row in back.iter().filter(|row| self.steps.contains(&row.id)).filter(is_structure) {
            for statement in row.statements.iter().flatten() {
                control.execute(statement, &format!("taking {} back", row.id)).await?;
            }
        }
        // A check that had failed is in the ledger and not on the way back.
        for step in &self.steps {
            ledger.forget_step(control, step).await?;
        }
        for (source, ordinals) in &self.chunks {
            let Some(mapping) = plan.copied(source) else { continue };
            mark(control, ledger, schema, mapping, ordinals).await?;
        }
        Ok(())
    }
}

/// The foreign keys of the migration that touch a table, as its steps name them.
async fn foreign_keys(
    control: &Session,
    schema: &str,
    mapping: &TableMapping,
    plan: &Plan,
) -> Result<Vec<String>, ExecuteError> {
    let table = qualified(schema, mapping);
    let failed = |error: tokio_postgres::Error| TargetError::statement(format!("looking at {table}"), &error);
    let rows = control.client().query(IN_THE_WAY, &[&table, &schema]).await.map_err(failed)?;
    let mut keys = Vec::new();
    for row in rows {
        let ours = (row.get::<_, Option<&str>>(1) == Some(schema))
            .then(|| format!("{}.{}", row.get::<_, &str>(2), row.get::<_, &str>(3)))
            .filter(|name| plan.steps.iter().any(|step| step.id == StepKind::ForeignKey.id(name)));
        match ours {
            Some(key) => keys.push(key),
            None => return Err(ExecuteError::NotOurs { table, object: row.get(0) }),
        }
    }
    Ok(keys)
}

/// Marks some chunks, or all where the key cannot tell them apart, when what was copied stands there and nothing else.
async fn mark(
    control: &Session,
    ledger: &Ledger,
    schema: &str,
    mapping: &TableMapping,
    ordinals: &BTreeSet<i32>,
) -> Result<(), ExecuteError> {
    let table = qualified(schema, mapping);
    let doing = format!("looking at the rows of {table} that are copied again");
    let failed = |error: tokio_postgres::Error| TargetError::statement(&doing, &error);
    control.execute(&format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"), &doing).await?;
    let mut chunks = ledger.chunks(control, &mapping.source).await?;
    chunks.retain(|chunk| chunk.loaded.is_some());
    if exact_key(mapping).is_some() {
        // Those that an earlier run has marked and not come to count too.
        chunks.retain(|chunk| chunk.is_stale || ordinals.contains(&chunk.ordinal));
    }
    let Stale { condition, rows } = stale(mapping, &chunks);
    let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
    let found = control.client().query_one(&sql, &[]).await.map_err(failed)?.get::<_, i64>(0);
    let found = u64::try_from(found).unwrap_or(0);
    if found != rows {
        return Err(ExecuteError::TargetChanged { table, copied: rows, found });
    }
    let marked = chunks.iter().map(|chunk| chunk.ordinal).collect::<Vec<_>>();
    Ok(ledger.make_stale(control, &mapping.source, &marked).await?)
}

/// Removes the rows of the chunks that are replaced; inside the transaction that copies them again.
pub(super) async fn remove_stale(
    session: &Session,
    schema: &str,
    mapping: &TableMapping,
    chunks: &[ChunkRow],
) -> Result<(), ExecuteError> {
    let table = qualified(schema, mapping);
    let doing = format!("removing the rows of {table} that are copied again");
    let failed = |error: tokio_postgres::Error| TargetError::statement(&doing, &error);
    session.execute(&format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"), &doing).await?;
    let Stale { condition, rows } = stale(mapping, chunks);
    let sql = format!("DELETE FROM {table} WHERE {condition}");
    let found = session.client().execute(&sql, &[]).await.map_err(failed)?;
    if found == rows { Ok(()) } else { Err(ExecuteError::TargetChanged { table, copied: rows, found }) }
}

/// The rows in the target of some chunks.
struct Stale {
    /// What they fulfil.
    condition: String,
    /// How many were copied.
    rows: u64,
}

fn stale(mapping: &TableMapping, chunks: &[ChunkRow]) -> Stale {
    let rows = chunks.iter().filter_map(|chunk| chunk.loaded.as_ref()).map(|(rows, _)| rows).sum();
    let Some(key) = exact_key(mapping) else { return Stale { condition: "true".to_owned(), rows } };
    let ranges = chunks.iter().filter(|chunk| chunk.loaded.is_some()).map(|chunk| {
        let bound = |operator: &str, bound: Option<&Key>| {
            let bound = bound.and_then(Key::integer);
            bound.map_or_else(|| "true".to_owned(), |bound| format!("{key} {operator} {bound}"))
        };
        format!("{} AND {}", bound(">=", chunk.range.from.as_ref()), bound("<", chunk.range.below.as_ref()))
    });
    let ranges = ranges.collect::<Vec<_>>();
    Stale { condition: if ranges.is_empty() { "false".to_owned() } else { ranges.join(" OR ") }, rows }
}

/// The column that holds the source's rowid unaltered.
fn exact_key(mapping: &TableMapping) -> Option<String> {
    let RowIdentity::Rowid { selector, declared: true } = &mapping.row_identity else { return None };
    let column = mapping.columns.iter().find(|column| column.source.eq_ignore_ascii_case(selector))?;
    let is_integer = matches!(column.column_type, ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt);
    (is_integer && column.reading == Reading::Stored && column.source_sql.is_none())
        .then(|| quote_identifier(&column.target).into_owned())
}

fn qualified(schema: &str, mapping: &TableMapping) -> String {
    format!("{}.{}", quote_identifier(schema), quote_identifier(&mapping.target))
}
