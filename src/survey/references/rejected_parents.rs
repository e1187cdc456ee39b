//! Rows that reference rejected rows: the target could not hold their foreign key.

use crate::catalog::selection::enclosed;
use crate::catalog::{Catalog, ForeignKey, KeyRange, RowIdentity, Table};
use crate::dialect::condition::ParentRows;
use crate::dialect::{self, Dialect};
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::mapping::referenced_columns;
use crate::plan::steps::exists_parent;
use crate::plan::{Finding, Plan, Severity, TableMapping, Work};
use crate::rows::treatment::{Fate, NotedValues, Treatment};
use crate::run::{ExecuteError, Stop};
use crate::source::{ForeignKeyEnd, ReadFailure, Reader};
use crate::target::copy::Repair;
use crate::value::Zone;
use std::collections::BTreeMap;

/// Rejected rows of one table that are followed.
const FOLLOWED: usize = 50_000;

/// Rejected rows that a suggestion names one by one.
const NAMED: usize = 20;

/// The rejected rows of a table.
struct Rejected {
    /// The condition that holds for them; nothing where the table has no key.
    condition: Option<String>,
    rows: usize,
    /// Whether there are more than were followed.
    is_cut: bool,
}

/// Finds what references rows that the spec rejects, in tables of which `plan` has said that rows are rejected.
pub(crate) fn find(
    plan: &Plan,
    catalog: &Catalog,
    reader: &Reader,
    zone: &Zone,
    stop: &Stop,
) -> Result<Vec<Finding>, ExecuteError> {
    let is_rejecting = |table: &str| {
        plan.each_finding().any(|finding| finding.code == "rows_rejected" && finding.table.as_deref() == Some(table))
    };
    let (mut rejected, dialect) = (BTreeMap::new(), dialect::of(catalog.engine));
    for mapping in plan.tables.iter().filter(|mapping| is_rejecting(&mapping.source)) {
        let is_referenced = catalog
            .tables
            .iter()
            .flat_map(|table| &table.foreign_keys)
            .any(|key| catalog.table(&key.referenced_table).is_some_and(|table| table.name == mapping.source));
        let references = catalog.table(&mapping.source).is_some_and(|table| !table.foreign_keys.is_empty());
        if is_referenced || references {
            rejected.insert(mapping.source.as_str(), rejected_rows(reader, mapping, dialect, zone, stop)?);
        }
    }
    let mut findings = Vec::new();
    for child in &plan.tables {
        let Some(table) = catalog.table(&child.source) else { continue };
        for key in &table.foreign_keys {
            let Some(parent) = catalog.table(&key.referenced_table).and_then(|table| mapping_of(plan, &table.name))
            else {
                continue;
            };
            let Some(of_parent) = rejected.get(parent.source.as_str()).filter(|_| is_carried_over(plan, child, parent))
            else {
                continue;
            };
            let ends = Ends { catalog, child, parent, key };
            findings.extend(ends.finding(reader, rejected.get(child.source.as_str()), of_parent)?);
        }
    }
    Ok(findings)
}

fn mapping_of<'a>(plan: &'a Plan, source: &str) -> Option<&'a TableMapping> {
    plan.tables.iter().find(|mapping| mapping.source == source)
}

/// Whether the plan has a foreign key between the two.
pub(crate) fn is_carried_over(plan: &Plan, child: &TableMapping, parent: &TableMapping) -> bool {
    let mut of_child = plan.steps.iter().filter(|step| step.target_table() == Some(child.target.as_str()));
    of_child.any(|step| match &step.work {
        Work::ForeignKey { references } => *references == parent.target,
        // One that is NOT VALID says nothing of the rows that are there.
        Work::Restore { detached } => {
            detached.foreign_keys.iter().any(|key| key.validated && key.referenced_table == parent.target)
        }
        _ => false,
    })
}

/// Reads a table's rejected rows once more, for their keys.
fn rejected_rows(
    reader: &Reader,
    mapping: &TableMapping,
    dialect: &dyn Dialect,
    zone: &Zone,
    stop: &Stop,
) -> Result<Rejected, ExecuteError> {
    let treatment = Treatment::of(mapping, zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
    let (mut keys, mut scratch, mut noted) = (Vec::new(), Vec::new(), NotedValues::default());
    let mut is_cut = mapping.row_identity == RowIdentity::None;
    let outcome = reader.for_each_row(&mapping.selection(KeyRange::ALL), |row| {
        if stop.is_thrown() {
            return Err(ExecuteError::Interrupted);
        }
        scratch.clear();
        if treatment.encode(row, Repair::Null, &mut noted, &mut scratch) == Ok(Fate::Rejected) {
            if keys.len() < FOLLOWED {
                keys.push(row.key().map(|cell| dialect.literal(cell)).collect::<Vec<_>>());
            } else {
                is_cut = true;
            }
        }
        Ok(())
    });
    match outcome {
        Ok(_) => {
            let condition = dialect.has_key_among(&mapping.row_identity, &keys);
            Ok(Rejected { condition, rows: keys.len(), is_cut })
        }
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(error)) => Err(error),
    }
}

/// A foreign key with its two tables.
struct Ends<'a> {
    catalog: &'a Catalog,
    child: &'a TableMapping,
    parent: &'a TableMapping,
    key: &'a ForeignKey,
}

impl Ends<'_> {
    fn finding(
        &self,
        reader: &Reader,
        of_child: Option<&Rejected>,
        of_parent: &Rejected,
    ) -> Result<Option<Finding>, ExecuteError> {
        let columns = self.key.columns.join(", ");
        let about =
            |severity, message| Finding::about("foreign_key_to_rejected", severity, &self.child.source, message);
        let unknown = || {
            let message = format!(
                "({columns}) references {}, of which so many rows are rejected, or rows without a key, that they are not \
                 followed; the foreign key may not hold",
                self.parent.source
            );
            about(Severity::Warns, message)
        };
        let (Some(child), Some(parent)) =
            (self.catalog.table(&self.child.source), self.catalog.table(&self.parent.source))
        else {
            return Ok(None);
        };
        let Some(condition) = &of_parent.condition else { return Ok(Some(unknown())) };
        let parent_columns = referenced_columns(self.catalog, self.key);
        let here = of_child.and_then(|rejected| rejected.condition.as_ref());
        let child_filter = joined(self.child.filter.as_deref(), here.map(|here| format!("NOT ({here})")));
        let parent_filter = joined(self.parent.filter.as_deref(), Some(condition.clone()));
        let child_end =
            ForeignKeyEnd { table: child, columns: self.key.columns.clone(), filter: child_filter.as_deref() };
        let parent_end = ForeignKeyEnd { table: parent, columns: parent_columns, filter: parent_filter.as_deref() };
        let (count, examples) = reader.references(self.key, &child_end, &parent_end)?;
        if count == 0 {
            return Ok(of_parent.is_cut.then(unknown));
        }
        let rows = if count == 1 { "1 row references".to_owned() } else { format!("{count} rows reference") };
        let least = if of_parent.is_cut { "at least " } else { "" };
        let message = format!(
            "{least}{rows} by ({columns}) rows of {} that are rejected: the foreign key would not hold",
            self.parent.source
        );
        let suggestion = if of_parent.rows <= NAMED {
            self.leaving_behind(child, condition)
        } else {
            format!("keep the rows of {}: give the columns that reject them another type", self.parent.source)
        };
        let finding = about(Severity::Blocks, message).suggesting(suggestion);
        Ok(Some(Finding { count, examples, ..finding }))
    }

    /// The lines of spec that leave the referencing rows behind.
    fn leaving_behind(&self, child: &Table, condition: &str) -> String {
        let exists = format!("NOT {}", exists_parent(self.catalog, child, self.key, ParentRows::Among(condition)));
        let filter = joined(self.child.filter.as_deref(), Some(exists)).unwrap_or_default();
        let (table, filter) = (quote_toml_key(&child.name), quote_toml_text(&filter));
        format!("# leaves these rows behind:\n[tables.{table}]\nwhere = {filter}")
    }
}

/// Both conditions.
fn joined(filter: Option<&str>, condition: Option<String>) -> Option<String> {
    match (filter, condition) {
        (Some(filter), Some(condition)) => Some(format!("{} AND {condition}", enclosed(filter))),
        (Some(filter), None) => Some(filter.to_owned()),
        (None, condition) => condition,
    }
}
