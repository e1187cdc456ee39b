//! DEFAULT of columns of bytes. information_schema makes text of it, with `?` for bytes that are no characters (MariaDB), or
//! nothing from the first NUL on (MySQL): the server is asked for the bytes. It is asked so for constants of text too.

use super::Texts;
use crate::catalog::{Column, Table};
use crate::dialect::mysql::quote;
use crate::source::mysql::client::ClientError;
use crate::source::mysql::selection::SELECT;
use crate::source::mysql::snapshot::Reader;

impl Reader {
    /// The constant defaults of columns of a table, all names quoted, as texts, each in the form that `written` gives it: of a row,
    /// or where the table has none beside an aggregate of no row. MariaDB has no default there of a column that takes no NULL,
    /// but of one of a derived table.
    pub(super) fn of_constants(
        &self,
        table: &str,
        columns: &[String],
        written: impl Fn(String) -> String,
    ) -> Result<Texts, ClientError> {
        let listed = |of: &str| {
            let values = columns.iter().map(|column| written(format!("default({of}.{column})")));
            values.collect::<Vec<_>>().join(", ")
        };
        let mut rows = self.texts(&format!("{SELECT} {} FROM {table} AS own LIMIT 1", listed("own")))?;
        if rows.is_empty() && self.client().is_mariadb() {
            let (values, columns) = (listed("own"), columns.join(", "));
            let none = format!("(SELECT {columns} FROM {table} LIMIT 0) AS own");
            rows = self.texts(&format!("{SELECT} {values} FROM (SELECT 1) AS one LEFT JOIN {none} ON 1"))?;
        } else if rows.is_empty() {
            rows = self.texts(&format!("{SELECT} {}, count(*) FROM {table} AS own", listed("own")))?;
            rows.iter_mut().for_each(|row| drop(row.pop()));
        }
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    /// Puts the bytes in the place of what was listed, in a column where an expression is not the default.
    pub(super) fn binary_defaults(&self, table: &mut Table) -> Result<(), ClientError> {
        let mut columns = table.columns.iter_mut().filter(|column| has_bytes(column)).collect::<Vec<_>>();
        if columns.is_empty() {
            return Ok(());
        }
        let name = self.quoted(&table.name);
        let list = columns.iter().map(|column| quote(&column.name)).collect::<Vec<_>>();
        let row = self.of_constants(&name, &list, |default| format!("hex({default})"))?;
        let shows_all = self.client().is_mariadb();
        for (column, digits) in columns.iter_mut().zip(row) {
            match digits {
                Some(digits) => column.default = Some(format!("x'{digits}'")),
                // The server does not show these bytes: an expression without a translation is reported.
                None if !shows_all || column.default.as_ref().is_some_and(|shown| shown.contains('?')) => {
                    column.default = Some(format!("DEFAULT({})", quote(&column.name)));
                }
                None => {}
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
