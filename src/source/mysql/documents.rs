//! JSON where the server has no type for it: MariaDB keeps it as LONGTEXT with a CHECK.
//!
//! Source: MariaDB documentation, "JSON Data Type".

use super::client::ClientError;
use super::introspect::word;
use super::snapshot::Reader;
use crate::catalog::Table;
use crate::dialect::mysql::quote;
use std::collections::BTreeSet;

/// CHECKs by which a column is JSON, by table and condition.
#[derive(Debug, Default)]
pub(super) struct Documents(BTreeSet<(String, String)>);

impl Reader {
    /// Reads which columns are JSON by a CHECK of their own.
    pub(super) fn documents(&self) -> Result<Documents, ClientError> {
        if !self.client().is_mariadb() {
            return Ok(Documents::default());
        }
        let rows = self.texts(include_str!("queries/documents.sql"))?;
        Ok(Documents(rows.iter().map(|row| (word(row, 0), word(row, 1))).collect()))
    }
}

impl Documents {
    /// Declares these columns of a table as what they are.
    pub(super) fn declare(&self, table: &mut Table) {
        for column in &mut table.columns {
            let check = format!("json_valid({})", quote(&column.name));
            if column.declared_type.starts_with("longtext") && self.0.contains(&(table.name.clone(), check)) {
                "json".clone_into(&mut column.declared_type);
            }
        }
    }
}
