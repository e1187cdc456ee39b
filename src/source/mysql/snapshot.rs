//! One state of the database for all readers of a run.

use super::client::{Client, ClientError};
use super::interrupter::Interrupter;
use crate::connection::MysqlSource;
use crate::source::SourceError;
use std::cell::{RefCell, RefMut};
use std::sync::Arc;

/// Statements that begin a session. Nothing is reinterpreted, dates come as they are stored, and the server waits for a
/// reader that waits for PostgreSQL. MariaDB keeps answers of subqueries by the collation of what they were asked about, so
/// that a condition on bytes would get the answer for another spelling; the comment is MariaDB's alone.
const SESSION: [&str; 5] = [
    "SET NAMES utf8mb4",
    "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'",
    "SET SESSION time_zone = '+00:00' /*M!, SESSION optimizer_switch = 'subquery_cache=off' */",
    "SET SESSION net_write_timeout = 86400, SESSION net_read_timeout = 86400, SESSION wait_timeout = 86400",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
];

/// Read transactions that all see the same state of one database.
#[derive(Debug)]
pub(in crate::source) struct Snapshot {
    readers: Vec<Reader>,
}

/// One session inside the snapshot. A reader is used by one thread at a time.
#[derive(Debug)]
pub struct Reader {
    client: RefCell<Client>,
    server: Arc<MysqlSource>,
}

impl Snapshot {
    /// Opens `readers` sessions, all in one state of the database.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub(in crate::source) fn open(server: &MysqlSource, readers: usize) -> Result<Self, SourceError> {
        let server = Arc::new(server.clone());
        let failed = |error| failure(&server, "taking a snapshot", &error);
        let connected = |_| session(&server);
        let mut clients = (0..readers.max(1)).map(connected).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let mut lock = session(&server).map_err(failed)?;
        let is_locked = lock.query("FLUSH TABLES WITH READ LOCK").is_ok();
        for client in &mut clients {
            client.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").map_err(failed)?;
        }
        if is_locked {
            lock.query("UNLOCK TABLES").map_err(failed)?;
        }
        let reader = |client| Reader { client: RefCell::new(client), server: Arc::clone(&server) };
        Ok(Self { readers: clients.into_iter().map(reader).collect() })
    }

    /// Returns the readers, one for each thread.
    #[must_use]
    pub(in crate::source) fn into_readers(self) -> Vec<Reader> {
        self.readers
    }
}

/// A session with its settings.
fn session(server: &MysqlSource) -> Result<Client, ClientError> {
    let mut client = Client::connect(server)?;
    for setting in SESSION {
        client.query(setting)?;
    }
    Ok(client)
}

/// The failure of a session.
pub(super) fn failure(server: &MysqlSource, doing: &str, error: &ClientError) -> SourceError {
    SourceError::Query { place: server.redacted(), doing: doing.to_owned(), message: error.to_string() }
}

impl Reader {
    /// The session, to ask it one statement.
    pub(super) fn client(&self) -> RefMut<'_, Client> {
        self.client.borrow_mut()
    }

    /// The database's name.
    pub(super) fn database(&self) -> &str {
        &self.server.database
    }

    /// The failure of a statement.
    pub(super) fn failed(&self, doing: &str, error: &ClientError) -> SourceError {
        // 1317: the query was interrupted (KILL QUERY).
        if error.code() == Some(1317) {
            return SourceError::Interrupted { doing: doing.to_owned() };
        }
        failure(&self.server, doing, error)
    }

    /// The server, as messages name it.
    pub(super) fn place(&self) -> String {
        self.server.redacted()
    }

    /// Confirms that all readings belong to one state. A transaction's snapshot does not change.
    ///
    /// # Errors
    /// None yet.
    #[expect(clippy::unnecessary_wraps, reason = "the door to all engines may fail here")]
    pub(in crate::source) fn confirm_still(&self) -> Result<(), SourceError> {
        Ok(())
    }

    /// An interrupter of this reader's queries.
    #[must_use]
    pub(in crate::source) fn interrupter(&self) -> Interrupter {
        Interrupter::new(Arc::clone(&self.server), self.client().connection_id())
    }
}
