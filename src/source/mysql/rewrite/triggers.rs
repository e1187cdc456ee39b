//! Triggers of tables that are written to. No setting of a session keeps them from firing: they are taken away, and made again
//! as they were.

use super::{Rewriter, texts};
use crate::dialect::mysql::{literal, quote};
use crate::source::SourceError;
use crate::source::mysql::database::Database;
use std::collections::BTreeSet;

/// A trigger that was taken away.
#[derive(Debug)]
pub(super) struct TakenTrigger {
    /// Its database, which its text does not name.
    database: Database,
    /// The modes in which its text is read.
    sql_mode: String,
    sql: String,
    /// Character set and collation in which its literals are compared.
    character_set: String,
    collation: String,
}

impl Rewriter {
    /// Takes away the triggers of some tables, in the order in which they fire.
    pub(super) fn take_triggers(&self, tables: &BTreeSet<String>) -> Result<Vec<TakenTrigger>, SourceError> {
        let failed = self.failed("taking its triggers away");
        let mut client = self.client.borrow_mut();
        let sql = "SELECT trigger_name, event_object_table FROM information_schema.triggers \
                   WHERE trigger_schema = database() \
                   ORDER BY event_object_table, event_manipulation, action_timing, action_order";
        let mut taken = Vec::new();
        for database in Database::all_of(&self.server) {
            database.enter(&mut client).map_err(&failed)?;
            for row in texts(&client.query(sql).map_err(&failed)?) {
                let [Some(name), Some(table)] = row.as_slice() else { continue };
                if !tables.contains(&database.known(table)) {
                    continue;
                }
                let shown = client.query(&format!("SHOW CREATE TRIGGER {}", quote(name))).map_err(&failed)?;
                // Name, modes, statement, character set, collation.
                for row in texts(&shown) {
                    if let [_, Some(sql_mode), Some(sql), Some(character_set), Some(collation), ..] = row.as_slice() {
                        let [sql_mode, sql] = [sql_mode, sql].map(Clone::clone);
                        let [character_set, collation] = [character_set, collation].map(Clone::clone);
                        let database = database.clone();
                        taken.push(TakenTrigger { database, sql_mode, sql, character_set, collation });
                    }
                }
                client.query(&format!("DROP TRIGGER {}", quote(name))).map_err(&failed)?;
            }
        }
        Database::leave(&mut client, &self.server).map_err(&failed)?;
        Ok(taken)
    }

    /// Makes triggers again.
    pub(super) fn put_triggers(&self, taken: &[TakenTrigger]) -> Result<(), SourceError> {
        let failed = self.failed("making its triggers again");
        let mut client = self.client.borrow_mut();
        for TakenTrigger { database, sql_mode, sql, character_set, collation } in taken {
            database.enter(&mut client).map_err(&failed)?;
            // Its text has come in UTF-8; in another character set only ASCII is the same.
            let is_same = sql.is_ascii() || character_set.starts_with("utf8");
            let set = if is_same { character_set.as_str() } else { "utf8mb4" };
            let mut settings = vec![format!("SET SESSION sql_mode = {}", literal(sql_mode))];
            settings.push(format!("SET SESSION character_set_client = {set}"));
            settings.extend(is_same.then(|| format!("SET SESSION collation_connection = {collation}")));
            for setting in settings {
                client.query(&setting).map_err(&failed)?;
            }
            client.query_as_written(sql).map_err(&failed)?;
        }
        Database::leave(&mut client, &self.server).map_err(&failed)?;
        client.query("SET NAMES utf8mb4").map(drop).map_err(failed)
    }
}
