//! Structure of the target, as far as a plan needs it.

use super::{Row, Session, TargetError};
use crate::name::{QualifiedName, Schemas, quote_identifier};
use std::collections::{BTreeMap, BTreeSet};

/// Relations, types and extensions of the target database. Names are those by which the tables are known ([`Schemas`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetStructure {
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
pub async fn read(session: &Session, schemas: &Schemas) -> Result<TargetStructure, TargetError> {
    let failed = |error: tokio_postgres::Error| TargetError::statement("reading the target's structure", &error);
    let client = session.client();
    let extensions = client.query(include_str!("queries/available_extensions.sql"), &[]).await.map_err(failed)?;
    let available_extensions = extensions.iter().map(|row| row.get(0)).collect();
    let mut structure = TargetStructure { available_extensions, ..TargetStructure::default() };
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
pub async fn read_columns(session: &Session, schemas: &Schemas) -> Result<BTreeMap<String, Vec<String>>, TargetError> {
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

/// The columns of the schemas' tables that PostgreSQL does not compute, by table and in their order; those of a partition are its
/// table's.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_own_columns(
    session: &Session,
    schemas: &Schemas,
) -> Result<BTreeMap<String, Vec<String>>, TargetError> {
    let mut columns = BTreeMap::<String, Vec<String>>::new();
    for schema in schemas.iter() {
        let sql = include_str!("queries/own_columns.sql");
        for row in &session.query(sql, &[&schema.name()], "reading the target's columns").await? {
            columns.entry(schema.known(row.get(0))).or_default().push(row.get(1));
        }
    }
    Ok(columns)
}

/// A column as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingColumn {
    /// The column in words, as a [`super::fingerprint::Fingerprint`] has it.
    pub object: String,
    /// The type that decides the bytes of its values, without a modifier.
    pub type_words: String,
}

/// The columns of the schemas' tables with their types, by table and name.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_standing_columns(
    session: &Session,
    schemas: &Schemas,
) -> Result<BTreeMap<String, BTreeMap<String, StandingColumn>>, TargetError> {
    let mut columns = BTreeMap::<String, BTreeMap<String, StandingColumn>>::new();
    for schema in schemas.iter() {
        let sql = include_str!("queries/column_types.sql");
        for row in &session.query(sql, &[&schema.name()], "reading the types of the target's columns").await? {
            let column = StandingColumn { object: row.get(2), type_words: row.get(3) };
            columns.entry(schema.known(row.get(0))).or_default().insert(row.get(1), column);
        }
    }
    Ok(columns)
}

/// The enabled rules of a table with the statement that each is for: INSERT, UPDATE or DELETE.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_rules(session: &Session, table: QualifiedName<'_>) -> Result<Vec<(String, String)>, TargetError> {
    let sql = include_str!("queries/rules.sql");
    let rows = session.query(sql, &[&table.schema, &table.name], "reading the rules of a table").await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
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
pub async fn read_own_rows(session: &Session, table: &str, doing: &str) -> Result<Option<String>, TargetError> {
    let sql = "SELECT CASE relkind WHEN 'p' THEN $1 ELSE 'ONLY ' || $1 END FROM pg_class WHERE oid = to_regclass($1)";
    Ok(session.query(sql, &[&table], doing).await?.first().map(|row| row.get(0)))
}

/// The last key that the sequence of a column has handed out; `None` if it has handed out none. The table's name is
/// quoted and has its schema, the column's is neither.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_last_key(session: &Session, table: &str, column: Option<&str>) -> Result<Option<i64>, TargetError> {
    let sql = "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass)";
    Ok(session.query_one(sql, &[&table, &column], "asking for the sequence's last key").await?.get(0))
}

/// The next number of a sequence of this name, which is quoted and has its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextNumber {
    /// The next number; for an exhausted sequence the number after its last.
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
pub async fn read_next_number(session: &Session, sequence: &str, doing: &str) -> Result<NextNumber, TargetError> {
    let sql = include_str!("queries/readable_sequence.sql");
    let rows = session.query(sql, &[&sequence], doing).await?;
    let Some(found) = rows.first() else { return Ok(NextNumber::Absent) };
    if !found.get::<_, bool>(1) {
        return Ok(NextNumber::Unreadable);
    }
    let row = session.query_one(&format!("SELECT last_value, is_called FROM {sequence}"), &[], doing).await?;
    let (last, increment) = (i128::from(row.get::<_, i64>(0)), i128::from(found.get::<_, i64>(0)));
    Ok(NextNumber::Known(if row.get(1) { last + increment } else { last }))
}

/// A sequence of the schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingSequence {
    /// Its name in SQL, quoted and with its schema.
    pub sequence: String,
    /// The column to which it belongs: its schema, its table, its name.
    pub owner: Option<[String; 3]>,
}

/// The sequences that the schemas have now.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_sequences(
    session: &Session,
    schemas: &Schemas,
    doing: &str,
) -> Result<Vec<StandingSequence>, TargetError> {
    let mut found = Vec::new();
    for schema in schemas.iter() {
        let rows = session.query(include_str!("queries/schema_sequences.sql"), &[&schema.name()], doing).await?;
        found.extend(rows.iter().map(|row| StandingSequence {
            sequence: format!("{}.{}", quote_identifier(schema.name()), quote_identifier(row.get(0))),
            owner: row.get::<_, Option<String>>(1).map(|of| [of, row.get(2), row.get(3)]),
        }));
    }
    Ok(found)
}

/// An object that may change a row of a table on its way in: a trigger BEFORE INSERT, or a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChanger {
    /// The table, by the name by which it is known.
    pub table: String,
    /// The object.
    pub kind: RowChangerKind,
    /// Its name.
    pub name: String,
}

/// Kind of an object that may change rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowChangerKind {
    /// A trigger BEFORE INSERT.
    Trigger,
    /// A rule.
    Rule,
}

impl RowChangerKind {
    fn of_word(word: &str, doing: &str) -> Result<Self, TargetError> {
        match word {
            "trigger" => Ok(Self::Trigger),
            "rule" => Ok(Self::Rule),
            _ => Err(unknown_kind(word, doing)),
        }
    }
}

/// Error for a kind that a query of this program gives, and that the program does not have.
fn unknown_kind(word: &str, doing: &str) -> TargetError {
    TargetError::Statement {
        doing: doing.to_owned(),
        message: format!("no object has the kind \"{word}\""),
        code: None,
        transient: false,
        context: None,
        private: super::Private::default(),
    }
}

/// The objects that may change rows of the schemas' tables on their way in.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_row_changers(
    session: &Session,
    schemas: &Schemas,
    doing: &str,
) -> Result<Vec<RowChanger>, TargetError> {
    let mut found = Vec::new();
    for schema in schemas.iter() {
        let rows = session.query(include_str!("queries/row_changers.sql"), &[&schema.name()], doing).await?;
        for row in &rows {
            let kind = RowChangerKind::of_word(row.get(1), doing)?;
            found.push(RowChanger { table: schema.known(row.get(0)), kind, name: row.get(2) });
        }
    }
    Ok(found)
}

/// A comparison in an object that fails at the first row, because its two sides have different collations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndeterminedCollation {
    /// The table or the view.
    pub relation: String,
    /// The object that compares.
    pub kind: CollationUser,
    /// The object's name.
    pub name: String,
    /// The operator that compares.
    pub operator: String,
}

/// Kind of an object that holds a comparison of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollationUser {
    /// A CHECK.
    Constraint,
    /// An index over an expression, or of a part of the rows.
    Index,
    /// A default, or the expression of a generated column.
    Column,
    /// A view.
    View,
}

impl CollationUser {
    const ALL: [Self; 4] = [Self::Constraint, Self::Index, Self::Column, Self::View];

    /// Its word, in the query and in a sentence.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Constraint => "constraint",
            Self::Index => "index",
            Self::Column => "column",
            Self::View => "view",
        }
    }

    fn of_word(word: &str, doing: &str) -> Result<Self, TargetError> {
        Self::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| unknown_kind(word, doing))
    }
}

/// The comparisons without a collation that the schemas have now.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_undetermined_collations(
    session: &Session,
    schemas: &Schemas,
    doing: &str,
) -> Result<Vec<UndeterminedCollation>, TargetError> {
    let mut found = Vec::new();
    for schema in schemas.iter() {
        let sql = include_str!("queries/undetermined_collations.sql");
        let rows = session.query(sql, &[&schema.name()], doing).await?;
        for row in &rows {
            found.push(UndeterminedCollation {
                relation: schema.known(row.get(0)),
                kind: CollationUser::of_word(row.get(1), doing)?,
                name: row.get(2),
                operator: row.get(3),
            });
        }
    }
    Ok(found)
}

/// Obstacle to setting tables aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetAsideObstacle {
    /// The table has another owner.
    NotOwner {
        /// The table.
        table: String,
        /// The statement that removes the obstacle.
        statement: String,
    },
    /// The table is a partition.
    Partition {
        /// The table.
        table: String,
        /// The table that it is a part of.
        parent: String,
    },
    /// The role may not make the schema.
    NoSchemaRight {
        /// The statement that removes the obstacle.
        statement: String,
    },
    /// The schema belongs to another role, which could remove the tables.
    ForeignSchema {
        /// The role.
        owner: String,
    },
}

/// Obstacles to moving some tables of a schema into another one.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_set_aside_obstacles(
    session: &Session,
    schema: &str,
    tables: &[&str],
    aside: &str,
) -> Result<Vec<SetAsideObstacle>, TargetError> {
    let sql = include_str!("queries/set_aside_obstacles.sql");
    let doing = "looking at the replaced tables";
    let rows = session.query(sql, &[&schema, &tables, &aside], doing).await?;
    let found = |row: &Row| match row.get::<_, &str>(1) {
        "owner" => Ok(SetAsideObstacle::NotOwner { table: row.get(0), statement: row.get(2) }),
        "partition" => Ok(SetAsideObstacle::Partition { table: row.get(0), parent: row.get(2) }),
        "database" => Ok(SetAsideObstacle::NoSchemaRight { statement: row.get(2) }),
        "schema" => Ok(SetAsideObstacle::ForeignSchema { owner: row.get(2) }),
        word => Err(unknown_kind(word, doing)),
    };
    rows.iter().map(found).collect()
}
