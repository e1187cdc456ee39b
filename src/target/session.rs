//! One connection to the target.

use super::words::ServerError;
use super::{TargetError, pooler};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::{CancelToken, Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Settings of a session with which the same input gives the same result on every server, whatever the defaults of the
/// server, the role and the database.
///
/// Time limits that an administrator has set are meant for an application's statements; pg_dump and pg_restore take
/// them off for themselves too. Not every release has all of them. With `row_security` off, a policy that would hide
/// rows is an error, not fewer rows (PostgreSQL documentation, section 5.9). With `quote_all_identifiers` on, the
/// catalog's functions would write the same definition otherwise.
const SETTINGS: &str = include_str!("queries/session_settings.sql");

/// Keepalives by which the server notices a lost client (PostgreSQL documentation, section 20.3.2): after 30 seconds of
/// silence it asks three times, every 10 seconds. A client that died is noticed within half a second, in a statement too
/// (section 20.3.2, `client_connection_check_interval`). A lower limit of the administrator stays.
const KEEPALIVES: &str = include_str!("queries/keepalives.sql");

/// Number of checks whether an ended session is gone, and the pause between two.
const END_TRIES: u32 = 100;
const END_PAUSE: Duration = Duration::from_millis(50);

/// One server process, by its id and its start time: the id alone is reused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    process: i32,
    began: String,
}

/// Settings that make loads and index builds fast at no cost in safety.
///
/// - Commits are asynchronous: a transaction that a crash of the server loses is lost with its ledger row, and the next
///   run repeats it. The run's own last commit is synchronous, on another session; everything before it in the
///   write-ahead log is then on disk as well (PostgreSQL documentation, section 30.4).
/// - Index builds may sort in as much memory as the server's administrator has set aside for its shared buffers, up to
///   1 GB, and never in less than they would have had.
const WORK_SETTINGS: &str = include_str!("queries/work_settings.sql");

/// The schemas in which statements find names without one.
#[derive(Debug, Clone, Copy)]
pub struct SearchPath<'a> {
    schemas: &'a str,
    is_local: bool,
}

impl<'a> SearchPath<'a> {
    /// Path of a new session: every name is written with its schema.
    pub const CATALOG: Self = Self { schemas: "pg_catalog", is_local: false };

    /// Some schemas, quoted and with commas between them; without any, the catalog's.
    #[must_use]
    pub fn of(schemas: Option<&'a str>) -> Self {
        schemas.map_or(Self::CATALOG, |schemas| Self { schemas, is_local: false })
    }

    /// The path until the end of the transaction in progress.
    #[must_use]
    pub fn in_transaction(self) -> Self {
        Self { is_local: true, ..self }
    }

    /// The statement that sets it.
    #[must_use]
    pub fn statement(self) -> String {
        format!("SET {}search_path = {}", if self.is_local { "LOCAL " } else { "" }, self.schemas)
    }
}

/// One connection. The task that drives it ends when the session is dropped.
#[derive(Debug)]
pub struct Session {
    client: Client,
    backend: Backend,
    tls: TlsForCancel,
    driver: JoinHandle<()>,
    trusted_roles: Arc<[String]>,
}

#[derive(Clone)]
struct TlsForCancel(MakeRustlsConnect);

impl std::fmt::Debug for TlsForCancel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TlsForCancel")
    }
}

impl Session {
    /// Opens a session. `is_kept` is set if a pooler in front of the server keeps one session for one client.
    pub(super) async fn open(
        config: &Config,
        tls: MakeRustlsConnect,
        place: &str,
        is_kept: &AtomicBool,
        trusted_roles: &Arc<[String]>,
    ) -> Result<Self, TargetError> {
        let mut session = Self::connect(config, tls.clone(), place).await?;
        session.trusted_roles = Arc::clone(trusted_roles);
        // Before anything is set: a setting would stay in the session for its next client.
        if !is_kept.load(Ordering::Relaxed) && pooler::stands_between(&session).await? {
            if pooler::changes_sessions(&session, Self::connect(config, tls, place)).await? {
                return Err(TargetError::TransactionPooler { place: place.to_owned() });
            }
            is_kept.store(true, Ordering::Relaxed);
        }
        session.execute(SETTINGS, "setting up the session").await?;
        session.execute(KEEPALIVES, "setting up the session").await?;
        let row = session.query_one(include_str!("queries/session.sql"), &[], "setting up the session").await?;
        if row.get::<_, i32>(0) < 130_000 {
            return Err(TargetError::TooOld { found: row.get(1) });
        }
        session.backend = Backend { process: row.get(2), began: row.get(3) };
        Ok(session)
    }

    /// Connects, and sets nothing.
    async fn connect(config: &Config, tls: MakeRustlsConnect, place: &str) -> Result<Self, TargetError> {
        let (client, connection) =
            config.connect(tls.clone()).await.map_err(|error| TargetError::connect(place.to_owned(), &error))?;
        let driver = tokio::spawn(async move {
            // The statement in progress reports the same failure to its caller.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "the connection ended");
            }
        });
        let backend = Backend { process: 0, began: String::new() };
        Ok(Self { client, backend, tls: TlsForCancel(tls), driver, trusted_roles: Arc::default() })
    }

    /// The server process of this session.
    #[must_use]
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// Makes sure that the server process of a lost session is gone, with its transaction and its locks: the server may
    /// not have noticed yet that its client is cut off.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn end(&self, lost: &Backend) -> Result<(), TargetError> {
        let sql = include_str!("queries/end_session.sql");
        for _ in 0..END_TRIES {
            let ended = self.query(sql, &[&lost.process, &lost.began], "ending a session that was lost").await?;
            if ended.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(END_PAUSE).await;
        }
        // A claim that it still holds delays the retry and loses nothing.
        tracing::warn!(process = lost.process, "a session that was lost is still at work");
        Ok(())
    }

    /// Makes this a session that loads rows and builds indexes: fast, and as safe as any other with a run's ledger.
    ///
    /// # Errors
    /// PostgreSQL refuses the settings.
    pub async fn prepare_for_work(&self) -> Result<(), TargetError> {
        self.execute(WORK_SETTINGS, "setting up the session").await
    }

    /// The driver's client.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the connection is lost.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The roles that the user trusts with the ledger, beside those that may become the session's own.
    #[must_use]
    pub fn trusted_roles(&self) -> &[String] {
        &self.trusted_roles
    }

    /// Runs statements without parameters, as one implicit transaction unless they say otherwise.
    ///
    /// # Errors
    /// PostgreSQL's refusal, with `doing` in its message.
    pub async fn execute(&self, sql: &str, doing: &str) -> Result<(), TargetError> {
        self.client.batch_execute(sql).await.map_err(|error| TargetError::of_statement(doing, Some(sql), &error))
    }

    /// Runs the statements of a step or of its undo, which may be the user's.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn run(&self, sql: &str) -> Result<(), TargetError> {
        self.client.batch_execute(sql).await.map_err(|error| TargetError::refused("the statement", Some(sql), &error))
    }

    /// Tries statements under a savepoint of the transaction in progress. The inner result is PostgreSQL's refusal,
    /// after which they are rolled back.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn attempt(&self, sql: &str, doing: &str) -> Result<Result<(), ServerError>, TargetError> {
        answered(self.savepoint(self.client.batch_execute(sql)).await?, doing)
    }

    /// Runs a query that returns no row, to have it checked. The inner result is PostgreSQL's refusal.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn is_taken(&self, sql: &str, doing: &str) -> Result<Result<(), ServerError>, TargetError> {
        answered(self.client.batch_execute(sql).await, doing)
    }

    /// Sets the schemas in which statements find names without one, for the session or for the transaction in progress.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn set_search_path(&self, path: SearchPath<'_>) -> Result<(), TargetError> {
        self.execute(&path.statement(), "setting the search path").await
    }

    /// The number of the transaction in progress, as PostgreSQL's 64-bit number in text; `None` if it has none yet,
    /// because it has written nothing.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn transaction_number(&self) -> Result<Option<String>, TargetError> {
        let sql = "SELECT pg_current_xact_id_if_assigned()::text";
        Ok(self.query_one(sql, &[], "asking for the transaction").await?.get(0))
    }

    /// The server's version, without what its packager adds.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn read_server_version(&self) -> Result<String, TargetError> {
        let sql = "SELECT split_part(current_setting('server_version'), ' ', 1)";
        let row = self.query_one(sql, &[], "setting up the session").await?;
        Ok(row.get(0))
    }

    /// Asks the server to cancel the statement in progress.
    pub async fn cancel(&self) {
        self.canceller().cancel().await;
    }

    /// Handle that cancels this session's statements while the session is busy with one.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller { token: self.client.cancel_token(), tls: self.tls.clone() }
    }
}

/// PostgreSQL's answer as the inner result; a lost connection is the outer error.
fn answered(done: Result<(), tokio_postgres::Error>, doing: &str) -> Result<Result<(), ServerError>, TargetError> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(error) => match error.as_db_error() {
            Some(refusal) => Ok(Err(ServerError::of(refusal))),
            None => Err(TargetError::statement(doing, &error)),
        },
    }
}

/// Cancels the statements of one session.
pub struct Canceller {
    token: CancelToken,
    tls: TlsForCancel,
}

impl std::fmt::Debug for Canceller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Canceller")
    }
}

impl Canceller {
    /// Asks the server to cancel the statement in progress.
    pub async fn cancel(&self) {
        if let Err(error) = self.token.cancel_query(self.tls.0.clone()).await {
            tracing::debug!(%error, "the statement could not be cancelled");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // An interrupted COPY must not linger while the process goes on.
        self.driver.abort();
    }
}
