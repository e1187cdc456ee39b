//! A server that nobody writes to: by a lock, or by its own setting to only read.

use super::client::{Client, ClientError};
use super::columns::text;
use super::snapshot::{MigratedTables, NoLock, ServerMoment, WriteLock, failure};
use super::surroundings::other_writers;
use crate::catalog::WriteHold;
use crate::connection::MysqlSource;
use crate::source::SourceError;
use crate::source::hold::{Former, KeepFormer};
use std::time::Duration;

const DOING: &str = "keeping writers out";

/// Seconds that sessions with open transactions or locks get to end them before the server is set to only read.
const WAIT: i64 = 5;

/// Tries to lock the server at a moment in which no transaction has written, and the time between them, in which those that have
/// can end.
const TRIES: usize = 3;
const BETWEEN: Duration = Duration::from_secs(1);

/// Time for which the list of transactions may not have been read, so that InnoDB makes it again: 0.1 s, and some more.
const UNREAD: Duration = Duration::from_millis(150);

/// Note on a MariaDB server that only reads: <https://mariadb.com/kb/en/read-only-replicas/>. MySQL's `super_read_only` refuses
/// administrators, too.
const ADMINISTRATORS: &str = "Its administrators can write from now on all the same, and so can the user of `source.url`, and \
                              routines, triggers and events whose DEFINER is one of them, whoever calls them: stop an application that \
                              signs in as one of them or calls such a routine, and the event scheduler.";

/// A server that is held.
#[derive(Debug)]
pub(in crate::source) struct Hold {
    server: MysqlSource,
    means: HoldMechanism,
    notes: Vec<String>,
}

#[derive(Debug)]
enum HoldMechanism {
    /// FLUSH TABLES WITH READ LOCK.
    OfServer(WriteLock),
    /// LOCK TABLES … READ, where the server cannot be locked as a whole.
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
        let mut notes = other_writers(server)?;
        let means = match means {
            WriteHold::Lock => match lock(server, &mut notes)? {
                Locked::Server(lock) => HoldMechanism::OfServer(lock),
                Locked::Tables(lock) => HoldMechanism::OfTables(lock),
            },
            WriteHold::ReadOnly => read_only(server, keep, &mut notes)?,
        };
        Ok(Self { server: server.clone(), means, notes })
    }

    /// Facts that are not certain, and writers elsewhere.
    pub(in crate::source) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Note on those who can write once the locks have ended.
    pub(in crate::source) fn afterwards(&self) -> Option<&'static str> {
        match &self.means {
            HoldMechanism::ReadOnly { former, .. }
                if former.iter().all(|(variable, _)| variable != "super_read_only") =>
            {
                Some(ADMINISTRATORS)
            }
            HoldMechanism::ReadOnly { .. } | HoldMechanism::OfServer(_) | HoldMechanism::OfTables(_) => None,
        }
    }

    pub(in crate::source) fn words(&self) -> &'static str {
        match self.means {
            HoldMechanism::OfServer(_) => "a read lock on the server keeps writers waiting",
            HoldMechanism::OfTables(_) => "read locks on the tables keep writers waiting",
            HoldMechanism::ReadOnly { .. } => {
                "the server is set to only read, and refuses writers; a read lock keeps its administrators waiting"
            }
        }
    }

    pub(in crate::source) fn is_lock(&self) -> bool {
        !matches!(self.means, HoldMechanism::ReadOnly { .. })
    }

    /// Makes sure that it is still held: the lock, and the setting.
    ///
    /// # Errors
    /// The lock or the setting is gone.
    pub(in crate::source) fn confirm(&mut self) -> Result<(), SourceError> {
        let failed = |error: &ClientError| failure(&self.server, DOING, error);
        match &mut self.means {
            HoldMechanism::OfServer(lock) | HoldMechanism::OfTables(lock) => {
                lock.confirm().map_err(|error| failed(&error))
            }
            HoldMechanism::ReadOnly { lock, client, former } => {
                lock.confirm().map_err(|error| failed(&error))?;
                for (variable, _) in former.iter() {
                    if value(client, variable).map_err(|error| failed(&error))? == OFF {
                        return Err(SourceError::NotHeld {
                            place: self.server.redacted(),
                            reason: format!("another session has set `{variable}` off again"),
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
        let (HoldMechanism::OfServer(lock) | HoldMechanism::OfTables(lock) | HoldMechanism::ReadOnly { lock, .. }) =
            self.means;
        lock.release().map_err(|error| failure(&self.server, "ending the lock", &error))
    }

    /// Lets writers in again.
    ///
    /// # Errors
    /// The server refuses, or the connection is lost.
    pub(in crate::source) fn release(self) -> Result<(), SourceError> {
        let failed = |error: ClientError| failure(&self.server, "letting writers in again", &error);
        match self.means {
            HoldMechanism::OfServer(lock) | HoldMechanism::OfTables(lock) => lock.release().map_err(failed),
            HoldMechanism::ReadOnly { lock, mut client, former } => {
                lock.release().map_err(failed)?;
                set(&mut client, &former).map_err(failed)
            }
        }
    }

    /// Sets the server as it was before an earlier hold, and returns the values that the settings have then: others may have set
    /// what is not given back.
    ///
    /// # Errors
    /// The server refuses, or cannot be reached.
    pub(in crate::source) fn give_back(server: &MysqlSource, former: &Former) -> Result<Former, SourceError> {
        let mut moment = ServerMoment::now(server)?;
        let client = moment.client();
        let present = |client: &mut Client, name: &String| Ok((name.clone(), value(client, name)?));
        let given_back = set(client, former).and_then(|()| {
            former.iter().map(|(name, _)| present(client, name)).collect::<Result<Former, ClientError>>()
        });
        given_back.map_err(|error| failure(server, "letting writers in again", &error))
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

fn lock(server: &MysqlSource, notes: &mut Vec<String>) -> Result<Locked, SourceError> {
    let failed = |error: ClientError| failure(server, DOING, &error);
    let mut moment = ServerMoment::now(server)?;
    let locked = lock_what_can_be(server, moment.client(), notes)?;
    if is_prepared(moment.client()).map_err(failed)? {
        let (Locked::Server(lock) | Locked::Tables(lock)) = locked;
        lock.release().map_err(failed)?;
        return Err(not_held(
            server,
            "a transaction is prepared (`XA RECOVER` lists it), and could be committed after the cut-over".to_owned(),
            "let its coordinator commit it or roll it back; then run the same command again",
        ));
    }
    Ok(locked)
}

/// Whether a prepared transaction (XA) waits for its COMMIT. MariaDB keeps no lock on its tables once its session has ended;
/// MySQL does, and shows the transaction like any other. Source: <https://mariadb.com/kb/en/xa-transactions/>.
fn is_prepared(client: &mut Client) -> Result<bool, ClientError> {
    Ok(client.is_mariadb() && !client.query("XA RECOVER")?.is_empty())
}

fn lock_what_can_be(server: &MysqlSource, client: &mut Client, notes: &mut Vec<String>) -> Result<Locked, SourceError> {
    let failed = |error: ClientError| failure(server, DOING, &error);
    let tables = MigratedTables::read(client, server, &|_| true).map_err(failed)?;
    let reason = match lock_of_server(server, client, &tables, notes)? {
        Ok(lock) => return Ok(Locked::Server(lock)),
        Err(reason) => reason,
    };
    match WriteLock::of_tables(server, tables.all()) {
        Ok(lock) => {
            notes.push(format!("The server is not locked as a whole, but each table: {reason}."));
            Ok(Locked::Tables(lock))
        }
        Err(NoLock::Failed(error)) => Err(failed(error)),
        Err(NoLock::Refused(of_tables) | NoLock::Timeout(of_tables)) => Err(not_held(
            server,
            format!("neither the server nor its tables can be locked: {reason}; {of_tables}"),
            "stop what writes, then run the same command again; locks need RELOAD (on MySQL with PROCESS), or LOCK TABLES and SELECT on the database",
        )),
    }
}

/// Locks the server at a moment in which no transaction has written to the tables: FLUSH TABLES WITH READ LOCK does not wait for one
/// that is open, and its COMMIT would go through once the lock has ended. The reason if the server cannot be locked.
fn lock_of_server(
    server: &MysqlSource,
    client: &mut Client,
    tables: &MigratedTables,
    notes: &mut Vec<String>,
) -> Result<Result<WriteLock, String>, SourceError> {
    let failed = |error: ClientError| failure(server, DOING, &error);
    for attempt in 0..TRIES {
        if attempt > 0 {
            std::thread::sleep(BETWEEN);
        }
        let lock = match WriteLock::of_server(server) {
            Ok(lock) => lock,
            Err(NoLock::Refused(reason) | NoLock::Timeout(reason)) => return Ok(Err(reason)),
            Err(NoLock::Failed(error)) => return Err(failed(error)),
        };
        match transactions(server, client, tables).map_err(failed)? {
            Transactions::None => return Ok(Ok(lock)),
            Transactions::Unknown(reason) => {
                notes.push(format!(
                    "Whether a transaction was open that has written is not known ({reason}): it could be committed \
                     after the cut-over; grant PROCESS, or LOCK TABLES on the database."
                ));
                return Ok(Ok(lock));
            }
            // It can go on, and end.
            Transactions::Open => lock.release().map_err(failed)?,
        }
    }
    Err(not_held(
        server,
        "a transaction that has written does not end".to_owned(),
        "let it end, or end its session; then run the same command again",
    ))
}

/// Open transactions that have written to the tables, while the server is locked.
enum Transactions {
    None,
    Open,
    /// The user may not ask, for this reason.
    Unknown(String),
}

/// Looks for open transactions. The lock of a table waits for those that have written to it (section "Metadata Locking" of MySQL's
/// manual); where the user may not lock tables, the list of all transactions of the server is read.
fn transactions(
    server: &MysqlSource,
    client: &mut Client,
    tables: &MigratedTables,
) -> Result<Transactions, ClientError> {
    match WriteLock::of_tables(server, tables.versioned()) {
        Ok(lock) => lock.release().map(|()| Transactions::None),
        Err(NoLock::Timeout(_)) => Ok(Transactions::Open),
        Err(NoLock::Refused(reason)) => by_list(client, reason),
        Err(NoLock::Failed(error)) => Err(error),
    }
}

/// Looks for transactions of the whole server that have written; not known for the given reason where the user may not ask either.
fn by_list(client: &mut Client, reason: String) -> Result<Transactions, ClientError> {
    std::thread::sleep(UNREAD);
    match client.query(include_str!("queries/writing_transactions.sql")) {
        Ok(rows) if rows.is_empty() => Ok(Transactions::None),
        Ok(_) => Ok(Transactions::Open),
        Err(error) => match NoLock::from(error) {
            NoLock::Failed(error) => Err(error),
            NoLock::Refused(_) | NoLock::Timeout(_) => Ok(Transactions::Unknown(reason)),
        },
    }
}

fn read_only(
    server: &MysqlSource,
    keep: &KeepFormer<'_>,
    notes: &mut Vec<String>,
) -> Result<HoldMechanism, SourceError> {
    let mut moment = ServerMoment::now(server)?;
    let client = moment.client();
    let mut former = Former::new();
    let variables: &[&str] = if client.is_mariadb() { &["read_only"] } else { &["super_read_only", "read_only"] };
    for variable in variables {
        let value = value(client, variable).map_err(|error| failure(server, DOING, &error))?;
        former.push(((*variable).to_owned(), value));
    }
    keep(&former)?;
    // The session may be the one that was lost.
    let set_back = |error: SourceError| match Hold::give_back(server, &former) {
        Ok(_) => error,
        Err(cause) => {
            SourceError::NotGivenBack { place: server.redacted(), reason: error.to_string(), cause: cause.to_string() }
        }
    };
    let set_on = |client: &mut Client| {
        client.query(&format!("SET SESSION lock_wait_timeout = {WAIT}"))?;
        // The one that permits the least is last to come off, and takes the other along. A variable that is on stays as it is:
        // MariaDB's has levels, and 1 is the lowest.
        for (variable, _) in former.iter().rev().filter(|(_, value)| value == OFF) {
            client.query(&format!("SET GLOBAL {variable} = 1"))?;
        }
        Ok::<_, ClientError>(())
    };
    if let Err(error) = set_on(client) {
        return Err(set_back(match NoLock::from(error) {
            NoLock::Failed(error) => failure(server, DOING, &error),
            NoLock::Refused(reason) | NoLock::Timeout(reason) => not_held(
                server,
                format!("it cannot be set to only read: {reason}"),
                "give the user READ_ONLY ADMIN (MariaDB), SYSTEM_VARIABLES_ADMIN and CONNECTION_ADMIN (MySQL) or SUPER; or write \
                 source = \"lock\" under [cutover]",
            ),
        }));
    }
    // After the setting: a server that is locked refuses it.
    let (Locked::Server(lock) | Locked::Tables(lock)) = lock(server, notes).map_err(set_back)?;
    Ok(HoldMechanism::ReadOnly { lock, client: Box::new(moment.into_client()), former })
}

/// Sets variables off that were off before. A variable that was on stays as it is now: a hold has set none off, and if another
/// did, writers may be in.
fn set(client: &mut Client, former: &Former) -> Result<(), ClientError> {
    for (variable, value) in former.iter().filter(|(_, value)| value == OFF) {
        // The names are known; the record that they come from is a file.
        if variable.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            client.query(&format!("SET GLOBAL {variable} = {value}"))?;
        }
    }
    Ok(())
}

/// Value of a setting that is off.
const OFF: &str = "0";

/// The value of a global variable that is on or off.
fn value(client: &mut Client, variable: &str) -> Result<String, ClientError> {
    let rows = client.query(&format!("SELECT @@GLOBAL.{variable}"))?;
    let value = rows.first().and_then(|row| text(row, 0));
    value.map(as_number).ok_or_else(|| ClientError::protocol(format!("no value of `{variable}`")))
}

/// MariaDB's `read_only` is no number from 12.0 on: `OFF`, `ON`, `NO_LOCK`, `NO_LOCK_NO_ADMIN` (MDEV-36425).
fn as_number(value: String) -> String {
    match value.to_ascii_uppercase().as_str() {
        "OFF" => OFF.to_owned(),
        "ON" => "1".to_owned(),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_is_off_is_known_in_every_spelling() {
        let read = |value: &str| as_number(value.to_owned());
        assert_eq!(["0", "OFF", "off"].map(read), [OFF; 3]);
        assert_eq!(["1", "ON", "NO_LOCK", "NO_LOCK_NO_ADMIN"].map(read), ["1", "1", "NO_LOCK", "NO_LOCK_NO_ADMIN"]);
    }
}
