//! Values of columns that were added after a row was stored (<https://www.sqlite.org/lang_altertable.html>, "ALTER TABLE ADD
//! COLUMN").

use crate::dialect::sqlite::Affinity;
use crate::value::Cell;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// A column that has a default.
#[derive(Debug, Clone)]
pub(super) struct DefaultedColumn {
    /// The affinity that converts a value which is stored in it.
    pub(super) affinity: Affinity,
    /// The default, as the structure has it.
    pub(super) expression: String,
}

/// A value that is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl Constant {
    pub(super) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Integer(integer) => Cell::Integer(*integer),
            Self::Real(real) => Cell::Real(*real),
            Self::Text(text) => Cell::Text(text),
            Self::Blob(bytes) => Cell::Blob(bytes),
        }
    }
}

/// The values that older rows have in these columns; `None` if one of them is not a constant.
///
/// SQLite computes them for a row in memory to which such columns are added, so that they depend on no page of the
/// file.
pub(super) fn constants(columns: &[DefaultedColumn]) -> Option<Vec<Constant>> {
    let memory = Connection::open_in_memory().ok()?;
    memory.execute_batch("CREATE TABLE t (k); INSERT INTO t VALUES (NULL)").ok()?;
    for (at, DefaultedColumn { affinity, expression }) in columns.iter().enumerate() {
        let declared = match affinity {
            Affinity::Integer => "INTEGER",
            Affinity::Text => "TEXT",
            Affinity::Blob => "BLOB",
            Affinity::Real => "REAL",
            Affinity::Numeric => "NUMERIC",
        };
        // The structure keeps an expression without its parentheses. Only a literal or a name may be written without
        // them, and a name inside them is a column's.
        let add = |default: &str| {
            memory.execute(&format!("ALTER TABLE t ADD COLUMN c{at} {declared} DEFAULT {default}"), []).ok()
        };
        add(&format!("({expression}\n)")).or_else(|| add(expression))?;
    }
    let list = (0..columns.len()).map(|at| format!("c{at}")).collect::<Vec<_>>().join(", ");
    let read = |row: &rusqlite::Row<'_>| {
        let constant = |at| {
            Ok(match row.get_ref(at)? {
                ValueRef::Null => Constant::Null,
                ValueRef::Integer(integer) => Constant::Integer(integer),
                ValueRef::Real(real) => Constant::Real(real),
                ValueRef::Text(text) => Constant::Text(text.to_vec()),
                ValueRef::Blob(bytes) => Constant::Blob(bytes.to_vec()),
            })
        };
        (0..columns.len()).map(constant).collect()
    };
    memory.query_row(&format!("SELECT {list} FROM t"), [], read).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The constants for a file's defaults, and the values of its older row.
    #[test]
    fn as_sqlite_reads_them() {
        let defaults = [
            "7",
            "-5",
            "1.0",
            "'a''b'",
            "\"name\"",
            "word",
            "true",
            "NULL",
            "x'00ff'",
            "(1 + 1)",
            "(5 NOT NULL)",
            "(-'3')",
            "+4",
            "'12'",
            "9e999",
            "(CAST(x'ff' AS TEXT))",
            "('a' /* ) */ || 'b')",
            "(1 -- one\n)",
            "0x10",
        ];
        for declared in ["INTEGER", "TEXT", "REAL", "NUMERIC", "BLOB", "", "VARCHAR(9)", "DOUBLE PRECISION"] {
            let connection = Connection::open_in_memory().unwrap();
            connection.execute_batch("CREATE TABLE t (k); INSERT INTO t VALUES (1)").unwrap();
            let mut added = Vec::new();
            for (at, default) in defaults.iter().enumerate() {
                let sql = format!("ALTER TABLE t ADD COLUMN c{at} {declared} DEFAULT {default}");
                if connection.execute(&sql, []).is_ok() {
                    added.push(format!("c{at}"));
                }
            }
            assert!(added.len() >= defaults.len() - 3, "{added:?}");
            for name in added {
                let sql = "SELECT type, dflt_value FROM pragma_table_info('t') WHERE name = ?1";
                let column = connection.query_row(sql, [&name], |row| {
                    let affinity = Affinity::of(&row.get::<_, String>(0)?.to_ascii_uppercase());
                    Ok(DefaultedColumn { affinity, expression: row.get(1)? })
                });
                let column = column.unwrap();
                let expected = connection
                    .query_row(&format!("SELECT {name} FROM t"), [], |row| Ok(format!("{:?}", row.get_ref(0)?)));
                let found = constants(std::slice::from_ref(&column)).unwrap();
                let cell = found[0].cell();
                let shown = match cell {
                    Cell::Null => format!("{:?}", ValueRef::Null),
                    Cell::Integer(integer) => format!("{:?}", ValueRef::Integer(integer)),
                    Cell::Real(real) => format!("{:?}", ValueRef::Real(real)),
                    Cell::Text(text) => format!("{:?}", ValueRef::Text(text)),
                    Cell::Blob(bytes) => format!("{:?}", ValueRef::Blob(bytes)),
                };
                assert_eq!(shown, expected.unwrap(), "{declared}: {column:?}");
            }
        }
        let of = |expression: &str| {
            constants(&[DefaultedColumn { affinity: Affinity::Text, expression: expression.to_owned() }])
        };
        assert_eq!(of("CURRENT_TIMESTAMP"), None, "no column is added with such a default");
        assert_eq!(of("1); DROP TABLE t; --"), None);
    }
}
