//! Conditions on rows in MySQL's SQL.

use super::{Mysql, quote};
use crate::catalog::selection::enclosed;
use crate::catalog::{RowIdentity, SelectedColumn};
use crate::dialect::condition::{Conditions, ParentRows, Reference, StoredText};
use crate::value::Cell;

impl Conditions for Mysql {
    fn literal(&self, cell: Cell<'_>) -> String {
        match cell {
            Cell::Null => "NULL".to_owned(),
            Cell::Integer(integer) => integer.to_string(),
            Cell::Real(real) => format!("{real:e}"),
            Cell::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => super::literal(text),
                Err(_) => format!("_utf8mb4 x'{}'", hex::encode(bytes)),
            },
            Cell::Blob(bytes) => format!("x'{}'", hex::encode(bytes)),
        }
    }

    fn value(&self, column: &SelectedColumn) -> String {
        match column {
            SelectedColumn::Named(name) => quote(name),
            SelectedColumn::Computed(sql) => enclosed(sql),
        }
    }

    fn has_key_among(&self, identity: &RowIdentity, keys: &[String]) -> Option<String> {
        let columns = identity.columns().iter().map(|column| quote(column)).collect::<Vec<_>>();
        match columns.as_slice() {
            [] => None,
            [only] => Some(format!("{only} IN ({})", keys.join(", "))),
            columns => {
                let rows = keys.iter().map(|key| format!("({key})")).collect::<Vec<_>>().join(", ");
                Some(format!("({}) IN ({rows})", columns.join(", ")))
            }
        }
    }

    fn has_no_key_among(&self, identity: &RowIdentity, keys: &[i64]) -> Option<String> {
        let column = identity.declared_integer()?;
        let keys = keys.iter().map(i64::to_string).collect::<Vec<_>>();
        Some(format!("{} NOT IN ({})", quote(column), keys.join(", ")))
    }

    fn byte_length(&self, values: &[String]) -> String {
        let one = |value: &String| format!("coalesce(length({value}), 0)");
        values.iter().map(one).collect::<Vec<_>>().join(" + ")
    }

    fn is_beyond(&self, value: &str, largest: u32, _: StoredText) -> String {
        // Every character beyond is an astral one, or one of more bytes than its place in ASCII.
        format!("{value} REGEXP '[^\\\\x{{01}}-\\\\x{{{largest:x}}}]'")
    }

    fn exists_parent(&self, Reference { child, parent, columns, rows }: &Reference<'_>) -> String {
        let alias = if child.eq_ignore_ascii_case("referenced") { "referenced_row" } else { "referenced" };
        let (child, parent) = (quote(child), quote(parent));
        let equal = columns.iter().map(|column| {
            let (own, referenced) = (quote(column.child), quote(column.parent));
            if column.is_compared_by_bytes {
                format!("{alias}.{referenced} = {child}.{own}")
            } else {
                format!("CAST({alias}.{referenced} AS BINARY) = CAST({child}.{own} AS BINARY)")
            }
        });
        let mut conditions = equal.collect::<Vec<_>>();
        let parent = match rows {
            ParentRows::All => parent,
            ParentRows::Passing(filter) => format!("(SELECT * FROM {parent} WHERE {filter}\n)"),
            ParentRows::Among(keys) => {
                conditions.push((*keys).to_owned());
                parent
            }
        };
        format!("EXISTS (SELECT 1 FROM {parent} AS {alias} WHERE {})", conditions.join(" AND "))
    }
}
