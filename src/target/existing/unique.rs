//! Unique indexes of a table that is there, taken apart so far that PostgreSQL itself says which rows of another relation
//! they would refuse.

use crate::catalog::EqualityOperator;
use crate::name::QualifiedName;
use crate::target::{Session, TargetError};
use tokio_postgres::Row;

/// A unique index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueIndex {
    /// The index's name, which is the constraint's if there is one.
    pub name: String,
    /// Whether it is the primary key.
    pub is_primary: bool,
    /// The columns, where all of its parts are plain columns.
    pub columns: Vec<String>,
    /// The columns that it reads in parts and condition.
    pub reads: Vec<String>,
    /// Whether it is over plain columns of all rows.
    pub is_plain: bool,
    /// NULLS NOT DISTINCT.
    nulls_equal: bool,
    /// The condition of a partial index.
    predicate: Option<String>,
    parts: Vec<UniqueKeyPart>,
}

/// A part of the key: SQL over the table's columns, and how its values are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UniqueKeyPart {
    sql: String,
    operator: String,
    collation: Option<String>,
}

/// The unique indexes of a table, the primary key first.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_unique_indexes(session: &Session, table: QualifiedName<'_>) -> Result<Vec<UniqueIndex>, TargetError> {
    let doing = "reading the unique keys of a table";
    let sql = include_str!("queries/unique_indexes.sql");
    Ok(session.query(sql, &[&table.schema, &table.name], doing).await?.iter().map(index).collect())
}

fn index(row: &Row) -> UniqueIndex {
    let (sql, operators) = (row.get::<_, Vec<String>>(4), row.get::<_, Vec<Option<String>>>(5));
    let parts = sql.into_iter().zip(operators).zip(row.get::<_, Vec<Option<String>>>(6));
    UniqueIndex {
        name: row.get(0),
        is_primary: row.get(1),
        nulls_equal: row.get(2),
        predicate: row.get(3),
        parts: parts
            .map(|((sql, operator), collation)| {
                let operator = operator.unwrap_or_else(|| EqualityOperator::default().to_string());
                UniqueKeyPart { sql, operator, collation }
            })
            .collect(),
        reads: row.get(7),
        is_plain: row.get(8),
        columns: row.get(9),
    }
}

impl UniqueIndex {
    /// The key in words, as it stands in the index's definition.
    #[must_use]
    pub fn words(&self) -> String {
        self.parts.iter().map(|part| part.sql.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The query's part from FROM on for rows of the relation `rows` whose key a row of `table` has: `chosen` is what is
    /// selected of them, as `row_`, beside the key, and `others` the condition for the rows of the table. A row of the table that is the same
    /// as one of `rows` by the columns `same`, given with their operators, does not count.
    #[must_use]
    pub fn met(&self, rows: &str, chosen: &str, table: &str, others: &str, same: &[(String, String)]) -> String {
        let keys = self.parts.iter().enumerate().map(|(at, part)| {
            let collation = part.collation.as_ref().map(|name| format!(" COLLATE {name}")).unwrap_or_default();
            format!("({}){collation} AS key_{at}", part.sql)
        });
        let names = same.iter().enumerate().map(|(at, (name, _))| format!("{name} AS same_{at}"));
        let keys = keys.chain(names).collect::<Vec<_>>().join(", ");
        let predicate = self.predicate.as_deref().unwrap_or("true");
        let equal = self.parts.iter().enumerate().map(|(at, part)| {
            let both_null = format!("row_.key_{at} IS NULL AND there.key_{at} IS NULL");
            let equal = format!("row_.key_{at} {} there.key_{at}", part.operator);
            if self.nulls_equal { format!("({equal} OR {both_null})") } else { equal }
        });
        let equal = equal.collect::<Vec<_>>().join(" AND ");
        let is_same =
            same.iter().enumerate().map(|(at, (_, operator))| format!("row_.same_{at} {operator} there.same_{at}"));
        let is_same = is_same.collect::<Vec<_>>().join(" AND ");
        let is_same = if is_same.is_empty() { "false".to_owned() } else { is_same };
        format!(
            "FROM (SELECT {chosen}, {keys} FROM {rows} AS row_ WHERE {predicate}) AS row_ WHERE EXISTS (SELECT FROM \
             (SELECT {keys} FROM {table} WHERE ({predicate}) AND {others}) AS there WHERE {equal} AND ({is_same}) IS NOT TRUE)"
        )
    }
}
