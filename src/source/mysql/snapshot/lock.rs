//! Locks against writers, held by a session of its own while the readers begin, or for as long as they read.
//!
//! A lock that waits keeps the application waiting behind it. So each gives up after a few seconds, by the server's own limit,
//! which holds also if this process ends meanwhile.

use super::session;
use crate::catalog::LockPrivileges;
use crate::connection::MysqlSource;
use crate::dialect::mysql::quote_table;
use crate::source::mysql::client::{Client, ClientError};
use crate::source::mysql::columns::integer;
use std::time::Duration;

/// Seconds for which a lock may wait; a statement that has been running for as long keeps the whole server from being locked.
const WAIT: i64 = 3;

/// Looks for a moment in which no statement runs, and the pause between them.
const LOOKS: u32 = 60;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// The privileges for a lock. Source: MySQL manual, "Privileges Provided by MySQL".
pub(in crate::source) const LOCK_PRIVILEGES: LockPrivileges = LockPrivileges {
    of_source: "RELOAD, or LOCK TABLES",
    of_table: "LOCK TABLES (no lock is taken on a table of MERGE, whatever the user may)",
};

/// The error number of a lock that did not come in time (ER_LOCK_WAIT_TIMEOUT).
const TIMEOUT: u16 = 1205;

/// A lock; it ends with its session.
#[derive(Debug)]
pub(in crate::source::mysql) struct WriteLock {
    client: Client,
    /// The statement that ends it.
    release: &'static str,
}

/// A reason for which a lock was not got.
#[derive(Debug)]
pub(in crate::source::mysql) enum NoLock {
    /// It was refused, in words.
    Refused(String),
    /// It did not come in time, in words.
    Timeout(String),
    /// The session failed otherwise.
    Failed(ClientError),
}

impl From<ClientError> for NoLock {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Server { code: TIMEOUT, .. } => Self::Timeout(error.to_string()),
            ClientError::Server { .. } if !error.is_lost() => Self::Refused(error.to_string()),
            // One more session than the server has room for.
            ClientError::Connect { cause, .. } => Self::Refused(cause),
            error => Self::Failed(error),
        }
    }
}

impl WriteLock {
    /// Locks the whole server: FLUSH TABLES WITH READ LOCK. It waits for statements that run, and what comes after waits for
    /// it ("FLUSH Statement" in MySQL's manual): where one has been running for long, it is not begun; on MySQL not while one
    /// runs at all.
    pub(in crate::source::mysql) fn of_server(server: &MysqlSource) -> Result<Self, NoLock> {
        let mut client = begin(server)?;
        if client.is_mariadb() {
            must_be_brief(&mut client)?;
        } else {
            must_be_at_rest(&mut client)?;
        }
        client.query("FLUSH TABLES WITH READ LOCK")?;
        Ok(Self { client, release: "UNLOCK TABLES" })
    }

    /// Keeps all commits waiting by MariaDB's backup lock, whose stages are gone through in their order ("BACKUP STAGE" in
    /// MariaDB's documentation). Statements go on.
    pub(super) fn of_commits(server: &MysqlSource) -> Result<Self, NoLock> {
        let mut client = begin(server)?;
        for stage in ["START", "FLUSH", "BLOCK_DDL", "BLOCK_COMMIT"] {
            client.query(&format!("BACKUP STAGE {stage}"))?;
        }
        Ok(Self { client, release: "BACKUP STAGE END" })
    }

    /// Locks some tables against writers.
    pub(in crate::source::mysql) fn of_tables<'a>(
        server: &MysqlSource,
        tables: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, NoLock> {
        let (mut client, in_databases) = (begin(server)?, !server.databases.is_empty());
        let tables =
            tables.into_iter().map(|table| format!("{} READ", quote_table(table, in_databases))).collect::<Vec<_>>();
        if !tables.is_empty() {
            client.query(&format!("LOCK TABLES {}", tables.join(", ")))?;
        }
        Ok(Self { client, release: "UNLOCK TABLES" })
    }

    /// The session that holds the lock.
    pub(super) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Ends the lock.
    pub(in crate::source::mysql) fn release(mut self) -> Result<(), ClientError> {
        self.client.query(self.release).map(drop)
    }

    /// Makes sure that the session, and with it the lock, has not ended.
    pub(in crate::source::mysql) fn confirm(&mut self) -> Result<(), ClientError> {
        self.client.query("SELECT 1").map(drop)
    }
}

/// Makes sure that no statement of the server's has been running for long, as far as the user sees them.
fn must_be_brief(client: &mut Client) -> Result<(), NoLock> {
    match client.query(include_str!("../queries/long_statements.sql")) {
        Ok(rows) => match rows.first().and_then(|row| integer(row, 0)) {
            Some(seconds) => Err(NoLock::Refused(format!("a statement has been running for {seconds} s"))),
            None => Ok(()),
        },
        Err(error) => match error.into() {
            NoLock::Refused(reason) | NoLock::Timeout(reason) => {
                tracing::debug!(reason, "running statements of the source are not known");
                Ok(())
            }
            failed @ NoLock::Failed(_) => Err(failed),
        },
    }
}

/// Waits for a moment in which no statement of others runs. MySQL closes all tables for the lock, and whoever opens one then
/// waits until those that were running have ended, even when the lock has been given up ("Waiting for table flush" in MySQL's
/// manual, "General Thread States").
fn must_be_at_rest(client: &mut Client) -> Result<(), NoLock> {
    let mut longest = 0;
    for look in 0..LOOKS {
        if look > 0 {
            std::thread::sleep(BETWEEN_LOOKS);
        }
        let rows = client.query(include_str!("../queries/running_statements.sql"))?;
        let number = |at| rows.first().and_then(|row| integer(row, at));
        match number(0) {
            Some(0) => return Ok(()),
            Some(_) => longest = number(1).unwrap_or(longest),
            None => return Err(NoLock::Refused("the statements that run are not known".to_owned())),
        }
    }
    Err(NoLock::Refused(format!("statements of others run, one of them for {longest} s")))
}

fn begin(server: &MysqlSource) -> Result<Client, NoLock> {
    let mut client = session::open(server)?;
    client.query(&format!("SET SESSION lock_wait_timeout = {WAIT}"))?;
    Ok(client)
}
