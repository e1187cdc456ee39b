//! Foreign keys, to tables of the databases that are read and of others.

use super::{Read, Texts, word};
use crate::catalog::{ForeignKey, ForeignKeyElsewhere, ReferentialAction};

/// Reads the rows of `queries/foreign_keys.sql` about one table.
pub(super) fn references(rows: &[Texts], databases: &[Read]) -> (Vec<ForeignKey>, Vec<ForeignKeyElsewhere>) {
    let (mut here, mut elsewhere) = (Vec::<ForeignKey>::new(), Vec::<ForeignKeyElsewhere>::new());
    for row in rows {
        let (name, column) = (word(row, 1), word(row, 2));
        let referenced = word(row, 3);
        if let Some(read) = databases.iter().find(|read| read.stored == referenced) {
            if here.last().is_none_or(|last| last.name.as_ref() != Some(&name)) {
                here.push(ForeignKey {
                    name: Some(name),
                    columns: Vec::new(),
                    referenced_table: read.database.known(&word(row, 4)),
                    referenced_columns: Vec::new(),
                    on_update: ReferentialAction::from_sql(&word(row, 6)),
                    on_delete: ReferentialAction::from_sql(&word(row, 7)),
                    deferred: false,
                });
            }
            if let Some(last) = here.last_mut() {
                last.columns.push(column);
                last.referenced_columns.push(word(row, 5));
            }
            continue;
        }
        if elsewhere.last().is_none_or(|last| last.name != name) {
            let (database, table) = (word(row, 3), word(row, 4));
            elsewhere.push(ForeignKeyElsewhere { name, columns: Vec::new(), database, table });
        }
        if let Some(last) = elsewhere.last_mut() {
            last.columns.push(column);
        }
    }
    (here, elsewhere)
}
