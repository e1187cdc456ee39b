//! The state of a server that several connections read, and the method by which they got it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A method by which several connections get the same state of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotMethod {
    /// A lock of the whole server against writers, while every connection begins its transaction.
    GlobalLock,
    /// The server's backup lock, which lets statements run and keeps their commits waiting.
    BackupStage,
    /// Locks of the database's tables against writers, while every connection begins its transaction.
    TableLocks,
    /// No lock: the position in the server's log is the same before the first transaction begins and after the last.
    Positions,
    /// One connection, which has one state of its own.
    OneConnection,
}

impl SnapshotMethod {
    /// The words of the spec; `auto` is no method, but the first one that the server permits.
    pub const WORDS: [(&'static str, Option<SnapshotMethod>); 6] = [
        ("auto", None),
        ("global_lock", Some(Self::GlobalLock)),
        ("backup_stage", Some(Self::BackupStage)),
        ("table_locks", Some(Self::TableLocks)),
        ("positions", Some(Self::Positions)),
        ("one_connection", Some(Self::OneConnection)),
    ];

    /// Its word in the spec, in the ledger and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::GlobalLock => "global_lock",
            Self::BackupStage => "backup_stage",
            Self::TableLocks => "table_locks",
            Self::Positions => "positions",
            Self::OneConnection => "one_connection",
        }
    }
}

impl fmt::Display for SnapshotMethod {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// The state of a server that all connections of a snapshot have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotState {
    /// The method.
    pub method: SnapshotMethod,
    /// Whether all connections are known to have the same state.
    pub is_proven: bool,
    /// The file of the server's log of changes that was being written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_file: Option<String>,
    /// The position in that file: what lies before it is in the snapshot, what lies behind it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_position: Option<u64>,
    /// The transactions in the snapshot, by the server's global identifiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transactions: Option<String>,
    /// Tables outside of the snapshot, for their storage engine has no transactions, that no lock protects from writers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unprotected: Vec<String>,
}

/// The privileges with which a server's user may keep writers away from what is read, in the server's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockPrivileges {
    /// Privileges to lock the whole source.
    pub of_source: &'static str,
    /// Privileges to lock one table that no snapshot holds.
    pub of_table: &'static str,
}

impl SnapshotState {
    /// Whether all connections are known to see the same rows of a table.
    #[must_use]
    pub fn holds(&self, table: &str) -> bool {
        self.is_proven && !self.unprotected.iter().any(|unprotected| unprotected == table)
    }
}

impl fmt::Display for SnapshotState {
    /// `global_lock, binlog.000003:1234, 0-1-5`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.method)?;
        if let (Some(file), Some(position)) = (&self.log_file, self.log_position) {
            write!(formatter, ", {file}:{position}")?;
        }
        if let Some(transactions) = &self.transactions {
            write!(formatter, ", {transactions}")?;
        }
        if self.is_proven { Ok(()) } else { formatter.write_str(", not proved to be one state") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_spec_is_the_word_in_json() {
        for (word, method) in SnapshotMethod::WORDS {
            let Some(method) = method else { continue };
            assert_eq!((word, serde_json::to_value(method).unwrap()), (method.word(), word.into()));
        }
    }
}
