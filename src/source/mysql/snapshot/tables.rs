//! The tables of the databases, and those whose storage engine has no transactions.

use crate::connection::MysqlSource;
use crate::source::mysql::client::{Client, ClientError};
use crate::source::mysql::columns::text;
use crate::source::mysql::database::Database;

/// The tables that are migrated.
#[derive(Debug, Default)]
pub(in crate::source::mysql) struct MigratedTables {
    /// Tables that a transaction's snapshot holds.
    versioned: Vec<String>,
    /// Tables whose storage engine has no transactions: MyISAM, Aria, MEMORY and others.
    pub(in crate::source::mysql) unversioned: Vec<String>,
    /// Tables among them that are the rows of other tables.
    merged: Vec<String>,
    /// Whether a storage other than InnoDB has tables with transactions, and says nothing of its log.
    pub(super) are_elsewhere: bool,
}

impl MigratedTables {
    /// Reads the tables for which `is_migrated` holds.
    ///
    /// # Errors
    /// The server refuses the question.
    pub(in crate::source::mysql) fn read(
        client: &mut Client,
        server: &MysqlSource,
        is_migrated: &dyn Fn(&str) -> bool,
    ) -> Result<Self, ClientError> {
        let mut tables = Self::default();
        for database in Database::all_of(server) {
            database.enter(client)?;
            for row in client.query(include_str!("../queries/transactional.sql"))? {
                let name = text(&row, 0).map(|name| database.known(&name));
                let Some(name) = name.filter(|name| is_migrated(name)) else { continue };
                if text(&row, 2).as_deref() == Some("1") {
                    tables.merged.push(name.clone());
                }
                let is_versioned = text(&row, 1).as_deref() == Some("YES");
                tables.are_elsewhere |= is_versioned && text(&row, 3).as_deref() != Some("1");
                if is_versioned { &mut tables.versioned } else { &mut tables.unversioned }.push(name);
            }
        }
        Database::leave(client, server)?;
        Ok(tables)
    }

    /// The tables outside of a transaction that can be locked while all of the server is, and those that cannot: the lock of a
    /// table over others waits for the lock of all, and with it everybody who writes.
    pub(super) fn lockable(&self) -> (Vec<&str>, Vec<&str>) {
        self.unversioned.iter().map(String::as_str).partition(|name| !self.merged.iter().any(|merged| merged == name))
    }

    /// The tables that transactions write to.
    pub(in crate::source::mysql) fn versioned(&self) -> impl Iterator<Item = &str> {
        self.versioned.iter().map(String::as_str)
    }

    /// The names of all.
    pub(in crate::source::mysql) fn all(&self) -> impl Iterator<Item = &str> {
        self.versioned.iter().chain(&self.unversioned).map(String::as_str)
    }
}
