//! Reading the tables that a target schema already has: the facts that a migration into the application's own schema,
//! or in its place, needs.

mod all;
mod column;
mod unique;
mod versions;

pub use all::{NamedTables, read_tables_by_schema};
pub use unique::{UniqueIndex, read_unique_indexes};
pub use versions::read_versions;

use super::draws::{ColumnDraw, Draw, read_draws};
use super::grants::{ForeignOwnedTable, read_foreign};
use super::{Session, TargetError};
use crate::catalog::{
    InboundForeignKey, MissingRight, RelationKind, Right, TargetForeignKey, TargetKey, TargetTable, TargetTrigger,
    TriggerState,
};
use crate::name::{QualifiedName, Schemas, quote_identifier, quote_literal};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio_postgres::Row;
use tokio_postgres::types::Oid;

/// The relations of the schemas, by the names by which these know them. The rows of the tables in `uncounted` are left uncounted,
/// for they are our own.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read(
    session: &Session,
    schemas: &Schemas,
    uncounted: &BTreeSet<String>,
) -> Result<BTreeMap<String, TargetTable>, TargetError> {
    let mut all = BTreeMap::new();
    for schema in schemas.iter() {
        let FoundRelations { mut tables, countable } = find(session, schema.name(), None).await?;
        let is_counted = |name: &String| !uncounted.contains(&schema.known(name));
        let countable = countable.into_iter().filter(is_counted).collect::<Vec<_>>();
        for (name, rows) in count(session, schema.name(), &countable).await? {
            if let Some(table) = tables.get_mut(&name) {
                table.rows = Some(rows);
            }
        }
        for table in tables.into_values() {
            let name = schema.known(&table.name);
            all.insert(name.clone(), TargetTable { name, ..table });
        }
    }
    Ok(all)
}

/// One relation with its columns, foreign keys and triggers alone, as the session's transaction sees it. Its name is the one
/// inside its schema.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_one(session: &Session, table: QualifiedName<'_>) -> Result<Option<TargetTable>, TargetError> {
    Ok(find(session, table.schema, Some(table.name)).await?.tables.remove(table.name))
}

/// Triggers that would fire for rows copied into a table, and foreign keys to one of the tables `to`; in words. The
/// table is locked as COPY does it, so the answer holds until the transaction ends.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn in_the_way(
    session: &Session,
    table: QualifiedName<'_>,
    to: &BTreeSet<QualifiedName<'_>>,
) -> Result<Vec<String>, TargetError> {
    let doing = "looking for triggers and foreign keys";
    let lock = format!("LOCK TABLE {} IN ROW EXCLUSIVE MODE", table.sql());
    session.execute(&lock, doing).await?;
    let sql = include_str!("queries/in_the_way.sql");
    let (schemas, names): (Vec<_>, Vec<_>) = to.iter().map(|place| (place.schema, place.name)).unzip();
    let rows = session.client().query(sql, &[&table.schema, &table.name, &schemas, &names]).await;
    let rows = rows.map_err(|error| TargetError::statement(doing, &error))?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Relations by name, and the names of those whose rows the role may count.
struct FoundRelations {
    tables: BTreeMap<String, TargetTable>,
    countable: Vec<String>,
}

async fn find(session: &Session, schema: &str, name: Option<&str>) -> Result<FoundRelations, TargetError> {
    let failed = |error: tokio_postgres::Error| TargetError::statement("reading the target's tables", &error);
    let ask = async |sql: &str| session.client().query(sql, &[&schema, &name]).await.map_err(failed);
    let ask_all = async |sql: &str| session.client().query(sql, &[&schema]).await.map_err(failed);
    let mut tables: HashMap<Oid, TargetTable> = HashMap::new();
    let mut countable = Vec::new();
    for row in ask(include_str!("queries/relations.sql")).await? {
        let table = relation(&row);
        // A policy that hides rows makes counting an error, and is a finding of its own.
        if row.get(3) && !table.row_security {
            countable.push(table.name.clone());
        }
        tables.insert(row.get(0), table);
    }
    for row in ask(include_str!("queries/columns.sql")).await? {
        if let Some(table) = tables.get_mut(&row.get(0)) {
            table.columns.push(column::read(&row));
        }
    }
    with_draws(session, schema, name, &mut tables).await?;
    for row in ask(include_str!("queries/foreign_keys.sql")).await? {
        let (referencing, referenced) = (row.get::<_, Oid>(0), row.get::<_, Oid>(1));
        if let Some(table) = tables.get_mut(&referencing).filter(|_| row.get(12)) {
            if !row.get::<_, bool>(14) {
                table.lacking.push(MissingRight { right: Right::Index, object: row.get(4), grant: None });
            }
            table.foreign_keys.extend(foreign_key(&row));
        }
        if let Some(table) = tables.get_mut(&referenced).filter(|_| referencing != referenced) {
            let reference = InboundForeignKey { schema: row.get(2), table: row.get(3), constraint: row.get(4) };
            table.referenced_by.push(reference);
        }
    }
    for row in ask(include_str!("queries/triggers.sql")).await? {
        if let Some(table) = tables.get_mut(&row.get(0)) {
            table.triggers.push(trigger(&row));
        }
    }
    if name.is_some() {
        let tables = tables.into_values().map(|table| (table.name.clone(), table)).collect();
        return Ok(FoundRelations { tables, countable });
    }
    for row in ask_all(include_str!("queries/dependents.sql")).await? {
        if let (Some(table), Some(dependent)) = (tables.get_mut(&row.get(0)), row.get(1)) {
            table.dependents.push(dependent);
        }
    }
    for row in ask_all(include_str!("queries/unique_keys.sql")).await? {
        if let Some(table) = tables.get_mut(&row.get(0)) {
            let (name, columns, nulls_equal, is_primary) = (row.get(1), row.get(2), row.get(3), row.get(4));
            table.unique_keys.push(TargetKey { name, columns, nulls_equal, is_primary });
        }
    }
    for row in ask_all(include_str!("queries/demands.sql")).await? {
        if let Some(table) = tables.get_mut(&row.get(0)) {
            table.demands.push(row.get(1));
        }
    }
    for row in ask_all(include_str!("queries/lacking.sql")).await? {
        if let Some(table) = tables.get_mut(&row.get(0)) {
            table.lacking.extend(lacking(&row));
        }
    }
    let mut tables = tables.into_values().map(|table| (table.name.clone(), table)).collect::<BTreeMap<_, _>>();
    let fillable = tables.values().filter(|table| table.kind == RelationKind::Table);
    let fillable = fillable.map(|table| (schema, table.name.as_str())).collect::<Vec<_>>();
    for ForeignOwnedTable { name, grant, .. } in read_foreign(session, &fillable).await? {
        if let Some(table) = tables.get_mut(&name) {
            table.lacking.push(MissingRight { right: Right::Owner, object: None, grant: Some(grant) });
        }
    }
    Ok(FoundRelations { tables, countable })
}

/// Adds to the columns where their numbers come from.
async fn with_draws(
    session: &Session,
    schema: &str,
    name: Option<&str>,
    tables: &mut HashMap<Oid, TargetTable>,
) -> Result<(), TargetError> {
    let draws = read_draws(session, schema, name, "reading the target's sequences").await?;
    let mut columns = HashMap::new();
    for table in tables.values_mut() {
        columns.extend(table.columns.iter_mut().map(|column| ((table.name.clone(), column.name.clone()), column)));
    }
    for ColumnDraw { table, column, draw } in draws {
        let Some(column) = columns.get_mut(&(table, column)) else { continue };
        match draw {
            Draw::From(drawn) => column.sequence = Some(drawn.sequence),
            Draw::Unclear(unclear) => {
                column.unclear_default = Some(format!("`{}` {}", unclear.default, unclear.cause.words()));
            }
        }
    }
    Ok(())
}

/// Counts the rows of some tables. Most are empty; that is checked before anything is counted.
async fn count(session: &Session, schema: &str, tables: &[String]) -> Result<Vec<(String, u64)>, TargetError> {
    let failed = |error: tokio_postgres::Error| TargetError::statement("counting the target's rows", &error);
    let mut counted = Vec::new();
    // In parts, for a statement over thousands of tables would hold a lock on each.
    for part in tables.chunks(100) {
        let one = |name: &String| {
            let table = format!("{}.{}", quote_identifier(schema), quote_identifier(name));
            format!(
                "SELECT {}, CASE WHEN EXISTS (SELECT FROM {table}) THEN (SELECT count(*) FROM {table}) ELSE 0 END",
                quote_literal(name)
            )
        };
        let sql = part.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ");
        let rows = session.client().query(&sql, &[]).await.map_err(failed)?;
        counted.extend(rows.iter().map(|row| (row.get(0), u64::try_from(row.get::<_, i64>(1)).unwrap_or(0))));
    }
    Ok(counted)
}

fn relation(row: &Row) -> TargetTable {
    let kind = match row.get::<_, &str>(2) {
        "table" => RelationKind::Table,
        "partitioned" => RelationKind::Partitioned,
        "inheriting" => RelationKind::Inheriting,
        "foreign" => RelationKind::Foreign,
        "view" => RelationKind::View,
        _ => RelationKind::Other,
    };
    TargetTable {
        name: row.get(1),
        kind,
        rows: None,
        row_security: row.get(4),
        columns: Vec::new(),
        foreign_keys: Vec::new(),
        triggers: Vec::new(),
        dependents: Vec::new(),
        referenced_by: Vec::new(),
        unique_keys: Vec::new(),
        demands: Vec::new(),
        lacking: Vec::new(),
    }
}

/// A foreign key; `None` for one that is being dropped: PostgreSQL no longer has a definition of it.
fn foreign_key(row: &Row) -> Option<TargetForeignKey> {
    Some(TargetForeignKey {
        name: row.get(4),
        columns: row.get(5),
        referenced_schema: row.get(6),
        referenced_table: row.get(7),
        referenced_columns: row.get(8),
        definition: row.get::<_, Option<String>>(9)?,
        validated: row.get(10),
        comment: row.get(11),
        trigger_states: row
            .get::<_, Option<&str>>(13)
            .and_then(|states| serde_json::from_str(states).ok())
            .unwrap_or_default(),
        is_back: false,
    })
}

fn lacking(row: &Row) -> Option<MissingRight> {
    let right = match row.get::<_, &str>(1) {
        "usage" => Right::Usage,
        "select" => Right::Select,
        "insert" => Right::Insert,
        "truncate" => Right::Truncate,
        "delete" => Right::Delete,
        "references" => Right::References,
        "superuser" => Right::Superuser,
        "sequence" => Right::Sequence,
        "bypassrls" => Right::BypassRowSecurity,
        "maintain" => Right::Maintain,
        _ => return None,
    };
    Some(MissingRight { right, object: row.get(2), grant: row.get(3) })
}

fn trigger(row: &Row) -> TargetTrigger {
    let state = match row.get::<_, &str>(2) {
        "O" => TriggerState::Enabled,
        "A" => TriggerState::Always,
        "R" => TriggerState::Replica,
        _ => TriggerState::Disabled,
    };
    TargetTrigger { name: row.get(1), state, is_back: false }
}
