//! The tables that a rollback removes, and what hangs on them.

use super::{TableRows, Undo};
use crate::execute::ExecuteError;
use crate::name::quote_identifier;
use crate::plan::StepKind;
use crate::target::ledger::UndoRow;
use crate::target::{Session, TargetError};
use std::collections::BTreeSet;

/// What belongs to a table and goes with it, in the words of the statement that would remove it alone.
const ATTACHED: &str = "
    SELECT format('DROP INDEX %I.%I', n.nspname, i.relname), format('index %I.%I on %s', n.nspname, i.relname, t.name)
    FROM unnest($1::text[]) AS t (name) JOIN pg_index x ON x.indrelid = to_regclass(t.name)
    JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
    WHERE NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.oid AND o.conrelid = x.indrelid)
    UNION ALL
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', t.name, o.conname), format('constraint %I on %s', o.conname, t.name)
    FROM unnest($1::text[]) AS t (name) JOIN pg_constraint o ON o.conrelid = to_regclass(t.name)
    WHERE o.contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL
    SELECT '', format('trigger %I on %s', g.tgname, t.name)
    FROM unnest($1::text[]) AS t (name) JOIN pg_trigger g ON g.tgrelid = to_regclass(t.name) WHERE NOT g.tgisinternal
    UNION ALL
    SELECT '', format('policy %I on %s', p.polname, t.name)
    FROM unnest($1::text[]) AS t (name) JOIN pg_policy p ON p.polrelid = to_regclass(t.name)
    ORDER BY 2";

/// The tables of the ledger with the rows that they hold now.
pub(super) async fn rows(session: &Session, schema: &str, way: &[UndoRow]) -> Result<Vec<TableRows>, ExecuteError> {
    let mut tables = Vec::new();
    for row in way.iter().filter(|row| row.kind == StepKind::Table.word()) {
        let name = row.id.split_once(':').map_or("", |(_, name)| name);
        let copy = StepKind::Copy.id(name);
        let copied = way.iter().find(|row| row.id == copy).and_then(|row| row.rows);
        let table = format!("{}.{}", quote_identifier(schema), quote_identifier(name));
        tables.push(TableRows { rows: count(session, &table).await?, table, copied, stays: false });
    }
    tables.sort_by(|one, two| one.table.cmp(&two.table));
    Ok(tables)
}

/// The rows of a table; `None` where there is no such table.
async fn count(session: &Session, table: &str) -> Result<Option<u64>, ExecuteError> {
    let failed = |error: tokio_postgres::Error| TargetError::statement(format!("counting the rows of {table}"), &error);
    let exists = "SELECT to_regclass($1) IS NOT NULL";
    if !session.client().query_one(exists, &[&table]).await.map_err(failed)?.get::<_, bool>(0) {
        return Ok(None);
    }
    let counted = session.client().query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.map_err(failed)?;
    Ok(u64::try_from(counted.get::<_, i64>(0)).ok())
}

/// What hangs on the tables and was not made by a step: it goes with them.
pub(super) async fn attached(
    session: &Session,
    tables: &[TableRows],
    undoes: &[Undo],
) -> Result<Vec<String>, ExecuteError> {
    let ours = undoes.iter().flat_map(|undo| undo.statements.iter().map(String::as_str)).collect::<BTreeSet<_>>();
    let names = tables.iter().map(|table| table.table.as_str()).collect::<Vec<_>>();
    let failed = |error: tokio_postgres::Error| TargetError::statement("looking at what hangs on the tables", &error);
    let rows = session.client().query(ATTACHED, &[&names]).await.map_err(failed)?;
    let others = rows.iter().filter(|row| !ours.contains(row.get::<_, &str>(0)));
    Ok(others.map(|row| row.get(1)).collect())
}
