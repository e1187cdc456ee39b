//! Mapped ids, read from the ledger for the proving side: comparing the rows under them shows whether they are right.

use super::form::{IdMap, RowScratch};
use super::side::ComparedTable;
use super::stream::{Broken, CopyStream, Fields};
use crate::run::{ExecuteError, Stop};
use crate::target::{Ledger, Session};
use std::collections::HashMap;
use std::sync::Arc;

/// Reads the ids that rows of a table have or reference and that are mapped.
pub(crate) async fn read_ids(
    session: &Session,
    migration: &str,
    compared: ComparedTable<'_>,
) -> Result<Vec<IdMap>, ExecuteError> {
    let ComparedTable { mapping, form, .. } = compared;
    let references = mapping.mapped_references.iter().map(|one| (one.table.as_str(), &one.columns));
    let own = mapping.merges.as_ref().filter(|merging| !merging.identity.is_empty());
    let own = own.map(|merging| (mapping.source.as_str(), &merging.identity));
    let mut maps = Vec::new();
    for (table, columns) in references.chain(own) {
        let positions = columns.iter().filter_map(|name| form.position(name)).collect::<Vec<_>>();
        if positions.len() != columns.len() {
            continue;
        }
        maps.push(read(session, migration, compared, table, positions).await?);
    }
    Ok(maps)
}

async fn read(
    session: &Session,
    migration: &str,
    ComparedTable { mapping, form, stop }: ComparedTable<'_>,
    table: &str,
    positions: Vec<usize>,
) -> Result<IdMap, ExecuteError> {
    let types = positions.iter().map(|position| mapping.columns[*position].type_words()).collect::<Vec<_>>();
    let (mut scratch, mut ids) = (RowScratch::default(), HashMap::new());
    let each = |fields: Fields<'_>| {
        let mut source = Vec::new();
        for (at, position) in positions.iter().enumerate() {
            form.append_target(*position, fields.get(at), &mut scratch, &mut source);
        }
        let there = positions.iter().enumerate().map(|(at, position)| {
            let mut value = Vec::new();
            form.append_target(*position, fields.get(positions.len() + at), &mut scratch, &mut value);
            value.into_boxed_slice()
        });
        let there = there.collect::<Vec<_>>();
        ids.insert(source.into_boxed_slice(), there);
    };
    each_id(session, migration, table, &types, stop, each).await?;
    Ok(IdMap { positions, ids: Arc::new(ids) })
}

/// Calls `visit` with the ids of a table that are mapped, as values of these types: the fields of the source's, and behind them those
/// of the target's.
///
/// # Errors
/// PostgreSQL's refusal, or the work was interrupted.
pub(crate) async fn each_id(
    session: &Session,
    migration: &str,
    table: &str,
    types: &[String],
    stop: &Stop,
    mut visit: impl FnMut(Fields<'_>),
) -> Result<(), ExecuteError> {
    let doing = format!("reading the mapped ids of {table}");
    let fields = ["source_key", "target_key"].into_iter().flat_map(|key| {
        types.iter().enumerate().map(move |(at, type_words)| format!("{key}[{}]::{type_words}", at + 1))
    });
    let ids = Ledger::of(migration).merged_ids_of(table, &fields.collect::<Vec<_>>().join(", "));
    let sql = format!("COPY ({ids}) TO STDOUT (FORMAT binary)");
    let mut stream = session.copy_out(&sql, &doing).await?;
    let mut copy = CopyStream::new(2 * types.len());
    let broken = |error: Broken| ExecuteError::Task(format!("{doing}: {error}"));
    while let Some(message) = stream.next().await? {
        copy.feed(&message, &mut visit).map_err(broken)?;
        if stop.is_thrown() {
            return Err(ExecuteError::Interrupted);
        }
    }
    copy.finish().map_err(broken)
}
