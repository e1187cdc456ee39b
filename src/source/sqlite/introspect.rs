//! Reading the structure of a SQLite file into a [`Catalog`].

use super::definition::{TableDefinition, index_expressions};
use super::snapshot::Reader;
use super::tables::ListedTable;
use super::virtual_table::virtual_table;
use crate::catalog::{
    Catalog, Column, Engine, ForeignKey, Generated, Index, IndexColumn, IndexPurpose, KeyGeneration, OtherObject,
    OtherObjectKind, PrimaryKey, ReferentialAction, RowIdentity, SortOrder, Storage, Table, UniqueConstraint,
    Visibility,
};
use crate::dialect::sqlite::{HIDDEN_KEYS, MOST_ASKED, MOST_CARRIED, equality, expanded_columns, expanded_names};
use crate::source::SourceError;
use rusqlite::{Connection, ErrorCode, Params, Row};
use std::collections::{BTreeMap, BTreeSet};

impl Reader {
    /// Reads the whole structure, sorted by name.
    ///
    /// # Errors
    /// The file turns out corrupt or unreadable.
    pub(in crate::source) fn catalog(&self) -> Result<Catalog, SourceError> {
        let catalog = Introspection { connection: &self.connection, tables: &self.tables }
            .catalog()
            .map_err(|error| self.failed("reading its structure", &error))?;
        for table in &catalog.tables {
            let computed = table.columns.iter().filter_map(|column| {
                let generated = column.generated.as_ref().filter(|generated| !generated.stored)?;
                Some((column.name.as_str(), generated.expression.as_deref()?))
            });
            if let Some((column, _)) = expanded_columns(computed).into_iter().find(|(_, names)| *names > MOST_CARRIED) {
                let (path, table) = (self.path.clone(), table.name.clone());
                return Err(SourceError::TooComputed { path, table, column, most: MOST_CARRIED });
            }
        }
        Ok(catalog)
    }
}

struct Introspection<'reader> {
    connection: &'reader Connection,
    tables: &'reader BTreeMap<String, ListedTable>,
}

/// A row of `indexes.sql`.
struct ListedIndex {
    name: String,
    unique: bool,
    origin: String,
}

/// A column as `columns.sql` gives it, with its place in the primary key (from one).
struct ListedColumn {
    column: Column,
    key_position: u32,
}

impl Introspection<'_> {
    fn catalog(&self) -> rusqlite::Result<Catalog> {
        let stored = self.rows(include_str!("queries/schema.sql"), [], |row| {
            Ok((row.get::<_, String>("type")?, row.get::<_, String>("name")?, row.get::<_, Option<String>>("sql")?))
        })?;
        let views = stored.iter().filter(|(kind, ..)| kind == "view");
        let expanded = expanded_names(views.map(|(_, name, sql)| (name.as_str(), sql.as_deref().unwrap_or_default())));
        let is_asked = |view: &str| expanded.get(&view.to_ascii_lowercase()).is_none_or(|names| *names <= MOST_ASKED);
        let mut sql = BTreeMap::new();
        let mut others = Vec::new();
        for (kind, name, statement) in stored {
            match kind.as_str() {
                "view" => {
                    let asked = if is_asked(&name) { self.other_columns(&name)? } else { Ok(Vec::new()) };
                    others.push(other(OtherObjectKind::View, name, statement, asked));
                }
                "trigger" => others.push(other(OtherObjectKind::Trigger, name, statement, Ok(Vec::new()))),
                _ => {
                    sql.insert(name, statement.unwrap_or_default());
                }
            }
        }
        let mut tables = Vec::new();
        for (name, listed) in self.tables {
            let (name, statement) = (name.clone(), sql.get(name).cloned());
            match listed.kind.as_str() {
                "virtual" => {
                    let asked = self.other_columns(&name)?;
                    others.push(other(OtherObjectKind::VirtualTable, name, statement, asked));
                }
                "shadow" => others.push(other(OtherObjectKind::ShadowTable, name, statement, Ok(Vec::new()))),
                _ => tables.push(self.table(name, listed, statement.as_deref().unwrap_or_default(), &sql)?),
            }
        }
        tables.sort_by(|one, two| one.name.cmp(&two.name));
        others.sort_by(|one, two| (one.kind, &one.name).cmp(&(two.kind, &two.name)));
        let databases = Vec::new();
        Ok(Catalog { engine: Engine::Sqlite, databases, tables, others, unseen: Vec::new(), server_zone: None })
    }

    /// The columns of an object other than a table, or SQLite's message: a view over a dropped table, or a virtual
    /// table of a missing module, has no columns.
    fn other_columns(&self, name: &str) -> rusqlite::Result<Result<Vec<Column>, String>> {
        match self.columns(name, &TableDefinition::default()) {
            Ok(columns) => Ok(Ok(columns.into_iter().map(|listed| listed.column).collect())),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Err(error),
            Err(rusqlite::Error::SqliteFailure(_, Some(message))) => Ok(Err(message)),
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    fn table(
        &self,
        name: String,
        listed: &ListedTable,
        sql: &str,
        statements: &BTreeMap<String, String>,
    ) -> rusqlite::Result<Table> {
        let read = TableDefinition::read(sql);
        let unread_definition = read.is_none().then(|| sql.to_owned());
        let definition = read.unwrap_or_default();
        let mut columns = self.columns(&name, &definition)?;
        for listed_column in columns.iter_mut().filter(|_| listed.strict) {
            // https://www.sqlite.org/stricttables.html, section 3: ANY has no affinity there.
            listed_column.column.keeps_values = listed_column.column.declared_type.eq_ignore_ascii_case("ANY");
        }
        let indexes = self.rows(include_str!("queries/indexes.sql"), [&name], |row| {
            Ok(ListedIndex { name: row.get("name")?, unique: row.get("is_unique")?, origin: row.get("origin")? })
        })?;

        let mut key = columns.iter().filter(|column| column.key_position > 0).collect::<Vec<_>>();
        key.sort_by_key(|column| column.key_position);
        let key = key.into_iter().map(|listed| listed.column.name.clone()).collect::<Vec<_>>();
        let has_key_index = indexes.iter().any(|index| index.origin == "pk");
        let row_identity = if listed.without_rowid {
            RowIdentity::Key { columns: key.clone() }
        } else {
            rowid_identity(&columns, &key, has_key_index)
        };
        // The rowid of a new row is one more than the largest, unless AUTOINCREMENT looks further back
        // (https://www.sqlite.org/autoinc.html).
        let generation =
            if definition.is_autoincrement { KeyGeneration::NeverTwice } else { KeyGeneration::AboveLargest };
        let rowid = row_identity.declared_integer();
        if let Some(listed) = columns.iter_mut().find(|listed| rowid == Some(listed.column.name.as_str())) {
            listed.column.generates_keys = Some(generation);
        }
        let primary_key =
            (!key.is_empty()).then(|| PrimaryKey { name: definition.primary_key_name.clone(), columns: key });

        let mut unique_constraints = Vec::new();
        let mut created = Vec::new();
        for index in indexes {
            let keys = self.index_columns(&index.name)?;
            match index.origin.as_str() {
                "u" => {
                    let columns = keys.into_iter().filter_map(|key| key.column).collect::<Vec<_>>();
                    let named = definition.unique_constraints.iter().find(|unique| unique.columns == columns);
                    unique_constraints
                        .push(UniqueConstraint { name: named.and_then(|unique| unique.name.clone()), columns });
                }
                "c" => created.push(index_of(index, keys, statements)),
                _ => {}
            }
        }
        created.sort_by(|one, two| one.name.cmp(&two.name));
        Ok(Table {
            foreign_keys: self.foreign_keys(&name, &definition)?,
            columns: columns.into_iter().map(|listed| listed.column).collect(),
            name,
            primary_key,
            unique_constraints,
            indexes: created,
            checks: definition.checks,
            row_identity,
            is_outside_snapshot: false,
            unread_definition,
            comment: None,
            storage: Storage { conflict_clauses: definition.conflict_clauses, ..Storage::default() },
            foreign_keys_elsewhere: Vec::new(),
        })
    }

    fn columns(&self, table: &str, definition: &TableDefinition) -> rusqlite::Result<Vec<ListedColumn>> {
        self.rows(include_str!("queries/columns.sql"), [table], |row| {
            let name: String = row.get("name")?;
            let defined = definition.columns.iter().find(|column| column.name.eq_ignore_ascii_case(&name));
            let hidden: i64 = row.get("hidden")?;
            let generated = (hidden > 1).then(|| Generated {
                expression: defined.and_then(|column| column.generated.clone()),
                stored: hidden == 3,
            });
            let collation = defined.and_then(|column| column.collation.as_deref());
            let declared: String = row.get("type")?;
            Ok(ListedColumn {
                key_position: row.get("key_position")?,
                column: Column {
                    name,
                    declared_type: without_generated_words(&declared, generated.is_some()),
                    not_null: row.get("not_null")?,
                    default: row.get("default_expression")?,
                    generated,
                    equality: collation.map(equality).unwrap_or_default(),
                    generates_keys: None,
                    on_update: None,
                    comment: None,
                    is_invisible: false,
                    keeps_values: false,
                },
            })
        })
    }

    fn index_columns(&self, index: &str) -> rusqlite::Result<Vec<IndexColumn>> {
        self.rows(include_str!("queries/index_columns.sql"), [index], |row| {
            let collation: Option<String> = row.get("collation")?;
            Ok(IndexColumn {
                column: row.get("name")?,
                expression: None,
                order: if row.get("is_descending")? { SortOrder::Descending } else { SortOrder::Ascending },
                equality: collation.as_deref().map(equality).unwrap_or_default(),
            })
        })
    }

    fn foreign_keys(&self, table: &str, definition: &TableDefinition) -> rusqlite::Result<Vec<ForeignKey>> {
        let rows = self.rows(include_str!("queries/foreign_keys.sql"), [table], |row| {
            Ok((
                row.get::<_, i64>("id")?,
                row.get::<_, String>("referenced_table")?,
                row.get::<_, String>("referencing")?,
                row.get::<_, Option<String>>("referenced")?,
                row.get::<_, String>("on_update")?,
                row.get::<_, String>("on_delete")?,
            ))
        })?;
        let mut foreign_keys: Vec<(i64, ForeignKey)> = Vec::new();
        for (id, referenced_table, referencing, referenced, on_update, on_delete) in rows {
            if foreign_keys.last().is_none_or(|(last, _)| *last != id) {
                let foreign_key = ForeignKey {
                    name: None,
                    columns: Vec::new(),
                    referenced_table,
                    referenced_columns: Vec::new(),
                    on_update: ReferentialAction::from_sql(&on_update),
                    on_delete: ReferentialAction::from_sql(&on_delete),
                    deferred: false,
                };
                foreign_keys.push((id, foreign_key));
            }
            if let Some((_, foreign_key)) = foreign_keys.last_mut() {
                foreign_key.columns.push(referencing);
                foreign_key.referenced_columns.extend(referenced);
            }
        }
        let mut foreign_keys = foreign_keys.into_iter().map(|(_, foreign_key)| foreign_key).collect::<Vec<_>>();
        // Both are in the order of declaration; if their numbers differ, the names stay unknown.
        if foreign_keys.len() == definition.foreign_keys.len() {
            for (foreign_key, defined) in foreign_keys.iter_mut().zip(&definition.foreign_keys) {
                foreign_key.name.clone_from(&defined.name);
                foreign_key.deferred = defined.deferred;
            }
        }
        Ok(foreign_keys)
    }

    fn rows<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.connection.prepare_cached(sql)?.query_map(parameters, read)?.collect()
    }
}

/// An object other than a table, with its columns or SQLite's refusal.
fn other(
    kind: OtherObjectKind,
    name: String,
    sql: Option<String>,
    columns: Result<Vec<Column>, String>,
) -> OtherObject {
    let (columns, refusal) = match columns {
        Ok(columns) => (columns, None),
        Err(refusal) => (Vec::new(), Some(refusal)),
    };
    let names = columns.iter().map(|column| column.name.clone()).collect();
    let is_virtual = kind == OtherObjectKind::VirtualTable;
    let read = sql.as_deref().filter(|_| is_virtual).and_then(|sql| virtual_table(&name, sql, columns));
    OtherObject { kind, name, sql, columns: names, refusal, virtual_table: read, sequence: None }
}

/// A table's rowid: an INTEGER PRIMARY KEY is the rowid itself; SQLite makes an index for any other primary key
/// (<https://www.sqlite.org/lang_createtable.html#rowid>).
fn rowid_identity(columns: &[ListedColumn], key: &[String], has_key_index: bool) -> RowIdentity {
    if let ([alias], false) = (key, has_key_index) {
        return RowIdentity::Integer { column: alias.clone(), visibility: Visibility::Declared };
    }
    let taken = columns.iter().map(|listed| listed.column.name.to_ascii_lowercase()).collect::<BTreeSet<_>>();
    match HIDDEN_KEYS.into_iter().find(|word| !taken.contains(*word)) {
        Some(word) => RowIdentity::Integer { column: word.to_owned(), visibility: Visibility::Hidden },
        None => RowIdentity::None,
    }
}

fn index_of(index: ListedIndex, mut columns: Vec<IndexColumn>, statements: &BTreeMap<String, String>) -> Index {
    let sql = statements.get(&index.name).cloned();
    let (keys, predicate) = sql.as_deref().and_then(index_expressions).unwrap_or_default();
    for (position, column) in columns.iter_mut().enumerate() {
        if column.column.is_none() {
            column.expression = keys.get(position).cloned();
        }
    }
    let (name, unique) = (index.name, index.unique);
    Index { name, unique, columns, predicate, sql, purpose: IndexPurpose::Order, is_unused: false }
}

/// SQLite reports the type of `a INT GENERATED ALWAYS AS (…)` as `INT GENERATED ALWAYS`.
fn without_generated_words(declared: &str, generated: bool) -> String {
    let mut words = declared.split_whitespace().collect::<Vec<_>>();
    if generated
        && let [.., one, two] = words.as_slice()
        && one.eq_ignore_ascii_case("GENERATED")
        && two.eq_ignore_ascii_case("ALWAYS")
    {
        words.truncate(words.len() - 2);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::sqlite::Snapshot;

    fn catalog(sql: &str) -> Catalog {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("source.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        Snapshot::open(&path, 1).unwrap().reader().catalog().unwrap()
    }

    #[test]
    fn keys_identities_and_references() {
        let catalog = catalog(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, oid TEXT);
             CREATE TABLE b (id INT PRIMARY KEY, rowid INT);
             CREATE TABLE c (x TEXT, y TEXT, PRIMARY KEY (y, x)) WITHOUT ROWID;
             CREATE TABLE d (rowid, oid, _rowid_);
             CREATE TABLE e (
                 one INT CONSTRAINT to_a REFERENCES a ON DELETE CASCADE,
                 two TEXT, three TEXT,
                 UNIQUE (three, two),
                 FOREIGN KEY (two, three) REFERENCES c (y, x) ON UPDATE SET NULL
             );
             CREATE INDEX ix ON e (two DESC, lower(three)) WHERE two IS NOT NULL;",
        );
        let identity = |name: &str| catalog.table(name).unwrap().row_identity.clone();
        let rowid = |column: &str, visibility| RowIdentity::Integer { column: column.to_owned(), visibility };
        assert_eq!(identity("a"), rowid("id", Visibility::Declared));
        assert_eq!(identity("b"), rowid("_rowid_", Visibility::Hidden));
        assert_eq!(identity("c"), RowIdentity::Key { columns: vec!["y".to_owned(), "x".to_owned()] });
        assert_eq!(identity("d"), RowIdentity::None);
        let e = catalog.table("E").unwrap();
        assert_eq!(e.unique_constraints[0].columns, ["three", "two"]);
        assert_eq!(e.foreign_keys[0].name.as_deref(), Some("to_a"));
        assert_eq!(e.foreign_keys[0].on_delete, ReferentialAction::Cascade);
        assert!(e.foreign_keys[0].referenced_columns.is_empty());
        assert_eq!(e.foreign_keys[1].columns, ["two", "three"]);
        assert_eq!(e.foreign_keys[1].on_update, ReferentialAction::SetNull);
        assert_eq!(e.indexes[0].predicate.as_deref(), Some("two IS NOT NULL"));
        assert_eq!(e.indexes[0].columns[0].order, SortOrder::Descending);
        assert_eq!(e.indexes[0].columns[1].expression.as_deref(), Some("lower(three)"));
    }

    #[test]
    fn what_is_no_table_stands_apart() {
        let catalog = catalog(
            "CREATE TABLE t (a INT GENERATED ALWAYS AS (b + 1) STORED, b INT);
             CREATE VIEW v AS SELECT a FROM t;
             CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;
             CREATE VIRTUAL TABLE f USING fts5(body);",
        );
        assert_eq!(catalog.tables.len(), 1);
        let column = &catalog.tables[0].columns[0];
        assert_eq!((column.declared_type.as_str(), column.generated.as_ref().unwrap().stored), ("INT", true));
        assert_eq!(column.generated.as_ref().unwrap().expression.as_deref(), Some("b + 1"));
        let kinds = catalog.others.iter().map(|other| (other.kind, other.name.as_str())).collect::<Vec<_>>();
        assert_eq!(kinds[0], (OtherObjectKind::View, "v"));
        assert_eq!(kinds[1], (OtherObjectKind::Trigger, "g"));
        assert_eq!(kinds[2], (OtherObjectKind::VirtualTable, "f"));
        assert!(kinds[3..].iter().all(|(kind, _)| *kind == OtherObjectKind::ShadowTable));
    }
}
