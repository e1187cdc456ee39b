//! Migration tools: programs by which an application makes and alters its own schema, recognised by the table in which
//! each of them records the migrations that it has applied.
//!
//! A name alone would take a user's table for a tool's, so the columns decide. Names are compared without regard to case
//! and punctuation: the same tool writes `MigrationId` for one engine and `migration_id` for another.

mod known;
mod record;

pub use record::{AppliedMigrations, VersionsCompared};

use super::{Catalog, RelationKind, TargetTable};
use crate::name::{Schemas, split_database};
use known::KNOWN;
use std::collections::BTreeMap;

/// A migration tool, and the form of its record.
#[derive(Debug, PartialEq, Eq)]
pub struct MigrationTool {
    /// The name by which people know it.
    pub name: &'static str,
    /// The command that makes the application's tables in an empty database; `None` if only a start of the application does.
    pub command: Option<&'static str>,
    /// Names of the table.
    tables: &'static [&'static str],
    /// Columns of the table.
    columns: &'static [&'static str],
    /// Further columns and names of the table that are the tool's as well.
    latitude: Latitude,
    /// The tool's other tables, each with columns by which it is known.
    beside: &'static [(&'static str, &'static [&'static str])],
    /// Whether the tool is known only by all of these together.
    needs_all: bool,
    /// The columns whose values together name a migration; of those that are NULL the next takes the place.
    named_by: NamedBy,
    /// The condition on which a row is an applied migration.
    applied: AppliedCondition,
    /// The meaning of the rows together.
    keeps: Keeps,
}

/// Latitude in the form of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Latitude {
    /// Exactly these columns: the table's name is one that others use too.
    None,
    /// Other columns may stand beside them.
    MoreColumns,
    /// The table's name may go on: an application with several records gives each an ending.
    LongerName,
}

/// Columns that name a migration.
#[derive(Debug, PartialEq, Eq)]
enum NamedBy {
    /// All of these, with points between them.
    All(&'static [&'static str]),
    /// The first, or the second where that is NULL.
    First(&'static str, &'static str),
}

/// Condition on which a row is an applied migration.
#[derive(Debug, PartialEq, Eq)]
enum AppliedCondition {
    /// Every row is one.
    Always,
    /// A column is true.
    If(&'static str),
    /// The first column has a value, and the second has none.
    Between(&'static str, &'static str),
    /// The last row of a migration, by a number, has the second column true.
    Last(&'static str, &'static str),
    /// Every row is one; where the column is true, the migration was interrupted.
    Unless(&'static str),
}

/// Meaning of the rows of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// Every migration that was ever applied.
    All,
    /// The latest ones alone, by ids that no order is known of.
    LatestId,
    /// The number of the latest one.
    LatestNumber,
}

/// A tool's record, as it was found in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolRecord {
    /// The tool.
    pub tool: &'static MigrationTool,
    /// The table with the applied migrations, by its name there.
    pub table: String,
    /// The columns to read, by their names there.
    pub columns: Vec<String>,
    /// The tool's other tables: locks, settings.
    pub beside: Vec<String>,
    /// The beginning that the names of all tables of its database have; empty where there is one database.
    pub prefix: String,
    /// The table's name in the form in which both sides are compared.
    folded: String,
}

/// Form of a table that may be a tool's.
struct Shape<'a> {
    name: &'a str,
    /// The part of the name before the one inside its database.
    prefix: &'a str,
    folded: String,
    /// The columns' names by their folded form.
    columns: BTreeMap<String, &'a str>,
}

impl Catalog {
    /// The records of migration tools among the tables.
    #[must_use]
    pub fn tool_records(&self) -> Vec<ToolRecord> {
        let shapes = self.tables.iter().map(|table| {
            let bare = split_database(&table.name).filter(|_| self.is_of_databases());
            let bare = bare.map_or(table.name.as_str(), |(_, bare)| bare);
            Shape::of(&table.name, bare, table.columns.iter().map(|column| column.name.as_str()))
        });
        recognise(&shapes.collect::<Vec<_>>())
    }
}

impl TargetTable {
    /// The records of migration tools among these tables of the schemas.
    #[must_use]
    pub fn tool_records(schemas: &Schemas, tables: &BTreeMap<String, TargetTable>) -> Vec<ToolRecord> {
        let plain = tables.values().filter(|table| table.kind == RelationKind::Table);
        let shapes = plain.map(|table| {
            let columns = table.columns.iter().map(|column| column.name.as_str());
            Shape::of(&table.name, schemas.bare(&table.name), columns)
        });
        recognise(&shapes.collect::<Vec<_>>())
    }
}

impl<'a> Shape<'a> {
    fn of(name: &'a str, bare: &str, columns: impl Iterator<Item = &'a str>) -> Self {
        let prefix = name.strip_suffix(bare).unwrap_or_default();
        Self { name, prefix, folded: fold(bare), columns: columns.map(|column| (fold(column), column)).collect() }
    }

    fn has(&self, columns: &[&str]) -> bool {
        columns.iter().all(|column| self.columns.contains_key(*column))
    }
}

impl MigrationTool {
    /// Way to the application's tables in an empty database, in words.
    #[must_use]
    pub fn way(&self) -> String {
        self.command.map_or_else(
            || "start the application once on the empty database".to_owned(),
            |command| format!("`{command}` against the empty database, or start the application on it once"),
        )
    }

    fn is_record(&self, shape: &Shape<'_>) -> bool {
        let is_named = self.tables.iter().any(|table| match self.latitude {
            Latitude::LongerName => shape.folded.starts_with(table),
            Latitude::None | Latitude::MoreColumns => shape.folded == *table,
        });
        let may_have_more = self.latitude == Latitude::MoreColumns;
        is_named && shape.has(self.columns) && (may_have_more || shape.columns.len() == self.columns.len())
    }

    /// The columns from which [`ToolRecord::applied`] knows the applied migrations.
    fn read(&self) -> Vec<&'static str> {
        let mut read = match self.named_by {
            NamedBy::All(columns) => columns.to_vec(),
            NamedBy::First(first, second) => vec![first, second],
        };
        match self.applied {
            AppliedCondition::Always => {}
            AppliedCondition::If(column) | AppliedCondition::Unless(column) => read.push(column),
            AppliedCondition::Between(first, second) | AppliedCondition::Last(first, second) => {
                read.extend([first, second]);
            }
        }
        read
    }
}

impl ToolRecord {
    /// The record of the same tool on the other side, for the same database.
    #[must_use]
    pub fn counterpart<'a>(&self, others: &'a [ToolRecord]) -> Option<&'a ToolRecord> {
        let mut of_tool = others.iter().filter(|other| other.tool == self.tool && other.prefix == self.prefix);
        of_tool.find(|other| other.folded == self.folded)
    }

    /// Whether a table is the record, or another of the tool's.
    #[must_use]
    pub fn has(&self, table: &str) -> bool {
        self.table == table || self.beside.iter().any(|beside| beside == table)
    }
}

/// The records among tables: each with the tables that stand beside it in its own database.
fn recognise(shapes: &[Shape<'_>]) -> Vec<ToolRecord> {
    let mut records = Vec::new();
    for shape in shapes {
        let found = KNOWN.iter().filter(|tool| tool.is_record(shape)).find_map(|tool| {
            let is_beside = |other: &&Shape<'_>| {
                let is_named = |(table, columns): &(&str, &[&str])| other.folded == *table && other.has(columns);
                other.prefix == shape.prefix && tool.beside.iter().any(is_named)
            };
            let beside = shapes.iter().filter(is_beside).map(|shape| shape.name.to_owned()).collect::<Vec<_>>();
            if tool.needs_all && beside.len() < tool.beside.len() {
                return None;
            }
            let columns = tool.read().into_iter().filter_map(|column| shape.columns.get(column));
            Some(ToolRecord {
                tool,
                table: shape.name.to_owned(),
                columns: columns.map(|column| (*column).to_owned()).collect(),
                beside,
                prefix: shape.prefix.to_owned(),
                folded: shape.folded.clone(),
            })
        });
        records.extend(found);
    }
    records
}

/// A name without regard to case and punctuation.
fn fold(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tables: &[(&str, &[&str])]) -> Vec<(&'static str, String)> {
        let shapes = tables.iter().map(|(name, columns)| Shape::of(name, name, columns.iter().copied()));
        let records = recognise(&shapes.collect::<Vec<_>>());
        records.into_iter().map(|record| (record.tool.name, record.table)).collect()
    }

    #[test]
    fn columns_tell_tools_of_one_table_name_apart() {
        for (columns, tool) in [
            (&["version", "dirty"][..], "golang-migrate"),
            (&["version", "inserted_at"], "Ecto"),
            (&["version"], "Rails or dbmate"),
        ] {
            assert_eq!(found(&[("schema_migrations", columns)]), [(tool, "schema_migrations".to_owned())]);
        }
        let rails: [(&str, &[&str]); 2] =
            [("schema_migrations", &["version"]), ("ar_internal_metadata", &["key", "value", "created_at"])];
        assert_eq!(found(&rails), [("Rails", "schema_migrations".to_owned())]);
        for (columns, tool) in [
            (&["id", "migration", "batch"][..], "Laravel"),
            (&["id", "timestamp", "name"], "TypeORM"),
            (&["id"], "gormigrate"),
        ] {
            assert_eq!(found(&[("migrations", columns)]), [(tool, "migrations".to_owned())]);
        }
    }

    #[test]
    fn a_table_of_the_users_is_no_record() {
        for (name, columns) in [
            ("migrations", &["id", "name", "animal"][..]),
            ("schema_migrations", &["version", "note"]),
            ("alembic_version", &["version", "version_num"]),
            ("django_migrations", &["id", "app"]),
            ("my_alembic_version", &["version_num"]),
            ("prisma_migrations", &["id", "migration_name"]),
        ] {
            assert_eq!(found(&[(name, columns)]), [], "{name}");
        }
    }

    #[test]
    fn spellings_of_either_engine_are_known() {
        let one = found(&[("__EFMigrationsHistory", &["MigrationId", "ProductVersion"])]);
        let other = found(&[("__ef_migrations_history", &["migration_id", "product_version"])]);
        assert_eq!((one[0].0, other[0].0), ("EF Core", "EF Core"));
        assert_eq!(found(&[("DATABASECHANGELOG", &["ID", "AUTHOR", "FILENAME", "DATEEXECUTED"])])[0].0, "Liquibase");
        assert_eq!(found(&[("alembic_version_fab", &["version_num"])])[0].0, "Alembic");
    }

    #[test]
    fn known_tools_are_written_in_the_folded_form() {
        for tool in KNOWN {
            let names = tool.tables.iter().chain(tool.columns).chain(tool.beside.iter().map(|(table, _)| table));
            for name in names.copied().chain(tool.read()) {
                assert_eq!(fold(name), name, "{}", tool.name);
            }
            assert!(tool.read().iter().all(|column| tool.columns.contains(column)), "{}", tool.name);
        }
    }
}
