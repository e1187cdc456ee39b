//! DEFAULT of columns of bytes. information_schema makes text of it, with `?` for bytes that are no characters (MariaDB), or
//! nothing from the first NUL on (MySQL): the server is asked for the bytes.

use crate::catalog::{Column, Table};
use crate::dialect::mysql::quote;
use crate::source::mysql::client::ClientError;
use crate::source::mysql::columns::text;
use crate::source::mysql::selection::SELECT;
use crate::source::mysql::snapshot::Reader;

impl Reader {
    /// Puts the bytes in the place of what was listed, in a column where an expression is not the default.
    pub(super) fn binary_defaults(&self, table: &mut Table) -> Result<(), ClientError> {
        let mut columns = table.columns.iter_mut().filter(|column| has_bytes(column)).collect::<Vec<_>>();
        if columns.is_empty() {
            return Ok(());
        }
        let name = self.quoted(&table.name);
        let list = columns.iter().map(|column| format!("hex(default({name}.{}))", quote(&column.name)));
        // A row of the table's columns, whether it has rows or not.
        let list = list.collect::<Vec<_>>().join(", ");
        let sql = format!("{SELECT} {list} FROM (SELECT 1) AS one LEFT JOIN {name} ON FALSE");
        let rows = self.client().query(&sql)?;
        let Some(row) = rows.first() else { return Ok(()) };
        for (at, column) in columns.iter_mut().enumerate() {
            if let Some(digits) = text(row, at) {
                column.default = Some(format!("x'{digits}'"));
            }
        }
        Ok(())
    }
}

fn has_bytes(column: &Column) -> bool {
    let declared = column.declared_type.to_ascii_lowercase();
    let is_literal = |default: &String| default.starts_with('\'') || default.starts_with("0x");
    (declared.contains("binary") || declared.contains("blob")) && column.default.as_ref().is_some_and(is_literal)
}
