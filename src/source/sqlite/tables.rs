//! The tables of a database, and the kind of each.

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::collections::BTreeMap;

/// A row of SQLite's list of tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedTable {
    /// `table`, `virtual` or `shadow`.
    pub(super) kind: String,
    pub(super) without_rowid: bool,
    pub(super) strict: bool,
}

/// The tables of the main database by name, without views and SQLite's own.
///
/// The pragma also looks up the columns of every view and cannot be interrupted meanwhile: views that join one another
/// take minutes (`PragTyp_TABLE_LIST` in pragma.c). It does so by preparing a SELECT, and skips a view whose SELECT is
/// refused.
pub(super) fn tables(connection: &mut Connection) -> rusqlite::Result<BTreeMap<String, ListedTable>> {
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Select => Authorization::Deny,
        _ => Authorization::Allow,
    }))?;
    let listed = list(connection);
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
    listed
}

/// <https://www.sqlite.org/pragma.html#pragma_table_list>
fn list(connection: &Connection) -> rusqlite::Result<BTreeMap<String, ListedTable>> {
    let mut statement = connection.prepare("PRAGMA main.table_list")?;
    let mut rows = statement.query([])?;
    let mut tables = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (name, kind): (String, String) = (row.get("name")?, row.get("type")?);
        let is_sqlites = name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"));
        if kind != "view" && !is_sqlites {
            tables.insert(name, ListedTable { kind, without_rowid: row.get("wr")?, strict: row.get("strict")? });
        }
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_not_expanded() {
        let mut connection = Connection::open_in_memory().unwrap();
        let mut sql = "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT; CREATE TABLE w (id TEXT PRIMARY KEY) WITHOUT ROWID;
            CREATE VIRTUAL TABLE f USING fts5(body); CREATE TABLE f_other (a); CREATE TABLE sequenced (id INTEGER PRIMARY
            KEY AUTOINCREMENT); CREATE VIEW v0 AS SELECT id FROM t;"
            .to_owned();
        for at in 1..60 {
            let before = at - 1;
            sql.push_str(&format!(
                "CREATE VIEW v{at} AS SELECT a.id FROM v{before} a JOIN v{before} b ON a.id = b.id;"
            ));
        }
        connection.execute_batch(&sql).unwrap();
        // Expanded, the last of them would take years.
        let found = tables(&mut connection).unwrap();
        let words = |name: &str| (found[name].kind.as_str(), found[name].without_rowid, found[name].strict);
        assert_eq!(words("t"), ("table", false, true));
        assert_eq!(words("w"), ("table", true, false));
        assert_eq!(words("f"), ("virtual", false, false));
        assert_eq!(words("f_content"), ("shadow", false, false));
        assert_eq!(words("f_other"), ("table", false, false));
        assert!(!found.keys().any(|name| name.starts_with('v') || name.starts_with("sqlite")), "{found:?}");
        // The authorizer refuses nothing after the list.
        assert_eq!(connection.query_row("SELECT count(*) FROM v3", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }
}
