//! Contradictions between the ledger and the target: a ledger that was restored, cut or edited, and a table that others
//! have emptied or filled, are not trusted.

use super::strangers::replaced_by_others;
use super::{ChunkRow, DoneStep, Ledger, failed};
use crate::name::{QualifiedName, Schemas, StepId, StepKind};
use crate::target::{Session, TargetError};
use std::collections::BTreeMap;

/// A contradiction between the ledger and the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The table in the source.
    pub table: String,
    /// The contradiction, in words.
    pub message: String,
}

impl Ledger {
    /// Finds contradictions about the tables that the ledger knows, from its own rows and from those in the target.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_contradictions(
        &self,
        session: &Session,
        schemas: &Schemas,
        done: &BTreeMap<StepId, DoneStep>,
        chunks: &BTreeMap<String, Vec<ChunkRow>>,
    ) -> Result<Vec<Contradiction>, TargetError> {
        let strangers = self.read_strangers(session, schemas).await?;
        let mut found = Vec::new();
        for (target, source) in self.read_tables_of_migration(session, done).await? {
            let chunks = source.as_ref().and_then(|source| chunks.get(source)).map_or(&[][..], Vec::as_slice);
            let copied = done.get(&StepKind::Copy.id(&target)).filter(|step| step.passed);
            let is_made = done.contains_key(&StepKind::Table.id(&target));
            let table = schemas.qualified(&target);
            let message = match of_ledger(copied, chunks) {
                // A table of others is not even read.
                _ if strangers.contains(&target) => Some(replaced_by_others(&table)),
                Some(message) => Some(message),
                None if !may_be_read(session, schemas.place(&target)).await? => None,
                None => of_target(session, &table, copied.is_some(), is_made, chunks).await?,
            };
            found.extend(message.map(|message| Contradiction { table: source.unwrap_or(target), message }));
        }
        Ok(found)
    }

    /// Tables in the target that the ledger names, each with its name in the source if chunks have it.
    async fn read_tables_of_migration(
        &self,
        session: &Session,
        done: &BTreeMap<StepId, DoneStep>,
    ) -> Result<BTreeMap<String, Option<String>>, TargetError> {
        let of_steps = done.keys().filter(|id| matches!(id.kind, StepKind::Table | StepKind::Copy));
        let mut tables = of_steps.map(|id| (id.name.clone(), None)).collect::<BTreeMap<_, _>>();
        // By way of jsonb, since the ledger of an earlier version does not have the column.
        let sql =
            "SELECT DISTINCT table_name, to_jsonb(chunk) ->> 'target_table' FROM transship.chunk WHERE migration = $1";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        for row in &rows {
            let source: String = row.get(0);
            let target = row.get::<_, Option<String>>(1).unwrap_or_else(|| source.clone());
            tables.insert(target, Some(source));
        }
        Ok(tables)
    }

    /// Makes sure that a table which this migration has made holds no row before its first chunk is loaded; inside the
    /// transaction of a chunk, which may be one of several at work.
    ///
    /// # Errors
    /// [`TargetError::Contradiction`]; PostgreSQL's refusal.
    pub async fn expect_no_rows_before_chunks(
        &self,
        session: &Session,
        source: &str,
        table: &str,
    ) -> Result<(), TargetError> {
        // One snapshot for both queries: a chunk that another worker commits in between is in both or in neither.
        let sql = format!(
            "SELECT EXISTS (SELECT FROM {table}) AND NOT EXISTS \
             (SELECT FROM transship.chunk WHERE migration = $1 AND table_name = $2 AND digest IS NOT NULL)"
        );
        let row =
            session.client().query_one(&sql, &[&self.migration, &source]).await.map_err(|error| failed(&error))?;
        if row.get(0) {
            return Err(TargetError::Contradiction { message: holds_rows_of_others(table) });
        }
        Ok(())
    }
}

fn holds_rows_of_others(table: &str) -> String {
    format!("{table} holds rows, and none was loaded according to the ledger")
}

/// Contradiction among the ledger's own rows.
fn of_ledger(copied: Option<&DoneStep>, chunks: &[ChunkRow]) -> Option<String> {
    let copied = copied?;
    if chunks.is_empty() {
        return Some("the ledger calls the copy done and has lost its chunks".to_owned());
    }
    let missing = chunks.iter().filter(|chunk| chunk.loaded.is_none()).count();
    if missing > 0 {
        return Some(format!(
            "the ledger calls the copy done, and {missing} of its {} chunks not loaded",
            chunks.len()
        ));
    }
    let is_gapless = chunks.iter().zip(0..).all(|(chunk, ordinal)| chunk.ordinal == ordinal);
    let rows = loaded(chunks);
    match copied.rows {
        _ if !is_gapless => Some("the ledger calls the copy done and has lost some of its chunks".to_owned()),
        Some(recorded) if recorded != rows && !chunks.iter().any(|chunk| chunk.is_stale) => {
            Some(format!("the ledger has {recorded} rows for the copy and {rows} for its chunks"))
        }
        _ => None,
    }
}

/// Whether a table is there and shows all of its rows to the role. A finding of its own says that it is gone, or what
/// the role lacks.
async fn may_be_read(session: &Session, table: QualifiedName<'_>) -> Result<bool, TargetError> {
    let sql = include_str!("queries/may_be_read.sql");
    let row = session.client().query_opt(sql, &[&table.schema, &table.name]).await.map_err(|error| failed(&error))?;
    Ok(row.is_some_and(|row| row.get(0)))
}

/// Contradiction of the target's rows to the ledger.
async fn of_target(
    session: &Session,
    table: &str,
    is_copied: bool,
    is_made: bool,
    chunks: &[ChunkRow],
) -> Result<Option<String>, TargetError> {
    let doing = || format!("looking at {table}");
    let one = async |sql: &str| {
        let rows = session.client().query(sql, &[]).await;
        rows.map_err(|error| TargetError::statement(doing(), &error))
    };
    let rows = loaded(chunks) - chunks.iter().map(|chunk| chunk.merged).sum::<u64>();
    let has_rows = !one(&format!("SELECT FROM {table} LIMIT 1")).await?.is_empty();
    if rows > 0 && !has_rows {
        return Ok(Some(format!("{table} is empty, and {rows} rows were loaded into it according to the ledger")));
    }
    if !is_made || is_copied {
        return Ok(None);
    }
    if rows == 0 {
        return Ok(has_rows.then(|| holds_rows_of_others(table)));
    }
    // A table that is still being filled has no rows but those of its chunks.
    let counted = one(&format!("SELECT count(*) FROM {table}")).await?;
    let counted = counted.first().map_or(0, |row| u64::try_from(row.get::<_, i64>(0)).unwrap_or(0));
    Ok((counted != rows)
        .then(|| format!("{table} holds {counted} rows, and {rows} were loaded into it according to the ledger")))
}

fn loaded(chunks: &[ChunkRow]) -> u64 {
    chunks.iter().filter_map(|chunk| chunk.loaded.as_ref()).map(|(rows, _)| rows).sum()
}
