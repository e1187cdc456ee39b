//! Copies of a whole database by PostgreSQL's own programs, and what a database holds.

use super::embedded;
use super::{Server, Session, TargetError};
use crate::catalog::{DatabaseContents, TableContents};
use crate::connection::{ProgramError, run_program};
use crate::name::{QualifiedName, Schemas, quote_identifier};
use std::path::Path;
use std::process::{Command, Stdio};

/// A copy of a database.
#[derive(Debug, Clone)]
pub struct Dump {
    /// The version of the server.
    pub server: String,
    /// The program that made it, with its version.
    pub tool: String,
    /// The encoding of the database, by PostgreSQL's name.
    pub encoding: String,
    /// The contents of the state that was copied.
    pub contents: DatabaseContents,
    /// The roles that it names.
    pub roles: Vec<String>,
}

/// Treatment of owners and privileges when a database is filled from a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// Objects get their owners and privileges: the roles have to be there.
    Restored,
    /// Everything belongs to the role that restores it.
    Dropped,
}

const DOING: &str = "reading what the database holds";

impl Server {
    /// Dumps the database into the new directory `directory`, in one state, by `jobs` connections and one more.
    ///
    /// # Errors
    /// pg_dump is missing, older than the server, or refused something; or `goes_on` said no ([`TargetError::Stopped`]).
    pub async fn dump(
        &self,
        directory: &Path,
        jobs: usize,
        goes_on: impl Fn() -> bool + Clone + Send + 'static,
    ) -> Result<Dump, TargetError> {
        let session = self.connect().await?;
        session.hold_snapshot().await?;
        let row = session.query_one("SELECT pg_catalog.pg_export_snapshot()", &[], DOING).await?;
        let snapshot: String = row.get(0);
        let tool = read_version("pg_dump").await?;
        let mut command = self.program("pg_dump");
        command.args(["--format=directory", "--no-password"]);
        command.arg(format!("--jobs={jobs}")).arg(format!("--snapshot={snapshot}"));
        let mut file = std::ffi::OsString::from("--file=");
        file.push(directory);
        command.arg(file);
        // The rows are counted meanwhile, in the same state.
        let (dumped, contents) =
            tokio::join!(run("pg_dump", command, goes_on.clone()), read_contents(&session, &goes_on));
        dumped?;
        let roles = session.query(include_str!("queries/dumped_roles.sql"), &[], DOING).await?;
        Ok(Dump {
            server: session.read_server_version().await?,
            tool,
            encoding: read_encoding(&session).await?,
            contents: contents?,
            roles: roles.iter().map(|row| row.get(0)).collect(),
        })
    }

    /// Contents of the database as they are now, in one state.
    ///
    /// # Errors
    /// PostgreSQL's refusal; or `goes_on` said no ([`TargetError::Stopped`]).
    pub async fn read_contents(&self, goes_on: &impl Fn() -> bool) -> Result<DatabaseContents, TargetError> {
        let session = self.connect().await?;
        session.hold_snapshot().await?;
        read_contents(&session, goes_on).await
    }

    /// Fills the database from a dump. It has to be empty: what is there stays, and is in the way. All of it comes, or nothing.
    ///
    /// # Errors
    /// pg_restore is missing or refused; or `goes_on` said no ([`TargetError::Stopped`]).
    pub async fn restore(
        &self,
        directory: &Path,
        ownership: Ownership,
        goes_on: impl Fn() -> bool + Send + 'static,
    ) -> Result<(), TargetError> {
        self.restore_entries(directory, None, ownership, goes_on).await
    }

    /// As [`Server::restore`]; with a list of pg_restore's only what is in it.
    pub(super) async fn restore_entries(
        &self,
        directory: &Path,
        list: Option<&Path>,
        ownership: Ownership,
        goes_on: impl Fn() -> bool + Send + 'static,
    ) -> Result<(), TargetError> {
        let mut command = self.program("pg_restore");
        if let Some(list) = list {
            command.arg("--use-list").arg(list);
        }
        command.args(["--format=directory", "--no-password", "--single-transaction", "--exit-on-error"]);
        if ownership == Ownership::Dropped {
            command.args(["--no-owner", "--no-privileges"]);
        }
        // As a connection string: a name may have an equals sign in it.
        let database = self.database().replace('\\', "\\\\").replace('\'', "\\'");
        command.arg(format!("--dbname=dbname='{database}'")).arg("--").arg(directory);
        run("pg_restore", command, goes_on).await.map(drop)
    }

    /// Creates the roles that the database's cluster does not have, without any right to sign in.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn create_roles(&self, roles: &[String]) -> Result<(), TargetError> {
        let session = self.connect().await?;
        for role in self.read_missing_roles(roles).await? {
            session.execute(&format!("CREATE ROLE {}", quote_identifier(&role)), "making a role").await?;
        }
        Ok(())
    }

    /// The roles among these that the database's cluster does not have.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read_missing_roles(&self, roles: &[String]) -> Result<Vec<String>, TargetError> {
        let session = self.connect().await?;
        let sql = include_str!("queries/missing_roles.sql");
        let rows = session.query(sql, &[&roles], "looking for roles").await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// The encoding of the database, by PostgreSQL's name.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read_encoding(&self) -> Result<String, TargetError> {
        read_encoding(&self.connect().await?).await
    }

    /// The tables of the database, in words; empty for a database that can be filled.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read_tables(&self) -> Result<Vec<String>, TargetError> {
        let session = self.connect().await?;
        let rows = session.query(include_str!("queries/dumped_tables.sql"), &[], DOING).await?;
        Ok(rows.iter().map(|row| format!("{}.{}", row.get::<_, &str>(0), row.get::<_, &str>(1))).collect())
    }

    /// A program of PostgreSQL's that connects to this database.
    pub(super) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(embedded::client_program(name));
        for (variable, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(variable);
        }
        command.envs(self.libpq_environment(&Schemas::one("pg_catalog"))).stdin(Stdio::null());
        command
    }
}

async fn read_encoding(session: &Session) -> Result<String, TargetError> {
    Ok(session.query_one("SELECT pg_catalog.current_setting('server_encoding')", &[], DOING).await?.get(0))
}

async fn read_contents(session: &Session, goes_on: &impl Fn() -> bool) -> Result<DatabaseContents, TargetError> {
    let tables = session.query(include_str!("queries/dumped_tables.sql"), &[], DOING).await?;
    let mut contents = DatabaseContents::default();
    for table in &tables {
        if !goes_on() {
            return Err(TargetError::Stopped { doing: DOING.to_owned() });
        }
        let place = QualifiedName { schema: table.get(0), name: table.get(1) };
        // A sum does not know the order of the rows; two digests of 64 bits each are as good as one of 128.
        let digest = |seed: u8| {
            format!("coalesce(sum(pg_catalog.hashtextextended((r.*)::text COLLATE \"C\", {seed})::numeric), 0)::text")
        };
        let sql = format!("SELECT count(*), {} || ' ' || {} FROM ONLY {} AS r", digest(0), digest(1), place.sql());
        let row = session.query_one(&sql, &[], DOING).await?;
        let rows = row.get::<_, i64>(0).unsigned_abs();
        let name = format!("{}.{}", place.schema, place.name);
        contents.0.insert(name, TableContents { rows, digest: row.get(1) });
    }
    Ok(contents)
}

pub(super) async fn read_version(program: &'static str) -> Result<String, TargetError> {
    let mut command = Command::new(embedded::client_program(program));
    command.arg("--version").stdin(Stdio::null());
    let asked = tokio::task::spawn_blocking(move || run_program(&mut command, &|| true)).await;
    Ok(ended(program, asked)?.trim().to_owned())
}

pub(super) async fn run(
    program: &'static str,
    mut command: Command,
    goes_on: impl Fn() -> bool + Send + 'static,
) -> Result<String, TargetError> {
    let ran = tokio::task::spawn_blocking(move || run_program(&mut command, &goes_on)).await;
    ended(program, ran)
}

fn ended(
    program: &'static str,
    ran: Result<Result<String, ProgramError>, tokio::task::JoinError>,
) -> Result<String, TargetError> {
    let failure = |message: String, is_missing| TargetError::Program { program, message, is_missing };
    match ran {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(ProgramError::Stopped)) => Err(TargetError::Stopped { doing: format!("running {program}") }),
        Ok(Err(error)) => Err(failure(error.to_string(), matches!(error, ProgramError::NotFound))),
        Err(error) => Err(failure(format!("was lost: {error}"), false)),
    }
}
