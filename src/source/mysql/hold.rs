//! A server that nobody writes to: by a lock, or by its own setting to only read.

use super::client::{Client, ClientError};
use super::columns::text;
use super::snapshot::{Moment, NoLock, OwnTables, WriteLock, failure};
use crate::catalog::WriteHold;
use crate::connection::MysqlSource;
use crate::source::SourceError;
use crate::source::hold::{Former, KeepFormer};

const DOING: &str = "keeping writers out";

/// Seconds that sessions with open transactions or locks get to end them before the server is set to only read.
const WAIT: i64 = 5;

/// A server that is held.
#[derive(Debug)]
pub(in crate::source) struct Hold {
    server: MysqlSource,
    means: Means,
}

#[derive(Debug)]
enum Means {
    /// FLUSH TABLES WITH READ LOCK.
    OfServer(WriteLock),
    /// LOCK TABLES … READ, where the user may not lock the server.
    OfTables(WriteLock),
    /// `read_only`, and MySQL's `super_read_only`; and a lock for as long as this lives: the setting lets administrators write, of whom
    /// the spec's own user is one.
    ReadOnly { lock: WriteLock, client: Box<Client>, former: Former },
}

impl Hold {
    /// Keeps writers out.
    ///
    /// # Errors
    /// The user may not, or somebody writes and does not end.
    pub(in crate::source) fn take(
        server: &MysqlSource,
        means: WriteHold,
        keep: &KeepFormer<'_>,
    ) -> Result<Self, SourceError> {
        let means = match means {
            WriteHold::Lock => match lock(server)? {
                Locked::Server(lock) => Means::OfServer(lock),
                Locked::Tables(lock) => Means::OfTables(lock),
            },
            WriteHold::ReadOnly => read_only(server, keep)?,
        };
        Ok(Self { server: server.clone(), means })
    }

    pub(in crate::source) fn words(&self) -> &'static str {
        match self.means {
            Means::OfServer(_) => "a read lock on the server keeps writers waiting",
            Means::OfTables(_) => "read locks on the tables keep writers waiting, for the user may not lock the server",
            Means::ReadOnly { .. } => {
                "the server is set to only read, and refuses writers; a read lock keeps its administrators waiting"
            }
        }
    }

    pub(in crate::source) fn is_lock(&self) -> bool {
        !matches!(self.means, Means::ReadOnly { .. })
    }

    /// Whether the setting lets administrators write once the lock beside it has ended: MySQL's `super_read_only` does not.
    pub(in crate::source) fn spares_administrators(&self) -> bool {
        match &self.means {
            Means::ReadOnly { former, .. } => former.iter().all(|(variable, _)| variable != "super_read_only"),
            Means::OfServer(_) | Means::OfTables(_) => false,
        }
    }

    /// Makes sure that it is still held: the lock, and the setting.
    ///
    /// # Errors
    /// The lock or the setting is gone.
    pub(in crate::source) fn confirm(&mut self) -> Result<(), SourceError> {
        let failed = |error: &ClientError| failure(&self.server, DOING, error);
        match &mut self.means {
            Means::OfServer(lock) | Means::OfTables(lock) => lock.confirm().map_err(|error| failed(&error)),
            Means::ReadOnly { lock, client, former } => {
                lock.confirm().map_err(|error| failed(&error))?;
                for (variable, _) in former.iter() {
                    if value(client, variable).map_err(|error| failed(&error))? == "0" {
                        return Err(SourceError::NotHeld {
                            place: self.server.redacted(),
                            reason: format!("somebody has set `{variable}` off again"),
                            hint: "run the same command again",
                        });
                    }
                }
                Ok(())
            }
        }
    }

    /// Ends the lock; a server that was set to only read stays so.
    ///
    /// # Errors
    /// The connection is lost.
    pub(in crate::source) fn end(self) -> Result<(), SourceError> {
        let (Means::OfServer(lock) | Means::OfTables(lock) | Means::ReadOnly { lock, .. }) = self.means;
        lock.release().map_err(|error| failure(&self.server, "ending the lock", &error))
    }

    /// Lets writers in again.
    ///
    /// # Errors
    /// The server refuses, or the connection is lost.
    pub(in crate::source) fn release(self) -> Result<(), SourceError> {
        let failed = |error: ClientError| failure(&self.server, "letting writers in again", &error);
        match self.means {
            Means::OfServer(lock) | Means::OfTables(lock) => lock.release().map_err(failed),
            Means::ReadOnly { lock, mut client, former } => {
                lock.release().map_err(failed)?;
                set(&mut client, &former).map_err(failed)
            }
        }
    }

    /// Sets the server as it was before an earlier hold.
    ///
    /// # Errors
    /// The server refuses, or cannot be reached.
    pub(in crate::source) fn give_back(server: &MysqlSource, former: &Former) -> Result<(), SourceError> {
        let mut moment = Moment::now(server)?;
        set(moment.client(), former).map_err(|error| failure(server, "letting writers in again", &error))
    }
}

fn not_held(server: &MysqlSource, reason: String, hint: &'static str) -> SourceError {
    SourceError::NotHeld { place: server.redacted(), reason, hint }
}

/// A lock, and the part of the server that it is on.
enum Locked {
    Server(WriteLock),
    Tables(WriteLock),
}

fn lock(server: &MysqlSource) -> Result<Locked, SourceError> {
    let failed = |error: ClientError| failure(server, DOING, &error);
    let reason = match WriteLock::of_server(server) {
        Ok(lock) => return Ok(Locked::Server(lock)),
        Err(NoLock::Refused(reason)) => reason,
        Err(NoLock::Failed(error)) => return Err(failed(error)),
    };
    let mut moment = Moment::now(server)?;
    let tables = OwnTables::read(moment.client(), server, &|_| true).map_err(failed)?;
    match WriteLock::of_tables(server, tables.all()) {
        Ok(lock) => Ok(Locked::Tables(lock)),
        Err(NoLock::Failed(error)) => Err(failed(error)),
        Err(NoLock::Refused(of_tables)) => Err(not_held(
            server,
            format!("neither the server nor its tables can be locked: {reason}; {of_tables}"),
            "stop what writes, then run the same command again; locks need RELOAD, or LOCK TABLES and SELECT on the database",
        )),
    }
}

fn read_only(server: &MysqlSource, keep: &KeepFormer<'_>) -> Result<Means, SourceError> {
    let mut moment = Moment::now(server)?;
    let client = moment.client();
    let mut former = Former::new();
    let variables: &[&str] = if client.is_mariadb() { &["read_only"] } else { &["super_read_only", "read_only"] };
    for variable in variables {
        let value = value(client, variable).map_err(|error| failure(server, DOING, &error))?;
        former.push(((*variable).to_owned(), value));
    }
    keep(&former)?;
    let set_back = |client: &mut Client| {
        if let Err(error) = set(client, &former) {
            tracing::warn!(%error, "the server's setting stays as it is");
        }
    };
    let set_on = |client: &mut Client| {
        client.query(&format!("SET SESSION lock_wait_timeout = {WAIT}"))?;
        // The one that permits the least is last to come off, and takes the other along.
        for (variable, _) in former.iter().rev() {
            client.query(&format!("SET GLOBAL {variable} = 1"))?;
        }
        Ok::<_, ClientError>(())
    };
    if let Err(error) = set_on(client) {
        set_back(client);
        return Err(match NoLock::from(error) {
            NoLock::Failed(error) => failure(server, DOING, &error),
            NoLock::Refused(reason) => not_held(
                server,
                format!("it cannot be set to only read: {reason}"),
                "the user needs READ_ONLY ADMIN (MariaDB), SYSTEM_VARIABLES_ADMIN and CONNECTION_ADMIN (MySQL) or SUPER; or write \
                 source = \"lock\" under [cutover]",
            ),
        });
    }
    // After the setting: a server that is locked refuses it.
    let lock = match lock(server) {
        Ok(Locked::Server(lock) | Locked::Tables(lock)) => lock,
        Err(error) => {
            set_back(client);
            return Err(error);
        }
    };
    Ok(Means::ReadOnly { lock, client: Box::new(moment.into_client()), former })
}

/// Sets the variables to these values.
fn set(client: &mut Client, former: &Former) -> Result<(), ClientError> {
    for (variable, value) in former {
        // The names are known, and the values are numbers or words of the server's.
        let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_word(variable) && is_word(value) {
            client.query(&format!("SET GLOBAL {variable} = {value}"))?;
        }
    }
    Ok(())
}

/// The value of a global variable.
fn value(client: &mut Client, variable: &str) -> Result<String, ClientError> {
    let rows = client.query(&format!("SELECT @@GLOBAL.{variable}"))?;
    Ok(rows.first().and_then(|row| text(row, 0)).unwrap_or_default())
}
