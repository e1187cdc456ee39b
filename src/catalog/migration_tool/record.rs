//! Applied migrations as a tool's record has them, and the comparison of two records.
//!
//! Names of migrations are the application's, as names of tables are: they may stand in plans. Checksums are not compared:
//! several tools write another migration of the same name for each engine.

use super::{AppliedCondition, Keeps, NamedBy, ToolRecord};
use std::collections::{BTreeMap, BTreeSet};

/// The names of applied migrations; of a tool that keeps only the latest ones, of these.
pub type AppliedMigrations = BTreeSet<String>;

/// Two records compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionsCompared {
    /// Both sides have the same migrations.
    Same,
    /// One side has migrations that the other lacks.
    Different,
    /// Nothing is shared: the sides may be at other versions, or the application may have other migrations for each engine.
    NothingShared,
}

impl ToolRecord {
    /// The applied migrations of these rows, whose values are those of [`ToolRecord::columns`] as text.
    #[must_use]
    pub fn applied(&self, rows: &[Vec<Option<String>>]) -> AppliedMigrations {
        let tool = self.tool;
        let value = |row: &[Option<String>], column: &str| {
            let at = tool.read().iter().position(|read| *read == column)?;
            row.get(at).cloned().flatten()
        };
        let says_so = |row: &[Option<String>], column| value(row, column).is_some_and(|value| is_true(&value));
        let mut applied = AppliedMigrations::new();
        // By name the number of the last row, and whether it says that the migration is applied.
        let mut last = BTreeMap::<String, (i64, bool)>::new();
        for row in rows {
            let name = match tool.named_by {
                NamedBy::All(columns) => {
                    let values = columns.iter().filter_map(|column| value(row, column)).collect::<Vec<_>>();
                    (!values.is_empty()).then(|| values.join("."))
                }
                NamedBy::First(first, second) => value(row, first).or_else(|| value(row, second)),
            };
            // Rows such as Flyway's `<< Flyway Schema Creation >>`, and goose's migration 0, name no migration.
            let Some(name) = name.filter(|name| !name.starts_with("<<")) else { continue };
            match tool.applied {
                AppliedCondition::If(column) if !says_so(row, column) => {}
                AppliedCondition::Between(set, unset) if value(row, set).is_none() || value(row, unset).is_some() => {}
                AppliedCondition::Unless(column) if says_so(row, column) => {
                    applied.insert(format!("{name} (interrupted)"));
                }
                AppliedCondition::Last(number, column) => {
                    let number = value(row, number).and_then(|number| number.parse().ok()).unwrap_or(0);
                    let says = (number, says_so(row, column));
                    let known = last.entry(name).or_insert(says);
                    *known = says.max(*known);
                }
                _ => {
                    applied.insert(name);
                }
            }
        }
        applied.extend(
            last.into_iter().filter(|(name, (_, is_applied))| *is_applied && name != "0").map(|(name, _)| name),
        );
        applied
    }

    /// Compares the migrations of both sides.
    #[must_use]
    pub fn compare(&self, source: &AppliedMigrations, target: &AppliedMigrations) -> VersionsCompared {
        let is_known = !source.is_empty() && !target.is_empty();
        if source == target {
            VersionsCompared::Same
        } else if is_known && source.is_disjoint(target) && self.tool.keeps != Keeps::LatestNumber {
            VersionsCompared::NothingShared
        } else {
            VersionsCompared::Different
        }
    }

    /// The migrations in words: the version itself, or how many there are.
    #[must_use]
    pub fn words(&self, applied: &AppliedMigrations) -> String {
        match (self.tool.keeps, applied.len()) {
            (_, 0) => "no migration".to_owned(),
            (Keeps::LatestId | Keeps::LatestNumber, _) => {
                format!("version {}", applied.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
            }
            (Keeps::All, 1) => "1 migration".to_owned(),
            (Keeps::All, number) => format!("{number} migrations"),
        }
    }
}

/// Whether a value of either engine means true.
fn is_true(value: &str) -> bool {
    ["1", "t", "true", "\u{1}"].contains(&value.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::super::known::KNOWN;
    use super::*;

    fn record(tool: &str) -> ToolRecord {
        let tool = KNOWN.iter().find(|known| known.name == tool).unwrap();
        let columns = tool.read().into_iter().map(str::to_owned).collect();
        let (table, folded) = ("t".to_owned(), "t".to_owned());
        ToolRecord { tool, table, columns, beside: Vec::new(), prefix: String::new(), folded }
    }

    fn applied(tool: &str, rows: &[&[&str]]) -> Vec<String> {
        let value = |value: &&str| (*value != "NULL").then(|| (*value).to_owned());
        let rows = rows.iter().map(|row| row.iter().map(value).collect()).collect::<Vec<_>>();
        record(tool).applied(&rows).into_iter().collect()
    }

    #[test]
    fn only_applied_migrations_count() {
        let goose: [&[&str]; 4] = [&["0", "1", "1"], &["1", "2", "true"], &["2", "3", "true"], &["2", "4", "0"]];
        assert_eq!(applied("goose", &goose), ["1"]);
        let prisma: [&[&str]; 3] = [&["a", "2024", "NULL"], &["b", "NULL", "NULL"], &["c", "2024", "2025"]];
        assert_eq!(applied("Prisma", &prisma), ["a"]);
        let flyway: [&[&str]; 4] = [
            &["NULL", "<< Flyway Schema Creation >>", "1"],
            &["1", "init", "t"],
            &["2", "failed", "false"],
            &["NULL", "views", "true"],
        ];
        assert_eq!(applied("Flyway", &flyway), ["1", "views"]);
        assert_eq!(applied("golang-migrate", &[&["12", "1"]]), ["12 (interrupted)"]);
        assert_eq!(applied("Django", &[&["shop", "0001_initial"]]), ["shop.0001_initial"]);
    }

    #[test]
    fn ids_without_order_cannot_be_compared_and_numbers_can() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<AppliedMigrations>();
        let compare = |tool, one: &[&str], other: &[&str]| record(tool).compare(&set(one), &set(other));
        assert_eq!(compare("Alembic", &["a"], &["a"]), VersionsCompared::Same);
        assert_eq!(compare("Alembic", &["a"], &["b"]), VersionsCompared::NothingShared);
        assert_eq!(compare("Alembic", &["a"], &[]), VersionsCompared::Different);
        assert_eq!(compare("golang-migrate", &["12"], &["14"]), VersionsCompared::Different);
        assert_eq!(compare("Django", &["a.1"], &["a.1", "a.2"]), VersionsCompared::Different);
    }
}
