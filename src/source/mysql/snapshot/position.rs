//! Positions in the server's log of changes.

use crate::source::mysql::client::{Client, ClientError, TextRow};
use crate::source::mysql::columns::text;

/// The position that the server's logs of changes have reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// The file of the binary log, and the offset in it.
    pub(super) log: Option<(String, u64)>,
    /// Whether some databases' changes do not go into the binary log (`binlog-do-db`, `binlog-ignore-db`).
    is_filtered: bool,
    /// The global identifiers of the transactions that were committed.
    pub(super) transactions: Option<String>,
    /// Position in InnoDB's log, which every change of its tables and every commit advances; so does InnoDB itself when
    /// it purges old row versions. `None` if the server does not show it, or keeps no such log.
    storage: Option<u64>,
    /// Numbers of rows that were written, as far as the server counts them.
    rows: Vec<String>,
}

/// Questions for the position in the binary log; MySQL renamed it in 8.2, MariaDB did not.
const BINARY_LOG: [&str; 2] = ["SHOW MASTER STATUS", "SHOW BINARY LOG STATUS"];

/// Whether MySQL (from 8.0.21) keeps a redo log, and the number of its writes into it: the position that it says
/// (`Innodb_redo_log_current_lsn`) is an old one (`log_update_exported_variables` of its source); and counters of rows.
const STORAGE_OF_MYSQL: &str = "SHOW GLOBAL STATUS WHERE variable_name IN ('Innodb_redo_log_enabled', \
     'Innodb_log_write_requests', 'Innodb_rows_deleted', 'Innodb_rows_inserted', 'Innodb_rows_updated')";

/// MariaDB's position of InnoDB's redo log, and counters of rows of all tables; it has none of InnoDB's since 10.8, and counts those of
/// temporary tables apart.
const STORAGE_OF_MARIADB: &str = "SHOW GLOBAL STATUS WHERE variable_name IN ('Innodb_lsn_current', \
     'Handler_delete', 'Handler_update', 'Handler_write')";

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
                position.is_filtered = [2, 3].iter().any(|at| text(row, *at).is_some_and(|names| !names.is_empty()));
            }
            break;
        }
        let variable = if client.is_mariadb() { "gtid_binlog_pos" } else { "gtid_executed" };
        let rows = asked(client, &format!("SELECT @@GLOBAL.{variable}"))?.unwrap_or_default();
        // MySQL breaks long sets into lines.
        let transactions = rows.first().and_then(|row| text(row, 0)).map(|set| set.replace('\n', ""));
        position.transactions = transactions.filter(|set| !set.is_empty());
        // Last, so that the time between it and what follows is the shortest.
        let storage = if client.is_mariadb() { STORAGE_OF_MARIADB } else { STORAGE_OF_MYSQL };
        position.take_storage(&asked(client, storage)?.unwrap_or_default());
        Ok(position)
    }

    /// Adds the position of the snapshot that the session's transaction has, where this one has none and the server says it.
    ///
    /// # Errors
    /// The session is lost.
    pub(super) fn complete(&mut self, client: &mut Client) -> Result<(), ClientError> {
        if self.log.is_none() {
            let rows = asked(client, OF_SNAPSHOT)?.unwrap_or_default();
            let value = |name: &str| {
                let is_it = |row: &&TextRow| text(row, 0).is_some_and(|word| word.eq_ignore_ascii_case(name));
                rows.iter().find(is_it).and_then(|row| text(row, 1)).filter(|value| !value.is_empty())
            };
            let offset = value("binlog_snapshot_position").and_then(|offset| offset.parse().ok());
            self.log = value("binlog_snapshot_file").zip(offset);
        }
        Ok(())
    }

    fn take_storage(&mut self, rows: &[TextRow]) {
        let (mut has_log, mut writes) = (None, None);
        for row in rows {
            let (name, value) =
                (text(row, 0).unwrap_or_default().to_ascii_lowercase(), text(row, 1).unwrap_or_default());
            match name.as_str() {
                "innodb_lsn_current" => self.storage = value.parse().ok(),
                "innodb_redo_log_enabled" => has_log = Some(value == "ON"),
                "innodb_log_write_requests" => writes = value.parse().ok(),
                _ => self.rows.push(format!("{name}={value}")),
            }
        }
        match has_log {
            Some(true) => self.storage = self.storage.or(writes),
            Some(false) => self.storage = None,
            // Before MySQL 8 not all writes are counted.
            None => {}
        }
        self.rows.sort_unstable();
    }

    /// Whether the server says how far its storage's log is, without which no standstill is proved.
    pub(super) fn is_of_storage(&self) -> bool {
        self.storage.is_some()
    }

    /// Whether nothing was written to InnoDB's tables, nor committed there, between this position and a later one. The binary log
    /// alone is no proof: sessions with `sql_log_bin = 0`, filtered databases and replicas write past it.
    pub(super) fn proves_standstill(&self, later: &Self) -> bool {
        let is_same_log = self.log == later.log && self.transactions == later.transactions;
        is_same_log && self.storage.is_some() && self.storage == later.storage
    }

    /// Whether nobody seems to have written between this position and a later one, over a time in which the storage's own work moves
    /// its log: neither the binary log, which is whole as far as is known, nor the number of written rows has moved.
    pub(super) fn suggests_standstill(&self, later: &Self) -> bool {
        let is_known = self.log.is_some() && !self.is_filtered && !later.is_filtered && !self.rows.is_empty();
        is_known && (&self.log, &self.transactions, &self.rows) == (&later.log, &later.transactions, &later.rows)
    }
}

/// Whether every change of others goes into the binary log. A replica may apply changes without writing them there.
///
/// # Errors
/// The session is lost.
pub(super) fn logs_replication(client: &mut Client) -> Result<bool, ClientError> {
    for question in [LOGS_REPLICATION, NO_REPLICA] {
        if asked(client, question)?.is_some_and(|rows| !rows.is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn position(log: u64, storage: &str, rows: &str) -> Position {
        let row = |name: &str, value: &str| vec![Some(name.into()), Some(value.into())];
        let mut position = Position { log: Some(("binlog.000001".to_owned(), log)), ..Position::default() };
        position.take_storage(&[row("Innodb_lsn_current", storage), row("Innodb_rows_updated", rows)]);
        position
    }

    /// A session with `sql_log_bin = 0` writes past the binary log, as others do to filtered databases.
    #[test]
    fn a_binary_log_that_stands_still_proves_nothing_alone() {
        let before = position(7, "100", "1");
        assert!(before.proves_standstill(&before) && before.suggests_standstill(&before));
        for (later, is_proven, is_suggested) in [
            (position(7, "101", "2"), false, false),
            // Rows that were written before are committed, or the storage does its own work.
            (position(7, "101", "1"), false, true),
            (position(8, "100", "1"), false, false),
            // The server does not say it.
            (position(7, "", "1"), false, true),
        ] {
            assert_eq!(before.proves_standstill(&later), is_proven, "{later:?}");
            assert_eq!(before.suggests_standstill(&later), is_suggested, "{later:?}");
        }
        let silent = position(7, "", "1");
        assert!(!silent.proves_standstill(&silent) && !silent.is_of_storage());
        let filtered = Position { is_filtered: true, ..before };
        assert!(!filtered.suggests_standstill(&filtered));
    }

    /// Without a redo log its position stands still whatever is written.
    #[test]
    fn a_redo_log_that_is_off_is_no_proof() {
        let row = |name: &str, value: &str| vec![Some(name.into()), Some(value.into())];
        for (enabled, is_told) in [("ON", true), ("OFF", false)] {
            let mut position = Position::default();
            position.take_storage(&[row("Innodb_log_write_requests", "100"), row("Innodb_redo_log_enabled", enabled)]);
            assert_eq!(position.is_of_storage(), is_told);
        }
        let mut position = Position::default();
        position.take_storage(&[row("Innodb_log_write_requests", "100")]);
        assert!(!position.is_of_storage());
    }
}
