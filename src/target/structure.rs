//! Structure of the target, as far as a plan needs it.

use super::{Row, Session, TargetError};
use crate::catalog::Sequence;
use crate::name::{Place, Schemas, quote_identifier};
use std::collections::{BTreeMap, BTreeSet};

/// Relations, types and extensions of the target database. Names are those by which the tables are known ([`Schemas`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Structure {
    /// The names of all relations in the schemas.
    pub relations: BTreeSet<String>,
    /// The sequences among them that belong to a column, with its table.
    pub sequences: BTreeMap<String, String>,
    /// The names of the types in the schemas that are no relation's.
    pub types: BTreeSet<String>,
    /// The extensions that the server could create.
    pub available_extensions: BTreeSet<String>,
}

/// Reads what the schemas hold and what the server offers.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read(session: &Session, schemas: &Schemas) -> Result<Structure, TargetError> {
    let failed = |error: tokio_postgres::Error| TargetError::statement("reading the target's structure", &error);
    let client = session.client();
    let extensions = client.query(include_str!("queries/available_extensions.sql"), &[]).await.map_err(failed)?;
    let available_extensions = extensions.iter().map(|row| row.get(0)).collect();
    let mut structure = Structure { available_extensions, ..Structure::default() };
    for schema in schemas.iter() {
        let rows = client.query(include_str!("queries/relations.sql"), &[&schema.name()]).await.map_err(failed)?;
        for row in &rows {
            let name = schema.known(row.get(0));
            if row.get(2) {
                structure.types.insert(name);
                continue;
            }
            if let Some(owner) = row.get::<_, Option<&str>>(1) {
                structure.sequences.insert(name.clone(), schema.known(owner));
            }
            structure.relations.insert(name);
        }
    }
    Ok(structure)
}

/// The columns of the schemas' tables, by table and in their order.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn columns(session: &Session, schemas: &Schemas) -> Result<BTreeMap<String, Vec<String>>, TargetError> {
    let failed = |error: tokio_postgres::Error| TargetError::statement("reading the target's columns", &error);
    let mut columns = BTreeMap::<String, Vec<String>>::new();
    for schema in schemas.iter() {
        let sql = include_str!("queries/column_names.sql");
        for row in &session.client().query(sql, &[&schema.name()]).await.map_err(failed)? {
            columns.entry(schema.known(row.get(0))).or_default().push(row.get(1));
        }
    }
    Ok(columns)
}

/// Whether there is a schema of this name, which is quoted.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn has_schema(session: &Session, schema: &str) -> Result<bool, TargetError> {
    let sql = "SELECT to_regnamespace($1) IS NOT NULL";
    Ok(session.query_one(sql, &[&schema], "looking for the schema").await?.get(0))
}

/// The rows of a table of this name, which is quoted and has its schema, in the words of a FROM: without those of tables that
/// inherit from it, which are others'; a partitioned table has no rows but those of its partitions. `None` if there is none.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn own_rows(session: &Session, table: &str, doing: &str) -> Result<Option<String>, TargetError> {
    let sql = "SELECT CASE relkind WHEN 'p' THEN $1 ELSE 'ONLY ' || $1 END FROM pg_class WHERE oid = to_regclass($1)";
    Ok(session.query(sql, &[&table], doing).await?.first().map(|row| row.get(0)))
}

/// The last key that the sequence of a column has handed out; `None` if it has handed out none. The table's name is
/// quoted and has its schema, the column's is neither.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn last_key(session: &Session, table: &str, column: Option<&str>) -> Result<Option<i64>, TargetError> {
    let sql = "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass)";
    Ok(session.query_one(sql, &[&table, &column], "asking for the sequence's last key").await?.get(0))
}

/// The next number of a sequence of this name, which is quoted and has its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextNumber {
    /// The next number; one behind the last that the sequence has, if it is exhausted.
    Known(i128),
    /// The role may not read it.
    Unreadable,
    /// There is no such sequence.
    Absent,
}

/// Reads the next number of a sequence.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn next_number(session: &Session, sequence: &str, doing: &str) -> Result<NextNumber, TargetError> {
    let sql = "SELECT s.seqincrement, has_sequence_privilege(s.seqrelid, 'SELECT') FROM pg_sequence s \
               WHERE s.seqrelid = to_regclass($1)";
    let rows = session.query(sql, &[&sequence], doing).await?;
    let Some(found) = rows.first() else { return Ok(NextNumber::Absent) };
    if !found.get::<_, bool>(1) {
        return Ok(NextNumber::Unreadable);
    }
    let row = session.query_one(&format!("SELECT last_value, is_called FROM {sequence}"), &[], doing).await?;
    let (last, increment) = (i128::from(row.get::<_, i64>(0)), i128::from(found.get::<_, i64>(0)));
    Ok(NextNumber::Known(if row.get(1) { last + increment } else { last }))
}

/// A sequence that gives a column its numbers: an identity, a serial, or one that the default names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnSequence {
    /// The column.
    pub column: String,
    /// Its name in SQL.
    pub sequence: String,
    /// Its rule; the first number is that of its smallest or largest.
    pub rule: Sequence,
    /// Whether the role may read it and the column.
    pub is_readable: bool,
    /// Whether the column holds numbers.
    pub is_number: bool,
}

/// Position of a sequence beside the keys that rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequencePosition {
    /// The next number; `None` if it has given its last.
    pub next: Option<i64>,
    /// The last key among the rows, in the direction in which the sequence counts.
    pub last_key: Option<i64>,
}

/// The sequences that give some columns of a table their numbers.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn drawn_sequences(
    session: &Session,
    table: Place<'_>,
    columns: &[&str],
    doing: &str,
) -> Result<Vec<DrawnSequence>, TargetError> {
    let sql = include_str!("queries/drawn_sequences.sql");
    let rows = session.query(sql, &[&table.schema, &table.name, &columns], doing).await?;
    let drawn = |row: &Row| {
        let (increment, minimum, maximum): (i64, i64, i64) = (row.get(2), row.get(3), row.get(4));
        let start = if increment > 0 { minimum } else { maximum };
        DrawnSequence {
            column: row.get(0),
            sequence: row.get(1),
            rule: Sequence { start, increment, minimum, maximum, cycles: row.get(5) },
            is_readable: row.get(6),
            is_number: row.get(7),
        }
    };
    Ok(rows.iter().map(drawn).collect())
}

impl DrawnSequence {
    /// Its position beside the rows of a table, whose name is quoted and has its schema.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn position(&self, session: &Session, table: &str, doing: &str) -> Result<SequencePosition, TargetError> {
        let (rule, column) = (&self.rule, quote_identifier(&self.column));
        let last = if rule.increment > 0 { format!("max({column})") } else { format!("min({column})") };
        // A number that is no bigint is beyond every number of a sequence.
        let (low, high) = (i64::MIN, i64::MAX);
        let last = format!("CASE WHEN {last} < {low} THEN {low} WHEN {last} > {high} THEN {high} ELSE {last} END");
        let sql = format!("SELECT last_value, is_called, (SELECT {last}::bigint FROM {table}) FROM {}", self.sequence);
        let row = session.query_one(&sql, &[], doing).await?;
        let (at, is_called): (i64, bool) = (row.get(0), row.get(1));
        let next = if is_called { at.checked_add(rule.increment) } else { Some(at) };
        let next = next.filter(|next| (rule.minimum..=rule.maximum).contains(next));
        Ok(SequencePosition { next, last_key: row.get(2) })
    }
}

/// A comparison in an object that fails at the first row, because its two sides have different collations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndeterminedCollation {
    /// The table or the view.
    pub relation: String,
    /// constraint, index, column or view.
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// The operator that compares.
    pub operator: String,
}

/// The comparisons without a collation that the schemas have now.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn undetermined_collations(
    session: &Session,
    schemas: &Schemas,
    doing: &str,
) -> Result<Vec<UndeterminedCollation>, TargetError> {
    let mut found = Vec::new();
    for schema in schemas.iter() {
        let sql = include_str!("queries/undetermined_collations.sql");
        let rows = session.query(sql, &[&schema.name()], doing).await?;
        found.extend(rows.iter().map(|row| UndeterminedCollation {
            relation: schema.known(row.get(0)),
            kind: row.get(1),
            name: row.get(2),
            operator: row.get(3),
        }));
    }
    Ok(found)
}

/// Obstacle to setting tables aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAsideObstacle {
    /// The table; `None` if the obstacle is about none.
    pub table: Option<String>,
    /// owner, partition, database or schema.
    pub kind: String,
    /// The statement that removes the obstacle, or the object that is the obstacle.
    pub object: String,
}

/// Obstacles to moving some tables of a schema into another one.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn set_aside_obstacles(
    session: &Session,
    schema: &str,
    tables: &[&str],
    aside: &str,
) -> Result<Vec<SetAsideObstacle>, TargetError> {
    let sql = include_str!("queries/set_aside_obstacles.sql");
    let rows = session.query(sql, &[&schema, &tables, &aside], "looking at the replaced tables").await?;
    let found = |row: &Row| SetAsideObstacle { table: row.get(0), kind: row.get(1), object: row.get(2) };
    Ok(rows.iter().map(found).collect())
}
