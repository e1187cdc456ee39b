//! References that lead to no row. The server does not check them while rows are written, and says nothing of them later.

use super::{Rewriter, texts};
use crate::dialect::mysql::quote;
use crate::source::SourceError;
use crate::source::mysql::database::Database;
use std::collections::BTreeSet;

/// A foreign key of a table that is written to, or that refers to one.
#[derive(Debug)]
pub(super) struct RewrittenReference {
    pub(super) name: String,
    /// The table, by the name by which it is known, and in SQL.
    pub(super) child: String,
    from: String,
    /// Its columns, and those that they refer to.
    columns: Vec<(String, String)>,
    /// The table that they refer to, in the same two ways.
    pub(super) parent: String,
    to: String,
    /// The columns that name a row of the table; those of the key itself where there are none.
    naming: Vec<String>,
}

/// A row without one that it refers to: the number of the foreign key, and the row in words.
pub(super) type DanglingReference = (usize, String);

impl Rewriter {
    /// The foreign keys of tables that are written to, and those that lead to them.
    pub(super) fn foreign_keys(&self, touched: &BTreeSet<String>) -> Result<Vec<RewrittenReference>, SourceError> {
        let failed = self.failed("reading its foreign keys");
        let mut client = self.client.borrow_mut();
        let mut keys = Vec::<RewrittenReference>::new();
        for own in Database::all_of(&self.server) {
            own.enter(&mut client).map_err(&failed)?;
            for row in texts(&client.query(include_str!("../queries/foreign_keys.sql")).map_err(&failed)?) {
                let [Some(table), Some(name), Some(column), Some(database), Some(parent), Some(referenced), ..] =
                    row.as_slice()
                else {
                    continue;
                };
                let to = format!("{}.{}", quote(database), quote(parent));
                let (child, parent) = (own.known(table), own.known_in(database, parent));
                if !touched.contains(&child) && !touched.contains(&parent) {
                    continue;
                }
                if keys.last().is_none_or(|last| last.name != *name || last.child != child) {
                    let staging = self.tables.iter().find(|staging| staging.table.table == child);
                    let naming = staging.map(|staging| staging.table.identity.columns().to_vec()).unwrap_or_default();
                    let from = own.qualified(&quote(table));
                    keys.push(RewrittenReference {
                        name: name.clone(),
                        child,
                        from,
                        columns: Vec::new(),
                        parent,
                        to,
                        naming,
                    });
                }
                if let Some(last) = keys.last_mut() {
                    last.columns.push((column.clone(), referenced.clone()));
                }
            }
        }
        Database::leave(&mut client, &self.server).map_err(&failed)?;
        for key in keys.iter_mut().filter(|key| key.naming.is_empty()) {
            key.naming = key.columns.iter().map(|(column, _)| column.clone()).collect();
        }
        Ok(keys)
    }

    /// The rows whose references lead to no row.
    pub(super) fn dangling(&self, keys: &[RewrittenReference]) -> Result<BTreeSet<DanglingReference>, SourceError> {
        let mut found = BTreeSet::new();
        for (number, key) in keys.iter().enumerate() {
            let failed = self.failed(&format!("checking the references of {}", key.child));
            let rows = self.client.borrow_mut().query(&orphans(key)).map_err(failed)?;
            for row in texts(&rows) {
                let word = |(name, value): (&String, &Option<String>)| {
                    format!("{name}={}", value.as_deref().unwrap_or("NULL"))
                };
                found.insert((number, key.naming.iter().zip(&row).map(word).collect::<Vec<_>>().join(", ")));
            }
        }
        Ok(found)
    }
}

/// SELECT of the keys of rows whose reference leads to no row.
fn orphans(key: &RewrittenReference) -> String {
    let named = key.naming.iter().map(|column| format!("c.{}", quote(column))).collect::<Vec<_>>().join(", ");
    let given = key.columns.iter().map(|(column, _)| format!("c.{} IS NOT NULL", quote(column)));
    let given = given.collect::<Vec<_>>().join(" AND ");
    let same = key.columns.iter().map(|(column, referenced)| format!("p.{} = c.{}", quote(referenced), quote(column)));
    let same = same.collect::<Vec<_>>().join(" AND ");
    let RewrittenReference { from, to, .. } = key;
    format!("SELECT {named} FROM {from} AS c WHERE {given} AND NOT EXISTS (SELECT 1 FROM {to} AS p WHERE {same})")
}
