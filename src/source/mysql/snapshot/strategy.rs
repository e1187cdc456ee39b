//! The order of the methods, and what each does.

use super::lock::{NoLock, WriteLock};
use super::position::Position;
use super::tables::MigratedTables;
use crate::catalog::{SnapshotMethod, SnapshotState};
use crate::connection::MysqlSource;
use crate::dialect::mysql::quote_table;
use crate::source::mysql::client::{Client, ClientError};
use std::time::Duration;

/// The methods in the order of their trying: what keeps several connections in one state for certain comes first, and of these
/// what makes the position in the log exact. One connection has one state wherever it is.
const ORDER: [SnapshotMethod; 5] = [
    SnapshotMethod::GlobalLock,
    SnapshotMethod::BackupStage,
    SnapshotMethod::TableLocks,
    SnapshotMethod::Positions,
    SnapshotMethod::OneConnection,
];

/// Attempts to begin all transactions between two commits of others, and the pause between them.
const ATTEMPTS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(50);

/// Time between a position and the transactions that begin there: a commit is in the storage's log a moment before others see it.
const SETTLED: Duration = Duration::from_millis(10);

/// Tables that are opened by one query.
const OPENED: usize = 40;

/// The sessions in one state, and what it took.
pub(super) struct Taken {
    pub(super) clients: Vec<Client>,
    pub(super) state: SnapshotState,
    /// The lock on tables outside of the snapshot, for as long as they are read.
    pub(super) held: Option<WriteLock>,
}

/// The end of an attempt without a snapshot.
pub(super) enum NotTaken {
    /// No method works, or the one that was asked for does not: each with its reason.
    Refused(Vec<(SnapshotMethod, String)>),
    /// A session failed.
    Failed(ClientError),
}

impl From<ClientError> for NotTaken {
    fn from(error: ClientError) -> Self {
        Self::Failed(error)
    }
}

/// Brings all sessions into one state, by the method that is asked for, or by the first that works.
pub(super) fn take(
    server: &MysqlSource,
    mut clients: Vec<Client>,
    asked_for: Option<SnapshotMethod>,
    tables: &MigratedTables,
) -> Result<Taken, NotTaken> {
    let mut refusals = Vec::new();
    let order = match &asked_for {
        Some(method) => std::slice::from_ref(method),
        // A single connection has one state, and every table is in its transaction: no lock is needed.
        None if clients.len() == 1 && tables.unversioned.is_empty() => &ORDER[4..],
        None => &ORDER,
    };
    for method in order.iter().copied() {
        if method == SnapshotMethod::OneConnection {
            clients.truncate(1);
        }
        match attempt(server, &mut clients, method, asked_for.is_some(), tables) {
            Ok((state, held)) => return Ok(Taken { clients, state, held }),
            Err(NoLock::Refused(reason) | NoLock::Timeout(reason)) => {
                tracing::debug!(%method, reason, "no snapshot of the source by this method");
                refusals.push((method, reason));
            }
            Err(NoLock::Failed(error)) => return Err(error.into()),
        }
    }
    Err(NotTaken::Refused(refusals))
}

fn attempt(
    server: &MysqlSource,
    clients: &mut [Client],
    method: SnapshotMethod,
    is_asked_for: bool,
    tables: &MigratedTables,
) -> Result<(SnapshotState, Option<WriteLock>), NoLock> {
    if method == SnapshotMethod::BackupStage && !clients.iter().all(Client::is_mariadb) {
        return Err(NoLock::Refused("only MariaDB has it".to_owned()));
    }
    let mut lock = match method {
        SnapshotMethod::GlobalLock => Some(WriteLock::of_server(server)?),
        SnapshotMethod::BackupStage => Some(WriteLock::of_commits(server)?),
        SnapshotMethod::TableLocks => Some(WriteLock::of_tables(server, tables.all())?),
        SnapshotMethod::Positions | SnapshotMethod::OneConnection => None,
    };
    // Under the other lock, so that these tables stand still from the moment of the snapshot on.
    let (held, unprotected) = hold(server, tables)?;
    let (position, is_proven) = match &mut lock {
        Some(lock) => {
            begin_all(clients)?;
            (Position::read(lock.client())?, true)
        }
        None => begin_between_commits(clients, tables)?,
    };
    if let Some(lock) = lock {
        lock.release()?;
    }
    open_tables(clients, server, tables)?;
    // One connection has one state, whatever others commit; only its position in the log is not known then.
    let is_alone = clients.len() == 1;
    if !is_proven && !is_alone && !is_asked_for {
        return Err(NoLock::Refused(if position.is_of_storage() && !tables.are_elsewhere {
            format!("others wrote in each of {ATTEMPTS} attempts")
        } else {
            "the server does not say whether others write to all tables".to_owned()
        }));
    }
    let position = if is_proven { position } else { Position::default() };
    let (log_file, log_position) = position.log.unzip();
    let state = SnapshotState {
        method,
        is_proven: is_proven || is_alone,
        log_file,
        log_position,
        transactions: position.transactions,
        unprotected,
    };
    Ok((state, held))
}

/// Locks the tables that no snapshot holds, and names those that stay without a lock.
fn hold(server: &MysqlSource, tables: &MigratedTables) -> Result<(Option<WriteLock>, Vec<String>), NoLock> {
    let (lockable, others) = tables.lockable();
    let others = others.into_iter().map(str::to_owned).collect::<Vec<_>>();
    if lockable.is_empty() {
        return Ok((None, others));
    }
    match WriteLock::of_tables(server, lockable) {
        Ok(lock) => Ok((Some(lock), others)),
        Err(NoLock::Refused(reason) | NoLock::Timeout(reason)) => {
            tracing::debug!(reason, "no lock on the source's tables that know no transactions");
            Ok((None, tables.unversioned.clone()))
        }
        Err(failed) => Err(failed),
    }
}

fn begin_all(clients: &mut [Client]) -> Result<(), ClientError> {
    for client in clients {
        client.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")?;
    }
    Ok(())
}

/// Opens the tables in every transaction: whoever alters one from now on waits for the end, and no connection of ours behind him
/// ("Metadata Locking" in MySQL's manual). A table that cannot be opened says so when it is read.
fn open_tables(clients: &mut [Client], server: &MysqlSource, tables: &MigratedTables) -> Result<(), NoLock> {
    let open = |name: &str| format!("(SELECT 1 FROM {} LIMIT 0)", quote_table(name, !server.databases.is_empty()));
    // Tables without transactions have their own lock, behind which a query of several would wait for writers.
    let questions = tables.versioned().map(open).collect::<Vec<_>>();
    for client in clients {
        for questions in questions.chunks(OPENED) {
            if is_refused(client, &questions.join(" UNION ALL "))? {
                for question in questions {
                    is_refused(client, question)?;
                }
            }
        }
    }
    Ok(())
}

/// Whether the server refuses the query, for a reason other than a lock that did not come.
fn is_refused(client: &mut Client, sql: &str) -> Result<bool, NoLock> {
    match client.query(sql) {
        Ok(_) => Ok(false),
        Err(error) => match NoLock::from(error) {
            NoLock::Refused(reason) => {
                tracing::debug!(reason, "a table of the source cannot be opened");
                Ok(true)
            }
            error => Err(error),
        },
    }
}

/// Begins all transactions again until nobody has written in between; whether that came about.
fn begin_between_commits(clients: &mut [Client], tables: &MigratedTables) -> Result<(Position, bool), ClientError> {
    let mut position = Position::default();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        let Some(first) = clients.first_mut() else { break };
        position = Position::read(first)?;
        std::thread::sleep(SETTLED);
        begin_all(clients)?;
        let Some(first) = clients.first_mut() else { break };
        if !position.is_of_storage() || tables.are_elsewhere {
            break;
        }
        if position.proves_standstill(&Position::read(first)?) {
            position.complete(first)?;
            return Ok((position, true));
        }
    }
    Ok((position, false))
}
