//! Positions in the server's log of changes.

use crate::source::mysql::client::{Client, ClientError, TextRow};
use crate::source::mysql::columns::text;

/// The position that the server's log of changes has reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// The file of the binary log, and the offset in it.
    pub(super) log: Option<(String, u64)>,
    /// The global identifiers of the transactions that were committed.
    pub(super) transactions: Option<String>,
    /// The position in the log of the storage, which every change of a transactional table moves.
    storage: Option<u64>,
    /// Whether every change goes into the binary log. A replica may apply the changes of others without writing them there.
    pub(super) has_every_change: bool,
}

/// Questions for the position in the binary log; MySQL renamed it in 8.2, MariaDB did not.
const BINARY_LOG: [&str; 2] = ["SHOW MASTER STATUS", "SHOW BINARY LOG STATUS"];

/// Position of InnoDB's redo log, by the names that MariaDB and MySQL give it.
const STORAGE: &str = "SHOW GLOBAL STATUS WHERE variable_name IN ('Innodb_lsn_current', 'Innodb_redo_log_current_lsn')";

/// Whether a replica writes what it applies into its own binary log, by the names that MariaDB and MySQL give it.
const LOGS_REPLICATION: &str =
    "SHOW GLOBAL VARIABLES WHERE variable_name IN ('log_slave_updates', 'log_replica_updates') AND value = 'ON'";

/// Whether a server of MariaDB is no replica at present.
const NO_REPLICA: &str = "SHOW GLOBAL STATUS WHERE variable_name = 'slaves_running' AND value = '0'";

/// Position of a transaction's snapshot in the binary log, which MariaDB and Percona Server say to every user ("START
/// TRANSACTION", WITH CONSISTENT SNAPSHOT, in MariaDB's documentation).
const OF_SNAPSHOT: &str = "SHOW STATUS WHERE variable_name IN ('binlog_snapshot_file', 'binlog_snapshot_position')";

impl Position {
    /// The server's present position, as far as this user may see it.
    ///
    /// # Errors
    /// The session is lost.
    pub(super) fn read(client: &mut Client) -> Result<Self, ClientError> {
        let mut position = Self::default();
        for question in BINARY_LOG {
            let Some(rows) = asked(client, question)? else { continue };
            if let Some(row) = rows.first() {
                position.log = text(row, 0).zip(text(row, 1).and_then(|offset| offset.parse().ok()));
            }
            break;
        }
        let variable = if client.is_mariadb() { "gtid_binlog_pos" } else { "gtid_executed" };
        let rows = asked(client, &format!("SELECT @@GLOBAL.{variable}"))?.unwrap_or_default();
        // MySQL breaks long sets into lines.
        let transactions = rows.first().and_then(|row| text(row, 0)).map(|set| set.replace('\n', ""));
        position.transactions = transactions.filter(|set| !set.is_empty());
        let rows = asked(client, STORAGE)?.unwrap_or_default();
        position.storage = rows.first().and_then(|row| text(row, 1)).and_then(|position| position.parse().ok());
        for question in [LOGS_REPLICATION, NO_REPLICA] {
            position.has_every_change |= asked(client, question)?.is_some_and(|rows| !rows.is_empty());
        }
        Ok(position)
    }

    /// The position of the snapshot that the session's transaction has; `None` if the server does not say it.
    ///
    /// # Errors
    /// The session is lost.
    pub(super) fn of_snapshot(client: &mut Client) -> Result<Option<(String, u64)>, ClientError> {
        let rows = asked(client, OF_SNAPSHOT)?.unwrap_or_default();
        let value = |name: &str| {
            let is_it = |row: &&TextRow| text(row, 0).is_some_and(|word| word.eq_ignore_ascii_case(name));
            rows.iter().find(is_it).and_then(|row| text(row, 1)).filter(|value| !value.is_empty())
        };
        let offset = value("binlog_snapshot_position").and_then(|offset| offset.parse().ok());
        Ok(value("binlog_snapshot_file").zip(offset))
    }

    /// Whether nothing was committed between this position and a later one: the storage's log has not moved, or the binary
    /// log has not, and every change goes into it.
    pub(super) fn proves_standstill(&self, later: &Self) -> bool {
        let is_still = self.storage.is_some() && self.storage == later.storage;
        let is_known = self.log.is_some() || self.transactions.is_some();
        let is_same = self.log == later.log && self.transactions == later.transactions;
        is_still || (is_known && is_same && self.has_every_change)
    }
}

/// The answer; `None` if the server refuses it to this user, or does not know the question.
fn asked(client: &mut Client, sql: &str) -> Result<Option<Vec<TextRow>>, ClientError> {
    match client.query(sql) {
        Err(error) if error.code().is_some() && !error.is_lost() => {
            tracing::debug!(sql, %error, "a position of the source is not known");
            Ok(None)
        }
        answer => answer.map(Some),
    }
}
