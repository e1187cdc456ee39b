//! The outline of a database: its structure, and the rows of its small tables, for a trial of what a migration does to it.
//!
//! Rows of small tables decide how a migration goes (the record of a migration tool, rows that others refer to), and cost
//! nothing to take along; those of large ones would make a trial as long as a restore.

use super::dump::{Ownership, read_version, run};
use super::embedded::client_program;
use super::{Ledger, Server, TargetError};
use crate::name::QualifiedName;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

const DOING: &str = "reading what the target holds";

/// Bytes of a table up to which its rows come along.
const SMALL: i64 = 8 << 20;

/// Contents of a database's outline, beside the files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// The version of its server.
    pub server: String,
    /// Its tables.
    pub tables: usize,
    /// Tables whose rows stayed behind: they are large.
    pub large: Vec<String>,
    /// Tables whose rows stayed behind: an earlier run of the migration has loaded into them.
    pub loaded: Vec<String>,
    /// Small tables whose rows came along, if they have any.
    pub taken: Vec<String>,
    /// The roles that it names.
    pub roles: Vec<String>,
    /// Event triggers, which stayed behind: only a superuser can own one.
    pub event_triggers: Vec<String>,
}

impl Server {
    /// Writes the outline of the database into the new directory `directory`. `migration` is the migration that is tried with it.
    ///
    /// # Errors
    /// pg_dump is missing, older than the server, or refused something; or `goes_on` said no ([`TargetError::Stopped`]).
    pub async fn outline(
        &self,
        migration: &str,
        directory: &Path,
        goes_on: impl Fn() -> bool + Send + 'static,
    ) -> Result<Outline, TargetError> {
        let session = self.connect().await?;
        let ledger = Ledger::of(migration);
        let loads = if ledger.exists(&session).await? { ledger.read_loads(&session).await? } else { Vec::new() };
        let loaded = loads.into_iter().filter_map(|load| load.target).collect::<BTreeSet<_>>();
        let mut outline = Outline { server: session.read_server_version().await?, ..Outline::default() };
        let mut command = self.program("pg_dump");
        command.args(["--format=directory", "--no-password", "--exclude-schema=transship"]);
        command.args(["--no-publications", "--no-subscriptions", "--no-security-labels", "--no-tablespaces"]);
        for row in &session.query(include_str!("queries/outlined_tables.sql"), &[], DOING).await? {
            let place = QualifiedName { schema: row.get(0), name: row.get(1) };
            outline.tables += 1;
            let sql = format!("SELECT EXISTS (SELECT FROM ONLY {})", place.sql());
            if !session.query_one(&sql, &[], DOING).await?.get::<_, bool>(0) {
                continue;
            }
            // The ledger has a table's name alone, or with its schema where there are several.
            let whole = format!("{}.{}", place.schema, place.name);
            let rows = if loaded.contains(place.name) || loaded.contains(&whole) {
                &mut outline.loaded
            } else if row.get::<_, i64>(2) > SMALL {
                &mut outline.large
            } else {
                outline.taken.push(whole);
                continue;
            };
            rows.push(whole);
            command.arg(format!("--exclude-table-data={}", place.sql()));
        }
        let mut file = OsString::from("--file=");
        file.push(directory);
        command.arg(file);
        read_version("pg_dump").await?;
        run("pg_dump", command, goes_on).await?;
        let roles = session.query(include_str!("queries/dumped_roles.sql"), &[], DOING).await?;
        outline.roles = roles.iter().map(|row| row.get(0)).collect();
        let sql = "SELECT evtname::text FROM pg_catalog.pg_event_trigger ORDER BY evtname";
        outline.event_triggers = session.query(sql, &[], DOING).await?.iter().map(|row| row.get(0)).collect();
        Ok(outline)
    }

    /// Fills the empty database from an outline, without its event triggers.
    ///
    /// # Errors
    /// pg_restore is missing or refused; or `goes_on` said no ([`TargetError::Stopped`]).
    pub async fn restore_outline(
        &self,
        directory: &Path,
        goes_on: impl Fn() -> bool + Clone + Send + 'static,
    ) -> Result<(), TargetError> {
        let mut command = Command::new(client_program("pg_restore"));
        command.arg("--list").arg("--").arg(directory).stdin(Stdio::null());
        let entries = run("pg_restore", command, goes_on.clone()).await?;
        let list = directory.join("restored.list");
        let kept = entries
            .lines()
            .filter(|line| !is_of_event_trigger(line))
            .fold(String::new(), |kept, line| kept + line + "\n");
        std::fs::write(&list, kept).map_err(TargetError::Scratch)?;
        self.restore_entries(directory, Some(&list), Ownership::Restored, goes_on).await
    }

    /// The extensions that the database has, without the one that every database has.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read_extensions(&self) -> Result<Vec<String>, TargetError> {
        let session = self.connect().await?;
        let sql = "SELECT extname::text FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY extname";
        Ok(session.query(sql, &[], DOING).await?.iter().map(|row| row.get(0)).collect())
    }

    /// Makes sure that the server could create these extensions: that their files are on its machine.
    ///
    /// # Errors
    /// [`TargetError::MissingExtensions`] with those that are not.
    pub async fn must_have_extensions(&self, names: &[String]) -> Result<(), TargetError> {
        let session = self.connect().await?;
        let sql = include_str!("queries/missing_extensions.sql");
        let rows = session.query(sql, &[&names], "looking for extensions").await?;
        let missing = rows.iter().map(|row| row.get(0)).collect::<Vec<String>>();
        if missing.is_empty() {
            return Ok(());
        }
        let major = session.read_server_version().await?.split('.').next().unwrap_or_default().to_owned();
        let install = super::embedded::extension_packages(&missing, &major);
        Err(TargetError::MissingExtensions { names: missing, install })
    }

    /// Removes every foreign key of the database.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn drop_foreign_keys(&self) -> Result<u64, TargetError> {
        let session = self.connect().await?;
        let rows = session.query(include_str!("queries/foreign_key_drops.sql"), &[], DOING).await?;
        for row in &rows {
            session.execute(row.get(0), "removing a foreign key").await?;
        }
        Ok(rows.len() as u64)
    }
}

/// Whether a line of pg_restore's list is an event trigger, or what is said about one. A line has a number, two oids, the kind, the
/// schema, the name and the owner.
fn is_of_event_trigger(line: &str) -> bool {
    let Some((_, entry)) = line.split_once("; ") else { return false };
    let kind = entry.splitn(3, ' ').nth(2).unwrap_or_default();
    ["EVENT TRIGGER ", "COMMENT - EVENT TRIGGER ", "SECURITY LABEL - EVENT TRIGGER "]
        .iter()
        .any(|beginning| kind.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::is_of_event_trigger;

    #[test]
    fn entries_of_event_triggers_are_known_by_their_kind() {
        for (line, is_one) in [
            ("3345; 3466 16403 EVENT TRIGGER - watch postgres", true),
            ("3346; 0 0 COMMENT - EVENT TRIGGER watch postgres", true),
            ("215; 1259 16399 TABLE app EVENT TRIGGER postgres", false),
            ("220; 2620 16400 TRIGGER app users EVENT TRIGGER postgres", false),
            ("; Selected TOC Entries:", false),
        ] {
            assert_eq!(is_of_event_trigger(line), is_one, "{line}");
        }
    }
}
