//! Reading the structure of a database into a [`Catalog`].

use super::client::ClientError;
use super::columns::text;
use super::snapshot::Reader;
use crate::catalog::{
    Catalog, Column, Engine, ForeignKey, Generated, Index, IndexColumn, KeyGeneration, OtherObject, OtherObjectKind,
    PrimaryKey, ReferentialAction, RowIdentity, SortOrder, Table, Visibility,
};
use crate::dialect::mysql::{equality, quote};
use crate::source::SourceError;
use std::collections::BTreeMap;

/// A row of an answer: texts by position.
pub(super) type Texts = Vec<Option<String>>;

impl Reader {
    /// Reads the whole structure, sorted by name.
    ///
    /// # Errors
    /// The source fails.
    pub(in crate::source) fn catalog(&self) -> Result<Catalog, SourceError> {
        let failed = |error| self.failed("reading its structure", &error);
        self.introspect().map_err(failed)
    }

    fn introspect(&self) -> Result<Catalog, ClientError> {
        let columns = by_table(self.texts(include_str!("queries/columns.sql"))?);
        let indexes = by_table(self.texts(include_str!("queries/indexes.sql"))?);
        let foreign_keys = by_table(self.texts(include_str!("queries/foreign_keys.sql"))?);
        let documents = self.documents()?;
        let database = self.database().to_owned();
        let mut tables = Vec::new();
        for row in self.texts(include_str!("queries/tables.sql"))? {
            let name = word(&row, 0);
            let rows = |all: &BTreeMap<String, Vec<Texts>>| all.get(&name).cloned().unwrap_or_default();
            let is_mariadb = self.client().is_mariadb();
            let mut read = table(&name, &rows(&columns), &rows(&indexes), &rows(&foreign_keys), &database, is_mariadb);
            documents.declare(&mut read);
            tables.push(read);
        }
        tables.sort_by(|one: &Table, two| one.name.cmp(&two.name));
        let mut others = Vec::new();
        for row in self.texts(include_str!("queries/views.sql"))? {
            let name = word(&row, 0);
            let named = columns.get(&name).map(|rows| rows.iter().map(|row| word(row, 1)).collect());
            let sql = row[1].as_ref().map(|select| format!("CREATE VIEW {} AS {select}", quote(&name)));
            others.push(other(OtherObjectKind::View, name, sql, named.unwrap_or_default()));
        }
        for row in self.texts(include_str!("queries/triggers.sql"))? {
            let name = word(&row, 0);
            let sql = format!(
                "CREATE TRIGGER {} {} {} ON {} FOR EACH ROW {}",
                quote(&name),
                word(&row, 1),
                word(&row, 2),
                quote(&word(&row, 3)),
                word(&row, 4)
            );
            others.push(other(OtherObjectKind::Trigger, name, Some(sql), Vec::new()));
        }
        others.sort_by(|one, two| (one.kind, &one.name).cmp(&(two.kind, &two.name)));
        Ok(Catalog { engine: Engine::Mysql, tables, others })
    }

    pub(super) fn texts(&self, sql: &str) -> Result<Vec<Texts>, ClientError> {
        let rows = self.client().query(sql)?;
        Ok(rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect())
    }
}

pub(super) fn word(row: &Texts, at: usize) -> String {
    row.get(at).cloned().flatten().unwrap_or_default()
}

/// Rows by the table that their first value names.
fn by_table(rows: Vec<Texts>) -> BTreeMap<String, Vec<Texts>> {
    let mut tables: BTreeMap<String, Vec<Texts>> = BTreeMap::new();
    for row in rows {
        tables.entry(word(&row, 0)).or_default().push(row);
    }
    tables
}

fn other(kind: OtherObjectKind, name: String, sql: Option<String>, columns: Vec<String>) -> OtherObject {
    OtherObject { kind, name, sql, columns, refusal: None, virtual_table: None }
}

fn table(
    name: &str,
    columns: &[Texts],
    indexes: &[Texts],
    foreign_keys: &[Texts],
    database: &str,
    is_mariadb: bool,
) -> Table {
    let columns = columns.iter().map(|row| column(row, is_mariadb)).collect::<Vec<_>>();
    let (primary, created) = keys(indexes, &columns);
    let row_identity = match &primary {
        Some(key) => identity(key, &columns),
        None => RowIdentity::None,
    };
    Table {
        name: name.to_owned(),
        row_identity,
        primary_key: primary.map(|columns| PrimaryKey { name: None, columns }),
        columns,
        unique_constraints: Vec::new(),
        indexes: created,
        foreign_keys: references(foreign_keys, database),
        checks: Vec::new(),
        unread_definition: None,
    }
}

fn column(row: &Texts, is_mariadb: bool) -> Column {
    let extra = word(row, 5).to_ascii_lowercase();
    let expression = row[6].clone().filter(|expression| !expression.is_empty());
    let generated = expression.map(|expression| Generated {
        expression: Some(expression),
        stored: extra.contains("stored") || extra.contains("persistent"),
    });
    let default = row[4].clone().filter(|_| generated.is_none());
    Column {
        name: word(row, 1),
        declared_type: word(row, 2),
        not_null: word(row, 3) == "NO",
        default: default.and_then(|text| default_expression(text, is_mariadb, &extra)),
        generated,
        equality: row[7].as_deref().map(equality).unwrap_or_default(),
        generates_keys: extra.contains("auto_increment").then_some(KeyGeneration::NeverTwice),
    }
}

/// The DEFAULT as an expression: MariaDB gives it so, MySQL gives the bare value and marks expressions in `extra`.
fn default_expression(text: String, is_mariadb: bool, extra: &str) -> Option<String> {
    if is_mariadb {
        return (text != "NULL").then_some(text);
    }
    let is_expression = extra.contains("default_generated")
        || text.to_ascii_uppercase().starts_with("CURRENT_TIMESTAMP")
        || text.starts_with("b'");
    Some(if is_expression { text } else { crate::dialect::mysql::literal(&text) })
}

/// The columns of the primary key, and the other indexes.
fn keys(rows: &[Texts], columns: &[Column]) -> (Option<Vec<String>>, Vec<Index>) {
    let mut primary = Vec::new();
    let mut created: Vec<Index> = Vec::new();
    for row in rows {
        let (index, column) = (word(row, 1), row[3].clone());
        if index == "PRIMARY" {
            primary.extend(column);
            continue;
        }
        if created.last().is_none_or(|last| last.name != index) {
            let unique = word(row, 2) == "0";
            created.push(Index { name: index, unique, columns: Vec::new(), predicate: None, sql: None });
        }
        let equality = column
            .as_ref()
            .and_then(|name| columns.iter().find(|column| column.name == *name))
            .map(|column| column.equality.clone())
            .unwrap_or_default();
        let order = if word(row, 4) == "D" { SortOrder::Descending } else { SortOrder::Ascending };
        if let Some(last) = created.last_mut() {
            last.columns.push(IndexColumn { column, expression: None, order, equality });
        }
    }
    ((!primary.is_empty()).then_some(primary), created)
}

/// The identity by a primary key: one integer that fits 64 bits with a sign, or the key's columns.
fn identity(key: &[String], columns: &[Column]) -> RowIdentity {
    let is_integer = |name: &String| {
        columns.iter().any(|column| {
            let declared = column.declared_type.to_ascii_lowercase();
            let is_whole = declared.split(['(', ' ']).next().is_some_and(|word| word.ends_with("int"));
            column.name == *name && is_whole && !(declared.starts_with("bigint") && declared.contains("unsigned"))
        })
    };
    match key {
        [only] if is_integer(only) => RowIdentity::Integer { column: only.clone(), visibility: Visibility::Declared },
        _ => RowIdentity::Key { columns: key.to_vec() },
    }
}

fn references(rows: &[Texts], database: &str) -> Vec<ForeignKey> {
    let mut found: Vec<ForeignKey> = Vec::new();
    for row in rows.iter().filter(|row| word(row, 3) == database) {
        let name = Some(word(row, 1));
        if found.last().is_none_or(|last| last.name != name) {
            found.push(ForeignKey {
                name,
                columns: Vec::new(),
                referenced_table: word(row, 4),
                referenced_columns: Vec::new(),
                on_update: action(&word(row, 6)),
                on_delete: action(&word(row, 7)),
                deferred: false,
            });
        }
        if let Some(last) = found.last_mut() {
            last.columns.push(word(row, 2));
            last.referenced_columns.push(word(row, 5));
        }
    }
    found
}

fn action(words: &str) -> ReferentialAction {
    match words {
        "RESTRICT" => ReferentialAction::Restrict,
        "SET NULL" => ReferentialAction::SetNull,
        "SET DEFAULT" => ReferentialAction::SetDefault,
        "CASCADE" => ReferentialAction::Cascade,
        _ => ReferentialAction::NoAction,
    }
}
