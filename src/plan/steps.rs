//! The steps of a migration, with what each waits for.
//!
//! Structure comes first, then the copies; a table's keys and indexes wait for its own copy alone, foreign keys for both
//! ends, checks for everything. The hints of the spec are further edges.

use super::Inputs;
use super::error::PlanError;
use super::expression::condition;
use super::finding::{Finding, Omitted, Severity};
use super::mapping::{TableMapping, is_nullable_key};
use super::names::{Namespace, nearest};
use super::step::{Step, StepKind, StepState};
use crate::catalog::{Catalog, Column, ForeignKey, Index, SortOrder, Table, UniqueConstraint};
use crate::name::{quote_identifier, quote_sqlite_identifier, quote_toml_key, quote_toml_text};
use crate::spec::{Check, Privileges};
use crate::value::StorageClass;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What making the steps finds on the way.
#[derive(Debug)]
pub(super) struct Made {
    /// The steps, unsorted.
    pub(super) steps: Vec<Step>,
    /// What is to be said about them.
    pub(super) findings: Vec<Finding>,
    /// Keys, indexes and constraints that are not carried over.
    pub(super) omitted: Vec<Omitted>,
}

/// Makes every step.
///
/// # Errors
/// A template fails, or a hint names nothing.
pub(super) fn make(inputs: Inputs<'_>, tables: &[TableMapping]) -> Result<Made, PlanError> {
    let mut relations = Namespace::default();
    for table in tables {
        relations.take(&table.target);
    }
    let made = Made { steps: Vec::new(), findings: Vec::new(), omitted: Vec::new() };
    let mut maker = Maker { inputs, tables, relations, made };
    maker.surroundings()?;
    let pairs = tables.iter().filter_map(|mapping| Some((mapping, inputs.catalog.table(&mapping.source)?)));
    let pairs = pairs.collect::<Vec<_>>();
    for (mapping, table) in &pairs {
        maker.table(mapping, table)?;
    }
    for (mapping, table) in &pairs {
        maker.foreign_keys(mapping, table)?;
    }
    maker.grants()?;
    maker.analyze()?;
    maker.user_steps()?;
    maker.checks();
    Ok(maker.made)
}

struct Maker<'a> {
    inputs: Inputs<'a>,
    tables: &'a [TableMapping],
    /// The names of tables and indexes in the target schema.
    relations: Namespace,
    made: Made,
}

impl Maker<'_> {
    fn push(&mut self, kind: StepKind, name: &str, after: Vec<String>, sql: String) -> &mut Step {
        let step = Step {
            id: kind.id(name),
            kind,
            after,
            sql,
            rows: None,
            bytes: None,
            state: StepState::Pending,
            table: None,
            transaction: true,
        };
        let at = self.made.steps.len();
        self.made.steps.push(step);
        &mut self.made.steps[at]
    }

    fn render(
        &mut self,
        kind: StepKind,
        name: &str,
        after: Vec<String>,
        context: &Value,
    ) -> Result<&mut Step, PlanError> {
        let sql = self.inputs.templates.render(kind, &context)?;
        Ok(self.push(kind, name, after, sql))
    }

    fn ids(&self, kinds: &[StepKind]) -> Vec<String> {
        self.made.steps.iter().filter(|step| kinds.contains(&step.kind)).map(|step| step.id.clone()).collect()
    }

    fn omit(&mut self, kind: &'static str, name: String, reason: String) {
        self.made.omitted.push(Omitted { kind, name, reason });
    }

    /// Schema, extensions and settings: what must stand before any table.
    fn surroundings(&mut self) -> Result<(), PlanError> {
        let target = &self.inputs.spec.target;
        self.render(StepKind::Schema, &target.schema, Vec::new(), &json!({ "schema": target.schema }))?;
        for extension in &target.extensions {
            self.render(StepKind::Extension, extension, Vec::new(), &json!({ "extension": extension }))?;
        }
        for (name, value) in &target.settings {
            // One after the other: two sessions that alter one database at once get "tuple concurrently updated".
            let before = self.ids(&[StepKind::Setting]).pop();
            self.render(
                StepKind::Setting,
                name,
                before.into_iter().collect(),
                &json!({ "name": name, "value": value }),
            )?;
        }
        Ok(())
    }

    /// A table, its rows, and what waits for its rows alone.
    fn table(&mut self, mapping: &TableMapping, table: &Table) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let before = self.ids(&[StepKind::Schema, StepKind::Extension]);
        let columns = &mapping.columns;
        self.render(StepKind::Table, name, before, &json!({ "table": name, "columns": columns }))?.table =
            Some(mapping.source.clone());

        let mut after = vec![StepKind::Table.id(name)];
        for hint in self.hints(&mapping.source) {
            after.push(StepKind::Copy.id(&hint));
        }
        let copy = self.render(StepKind::Copy, name, after, &json!({ "table": name, "columns": columns }))?;
        copy.rows = Some(mapping.size.rows);
        copy.bytes = Some(mapping.size.bytes);
        copy.table = Some(mapping.source.clone());

        let copied = || vec![StepKind::Copy.id(name)];
        for column in columns.iter().filter(|column| column.identity) {
            self.render(StepKind::Sequence, name, copied(), &json!({ "table": name, "column": column.target }))?;
        }
        let mut constraints = Namespace::default();
        if let Some(key) = &table.primary_key {
            match mapping.target_columns(&key.columns) {
                Some(columns) => {
                    let wished = self.wished(key.name.as_deref(), || format!("{name}_pkey"));
                    let constraint = self.relations.take_free(&wished);
                    constraints.take(&constraint);
                    let context = json!({ "table": name, "name": constraint, "columns": columns });
                    if self.holds_null(table) {
                        self.render(StepKind::Unique, &format!("{name}.{constraint}"), copied(), &context)?;
                    } else {
                        self.render(StepKind::PrimaryKey, name, copied(), &context)?;
                    }
                }
                None => self.omit("primary key", table.name.clone(), "a column of it is skipped".to_owned()),
            }
        }
        for unique in &table.unique_constraints {
            self.unique(mapping, table, unique, &mut constraints)?;
        }
        for index in &table.indexes {
            self.index(mapping, table, index)?;
        }
        self.indexes_of_the_spec(mapping)?;
        for check in &table.checks {
            let place =
                check.name.as_ref().map_or_else(|| table.name.clone(), |check| format!("{}.{check}", table.name));
            match condition(&check.expression, columns) {
                Ok(condition) => {
                    let wished = self.wished(check.name.as_deref(), || format!("{name}_check"));
                    let constraint = constraints.take_free(&wished);
                    let step = format!("{name}.{constraint}");
                    self.render(
                        StepKind::Constraint,
                        &step,
                        copied(),
                        &json!({ "table": name, "name": constraint, "condition": condition }),
                    )?;
                }
                Err(reason) => self.omit("check", place, format!("{}: {}", reason.0, check.expression)),
            }
        }
        Ok(())
    }

    /// Whether a primary key holds NULL, which only SQLite allows. It becomes a unique constraint, which means the same:
    /// two NULLs are not equal.
    fn holds_null(&mut self, table: &Table) -> bool {
        let nulls = |column: &&Column| {
            let stored = self.inputs.contents.classes_of(&table.name, &column.name);
            is_nullable_key(table, column) && stored.is_some_and(|stored| stored.contains_key(&StorageClass::Null))
        };
        let columns = table.columns.iter().filter(nulls).map(|column| column.name.clone()).collect::<Vec<_>>();
        if columns.is_empty() {
            return false;
        }
        let message = format!("the primary key holds NULL in {}; it becomes a unique constraint", columns.join(", "));
        self.made.findings.push(
            Finding::about("null_in_primary_key", Severity::Warns, &table.name, message)
                .suggesting("`where` leaves such rows behind, and the key stays a primary key"),
        );
        true
    }

    /// The tables in the target that the spec wants copied before this one.
    fn hints(&self, source: &str) -> Vec<String> {
        let by_spec = self.inputs.spec.tables.iter().find(|(name, _)| name.eq_ignore_ascii_case(source));
        let wanted = by_spec.map(|(_, table)| table.after.as_slice()).unwrap_or_default();
        // A name that no table has is a finding of the mapping.
        let found =
            wanted.iter().filter_map(|name| self.tables.iter().find(|table| table.source.eq_ignore_ascii_case(name)));
        found.map(|table| table.target.clone()).collect()
    }

    fn wished(&self, given: Option<&str>, otherwise: impl FnOnce() -> String) -> String {
        given.map_or_else(otherwise, |name| self.inputs.spec.target.names.apply(name))
    }

    fn unique(
        &mut self,
        mapping: &TableMapping,
        table: &Table,
        unique: &UniqueConstraint,
        constraints: &mut Namespace,
    ) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let Some(columns) = mapping.target_columns(&unique.columns) else {
            self.omit(
                "unique",
                format!("{} ({})", table.name, unique.columns.join(", ")),
                "a column of it is skipped".to_owned(),
            );
            return Ok(());
        };
        let wished = self.wished(unique.name.as_deref(), || format!("{name}_{}_key", columns.join("_")));
        let chosen = self.relations.take_free(&wished);
        let collations =
            unique.columns.iter().map(|column| table.column(column).and_then(|column| column.collation.as_deref()));
        let keys =
            columns.iter().zip(collations).map(|(column, collation)| key_sql(column, collation)).collect::<Vec<_>>();
        let step = format!("{name}.{chosen}");
        let after = vec![StepKind::Copy.id(name)];
        // A constraint is over plain columns; what ignores case has to be an index over an expression.
        if keys.iter().zip(&columns).any(|(key, column)| *key != quote_identifier(column)) {
            let predicate: Option<String> = None;
            let context = json!({ "table": name, "name": chosen, "keys": keys, "unique": true, "method": "btree", "predicate": predicate });
            self.render(StepKind::Index, &step, after, &context)?;
        } else {
            constraints.take(&chosen);
            self.render(StepKind::Unique, &step, after, &json!({ "table": name, "name": chosen, "columns": columns }))?;
        }
        Ok(())
    }

    fn index(&mut self, mapping: &TableMapping, table: &Table, index: &Index) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let place = format!("{}.{}", table.name, index.name);
        let translated = index_keys(mapping, index).and_then(|keys| {
            let predicate = index.predicate.as_deref().map(|predicate| condition(predicate, &mapping.columns));
            Ok((keys, predicate.transpose().map_err(|reason| reason.0)?))
        });
        match translated {
            Ok((keys, predicate)) => {
                let chosen = self.relations.take_free(&self.inputs.spec.target.names.apply(&index.name));
                let context = json!({ "table": name, "name": chosen, "keys": keys, "unique": index.unique, "method": "btree", "predicate": predicate });
                self.render(StepKind::Index, &format!("{name}.{chosen}"), vec![StepKind::Copy.id(name)], &context)?;
            }
            Err(reason) => {
                if index.unique {
                    let message = format!("the unique index {} is not carried over: {reason}", index.name);
                    self.made.findings.push(
                        Finding::about("unique_index_omitted", Severity::Warns, &table.name, message)
                            .suggesting("write it as a step of the spec"),
                    );
                }
                let sql = index.sql.as_deref().unwrap_or_default();
                self.omit("index", place, format!("{reason}: {sql}"));
            }
        }
        Ok(())
    }

    /// `columns.NAME.index`
    fn indexes_of_the_spec(&mut self, mapping: &TableMapping) -> Result<(), PlanError> {
        let by_spec = self.inputs.spec.tables.iter().find(|(name, _)| name.eq_ignore_ascii_case(&mapping.source));
        let wanted = by_spec
            .into_iter()
            .flat_map(|(_, table)| &table.columns)
            .filter_map(|(column, by_spec)| Some((column, by_spec.index?)));
        let name = mapping.target.as_str();
        for (column, method) in wanted.collect::<Vec<_>>() {
            let Some(column) = mapping.target_column(column) else { continue };
            let chosen = self.relations.take_free(&format!("{name}_{column}_idx"));
            let (keys, predicate) = ([quote_identifier(column)], None::<String>);
            let context = json!({ "table": name, "name": chosen, "keys": keys, "unique": false, "method": method.sql(), "predicate": predicate });
            self.render(StepKind::Index, &format!("{name}.{chosen}"), vec![StepKind::Copy.id(name)], &context)?;
        }
        Ok(())
    }

    fn foreign_keys(&mut self, mapping: &TableMapping, table: &Table) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let mut names = Namespace::default();
        for taken in self.made.steps.iter().filter_map(|step| step.id.split_once(&format!(":{name}."))) {
            names.take(taken.1);
        }
        for (position, foreign_key) in table.foreign_keys.iter().enumerate() {
            let place = format!("{} ({})", table.name, foreign_key.columns.join(", "));
            match self.referenced(mapping, foreign_key) {
                Ok((referenced, columns, referenced_columns)) => {
                    self.orphans(table, position, foreign_key);
                    let wished =
                        self.wished(foreign_key.name.as_deref(), || format!("{name}_{}_fkey", columns.join("_")));
                    let chosen = names.take_free(&wished);
                    let mut after = vec![StepKind::Copy.id(name), StepKind::Copy.id(&referenced)];
                    after.extend(self.keys_of(&referenced));
                    let context = json!({ "table": name, "name": chosen, "columns": columns, "referenced_table": referenced, "referenced_columns": referenced_columns, "on_update": foreign_key.on_update.sql(), "on_delete": foreign_key.on_delete.sql(), "deferred": foreign_key.deferred });
                    self.render(StepKind::ForeignKey, &format!("{name}.{chosen}"), after, &context)?;
                }
                Err(reason) => {
                    let message =
                        format!("the foreign key ({}) is not carried over: {reason}", foreign_key.columns.join(", "));
                    self.made.findings.push(Finding::about(
                        "foreign_key_omitted",
                        Severity::Warns,
                        &table.name,
                        message,
                    ));
                    self.omit("foreign key", place, reason);
                }
            }
        }
        Ok(())
    }

    /// A finding where rows reference what does not exist: SQLite checks foreign keys only where it is asked to.
    fn orphans(&mut self, table: &Table, position: usize, foreign_key: &ForeignKey) {
        let Some(orphans) = self.inputs.contents.orphans.get(&(table.name.clone(), position)) else { return };
        let (columns, parent) = (foreign_key.columns.join(", "), &foreign_key.referenced_table);
        let rows = if orphans.count == 1 {
            "1 row references".to_owned()
        } else {
            format!("{} rows reference", orphans.count)
        };
        let message = format!("{rows} by ({columns}) what {parent} does not hold");
        let source_columns = referenced_columns(self.inputs.catalog, foreign_key);
        let quoted = quote_sqlite_identifier;
        let null = foreign_key.columns.iter().map(|column| format!("{} IS NULL", quoted(column)));
        // The alias keeps a table that references itself apart from itself.
        let equal = foreign_key.columns.iter().zip(&source_columns).map(|(column, referenced)| {
            format!("referenced.{} = {}.{}", quoted(referenced), quoted(&table.name), quoted(column))
        });
        let condition = format!(
            "{} OR EXISTS (SELECT 1 FROM {} AS referenced WHERE {})",
            null.collect::<Vec<_>>().join(" OR "),
            quoted(parent),
            equal.collect::<Vec<_>>().join(" AND ")
        );
        let (table_key, condition) = (quote_toml_key(&table.name), quote_toml_text(&condition));
        let suggestion = format!("leave these rows behind:\n[tables.{table_key}]\nwhere = {condition}");
        let finding =
            Finding::about("foreign_key_orphans", Severity::Blocks, &table.name, message).suggesting(suggestion);
        self.made.findings.push(Finding { count: orphans.count, examples: orphans.examples.clone(), ..finding });
    }

    /// The referenced table and both ends' columns, in the target's names.
    fn referenced(
        &self,
        mapping: &TableMapping,
        foreign_key: &ForeignKey,
    ) -> Result<(String, Vec<String>, Vec<String>), String> {
        let target = &foreign_key.referenced_table;
        let table =
            self.inputs.catalog.table(target).ok_or_else(|| format!("it references {target}, which does not exist"))?;
        let referenced = self.tables.iter().find(|mapping| mapping.source == table.name);
        let referenced = referenced.ok_or_else(|| format!("it references {target}, which is not migrated"))?;
        let source_columns = referenced_columns(self.inputs.catalog, foreign_key);
        if source_columns.is_empty() {
            return Err(format!("it references {target}, which has no primary key"));
        }
        if source_columns.len() != foreign_key.columns.len() {
            return Err(format!(
                "it has {} columns and references {}",
                foreign_key.columns.len(),
                source_columns.len()
            ));
        }
        if !is_unique(table, &source_columns) {
            return Err(format!("it references {target} ({}), which is not unique", source_columns.join(", ")));
        }
        let columns = mapping.target_columns(&foreign_key.columns).ok_or("a column of it is skipped")?;
        let referenced_columns =
            referenced.target_columns(&source_columns).ok_or("a column that it references is skipped")?;
        Ok((referenced.target.clone(), columns, referenced_columns))
    }

    /// The steps that make a table's keys: a foreign key to it needs one of them.
    fn keys_of(&self, target: &str) -> Vec<String> {
        let prefix = format!(":{target}.");
        let is_key = |step: &&Step| match step.kind {
            StepKind::PrimaryKey => step.id == StepKind::PrimaryKey.id(target),
            StepKind::Unique | StepKind::Index => step.id.contains(&prefix) && step.sql.contains("UNIQUE"),
            _ => false,
        };
        self.made.steps.iter().filter(is_key).map(|step| step.id.clone()).collect()
    }

    fn grants(&mut self) -> Result<(), PlanError> {
        let target = &self.inputs.spec.target;
        let tables = self.tables.iter().map(|table| table.target.clone()).collect::<Vec<_>>();
        for (role, privileges) in &target.grants {
            self.render(StepKind::Role, role, Vec::new(), &json!({ "role": role }))?;
            let privileges = match privileges {
                Privileges::All => "ALL".to_owned(),
                Privileges::Read => "SELECT".to_owned(),
                Privileges::Listed(listed) => listed.join(", "),
            };
            let mut after = self.ids(&[StepKind::Table, StepKind::Schema]);
            // One after the other, for they alter the same schema and tables.
            after.extend(self.ids(&[StepKind::Grant]).pop());
            after.push(StepKind::Role.id(role));
            self.render(
                StepKind::Grant,
                role,
                after,
                &json!({ "role": role, "schema": target.schema, "tables": tables, "privileges": privileges }),
            )?;
        }
        Ok(())
    }

    /// Statistics, when a table has all its rows and indexes: those over expressions have statistics of their own.
    fn analyze(&mut self) -> Result<(), PlanError> {
        for table in self.tables {
            let name = &table.target;
            let prefix = format!(":{name}.");
            let indexes =
                self.made.steps.iter().filter(|step| step.kind == StepKind::Index && step.id.contains(&prefix));
            let mut after = indexes.map(|step| step.id.clone()).collect::<Vec<_>>();
            after.push(StepKind::Copy.id(name));
            self.render(StepKind::Analyze, name, after, &json!({ "table": name }))?;
        }
        Ok(())
    }

    fn user_steps(&mut self) -> Result<(), PlanError> {
        let everything = self.made.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>();
        let steps = &self.inputs.spec.steps;
        let own = steps.keys().map(|name| StepKind::Step.id(name)).collect::<Vec<_>>();
        let known = || everything.iter().chain(&own).map(String::as_str);
        let missing = |place: String, id: &str| PlanError::UnknownStep {
            place,
            missing: id.to_owned(),
            nearest: nearest(id, known()).map(str::to_owned),
        };
        let mut waiting: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, step) in steps {
            for (key, ids) in [("after", &step.after), ("before", &step.before)] {
                if let Some(id) = ids.iter().find(|id| !known().any(|known| known == id.as_str())) {
                    return Err(missing(format!("`{key}` of the step \"{name}\""), id));
                }
            }
            for id in &step.before {
                waiting.entry(id).or_default().push(StepKind::Step.id(name));
            }
        }
        for (name, step) in steps {
            // Without a hint the user's SQL finds everything in its place.
            let after =
                if step.after.is_empty() && step.before.is_empty() { everything.clone() } else { step.after.clone() };
            self.push(StepKind::Step, name, after, format!("{};", step.sql.trim().trim_end_matches(';'))).transaction =
                step.transaction;
        }
        for step in &mut self.made.steps {
            step.after.extend(waiting.remove(step.id.as_str()).unwrap_or_default());
        }
        Ok(())
    }

    fn checks(&mut self) {
        let everything = self.made.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>();
        for (name, check) in &self.inputs.spec.checks {
            let sql = match check {
                Check::Expect { sql, expected } => format!("{}\n-- expect: {expected}", sql.trim()),
                Check::Same { source, target } => {
                    let source = source.trim().replace('\n', "\n--   ");
                    format!("{}\n-- expect the source's answer to:\n--   {source}", target.trim())
                }
            };
            self.push(StepKind::Check, name, everything.clone(), sql);
        }
    }
}

/// The columns that a foreign key references in the source: where it names none, the primary key's.
#[must_use]
pub fn referenced_columns(catalog: &Catalog, foreign_key: &ForeignKey) -> Vec<String> {
    if !foreign_key.referenced_columns.is_empty() {
        return foreign_key.referenced_columns.clone();
    }
    let table = catalog.table(&foreign_key.referenced_table);
    table.and_then(|table| table.primary_key.as_ref()).map(|key| key.columns.clone()).unwrap_or_default()
}

/// The keys of an index in PostgreSQL's SQL, or why there are none.
fn index_keys(mapping: &TableMapping, index: &Index) -> Result<Vec<String>, String> {
    let key = |key: &crate::catalog::IndexColumn| {
        let sql = match (&key.column, &key.expression) {
            (Some(column), _) => {
                let column = mapping.target_column(column).ok_or_else(|| format!("its column {column} is skipped"))?;
                key_sql(column, key.collation.as_deref())
            }
            (None, Some(expression)) => {
                format!("({})", condition(expression, &mapping.columns).map_err(|reason| reason.0)?)
            }
            (None, None) => return Err("one of its keys cannot be read".to_owned()),
        };
        Ok(if key.order == SortOrder::Descending { format!("{sql} DESC") } else { sql })
    };
    index.columns.iter().map(key).collect()
}

/// A key over a plain column. SQLite's NOCASE folds the 26 letters of ASCII and no others, as lower() does in the
/// collation "C" (<https://www.sqlite.org/datatype3.html#collation>).
fn key_sql(column: &str, collation: Option<&str>) -> String {
    let column = quote_identifier(column);
    if collation.is_some_and(|collation| collation.eq_ignore_ascii_case("NOCASE")) {
        format!("lower({column} COLLATE \"C\")")
    } else {
        column.into_owned()
    }
}

/// Whether a key or a full unique index of the source stands on exactly these columns.
fn is_unique(table: &Table, columns: &[String]) -> bool {
    let same = |candidate: &[&str]| {
        candidate.len() == columns.len()
            && columns.iter().all(|column| candidate.iter().any(|name| name.eq_ignore_ascii_case(column)))
    };
    let borrowed = |names: &[String]| same(&names.iter().map(String::as_str).collect::<Vec<_>>());
    table.primary_key.as_ref().is_some_and(|key| borrowed(&key.columns))
        || table.unique_constraints.iter().any(|unique| borrowed(&unique.columns))
        || table.indexes.iter().any(|index| {
            index.unique
                && index.predicate.is_none()
                && same(&index.columns.iter().filter_map(|column| column.column.as_deref()).collect::<Vec<_>>())
        })
}
