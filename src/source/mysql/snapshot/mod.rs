//! One state of the database for all readers of a run.
//!
//! A server keeps a state for as long as the connections that share it, and no longer: a reader whose connection or
//! transaction ends fails the run, for another transaction would have another state.

mod lock;
mod position;
mod session;
mod strategy;
mod tables;

use super::client::{Client, ClientError};
use super::columns::text;
use super::interrupter::Interrupter;
use super::key_index::KeyIndex;
use super::sign_in_failure::SignInFailure;
use super::undefined_bytes::PartialCharacterSets;
use crate::catalog::{SnapshotMethod, SnapshotState};
use crate::connection::MysqlSource;
use crate::dialect::mysql::quote_table;
use crate::source::SourceError;
pub(in crate::source) use lock::LOCK_PRIVILEGES;
pub(super) use lock::{NoLock, WriteLock};
use position::{Position, logs_replication};
use std::cell::{RefCell, RefMut};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use strategy::{NotTaken, Taken};
pub(super) use tables::MigratedTables;

/// Packets of an answer that nobody reads on that are read to its end; more are not waited for.
const DRAINED: usize = 64;

/// Errors about a table that the server cannot open (MySQL and MariaDB, "Server Error Message Reference").
const UNOPENED: [u16; 16] =
    [1016, 1017, 1030, 1033, 1034, 1035, 1168, 1194, 1195, 1286, 1296, 1429, 1431, 1812, 1813, 1932];

/// Read transactions that all see the same state of one database.
#[derive(Debug)]
pub(in crate::source) struct Snapshot {
    readers: Vec<Reader>,
}

/// One session inside the snapshot. A reader is used by one thread at a time.
#[derive(Debug)]
pub struct Reader {
    client: RefCell<Client>,
    /// Unique indexes of tables that were asked for.
    indexes: RefCell<HashMap<String, Vec<KeyIndex>>>,
    shared: Arc<SnapshotShared>,
}

/// The part that all readers of a snapshot have in common.
#[derive(Debug)]
struct SnapshotShared {
    server: Arc<MysqlSource>,
    state: SnapshotState,
    /// Columns whose character set does not define every byte.
    partial_character_sets: PartialCharacterSets,
    /// The lock on tables that the transactions do not hold, until the last reader is dropped.
    held: Option<Mutex<WriteLock>>,
}

impl Snapshot {
    /// Opens at most `readers` sessions, and at least one, all in one state of the tables for which `is_migrated` holds.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses; or the method that is asked for does not work.
    pub(in crate::source) fn open(
        server: &MysqlSource,
        readers: usize,
        method: Option<SnapshotMethod>,
        is_migrated: &dyn Fn(&str) -> bool,
    ) -> Result<Self, SourceError> {
        let server = Arc::new(server.clone());
        let failed = |error| failure(&server, "taking a snapshot", &error);
        let connected = |_| session::open(&server);
        let mut clients = (0..readers.max(1)).map(connected).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let tables = match clients.first_mut() {
            Some(first) => MigratedTables::read(first, &server, is_migrated).map_err(failed)?,
            None => MigratedTables::default(),
        };
        let partial_character_sets = match clients.first_mut() {
            Some(first) => PartialCharacterSets::read(first, &server).map_err(failed)?,
            None => PartialCharacterSets::default(),
        };
        let taken = strategy::take(&server, clients, method, &tables);
        let Taken { clients, state, held } = taken.map_err(|error| match error {
            NotTaken::Failed(error) => failed(error),
            NotTaken::Refused(refusals) => {
                let words = refusals.iter().map(|(method, reason)| format!("{method}: {reason}"));
                SourceError::NoSnapshot { place: server.redacted(), reasons: words.collect() }
            }
        })?;
        tracing::debug!(?state, "a snapshot of the source");
        let shared = Arc::new(SnapshotShared {
            server: Arc::clone(&server),
            state,
            partial_character_sets,
            held: held.map(Mutex::new),
        });
        let reader =
            |client| Reader { client: RefCell::new(client), indexes: RefCell::default(), shared: Arc::clone(&shared) };
        Ok(Self { readers: clients.into_iter().map(reader).collect() })
    }

    /// Returns the readers, one for each thread.
    #[must_use]
    pub(in crate::source) fn into_readers(self) -> Vec<Reader> {
        self.readers
    }
}

/// A moment of a server, to tell later whether anything was written since.
#[derive(Debug)]
pub(in crate::source::mysql) struct ServerMoment {
    client: Client,
    position: Position,
}

impl ServerMoment {
    /// The present moment.
    pub(in crate::source::mysql) fn now(server: &MysqlSource) -> Result<Self, SourceError> {
        let failed = |error| failure(server, "asking for its position", &error);
        let mut client = session::open(server).map_err(failed)?;
        let position = Position::read(&mut client).map_err(failed)?;
        Ok(Self { client, position })
    }

    /// The session, without the moment.
    pub(in crate::source::mysql) fn into_client(self) -> Client {
        self.client
    }

    /// A session of the server.
    pub(in crate::source::mysql) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Whether nothing was written since, as far as the server's logs and counters say. Tables without transactions (`is_elsewhere`)
    /// are in the binary log alone.
    pub(in crate::source::mysql) fn lasts(
        &mut self,
        server: &MysqlSource,
        is_elsewhere: bool,
    ) -> Result<bool, SourceError> {
        let failed = |error| failure(server, "asking for its position", &error);
        let now = Position::read(&mut self.client).map_err(failed)?;
        if !is_elsewhere && self.position.proves_standstill(&now) {
            return Ok(true);
        }
        Ok(self.position.suggests_standstill(&now) && logs_replication(&mut self.client).map_err(failed)?)
    }
}

/// The databases of a server, without its own.
///
/// # Errors
/// The server cannot be reached, or refuses.
pub(in crate::source) fn list_databases(server: &MysqlSource) -> Result<Vec<String>, SourceError> {
    // The one database that every user may use.
    let server = MysqlSource { database: "information_schema".to_owned(), databases: Vec::new(), ..server.clone() };
    let listed = session::open(&server).and_then(|mut client| client.query(include_str!("../queries/databases.sql")));
    let rows = listed.map_err(|error| failure(&server, "listing its databases", &error))?;
    Ok(rows.iter().filter_map(|row| text(row, 0)).collect())
}

/// The failure of a session.
pub(in crate::source::mysql) fn failure(server: &MysqlSource, doing: &str, error: &ClientError) -> SourceError {
    let (place, doing) = (server.redacted(), doing.to_owned());
    match error {
        ClientError::Connect { cause, refusal } => {
            SourceError::Connect { place, cause: cause.clone(), refusal: *refusal }
        }
        // A session whose password has expired is opened, and may do nothing but to change it.
        error if SignInFailure::of(error, true) == SignInFailure::Expired => {
            SourceError::Connect { place, cause: error.to_string(), refusal: SignInFailure::Expired }
        }
        error if error.is_lost() => SourceError::Lost { place, doing, cause: error.to_string() },
        // The query was interrupted (KILL QUERY).
        error if error.code() == Some(1317) => SourceError::Interrupted { doing },
        // The table is another one than when the transaction began.
        error if error.code() == Some(1412) => SourceError::Altered { place, doing, message: error.to_string() },
        // A lock did not come within `lock_wait_timeout`.
        error if error.code() == Some(1205) => SourceError::Waited { place, doing, message: error.to_string() },
        // The user's queries of an hour, or the prepared statements of all.
        error if matches!(error.code(), Some(1226 | 1461)) => {
            SourceError::NoRoom { place, doing, message: error.to_string() }
        }
        // A file that is gone, damaged or of another server; a table of MERGE or FEDERATED whose tables are not as it says.
        error if error.code().is_some_and(|code| UNOPENED.contains(&code)) => {
            SourceError::Unopened { place, doing, message: error.without_values() }
        }
        error => SourceError::Query { place, doing, message: error.without_values() },
    }
}

impl Reader {
    /// The session, to ask it one statement.
    pub(super) fn client(&self) -> RefMut<'_, Client> {
        self.client.borrow_mut()
    }

    /// The unique indexes of tables that were asked for.
    pub(super) fn known_indexes(&self) -> RefMut<'_, HashMap<String, Vec<KeyIndex>>> {
        self.indexes.borrow_mut()
    }

    /// The server, and the databases of it that are read.
    pub(super) fn server(&self) -> &MysqlSource {
        &self.shared.server
    }

    /// A table's name in SQL.
    pub(super) fn quoted(&self, table: &str) -> String {
        quote_table(table, !self.server().databases.is_empty())
    }

    /// The failure of a statement.
    pub(super) fn failed(&self, doing: &str, error: &ClientError) -> SourceError {
        failure(&self.shared.server, doing, error)
    }

    /// Columns whose character set does not define every byte.
    pub(super) fn partial_character_sets(&self) -> &PartialCharacterSets {
        &self.shared.partial_character_sets
    }

    /// The server, as messages name it.
    pub(in crate::source) fn place(&self) -> String {
        self.shared.server.redacted()
    }

    /// The state that all readers of the snapshot have.
    #[must_use]
    pub(in crate::source) fn snapshot_state(&self) -> &SnapshotState {
        &self.shared.state
    }

    /// Ends an answer whose reader has stopped: a long one at the server, over another connection.
    pub(super) fn end_answer(&self, client: &mut Client) {
        let id = client.connection_id();
        let ended = client.drain(DRAINED).and_then(|is_over| {
            if is_over {
                return Ok(());
            }
            Interrupter::new(Arc::clone(&self.shared.server), id).interrupt();
            client.drain(usize::MAX)?;
            // The answer may have ended by itself before it was interrupted, which then meets the next statement.
            match client.query("DO 0") {
                Err(error) if error.code() == Some(1317) => Ok(()),
                answer => answer.map(drop),
            }
        });
        if let Err(error) = ended {
            // A lost connection shows with the next statement.
            tracing::debug!(%error, "the rest of an answer of the source");
        }
    }

    /// Confirms that the session is still in the transaction in which it began, by what the server said at the end of the
    /// last answer.
    pub(super) fn confirm_transaction(&self, client: &Client) -> Result<(), ClientError> {
        if client.is_in_transaction() { Ok(()) } else { Err(ClientError::TransactionEnded) }
    }

    /// Confirms that all readings belong to one state: the transaction, and the lock on tables that it does not hold, have
    /// not ended.
    ///
    /// # Errors
    /// [`SourceError::Lost`].
    pub(in crate::source) fn confirm_still(&self) -> Result<(), SourceError> {
        const DOING: &str = "confirming that it is still the same state";
        let mut client = self.client();
        client.query("DO 0").map_err(|error| self.failed(DOING, &error))?;
        self.confirm_transaction(&client).map_err(|error| self.failed(DOING, &error))?;
        if let Some(held) = &self.shared.held {
            // A thread that panicked has left the session as it was.
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            held.confirm().map_err(|error| self.failed("holding the lock on tables without transactions", &error))?;
        }
        Ok(())
    }

    /// An interrupter of this reader's queries.
    #[must_use]
    pub(in crate::source) fn interrupter(&self) -> Interrupter {
        Interrupter::new(Arc::clone(&self.shared.server), self.client().connection_id())
    }
}
