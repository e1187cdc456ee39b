//! Rows of the application's own that have been given the source's values (`merge.prefer = "source"`): the ledger has theirs,
//! and they get them back.

use super::rows::LoadedTable;
use crate::catalog::{ColumnType, MergeSide, TargetIdentity};
use crate::name::{Schemas, quote_identifier, quote_literal};
use crate::run::ExecuteError;
use crate::target::existing;
use crate::target::{Ledger, Session};

/// The overwritten rows of one table.
#[derive(Debug, Clone)]
pub(super) struct Overwritten {
    /// How many there are.
    pub(super) rows: u64,
    /// Condition for a row of a relation `parent` to be one of them.
    pub(super) is_one: String,
    /// The same for a relation `there`.
    is_there: String,
    /// Assignments, from the ledger's row `merged`.
    set: String,
    from: String,
}

impl Overwritten {
    /// Reads what the ledger has of a table; `None` if nothing of it was overwritten.
    pub(super) async fn read(
        session: &Session,
        ledger: &Ledger,
        source: &str,
        target: &str,
        schemas: &Schemas,
    ) -> Result<Option<Self>, ExecuteError> {
        let Some(rows) = ledger.read_merged_rows(session, MergeSide::Source).await?.remove(source) else {
            return Ok(None);
        };
        let Some((key, columns)) = ledger.read_overwritten_columns(session, source).await? else { return Ok(None) };
        let found = existing::read_one(session, schemas.place(target)).await?;
        let type_of = |name: &String| {
            let column = found.as_ref().and_then(|found| found.column(name));
            column.map_or_else(|| "text".to_owned(), |column| column.type_name.clone())
        };
        // A key of another spelling was overwritten too; one that cannot differ was not, nor what no UPDATE may write.
        let stayed = |name: &String| {
            let Some(column) = found.as_ref().and_then(|found| found.column(name)) else { return false };
            let has_one_spelling = column.written_as.as_ref().is_some_and(ColumnType::is_equal_only_to_itself);
            column.identity == Some(TargetIdentity::Always) || key.contains(name) && has_one_spelling
        };
        let set = columns.iter().filter(|column| !stayed(column)).map(|column| {
            format!("{} = (merged.old ->> {})::{}", quote_identifier(column), quote_literal(column), type_of(column))
        });
        let names = key.iter().map(|column| quote_literal(column)).collect::<Vec<_>>().join(", ");
        let values = key.iter().map(|column| format!("there.{}::text", quote_identifier(column))).collect::<Vec<_>>();
        Ok(Some(Self {
            rows,
            is_one: ledger.is_merged(source, &key, "parent", MergeSide::Source),
            is_there: format!(
                "merged.key = jsonb_object(ARRAY[{names}]::text[], ARRAY[{}]::text[])",
                values.join(", ")
            ),
            set: set.collect::<Vec<_>>().join(", "),
            from: ledger.merged_rows_of(source, MergeSide::Source),
        }))
    }

    /// How many rows get their own values back: those that nobody has changed since.
    pub(super) async fn restorable(&self, session: &Session, loaded: &LoadedTable) -> Result<u64, ExecuteError> {
        let (table, from, is_there) = (&loaded.table, &self.from, &self.is_there);
        let doing = format!("counting the rows of {table} that get their own values back");
        let sql = format!(
            "SELECT count(*) FROM ONLY {table} AS there JOIN ({from}) AS merged ON {is_there} \
             WHERE there.xmin IN (SELECT unnest($1::text[])::xid)"
        );
        let row = session.query_one(&sql, &[&loaded.transactions], &doing).await?;
        Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0))
    }

    /// Gives the rows their own values back, as far as nobody has changed them since.
    pub(super) async fn restore(&self, session: &Session, loaded: &LoadedTable) -> Result<(), ExecuteError> {
        if self.set.is_empty() {
            return Ok(());
        }
        let (table, set, from, is_there) = (&loaded.table, &self.set, &self.from, &self.is_there);
        let doing = format!("giving rows of {table} their own values back");
        let sql = format!(
            "UPDATE ONLY {table} AS there SET {set} FROM ({from}) AS merged WHERE {is_there} \
             AND there.xmin IN (SELECT unnest($1::text[])::xid)"
        );
        session.change(&sql, &[&loaded.transactions], &doing).await?;
        Ok(())
    }
}
