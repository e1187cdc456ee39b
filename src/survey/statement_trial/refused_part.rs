//! The part of a table's statement that PostgreSQL refuses: it names no column where the types do not agree.

use super::limits::{DOING, scope};
use crate::name::quote_identifier;
use crate::plan::{ColumnMapping, TableMapping};
use crate::run::ExecuteError;
use crate::target::{Session, TargetError};

/// A column whose default or computation is refused.
#[derive(Debug)]
pub(super) struct RefusedPart {
    /// The column in the source.
    pub(super) column: String,
    /// The key of the spec that leaves the part behind.
    pub(super) key: &'static str,
}

impl RefusedPart {
    /// The first default, or else the first computed column, that a table's statement is refused for. `None` where neither is to
    /// blame, or the columns alone make no table.
    pub(super) async fn find(session: &Session, mapping: &TableMapping) -> Result<Option<Self>, ExecuteError> {
        if let Some(column) = refused_default(session, mapping).await? {
            return Ok(Some(Self { column, key: "default" }));
        }
        Ok(session.transaction(scope(), Self::tried(session, mapping)).await?)
    }

    /// Each part is tried by itself, in a temporary table.
    async fn tried(session: &Session, mapping: &TableMapping) -> Result<Option<Self>, TargetError> {
        let columns = mapping.columns.iter().map(plain).collect::<Vec<_>>();
        for (at, column) in mapping.columns.iter().enumerate() {
            let (key, part) = match (&column.default, &column.generated) {
                (Some(sql), _) => ("default", format!("DEFAULT {sql}")),
                (None, Some(sql)) => ("generated", format!("GENERATED ALWAYS AS ({sql}) STORED")),
                (None, None) => continue,
            };
            let mut with = columns.clone();
            with[at] = format!("{} {part}", with[at]);
            if !is_made(session, &with).await? && is_made(session, &columns).await? {
                return Ok(Some(Self { column: column.source.clone(), key }));
            }
        }
        Ok(None)
    }
}

fn plain(column: &ColumnMapping) -> String {
    format!("{} {}", quote_identifier(&column.target), column.sql_type())
}

async fn is_made(session: &Session, columns: &[String]) -> Result<bool, TargetError> {
    let columns = columns.join(", ");
    let sql = format!("CREATE TEMPORARY TABLE transship_trial ({columns}); DROP TABLE transship_trial");
    Ok(session.attempt(&sql, DOING).await?.is_ok())
}

/// The source column of a table whose default its type does not take: each is asked for by itself.
async fn refused_default(session: &Session, mapping: &TableMapping) -> Result<Option<String>, ExecuteError> {
    for column in &mapping.columns {
        let Some(default) = &column.default else { continue };
        // A literal is converted, and a name looked up, before any row is asked for: nothing is computed.
        let sql = format!("SELECT CAST(({default}) AS {}) WHERE false", column.column_type);
        if session.is_taken(&sql, DOING).await?.is_err() {
            return Ok(Some(column.source.clone()));
        }
    }
    Ok(None)
}
