//! Databases that are made and filled. A table of its own marks a database as unfinished; an unfinished one is dropped with its
//! [`NewDatabase`].
//!
//! Databases have no other name that they could be given in the end (there is no RENAME DATABASE). So an unfinished one is marked;
//! a lock of the server's by name tells whether somebody is still at work in it.

use super::backup::script::run_script;
use super::client::{Client, ClientError};
use super::columns::text;
use super::snapshot::{ServerMoment, failure};
use crate::connection::MysqlSource;
use crate::dialect::mysql::{literal, quote};
use crate::source::SourceError;
use crate::source::new_database::UNFINISHED;

/// The error number of a database that is not there (ER_BAD_DB_ERROR).
const NO_DATABASE: u16 = 1049;

/// The database, or several of one server, while they are filled.
#[derive(Debug)]
pub(in crate::source) struct NewDatabase {
    /// The server, in a database that every user may use.
    server: MysqlSource,
    /// The databases that are made.
    names: Vec<String>,
    /// The session that holds the locks.
    client: Client,
    is_swept: bool,
    is_finished: bool,
}

impl NewDatabase {
    /// Makes the databases and marks them. A database that exists is refused, whatever it holds, for its routines and events are
    /// shown only to users who may run them. An unfinished database of a killed process is dropped. Each has the character set of
    /// the source's, as far as that can be asked: `like` is the database, or the server with databases of the same names.
    pub(in crate::source) fn make(server: &MysqlSource, like: Option<&MysqlSource>) -> Result<Self, SourceError> {
        let beside = MysqlSource { database: "information_schema".to_owned(), databases: Vec::new(), ..server.clone() };
        let client = match session(&beside) {
            // The address is the one that was given.
            Err(SourceError::Connect { cause, refusal, .. }) => {
                return Err(SourceError::Connect { place: server.redacted(), cause, refusal });
            }
            opened => opened?,
        };
        let wanted = match server.databases.as_slice() {
            [] => vec![server.database.clone()],
            several => several.to_vec(),
        };
        let mut new = Self { server: beside, names: Vec::new(), client, is_swept: false, is_finished: false };
        // Nothing is made, nor removed, before all of them are free.
        let left = wanted.iter().map(|name| new.is_left(server, name)).collect::<Result<Vec<_>, _>>()?;
        new.is_swept = left.contains(&true);
        for (name, is_left) in wanted.into_iter().zip(left) {
            let like = like.map(|like| match like.databases.is_empty() {
                true => like.clone(),
                false => MysqlSource { database: name.clone(), databases: Vec::new(), ..like.clone() },
            });
            new.make_one(&name, is_left, like.as_ref())?;
        }
        Ok(new)
    }

    /// Takes the lock of a database; whether it is one that a killed process has left.
    fn is_left(&mut self, server: &MysqlSource, name: &str) -> Result<bool, SourceError> {
        let failed = |error: ClientError| failure(server, "preparing the new database", &error);
        let is_one = server.databases.is_empty();
        let not_empty = |of_one: &str, of_several: &str| match is_one {
            true => SourceError::NotEmpty { place: server.redacted(), what: of_one.to_owned() },
            // The place is the server.
            false => SourceError::NotEmpty {
                place: MysqlSource { database: String::new(), ..server.clone() }.redacted(),
                what: format!("{name} {of_several}"),
            },
        };
        if !take_lock(&mut self.client, name).map_err(failed)? {
            return Err(not_empty("another `back` is at work in it", "is one in which another `back` is at work"));
        }
        let is_there = match self.client.query(&format!("SHOW CREATE DATABASE {}", quote(name))) {
            Err(error) if error.code() == Some(NO_DATABASE) => false,
            shown => shown.map(|_| true).map_err(failed)?,
        };
        if !is_there || is_marked(&mut self.client, name).map_err(failed)? {
            return Ok(is_there);
        }
        Err(not_empty("it is there already", "is there already"))
    }

    /// Makes one of them, in the place of what a killed process has left. Without its mark it goes, as all of them do.
    fn make_one(&mut self, name: &str, is_left: bool, like: Option<&MysqlSource>) -> Result<(), SourceError> {
        let quoted = quote(name);
        let query = |client: &mut Client, sql: &str| client.query(sql).map(drop);
        let failed = |server: &MysqlSource, error: &ClientError| {
            let server = MysqlSource { database: name.to_owned(), ..server.clone() };
            failure(&server, "preparing the new database", error)
        };
        if is_left {
            let dropped = query(&mut self.client, &format!("DROP DATABASE {quoted}"));
            dropped.map_err(|error| failed(&self.server, &error))?;
        }
        let made = query(
            &mut self.client,
            &format!("CREATE DATABASE {quoted}{}", like.map(character_set).unwrap_or_default()),
        );
        made.map_err(|error| failed(&self.server, &error))?;
        self.names.push(name.to_owned());
        let mark = format!(
            "CREATE TABLE {quoted}.{} (events LONGTEXT CHARACTER SET utf8mb4) COMMENT = 'a `transship back` has not come to its end'",
            quote(UNFINISHED)
        );
        query(&mut self.client, &mark).map_err(|error| failed(&self.server, &error))
    }

    /// Whether what a killed process had left was removed.
    pub(in crate::source) fn is_swept(&self) -> bool {
        self.is_swept
    }

    /// Makes the events, which run from now on, and takes the marks away: the databases are whole.
    pub(in crate::source) fn finish(mut self) -> Result<(), SourceError> {
        for name in self.names.clone() {
            let kept = format!("SELECT events FROM {}.{}", quote(&name), quote(UNFINISHED));
            for row in self.client.query(&kept).map_err(|error| self.failed(&error))? {
                let Some(events) = text(&row, 0) else { continue };
                let server = MysqlSource { database: name.clone(), ..self.server.clone() };
                run_script(std::io::Cursor::new(events.into_bytes()), &server, false, &|_| true)?;
            }
        }
        // One statement for all: they are whole together.
        let marks = self.names.iter().map(|name| format!("{}.{}", quote(name), quote(UNFINISHED)));
        let sql = format!("DROP TABLE {}", marks.collect::<Vec<_>>().join(", "));
        self.client.query(&sql).map_err(|error| self.failed(&error))?;
        self.is_finished = true;
        Ok(())
    }

    fn failed(&self, error: &ClientError) -> SourceError {
        let server = MysqlSource { database: self.names.join(", "), ..self.server.clone() };
        failure(&server, "finishing the new database", error)
    }

    /// Removes a database with all that is in it.
    fn remove(&mut self, name: &str) -> Result<(), SourceError> {
        let sql = format!("DROP DATABASE {}", quote(name));
        match self.client.query(&sql) {
            Err(error) if error.is_lost() => {
                // Another one may have taken it over since the lock went with the session.
                let mut client = session(&self.server)?;
                let is_ours =
                    take_lock(&mut client, name).and_then(|is_taken| Ok(is_taken && is_marked(&mut client, name)?));
                if !is_ours.map_err(|error| self.failed(&error))? {
                    return Ok(());
                }
                client.query(&sql).map_err(|error| self.failed(&error))?;
            }
            dropped => drop(dropped.map_err(|error| self.failed(&error))?),
        }
        Ok(())
    }
}

impl Drop for NewDatabase {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        for name in self.names.clone() {
            if let Err(error) = self.remove(&name) {
                tracing::warn!(database = name, %error, "a database stays that is not whole; the next `back` removes it");
            }
        }
    }
}

/// A session that makes databases and drops them. Keys lead from one of them to another: with keys checked, the server refuses to drop
/// the one that is referenced, or drops half of it (errors 3730 and 1451).
fn session(server: &MysqlSource) -> Result<Client, SourceError> {
    let mut client = ServerMoment::now(server)?.into_client();
    let set = client.query("SET foreign_key_checks = 0").map(drop);
    set.map_err(|error| failure(server, "preparing the new database", &error))?;
    Ok(client)
}

/// Takes the lock of those who fill a database of this name; false if another session holds it.
fn take_lock(client: &mut Client, name: &str) -> Result<bool, ClientError> {
    let rows = client.query(&format!("SELECT GET_LOCK({}, 0)", lock(&literal(name))))?;
    Ok(rows.first().and_then(|row| text(row, 0)).is_some_and(|taken| taken == "1"))
}

/// Name of the lock, which may have 64 letters, for a database whose name is an expression. A server may keep the name in small
/// letters (`lower_case_table_names`); that two names which differ in nothing else share a lock does no harm.
fn lock(name: &str) -> String {
    format!("concat('transship.back.', left(sha2(lower({name}), 256), 40))")
}

/// Condition on tables of the session's database that are no mark of somebody at work, by whose lock it is told from one that a
/// killed process has left.
pub(super) fn is_no_mark() -> String {
    format!("(table_name <> {} OR is_used_lock({}) IS NULL)", literal(UNFINISHED), lock("database()"))
}

/// Whether a database has the mark of one that is not whole.
fn is_marked(client: &mut Client, name: &str) -> Result<bool, ClientError> {
    let sql = format!(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = {} AND table_name = {}",
        literal(name),
        literal(UNFINISHED)
    );
    Ok(!client.query(&sql)?.is_empty())
}

/// Whether the server's database is one that is being filled.
pub(super) fn is_unfinished(server: &MysqlSource) -> Result<bool, SourceError> {
    let answer = is_marked(ServerMoment::now(server)?.client(), &server.database);
    answer.map_err(|error| failure(server, "looking for tables", &error))
}

/// Keeps the statements about events in the mark until the end.
pub(super) fn keep_events(server: &MysqlSource, events: &[u8]) -> Result<(), SourceError> {
    if events.is_empty() {
        return Ok(());
    }
    let digits = events.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let sql = format!("INSERT INTO {} (events) VALUES (_utf8mb4 X'{digits}')", quote(UNFINISHED));
    let kept = ServerMoment::now(server)?.client().query(&sql).map(drop);
    kept.map_err(|error| failure(server, "keeping its events", &error))
}

/// Character set and collation of a database, as CREATE DATABASE says them; empty where they cannot be asked: each table has its
/// own.
fn character_set(like: &MysqlSource) -> String {
    let asked = ServerMoment::now(like).map(ServerMoment::into_client).and_then(|mut client| {
        let rows = client.query("SELECT @@character_set_database, @@collation_database");
        rows.map_err(|error| failure(like, "asking for its character set", &error))
    });
    match asked {
        Ok(rows) => {
            let word = |at| rows.first().and_then(|row| text(row, at));
            let said = word(0).zip(word(1));
            said.map_or_else(String::new, |(set, collation)| format!(" CHARACTER SET {set} COLLATE {collation}"))
        }
        Err(error) => {
            tracing::debug!(%error, "the character set of the source is not known");
            String::new()
        }
    }
}
