//! Conditions on rows in SQLite's SQL.

use super::{Sqlite, quote};
use crate::catalog::selection::{enclosed, end_of_comment};
use crate::catalog::{ColumnType, RowIdentity, SelectedColumn, Visibility};
use crate::dialect::condition::{ConditionSql, ParentRows, Reference, StoredText};
use crate::value::Cell;

impl ConditionSql for Sqlite {
    fn literal(&self, cell: Cell<'_>) -> String {
        match cell {
            Cell::Null => "NULL".to_owned(),
            Cell::Integer(integer) => integer.to_string(),
            Cell::Real(real) if real.is_finite() => format!("{real:?}"),
            // A literal beyond the largest double is an infinity.
            Cell::Real(real) => if real < 0.0 { "-9e999" } else { "9e999" }.to_owned(),
            Cell::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) if !text.contains('\0') => format!("'{}'", text.replace('\'', "''")),
                _ => format!("CAST(x'{}' AS TEXT)", hex::encode(bytes)),
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

    fn has_key_among(&self, identity: &RowIdentity, keys: &[Vec<String>]) -> Option<String> {
        let keys = keys.iter().map(|key| key.join(", ")).collect::<Vec<_>>();
        match identity {
            RowIdentity::Integer { .. } => Some(format!("{} IN ({})", rowid_expression(identity)?, keys.join(", "))),
            RowIdentity::Key { .. } => {
                let rows = keys.iter().map(|key| format!("({key})")).collect::<Vec<_>>().join(", ");
                Some(format!("({}) IN (VALUES {rows})", key_expressions(identity).join(", ")))
            }
            RowIdentity::None => None,
        }
    }

    fn has_no_key_among(&self, identity: &RowIdentity, keys: &[i64]) -> Option<String> {
        let keys = keys.iter().map(i64::to_string).collect::<Vec<_>>();
        Some(format!("{} NOT IN ({})", rowid_expression(identity)?, keys.join(", ")))
    }

    fn byte_length(&self, values: &[String]) -> String {
        let one = |value: &String| format!("coalesce(length(CAST({value} AS BLOB)), 0)");
        values.iter().map(one).collect::<Vec<_>>().join(" + ")
    }

    fn is_beyond(&self, value: &str, largest: u32, text: StoredText) -> String {
        let mut beyond = holds_beyond(value, largest);
        if text.in_json {
            beyond = format!("({beyond} OR {})", escapes_beyond(value, largest));
        }
        // GLOB reads a blob as text.
        let stored = if text.in_bytes { "'text', 'blob'" } else { "'text'" };
        format!("typeof({value}) IN ({stored}) AND {beyond}")
    }

    /// A value is stored as the expression gives it: no type cuts it.
    fn differs_from_expression(&self, _: &str, _: &str, _: &ColumnType) -> Option<String> {
        None
    }

    fn exists_parent(&self, Reference { child, parent, columns, rows, .. }: &Reference<'_>) -> String {
        // The alias distinguishes both ends in a table that references itself.
        let alias = if child.eq_ignore_ascii_case("referenced") { "referenced_row" } else { "referenced" };
        let (child, parent) = (quote(child), quote(parent));
        let equal = columns.iter().map(|column| {
            let collate = if column.is_compared_by_bytes { "" } else { " COLLATE BINARY" };
            let (own, referenced) = (quote(column.child), quote(column.parent));
            let equal = format!("{alias}.{referenced} = {child}.{own}{collate}");
            // The first comparison finds the row by its index; affinity takes 1 and '1.0' for equal there.
            match column.has_other_texts {
                true => format!("{equal} AND CAST({alias}.{referenced} AS TEXT) = CAST({child}.{own} AS TEXT)"),
                false => equal,
            }
        });
        let mut conditions = equal.collect::<Vec<_>>();
        let parent = match rows {
            ParentRows::All => parent,
            ParentRows::Passing(filter) => format!("(SELECT * FROM {parent} WHERE {filter}{})", end_of_comment(filter)),
            ParentRows::Among(keys) => {
                conditions.push((*keys).to_owned());
                parent
            }
        };
        format!("EXISTS (SELECT 1 FROM {parent} AS {alias} WHERE {})", conditions.join(" AND "))
    }
}

/// The expression for the rowid. A hidden rowid's word is not quoted: in quotes SQLite could read it as a string.
#[must_use]
pub(crate) fn rowid_expression(identity: &RowIdentity) -> Option<String> {
    match identity {
        RowIdentity::Integer { column, visibility: Visibility::Declared } => Some(quote(column)),
        RowIdentity::Integer { column, visibility: Visibility::Hidden } => Some(column.clone()),
        RowIdentity::Key { .. } | RowIdentity::None => None,
    }
}

/// The expressions that name a row, in the order of its key.
#[must_use]
pub(crate) fn key_expressions(identity: &RowIdentity) -> Vec<String> {
    match identity {
        RowIdentity::Integer { .. } => rowid_expression(identity).into_iter().collect(),
        RowIdentity::Key { columns } => columns.iter().map(|column| quote(column)).collect(),
        RowIdentity::None => Vec::new(),
    }
}

/// Holds for text with a character beyond `largest`.
fn holds_beyond(value: &str, largest: u32) -> String {
    // A range of GLOB is one of code points.
    format!("{value} GLOB '*[^' || char(1) || '-' || char({largest}) || ']*'")
}

/// Holds for a JSON document with an escape of such a character: in a jsonb the character itself is kept.
fn escapes_beyond(value: &str, largest: u32) -> String {
    // An escaped backslash begins no escape.
    let text = format!("replace({value}, '\\\\', '')");
    let digit = if largest < 128 { " OR {} GLOB '*\\u00[^0-7]*'" } else { "" };
    format!("{{}} GLOB '*\\u[^0]*' OR {{}} GLOB '*\\u0[^0]*'{digit}").replace("{}", &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::condition::ReferenceColumn;
    use crate::value::literal;
    use rusqlite::types::{Value, ValueRef};

    /// The literal in which rejected rows are stored.
    fn stored(cell: Cell<'_>) -> String {
        let mut out = Vec::new();
        literal::write(cell, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn sqlite_reads_the_value_of_a_literal_back() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let same = |cell: Cell<'_>, read: ValueRef<'_>| match (cell, read) {
            (Cell::Integer(one), ValueRef::Integer(other)) => one == other,
            (Cell::Real(one), ValueRef::Real(other)) => one.to_bits() == other.to_bits(),
            (Cell::Text(one), ValueRef::Text(other)) | (Cell::Blob(one), ValueRef::Blob(other)) => one == other,
            (one, other) => matches!((one, other), (Cell::Null, ValueRef::Null)),
        };
        for cell in [
            Cell::Null,
            Cell::Integer(i64::MAX),
            Cell::Real(1e300),
            Cell::Real(1.0),
            Cell::Real(-5e-324),
            Cell::Real(f64::INFINITY),
            Cell::Real(f64::NEG_INFINITY),
            Cell::Text(b""),
            Cell::Text(b"it's"),
            Cell::Text(b"a\0b"),
            Cell::Text(b"\xff"),
            Cell::Blob(b""),
            Cell::Blob(b"\x00\xff"),
        ] {
            for literal in [stored(cell), Sqlite.literal(cell)] {
                let sql = format!("SELECT {literal}");
                let read = |row: &rusqlite::Row<'_>| Ok(same(cell, row.get_ref(0)?));
                assert!(connection.query_row(&sql, [], read).unwrap(), "{sql}");
            }
        }
    }

    #[test]
    fn a_stored_literal_is_what_quote_gives_where_postgresql_can_hold_it() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for (cell, value) in [
            (Cell::Null, Value::Null),
            (Cell::Integer(i64::MIN + 1), Value::Integer(i64::MIN + 1)),
            (Cell::Real(0.1), Value::Real(0.1)),
            (Cell::Real(f64::NEG_INFINITY), Value::Real(f64::NEG_INFINITY)),
            (Cell::Text(b"it's"), Value::Text("it's".to_owned())),
            (Cell::Text("größe".as_bytes()), Value::Text("größe".to_owned())),
            (Cell::Blob(b"\x00\xff"), Value::Blob(b"\x00\xff".to_vec())),
        ] {
            let quote: String = connection.query_row("SELECT quote(?1)", [value], |row| row.get(0)).unwrap();
            assert_eq!(stored(cell), quote);
        }
    }

    #[test]
    fn a_number_finds_its_own_text_alone_where_texts_are_compared() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let sql = "CREATE TABLE codes (code TEXT PRIMARY KEY);
                   CREATE TABLE uses (id INTEGER PRIMARY KEY, code NUMERIC);
                   INSERT INTO codes VALUES ('1.0'), ('02'), ('3'), ('a');
                   INSERT INTO uses VALUES (1, 1), (2, 2), (3, 3), (4, 'a'), (5, 4)";
        connection.execute_batch(sql).unwrap();
        let found = |has_other_texts: bool| {
            let column = ReferenceColumn { child: "code", parent: "code", is_compared_by_bytes: true, has_other_texts };
            let (in_databases, columns, rows) = (false, vec![column], ParentRows::All);
            let reference = Reference { child: "uses", parent: "codes", in_databases, columns, rows };
            let sql = format!("SELECT group_concat(id) FROM uses WHERE {}", Sqlite.exists_parent(&reference));
            connection.query_row(&sql, [], |row| row.get::<_, String>(0)).unwrap()
        };
        assert_eq!(found(false), "1,2,3,4");
        assert_eq!(found(true), "3,4");
    }

    #[test]
    fn a_row_finds_its_parent_in_its_own_table_whatever_that_is_called() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for table in ["node", "referenced"] {
            let rows = "(1, 'A', NULL), (2, 'b', 'a'), (3, 'c', 'A'), (4, 'd', 'none')";
            let sql = format!(
                "CREATE TABLE {table} (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE, parent TEXT);
                 INSERT INTO {table} VALUES {rows}"
            );
            connection.execute_batch(&sql).unwrap();
            let found = |is_compared_by_bytes: bool, rows: ParentRows<'_>| {
                let column =
                    ReferenceColumn { child: "parent", parent: "code", is_compared_by_bytes, has_other_texts: false };
                let columns = vec![column];
                let condition = Sqlite.exists_parent(&Reference {
                    child: table,
                    parent: table,
                    in_databases: false,
                    columns,
                    rows,
                });
                let sql = format!("SELECT group_concat(id) FROM {table} WHERE {condition}");
                connection.query_row(&sql, [], |row| row.get::<_, Option<String>>(0)).unwrap().unwrap_or_default()
            };
            // The column's own collation, without a COLLATE.
            assert_eq!(found(true, ParentRows::All), "2,3");
            assert_eq!(found(false, ParentRows::All), "3");
            assert_eq!(found(false, ParentRows::Passing("id = 1 -- the root")), "3");
            assert_eq!(found(false, ParentRows::Passing("id <> 1")), "");
            let identity = RowIdentity::Integer { column: "id".to_owned(), visibility: Visibility::Declared };
            let among = |key: &str| Sqlite.has_key_among(&identity, &[vec![key.to_owned()]]).unwrap();
            assert_eq!(found(false, ParentRows::Among(&among("1"))), "3");
            assert_eq!(found(false, ParentRows::Among(&among("4"))), "");
        }
    }
}
