//! Sequences: MariaDB has them, MySQL has none.
//! Source: MariaDB documentation, "Sequence Overview".

use super::columns::{integer, text};
use super::database::Database;
use super::snapshot::Reader;
use crate::catalog::{OtherObject, OtherObjectKind, Sequence};
use crate::dialect::mysql::quote;
use crate::source::SourceError;
use crate::source::mysql::client::ClientError;

impl Reader {
    /// A sequence by its definition alone: the number that it stands at is data. How many numbers the server keeps ready is
    /// left out: in PostgreSQL each session would keep as many, and hand them out of turn.
    pub(super) fn sequence(&self, name: &str, database: &Database) -> Result<OtherObject, ClientError> {
        let columns = "start_value, increment, minimum_value, maximum_value, cycle_option";
        let rows = self.client().query(&format!("SELECT {columns} FROM {}", quote(name)))?;
        let word = |at: usize| rows.first().and_then(|row| text(row, at)).unwrap_or_default();
        let cycles = word(4) == "1";
        let sql = format!(
            "CREATE SEQUENCE {} START WITH {} INCREMENT BY {} MINVALUE {} MAXVALUE {}{}",
            quote(name),
            word(0),
            word(1),
            word(2),
            word(3),
            if cycles { " CYCLE" } else { "" }
        );
        let number = |at: usize| rows.first().and_then(|row| integer(row, at));
        let rule = || {
            let (start, minimum, maximum) = (number(0)?, number(2)?, number(3)?);
            // 0 stands for the server's setting auto_increment_increment.
            let increment = number(1).filter(|increment| *increment != 0)?;
            Some(Sequence { start, increment, minimum, maximum, cycles })
        };
        Ok(OtherObject {
            kind: OtherObjectKind::Sequence,
            sql: rows.first().map(|_| sql),
            sequence: rule(),
            name: database.known(name),
            columns: Vec::new(),
            refusal: None,
            virtual_table: None,
        })
    }

    /// The first number that the server has not kept ready for its sessions: none at or behind it has been given.
    ///
    /// # Errors
    /// The source fails, or has no such sequence.
    pub(in crate::source) fn next_number(&self, sequence: &str) -> Result<i64, SourceError> {
        let failed = |error| self.failed(&format!("reading the sequence {sequence}"), &error);
        let rows = self.client().query(&format!("SELECT next_not_cached_value FROM {}", self.quoted(sequence)));
        let next = rows.map_err(failed)?.first().and_then(|row| integer(row, 0));
        next.ok_or_else(|| failed(ClientError::protocol("a sequence without a next number")))
    }
}
