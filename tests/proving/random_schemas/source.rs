//! From a draft to a SQLite file. Rows that a constraint refuses are left out, as are indexes that SQLite refuses.

use super::draft::{Column, Draft, Key, KeyIndex, Kind, Reference, Table};
use proptest::sample::Index;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;

/// What was made.
pub(crate) struct Source {
    /// The statements that SQLite took; together they make the source again.
    pub(crate) sql: String,
    pub(crate) indexes: Vec<MadeIndex>,
}

/// An index with its keys, without order and collation, and its condition.
pub(crate) struct MadeIndex {
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) keys: Vec<String>,
    pub(crate) predicate: Option<String>,
    sql: String,
}

/// Makes the file.
pub(crate) fn build(draft: &Draft, path: &Path) -> Source {
    let connection = Connection::open(path).unwrap();
    let mut taken = Vec::new();
    let mut run = |statement: String| {
        let done = connection.execute_batch(&statement);
        if done.is_ok() {
            taken.push(statement);
        }
        done
    };
    run(format!("PRAGMA encoding = '{}'", draft.encoding)).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = OFF")
        .unwrap();
    connection.execute_batch("BEGIN").unwrap();
    let names = unlike(draft.tables.iter().map(|table| table.name.as_str()));
    let resolved = resolve(draft);
    let mut made = Vec::new();
    for (position, (table, name)) in resolved.iter().zip(&names).enumerate() {
        let columns = unlike(table.columns.iter().map(|column| column.name.as_str()));
        let writer = Writer { names: &names, resolved: &resolved, position, name, columns };
        // A check or a default that SQLite refuses takes the others with it.
        if run(writer.create(true)).is_err() && run(writer.create(false)).is_err() {
            continue;
        }
        for insert in writer.inserts() {
            // A row that a constraint refuses is one row less.
            let _refused = run(insert);
        }
        made.push(writer);
    }
    if made.is_empty() {
        run("CREATE TABLE \"only one\" (a)".to_owned()).unwrap();
    }
    let mut indexes = Vec::new();
    for writer in &made {
        indexes.extend(writer.indexes().into_iter().filter(|index| run(index.sql.clone()).is_ok()));
        if let Key::AutoIncrement { ahead } = writer.table().key {
            let name = writer.name.replace('\'', "''");
            let _no_such_row = run(format!("UPDATE sqlite_sequence SET seq = max(seq, {ahead}) WHERE name = '{name}'"));
        }
    }
    if !draft.keeps_orphans {
        for name in &names {
            remove_orphans(&connection, name, &mut taken);
        }
    }
    connection.execute_batch("COMMIT").unwrap();
    Source { sql: taken.into_iter().map(|statement| statement + ";\n").collect(), indexes }
}

/// What references another table holds its values, and most often has its type.
fn resolve(draft: &Draft) -> Vec<Table> {
    let mut tables = draft.tables.clone();
    for position in 0..tables.len() {
        for reference in tables[position].references.clone() {
            let parent = tables[reference.parent.index(tables.len())].clone();
            let keys = parent_key(&parent, &reference);
            for (column, key) in columns_of(&tables[position], &reference).into_iter().zip(keys) {
                let (key, child) = (&parent.columns[key], &mut tables[position].columns[column]);
                child.values = key.values.iter().take(parent.rows.max(1)).cloned().collect();
                if reference.same_type {
                    (child.family, child.declared) = (key.family, key.declared);
                }
            }
        }
    }
    tables
}

fn columns_of(table: &Table, reference: &Reference) -> Vec<usize> {
    distinct(reference.columns.iter().map(|index| index.index(table.columns.len())))
}

/// The columns that a reference leads to.
fn parent_key(parent: &Table, reference: &Reference) -> Vec<usize> {
    let count = parent.columns.len();
    match (&parent.unique.first(), reference.implicit) {
        (Some(unique), false) => distinct(unique.iter().map(|index| index.index(count))),
        _ => key_columns(parent),
    }
}

fn key_columns(table: &Table) -> Vec<usize> {
    let count = table.columns.len();
    match &table.key {
        Key::None if table.kind != Kind::WithoutRowid => Vec::new(),
        Key::None | Key::Rowid { .. } | Key::AutoIncrement { .. } => vec![0],
        Key::Column(index) => vec![index.index(count)],
        Key::Columns(indexes) => distinct(indexes.iter().map(|index| index.index(count))),
    }
}

fn distinct(positions: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    positions.filter(|position| seen.insert(*position)).collect()
}

/// Names with a number behind those that SQLite would take for the same.
fn unlike<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let free = |name: &str| {
        let mut candidate = name.to_owned();
        for number in 2.. {
            if seen.insert(candidate.to_ascii_lowercase()) {
                break;
            }
            candidate = format!("{name}{number}");
        }
        candidate
    };
    names.map(free).collect()
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

struct Writer<'a> {
    names: &'a [String],
    resolved: &'a [Table],
    position: usize,
    name: &'a str,
    columns: Vec<String>,
}

impl Writer<'_> {
    fn table(&self) -> &Table {
        &self.resolved[self.position]
    }

    fn column(&self, position: usize) -> String {
        quote(&self.columns[position])
    }

    fn list(&self, positions: &[usize]) -> String {
        positions.iter().map(|position| self.column(*position)).collect::<Vec<_>>().join(", ")
    }

    fn fill(&self, template: &str, one: usize, other: usize) -> String {
        template.replace("{c}", &self.column(one)).replace("{d}", &self.column(other))
    }

    fn is_rowid(&self, position: usize) -> bool {
        position == 0
            && self.table().kind != Kind::WithoutRowid
            && matches!(self.table().key, Key::Rowid { .. } | Key::AutoIncrement { .. })
    }

    fn create(&self, with_extras: bool) -> String {
        let table = self.table();
        let mut parts = (0..table.columns.len()).map(|at| self.definition(at, with_extras)).collect::<Vec<_>>();
        let key = key_columns(table);
        if !key.is_empty() && !self.is_rowid(0) {
            parts.push(format!("PRIMARY KEY ({})", self.list(&key)));
        }
        let count = table.columns.len();
        for unique in &table.unique {
            parts.push(format!("UNIQUE ({})", self.list(&distinct(unique.iter().map(|index| index.index(count))))));
        }
        if with_extras {
            for (number, (condition, one, other)) in table.checks.iter().enumerate() {
                let name = if number == 0 { "CONSTRAINT \"The Check\" " } else { "" };
                let condition = self.fill(condition, one.index(count), other.index(count));
                parts.push(format!("{name}CHECK ({condition})"));
            }
        }
        for reference in &table.references {
            parts.push(self.reference(reference));
        }
        let end = match table.kind {
            Kind::Rowid => "",
            Kind::WithoutRowid => " WITHOUT ROWID",
            Kind::Strict => " STRICT",
        };
        format!("CREATE TABLE {} (\n    {}\n){end}", quote(self.name), parts.join(",\n    "))
    }

    fn definition(&self, position: usize, with_extras: bool) -> String {
        let table = self.table();
        let Column { family, declared, not_null, default, collation, .. } = &table.columns[position];
        let name = self.column(position);
        if self.is_rowid(position) {
            let behind = match table.key {
                Key::AutoIncrement { .. } => " AUTOINCREMENT",
                Key::Rowid { ascending: true } => " ASC",
                _ => "",
            };
            return format!("{name} INTEGER PRIMARY KEY{behind}");
        }
        let declared = match table.kind {
            Kind::Strict => family.strict(),
            _ => family.declared()[declared.index(family.declared().len())],
        };
        let mut text = format!("{name} {declared}{collation}");
        if *not_null {
            text.push_str(" NOT NULL");
        }
        if let (Some((family, index)), true) = (default, with_extras) {
            let defaults = family.defaults();
            text.push_str(&format!(" DEFAULT {}", defaults[index.index(defaults.len())]));
        }
        text
    }

    fn reference(&self, reference: &Reference) -> String {
        let parent = reference.parent.index(self.resolved.len());
        let columns = self.list(&columns_of(self.table(), reference));
        let target = if reference.missing { "\"no such table\"".to_owned() } else { quote(&self.names[parent]) };
        let referenced = if reference.implicit {
            String::new()
        } else {
            let parent = &self.resolved[parent];
            let names = unlike(parent.columns.iter().map(|column| column.name.as_str()));
            let columns = parent_key(parent, reference).into_iter().map(|at| quote(&names[at])).collect::<Vec<_>>();
            if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) }
        };
        format!("FOREIGN KEY ({columns}) REFERENCES {target}{referenced}{}", reference.actions)
    }

    fn inserts(&self) -> Vec<String> {
        let table = self.table();
        let row = |row: usize| {
            let values = table.columns.iter().map(|column| column.values[row % column.values.len()].literal());
            format!("INSERT INTO {} VALUES ({})", quote(self.name), values.collect::<Vec<_>>().join(", "))
        };
        (0..table.rows).map(row).collect()
    }

    fn indexes(&self) -> Vec<MadeIndex> {
        let table = self.table();
        let count = table.columns.len();
        let index = |(number, index): (usize, &KeyIndex)| {
            let key = |template: &str, column: &Index| self.fill(template, column.index(count), 0);
            let written = index.keys.iter().map(|(template, column, behind)| key(template, column) + behind);
            let predicate = index.predicate.as_ref();
            let predicate =
                predicate.map(|(template, one, other)| self.fill(template, one.index(count), other.index(count)));
            let name = format!("ix {} {number}", self.name);
            let sql = format!(
                "CREATE {}INDEX {} ON {} ({}){}",
                if index.unique { "UNIQUE " } else { "" },
                quote(&name),
                quote(self.name),
                written.collect::<Vec<_>>().join(", "),
                predicate.as_ref().map(|predicate| format!(" WHERE {predicate}")).unwrap_or_default()
            );
            let keys = index.keys.iter().map(|(template, column, _)| key(template, column)).collect();
            MadeIndex { table: self.name.to_owned(), name, keys, predicate, sql }
        };
        table.indexes.iter().enumerate().map(index).collect()
    }
}

/// Deletes the rows of a table that reference nothing, until there are none: each may be what another references.
fn remove_orphans(connection: &Connection, table: &str, taken: &mut Vec<String>) {
    let find = "SELECT rowid FROM pragma_foreign_key_check(?1) WHERE rowid IS NOT NULL";
    for _ in 0..20 {
        // A key that leads to nothing that could be looked up is an error here.
        let Ok(mut statement) = connection.prepare(find) else { return };
        let found = statement.query_map([table], |row| row.get::<_, i64>(0)).and_then(Iterator::collect);
        let rows: Vec<i64> = found.unwrap_or_default();
        if rows.is_empty() {
            return;
        }
        for rowid in rows {
            for word in ["_rowid_", "rowid", "oid"] {
                let statement = format!("DELETE FROM {} WHERE {word} = {rowid}", quote(table));
                if connection.execute_batch(&statement).is_ok() {
                    taken.push(statement);
                    break;
                }
            }
        }
    }
}
