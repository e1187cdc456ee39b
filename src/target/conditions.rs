//! Conditions that a target must meet for a run, read before anything is done: whether it takes writes, and how it
//! encodes text.

use super::{Session, TargetError};
use std::path::PathBuf;

/// The conditions that a server and a database set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetConditions {
    /// Whether the server is a standby, which takes no writes whatever a session asks.
    pub is_standby: bool,
    /// Whether transactions only read unless they say otherwise (`default_transaction_read_only`).
    pub only_reads: bool,
    /// The encoding of the database, by PostgreSQL's name (documentation, section 24.3), such as `UTF8` or `SQL_ASCII`.
    pub encoding: String,
    /// Number of objects that the transactions of all sessions can lock together.
    pub lock_slots: u64,
    /// The database, as an identifier in SQL.
    pub database: String,
    /// The role, as an identifier in SQL.
    pub role: String,
    /// The directory of the database's tables; `None` if it is not on this machine or the role may not know it.
    pub data_directory: Option<PathBuf>,
}

impl TargetConditions {
    /// Reason why the target takes no writes at all, with a hint; `None` if it takes them.
    #[must_use]
    pub fn takes_no_writes(&self) -> Option<(&'static str, String)> {
        if self.is_standby {
            let why = "the server is a standby, which only reads (PostgreSQL documentation, section 27.4)";
            return Some((why, "name the primary server in `target.url`".to_owned()));
        }
        let (role, database) = (&self.role, &self.database);
        let sql = format!("ALTER ROLE {role} IN DATABASE {database} SET default_transaction_read_only = off;");
        let hint = format!("let an administrator run `{sql}`, or use another role");
        self.only_reads.then_some(("transactions of this role only read here (`default_transaction_read_only`)", hint))
    }

    /// Free bytes on the file system of the server's data; `None` if that cannot be known from here.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        let file_system = nix::sys::statvfs::statvfs(self.data_directory.as_deref()?).ok()?;
        Some(file_system.blocks_available().saturating_mul(file_system.fragment_size()))
    }
}

/// Makes sure that the target takes writes, for a command that is about to write.
///
/// # Errors
/// [`TargetError::OnlyReads`]; PostgreSQL's refusal.
pub async fn expect_writes(session: &Session) -> Result<(), TargetError> {
    match read(session).await?.takes_no_writes() {
        Some((message, hint)) => Err(TargetError::OnlyReads { message, hint }),
        None => Ok(()),
    }
}

/// Reads the conditions of the session's database.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read(session: &Session) -> Result<TargetConditions, TargetError> {
    let row = session.client().query_one(include_str!("queries/conditions.sql"), &[]).await;
    let row = row.map_err(|error| TargetError::statement("asking what the server allows", &error))?;
    Ok(TargetConditions {
        is_standby: row.get(0),
        only_reads: row.get(1),
        encoding: row.get(2),
        lock_slots: u64::try_from(row.get::<_, i64>(3)).unwrap_or(0),
        database: row.get(4),
        role: row.get(5),
        data_directory: row.get::<_, Option<String>>(6).map(PathBuf::from),
    })
}
