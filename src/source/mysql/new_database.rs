//! A database that is made, or was empty, and is filled: until it is whole it says so by a table of its own, and it goes with the
//! one who makes it.
//!
//! Databases have no other name that they could be given in the end (there is no RENAME DATABASE). So an unfinished one is marked;
//! a lock of the server's by name tells whether somebody is still at work in it.

use super::client::{Client, ClientError};
use super::columns::text;
use super::snapshot::{Moment, failure};
use crate::connection::MysqlSource;
use crate::dialect::mysql::{literal, quote};
use crate::source::SourceError;
use crate::source::new_database::UNFINISHED;

/// Comments of the mark: on a database that was made for it, and on one that was there and empty.
const MADE: &str = "a `transship back` has not come to its end; it had made this database";
const WAS_EMPTY: &str = "a `transship back` has not come to its end; this database was empty before";

/// The database, while it is filled.
#[derive(Debug)]
pub(in crate::source) struct NewDatabase {
    /// The server, in a database that every user may use.
    server: MysqlSource,
    name: String,
    /// The session that holds the lock.
    client: Client,
    /// The statement that makes the database again, if it was there before.
    again: Option<String>,
    /// Events that are to run in the end, with their definers.
    events: Vec<(String, String)>,
    is_swept: bool,
    is_finished: bool,
}

impl NewDatabase {
    /// Makes the database, or takes it if it is empty, and marks it. What a process that was killed has left in it goes. A new
    /// one has the character set of the database `like`, as far as that can be asked.
    pub(in crate::source) fn make(server: &MysqlSource, like: Option<&MysqlSource>) -> Result<Self, SourceError> {
        let failed = |error: ClientError| failure(server, "preparing the new database", &error);
        let beside = MysqlSource { database: "information_schema".to_owned(), databases: Vec::new(), ..server.clone() };
        let mut client = match Moment::now(&beside) {
            // The address is the one that was given.
            Err(SourceError::Connect { cause, refusal, .. }) => {
                return Err(SourceError::Connect { place: server.redacted(), cause, refusal });
            }
            opened => opened?.into_client(),
        };
        let name = server.database.clone();
        let not_empty = |what: String| SourceError::NotEmpty { place: server.redacted(), what };
        if !take_lock(&mut client, &name).map_err(failed)? {
            return Err(not_empty("another `back` is at work in it".to_owned()));
        }
        let mut again = match client.query(&format!("SHOW CREATE DATABASE {}", quote(&name))) {
            // There is no such database.
            Err(error) if error.code() == Some(1049) => None,
            shown => shown.map_err(failed)?.first().and_then(|row| text(row, 1)),
        };
        let left = mark(&mut client, &name).map_err(failed)?;
        let is_swept = left.is_some();
        if let Some(comment) = left {
            client.query(&format!("DROP DATABASE {}", quote(&name))).map_err(failed)?;
            match again.take().filter(|_| comment != MADE) {
                Some(sql) => {
                    client.query(&sql).map_err(failed)?;
                    again = Some(sql);
                }
                None => again = None,
            }
        } else if again.is_some()
            && let Some(what) = first_object(&mut client, &name).map_err(failed)?
        {
            return Err(not_empty(format!("it has {what}")));
        }
        if again.is_none() {
            let sql = format!("CREATE DATABASE {}{}", quote(&name), like.map(character_set).unwrap_or_default());
            client.query(&sql).map_err(failed)?;
        }
        let comment = if again.is_some() { WAS_EMPTY } else { MADE };
        let sql = format!(
            "CREATE TABLE {}.{} (unfinished INT) COMMENT = {}",
            quote(&name),
            quote(UNFINISHED),
            literal(comment)
        );
        if let Err(error) = client.query(&sql) {
            if again.is_none() {
                client.query(&format!("DROP DATABASE {}", quote(&name))).map_err(failed)?;
            }
            return Err(failed(error));
        }
        Ok(Self { server: beside, name, client, again, events: Vec::new(), is_swept, is_finished: false })
    }

    /// Whether what a killed process had left was removed.
    pub(in crate::source) fn is_swept(&self) -> bool {
        self.is_swept
    }

    /// Stops the events that came with the rows, until the end: they would write beside us.
    pub(in crate::source) fn hold_events(&mut self) -> Result<(), SourceError> {
        let sql = format!(
            "SELECT event_name, definer FROM information_schema.events WHERE event_schema = {} AND status = 'ENABLED'",
            literal(&self.name)
        );
        let rows = self.client.query(&sql).map_err(|error| self.failed(&error))?;
        self.events = rows.iter().filter_map(|row| Some((text(row, 0)?, text(row, 1)?))).collect();
        self.turn_events("DISABLE")
    }

    fn turn_events(&mut self, word: &str) -> Result<(), SourceError> {
        for (event, definer) in self.events.clone() {
            // Without the definer it would become whoever alters it.
            let (user, host) = definer.rsplit_once('@').unwrap_or((&definer, "%"));
            let sql = format!(
                "ALTER DEFINER = {}@{} EVENT {}.{} {word}",
                quote(user),
                quote(host),
                quote(&self.name),
                quote(&event)
            );
            match self.client.query(&sql) {
                // The time of one that runs once has passed: it has nothing to do any more.
                Err(error) if error.code() == Some(1589) => tracing::warn!(event, "its time has passed"),
                turned => drop(turned.map_err(|error| self.failed(&error))?),
            }
        }
        Ok(())
    }

    /// Takes the mark away: the database is whole.
    pub(in crate::source) fn finish(mut self) -> Result<(), SourceError> {
        self.turn_events("ENABLE")?;
        let sql = format!("DROP TABLE {}.{}", quote(&self.name), quote(UNFINISHED));
        self.client.query(&sql).map_err(|error| self.failed(&error))?;
        self.is_finished = true;
        Ok(())
    }

    fn failed(&self, error: &ClientError) -> SourceError {
        let server = MysqlSource { database: self.name.clone(), ..self.server.clone() };
        failure(&server, "finishing the new database", error)
    }

    /// Removes the database with all that is in it; one that was there before is empty again.
    fn remove(&mut self) -> Result<(), SourceError> {
        let sql = format!("DROP DATABASE {}", quote(&self.name));
        match self.client.query(&sql) {
            Err(error) if error.is_lost() => {
                // Another one may have taken it over since the lock went with the session.
                let mut client = Moment::now(&self.server)?.into_client();
                let is_ours = take_lock(&mut client, &self.name)
                    .and_then(|is_taken| Ok(is_taken && mark(&mut client, &self.name)?.is_some()));
                if !is_ours.map_err(|error| self.failed(&error))? {
                    return Ok(());
                }
                client.query(&sql).map_err(|error| self.failed(&error))?;
                self.client = client;
            }
            dropped => drop(dropped.map_err(|error| self.failed(&error))?),
        }
        if let Some(sql) = &self.again {
            self.client.query(sql).map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }
}

impl Drop for NewDatabase {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        if let Err(error) = self.remove() {
            tracing::warn!(database = self.name, %error, "a database stays that is not whole; the next `back` removes it");
        }
    }
}

/// Takes the lock of those who fill a database of this name; false if another session holds it.
fn take_lock(client: &mut Client, name: &str) -> Result<bool, ClientError> {
    let rows = client.query(&format!("SELECT GET_LOCK({}, 0)", lock(&literal(name))))?;
    Ok(rows.first().and_then(|row| text(row, 0)).is_some_and(|taken| taken == "1"))
}

/// Name of the lock, which may have 64 letters, for a database whose name is an expression.
fn lock(name: &str) -> String {
    format!("concat('transship.back.', left(sha2({name}, 256), 40))")
}

/// Condition on tables of the session's database that are no mark of somebody at work, by whose lock it is told from one that a
/// killed process has left.
pub(super) fn is_no_mark() -> String {
    format!("(table_name <> {} OR is_used_lock({}) IS NULL)", literal(UNFINISHED), lock("database()"))
}

/// The comment of the mark in a database; `None` if it has none.
fn mark(client: &mut Client, name: &str) -> Result<Option<String>, ClientError> {
    let sql = format!(
        "SELECT table_comment FROM information_schema.tables WHERE table_schema = {} AND table_name = {}",
        literal(name),
        literal(UNFINISHED)
    );
    Ok(client.query(&sql)?.first().and_then(|row| text(row, 0)))
}

/// Something that a database has, in words.
fn first_object(client: &mut Client, name: &str) -> Result<Option<String>, ClientError> {
    let name = literal(name);
    let sql = format!(
        "(SELECT table_name FROM information_schema.tables WHERE table_schema = {name} LIMIT 1)
         UNION ALL (SELECT routine_name FROM information_schema.routines WHERE routine_schema = {name} LIMIT 1)
         UNION ALL (SELECT event_name FROM information_schema.events WHERE event_schema = {name} LIMIT 1)"
    );
    Ok(client.query(&sql)?.first().map(|row| text(row, 0).unwrap_or_else(|| "a table".to_owned())))
}

/// Character set and collation of a database, as CREATE DATABASE says them; empty where they cannot be asked: each table has its
/// own.
fn character_set(like: &MysqlSource) -> String {
    let asked = Moment::now(like).map(Moment::into_client).and_then(|mut client| {
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
