//! The rights of the user, as far as they decide which parts of the structure the server shows. What it does not show is
//! read elsewhere, or said.

use super::{Texts, word};
use crate::catalog::{HiddenPart, HiddenPartKind};
use crate::dialect::mysql::{Definition, Grants, quote};
use crate::source::mysql::client::ClientError;
use crate::source::mysql::database::Database;
use crate::source::mysql::snapshot::Reader;

/// Error of a command that the user may not use on a table.
const DENIED: u16 = 1142;

/// Error of a command that the user may not use on a column.
const COLUMN_DENIED: u16 = 1143;

/// Error of a command that a server started with `--skip-grant-tables` does not know.
const WITHOUT_RIGHTS: u16 = 1290;

/// The rights of the user on one database.
pub(super) struct Rights {
    grants: Grants,
    database: String,
    is_mariadb: bool,
}

impl Rights {
    /// Whether information_schema lists the CHECK constraints. MariaDB shows them to users who may read the whole database,
    /// whatever they may do with a table (tested with 10.11).
    pub(super) fn lists_checks(&self) -> bool {
        !self.is_mariadb || self.grants.on_database("SELECT", &self.database)
    }

    /// The rows of `queries/columns.sql` without the columns that the user sees and may not read, as one on which it has UPDATE
    /// alone. [`Rights::unseen`] says of their tables that columns are missing.
    pub(super) fn readable(&self, mut columns: Vec<Texts>) -> Vec<Texts> {
        columns.retain(|row| {
            let is_whole = self.grants.on_table("SELECT", &self.database, &word(row, 0));
            is_whole || word(row, 10).split(',').any(|right| right.eq_ignore_ascii_case("select"))
        });
        columns
    }

    /// The parts of the database, and of the tables that the user sees, that it may not see.
    pub(super) fn unseen(&self, tables: &[String], database: &Database) -> Vec<HiddenPart> {
        let has = |right| self.grants.on_database(right, &self.database);
        // Of a table on which the user has no right the server shows nothing, of one with rights on some columns those.
        let hides_columns = |table: &&String| !self.grants.on_table("SELECT", &self.database, table);
        let columns = |table: &String| HiddenPart {
            part: HiddenPartKind::Columns,
            table: Some(database.known(table)),
            column: None,
            grant: Some(format!("GRANT SELECT ON {}", database.qualified(&quote(table)))),
        };
        let mut unseen = tables.iter().filter(hides_columns).map(columns).collect::<Vec<_>>();
        let everything = database.qualified("*");
        let mut whole =
            |part, grant: String| unseen.push(HiddenPart { part, table: None, column: None, grant: Some(grant) });
        if !has("SELECT") {
            whole(HiddenPartKind::Tables, format!("GRANT SELECT ON {everything}"));
        }
        if !has("TRIGGER") {
            whole(HiddenPartKind::Triggers, format!("GRANT TRIGGER ON {everything}"));
        }
        // A user who may run or alter the routines of the database sees that they are there.
        let runs_routines = ["EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE"].into_iter().any(has);
        let (reads_routines, grant) = if self.is_mariadb {
            (self.grants.on_table("SELECT", "mysql", "proc"), "GRANT SELECT ON mysql.proc")
        } else {
            let reads = self.grants.everywhere("SHOW_ROUTINE") || self.grants.everywhere("SELECT");
            (reads, "GRANT SHOW_ROUTINE ON *.*")
        };
        if !runs_routines && !reads_routines {
            whole(HiddenPartKind::Routines, grant.to_owned());
        }
        if !has("EVENT") {
            whole(HiddenPartKind::Events, format!("GRANT EVENT ON {everything}"));
        }
        unseen
    }
}

impl Reader {
    /// Reads the rights that the user has in this session, those of its roles among them.
    pub(super) fn rights(&self, database: &str) -> Result<Rights, ClientError> {
        let statements = match self.texts("SHOW GRANTS") {
            // A server without rights lets everybody see everything.
            Err(error) if error.code() == Some(WITHOUT_RIGHTS) => vec!["GRANT ALL ON *.* TO everybody".to_owned()],
            answer => answer?.iter().map(|row| word(row, 0)).collect(),
        };
        let grants = Grants::read(statements.iter().map(String::as_str));
        Ok(Rights { grants, database: database.to_owned(), is_mariadb: self.client().is_mariadb() })
    }

    /// The rows of `queries/foreign_keys.sql`, with the actions that the server does not list for this user.
    pub(super) fn with_actions(&self, mut rows: Vec<Texts>) -> Result<Vec<Texts>, ClientError> {
        let mut read = None;
        for row in rows.iter_mut().filter(|row| row[6].is_none()) {
            let table = word(row, 0);
            let sql = match read.take() {
                Some((last, sql)) if last == table => sql,
                _ => self.definition(&table)?,
            };
            if let Some([on_update, on_delete]) = Definition::read(&sql).actions(&word(row, 1)) {
                (row[6], row[7]) = (Some(on_update), Some(on_delete));
            }
            read = Some((table, sql));
        }
        Ok(rows)
    }

    /// The CHECK constraints by the definitions of the tables, as `queries/checks_mariadb.sql` lists them.
    pub(super) fn checks_of_definitions(&self) -> Result<Vec<Texts>, ClientError> {
        let mut checks = Vec::new();
        for row in self.texts(include_str!("../queries/tables.sql"))? {
            let (table, kind) = (word(&row, 0), word(&row, 1));
            if kind == "SEQUENCE" {
                continue;
            }
            if let Some(sql) = Self::permitted(self.definition(&table))? {
                let found = Definition::read(&sql).checks();
                let row = |(name, condition): (String, &str)| {
                    vec![Some(table.clone()), Some(name), Some(condition.to_owned())]
                };
                checks.extend(found.into_iter().map(row));
            }
        }
        Ok(checks)
    }

    /// The answer; `None` where the user may not ask: one with rights on single columns does not see a table's definition, nor
    /// every column's values, which is said of its columns.
    pub(super) fn permitted<T>(answer: Result<T, ClientError>) -> Result<Option<T>, ClientError> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if matches!(error.code(), Some(DENIED | COLUMN_DENIED)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The statement that makes the table.
    pub(super) fn definition(&self, table: &str) -> Result<String, ClientError> {
        let rows = self.texts(&format!("SHOW CREATE TABLE {}", quote(table)))?;
        Ok(rows.first().map(|row| word(row, 1)).unwrap_or_default())
    }
}
