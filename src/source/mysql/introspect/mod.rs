//! Reading the structure of a database into a [`Catalog`].
//!
//! The two engines keep one information_schema with different columns and different spellings; everything is made
//! alike here, so that the dialect reads one form: expressions in texts without escapes, defaults as expressions.

mod answer;
mod binary_default;
mod column;
mod expression;
mod indexes;
mod labels;
mod others;
mod partitions;
mod references;
mod rights;
mod unshown;
mod zone;

use super::client::ClientError;
use super::columns::text;
use super::database::Database;
use super::snapshot::{MigratedTables, Reader};
use crate::catalog::{
    Catalog, CheckConstraint, Column, Engine, HiddenPart, OtherObject, PrimaryKey, RowIdentity, Table, Visibility,
};
use crate::dialect::mysql::{Definition, Period, default_partition, quote, with_known_names};
use crate::source::SourceError;
use answer::{ByTable, Texts, by_table, said, word};
use std::collections::BTreeMap;

/// Contents of the databases.
#[derive(Default)]
struct FoundObjects {
    tables: Vec<Table>,
    others: Vec<OtherObject>,
    unseen: Vec<HiddenPart>,
}

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
        let mut databases = Database::all_of(self.server()).into_iter().map(Read::from).collect::<Vec<_>>();
        for read in &mut databases {
            read.database.enter(&mut self.client())?;
            read.stored = self.stored_name()?;
        }
        let mut found = FoundObjects::default();
        for (at, read) in databases.iter().enumerate() {
            read.database.enter(&mut self.client())?;
            self.introspect_one(at, &databases, &mut found)?;
        }
        Database::leave(&mut self.client(), self.server())?;
        let unversioned = MigratedTables::read(&mut self.client(), self.server(), &|_| true)?.unversioned;
        let FoundObjects { mut tables, mut others, mut unseen } = found;
        for table in &mut tables {
            table.is_outside_snapshot = unversioned.contains(&table.name);
            self.binary_defaults(table)?;
        }
        // One right may be wanted for each of the databases.
        unseen.dedup();
        let server_zone = self.server_zone()?;
        tables.sort_by(|one: &Table, two| one.name.cmp(&two.name));
        others.sort_by(|one: &OtherObject, two| (one.kind, &one.name).cmp(&(two.kind, &two.name)));
        // Their order is the spec's, and no part of the structure.
        let mut databases = self.server().databases.clone();
        databases.sort();
        Ok(Catalog { engine: Engine::Mysql, databases, tables, others, unseen, server_zone })
    }

    /// Reads the structure of the database at position `at`, in which the session is.
    fn introspect_one(&self, at: usize, databases: &[Read], found: &mut FoundObjects) -> Result<(), ClientError> {
        let (is_mariadb, database) = (self.client().is_mariadb(), &databases[at].database);
        let (indexes, checks) = if is_mariadb {
            (include_str!("../queries/indexes_mariadb.sql"), include_str!("../queries/checks_mariadb.sql"))
        } else {
            (include_str!("../queries/indexes_mysql.sql"), include_str!("../queries/checks_mysql.sql"))
        };
        let rights = self.rights(&databases[at].stored)?;
        let foreign_keys = self.texts(include_str!("../queries/foreign_keys.sql"))?;
        let partitions = by_table(self.texts(include_str!("../queries/partitions.sql"))?);
        let rests = if is_mariadb { self.rests(&partitions)? } else { BTreeMap::new() };
        let mut listed = TableListing {
            columns: by_table(rights.readable(self.texts(include_str!("../queries/columns.sql"))?)),
            indexes: by_table(self.texts(indexes)?),
            foreign_keys: by_table(self.with_actions(foreign_keys)?),
            checks: by_table(if rights.lists_checks() { self.texts(checks)? } else { self.checks_of_definitions()? }),
            partitions,
            rests,
            periods: BTreeMap::new(),
            database,
            databases,
            is_mariadb,
        };
        listed.periods = if is_mariadb { self.periods(&listed)? } else { BTreeMap::new() };
        let (mut sequences, mut seen) = (Vec::new(), Vec::new());
        for row in self.texts(include_str!("../queries/tables.sql"))? {
            let name = word(&row, 0);
            match word(&row, 1).as_str() {
                "SEQUENCE" => sequences.push(name),
                kind => {
                    found.unseen.extend(self.show(&name, &mut listed)?);
                    found.tables.push(listed.table(&name, kind, said(&row, 2)));
                    seen.push(name);
                }
            }
        }
        found.others.extend(self.views(&listed)?);
        found.others.extend(self.triggers(database)?);
        found.others.extend(self.routines(database)?);
        found.others.extend(self.events(database)?);
        for sequence in sequences {
            found.others.push(self.sequence(&sequence, database)?);
        }
        found.unseen.extend(rights.unseen(&seen, database));
        Ok(())
    }

    /// The name of the session's database as the server stores it: with `lower_case_table_names` it may differ from the one given.
    fn stored_name(&self) -> Result<String, ClientError> {
        let given = self.texts("SELECT database()")?.first().map(|row| word(row, 0)).unwrap_or_default();
        let sql = "SELECT schema_name FROM information_schema.schemata WHERE schema_name = database()";
        let names = self.texts(sql)?.iter().map(|row| word(row, 0)).collect::<Vec<_>>();
        let exact = names.iter().find(|name| **name == given).or(names.first());
        Ok(exact.cloned().unwrap_or(given))
    }

    /// The partitions of tables that take what no other partition lists, by table.
    fn rests(&self, partitions: &ByTable) -> Result<BTreeMap<String, String>, ClientError> {
        let mut rests = BTreeMap::new();
        for (table, rows) in partitions.iter().filter(|(_, rows)| word(&rows[0], 2).starts_with("LIST")) {
            let created = self.texts(&format!("SHOW CREATE TABLE {}", quote(table)))?;
            let named = created.first().and_then(|row| default_partition(&word(row, 1)));
            rests.extend(
                named.filter(|name| rows.iter().any(|row| word(row, 1) == *name)).map(|name| (table.clone(), name)),
            );
        }
        Ok(rests)
    }

    /// The periods of MariaDB's that a key lets not overlap, by table. Statements alone say it (before MariaDB 11.4): they are asked
    /// for where a unique key ends with two columns of the same kind of date or time, which a period makes NOT NULL.
    fn periods(&self, listed: &TableListing) -> Result<BTreeMap<String, Period>, ClientError> {
        let mut periods = BTreeMap::new();
        for (table, rows) in &listed.indexes {
            let moment = |index: &Texts| {
                let columns = listed.columns.get(table)?;
                let column = columns.iter().find(|column| column[1] == index[3])?;
                let declared = word(column, 2);
                let is_moment = ["date", "timestamp"].iter().any(|kind| declared.starts_with(kind));
                (is_moment && word(column, 3) == "NO").then_some(declared)
            };
            let is_candidate = rows.windows(2).enumerate().any(|(at, pair)| {
                let (name, next) = (&pair[1][1], rows.get(at + 2).map(|row| &row[1]));
                let ends = pair[0][1] == *name && next != Some(name) && word(&pair[1], 2) == "0";
                ends && moment(&pair[0]).is_some_and(|kind| moment(&pair[1]) == Some(kind))
            });
            if is_candidate && let Some(sql) = Self::permitted(self.definition(table))? {
                periods.extend(Definition::read(&sql).period().map(|period| (table.clone(), period)));
            }
        }
        Ok(periods)
    }

    fn texts(&self, sql: &str) -> Result<Vec<Texts>, ClientError> {
        let rows = self.client().query(sql)?;
        Ok(rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect())
    }
}

/// A database of the catalog.
struct Read {
    database: Database,
    /// Its name as the server stores it.
    stored: String,
}

impl From<Database> for Read {
    fn from(database: Database) -> Self {
        Self { database, stored: String::new() }
    }
}

/// The answers about all tables of one database.
struct TableListing<'a> {
    columns: ByTable,
    indexes: ByTable,
    foreign_keys: ByTable,
    checks: ByTable,
    partitions: ByTable,
    /// The partitions that take the rest, by table.
    rests: BTreeMap<String, String>,
    /// Periods that a key lets not overlap, by table.
    periods: BTreeMap<String, Period>,
    database: &'a Database,
    /// All databases of the catalog.
    databases: &'a [Read],
    is_mariadb: bool,
}

impl TableListing<'_> {
    fn table(&self, name: &str, kind: &str, comment: Option<String>) -> Table {
        fn of<'a>(all: &'a ByTable, name: &str) -> &'a [Texts] {
            all.get(name).map_or(&[], Vec::as_slice)
        }
        let listed = of(&self.columns, name);
        let mut columns = listed.iter().map(|row| column::column(row, self.is_mariadb)).collect::<Vec<_>>();
        let known = |database: &str, name: &str| {
            Some(self.databases.iter().find(|read| read.stored == database)?.database.known(name))
        };
        let mut checks = of(&self.checks, name).iter().map(|row| self.check(row)).collect::<Vec<_>>();
        for column in &mut columns {
            // A sequence has its database before its name.
            column.default = column.default.take().map(|text| with_known_names(&text, &known));
            column::recognize_json(column, &mut checks);
        }
        let keys = indexes::keys(name, of(&self.indexes, name), &columns, self.periods.get(name), self.is_mariadb);
        let unique = || indexes::naming(&keys.created, &columns);
        let (foreign_keys, foreign_keys_elsewhere) =
            references::references(of(&self.foreign_keys, name), self.databases);
        let row_identity =
            keys.primary.clone().or_else(unique).map_or(RowIdentity::None, |key| identity(key, &columns));
        let primary_key = keys.primary.map(|columns| PrimaryKey { name: None, columns });
        let rest = self.rests.get(name).map(String::as_str);
        let storage = partitions::storage(of(&self.partitions, name), kind, rest, primary_key.as_ref(), &columns);
        Table {
            name: self.database.known(name),
            row_identity,
            primary_key,
            columns,
            is_outside_snapshot: false,
            unique_constraints: Vec::new(),
            indexes: keys.created,
            foreign_keys,
            checks,
            unread_definition: None,
            comment,
            storage,
            foreign_keys_elsewhere,
        }
    }

    fn check(&self, row: &Texts) -> CheckConstraint {
        CheckConstraint {
            name: Some(word(row, 1)),
            expression: expression::plain(&word(row, 2), self.is_mariadb),
            is_idle: word(row, 3) == "NO",
        }
    }
}

/// The identity by a key: one integer that fits 64 bits with a sign, or the key's columns.
fn identity(key: Vec<String>, columns: &[Column]) -> RowIdentity {
    let is_integer = |name: &String| {
        columns.iter().any(|column| {
            let declared = column.declared_type.to_ascii_lowercase();
            let is_whole = declared.split(['(', ' ']).next().is_some_and(|word| word.ends_with("int"));
            column.name == *name && is_whole && !(declared.starts_with("bigint") && declared.contains("unsigned"))
        })
    };
    match key.as_slice() {
        [only] if is_integer(only) => RowIdentity::Integer { column: only.clone(), visibility: Visibility::Declared },
        _ => RowIdentity::Key { columns: key },
    }
}
