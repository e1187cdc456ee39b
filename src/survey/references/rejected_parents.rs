//! Rows that reference rejected rows: the target could not hold their foreign key.

use crate::catalog::selection::enclosed;
use crate::catalog::{Catalog, ForeignKey, KeyRange, RowIdentity, Table};
use crate::dialect::condition::ParentRows;
use crate::dialect::{self, Dialect};
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::mapping::referenced_columns;
use crate::plan::steps::{MappedEnds, exists_parent, foreign_key_mode};
use crate::plan::{Cause, Finding, FindingCode, FindingSuggestion, Plan, Severity, TableMapping, Work};
use crate::rows::treatment::{Fate, NotedValues, Treatment};
use crate::run::{ExecuteError, Stop};
use crate::source::{ForeignKeyEnd, ReadFailure, Reader};
use crate::spec::{ForeignKeyMode, Spec};
use crate::target::copy::Repair;
use crate::value::Zone;
use std::collections::BTreeMap;

/// Rejected rows of one table that are followed.
const FOLLOWED: usize = 50_000;

/// Rejected rows that a suggestion names one by one, where there is a better one; and where there is none.
const NAMED: usize = 20;
const NAMED_AT_MOST: usize = 500;

/// The rejected rows of a table.
struct RejectedParents {
    /// The condition that holds for them; nothing where the table has no key.
    condition: Option<String>,
    rows: usize,
    /// Whether there are more than were followed.
    is_cut: bool,
}

/// Finds what references rows that the spec rejects, in tables of which `plan` has said that rows are rejected. `decided` ends
/// each finding with what the spec says of its foreign key.
pub(crate) fn find(
    plan: &Plan,
    catalog: &Catalog,
    reader: &Reader,
    zone: &Zone,
    stop: &Stop,
    decided: impl Fn(&TableMapping, &ForeignKey, Finding) -> Finding,
) -> Result<Vec<Finding>, ExecuteError> {
    let is_rejecting = |table: &str| {
        plan.each_finding()
            .any(|finding| finding.code == FindingCode::RowsRejected && finding.table.as_deref() == Some(table))
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
            let ends = Ends { catalog, child, parent, key, is_made: is_made(plan, child, parent) };
            let found = ends.finding(reader, rejected.get(child.source.as_str()), of_parent)?;
            findings.extend(found.map(|finding| decided(child, key, finding)));
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
        // A key that is NOT VALID says nothing of the rows that are there.
        Work::Restore { detached } => {
            detached.foreign_keys.iter().any(|key| key.validated && key.referenced_table == parent.target)
        }
        _ => false,
    })
}

/// Whether the plan makes a foreign key between the two, which the spec may leave unchecked for the rows that are there.
fn is_made(plan: &Plan, child: &TableMapping, parent: &TableMapping) -> bool {
    let mut of_child = plan.steps.iter().filter(|step| step.target_table() == Some(child.target.as_str()));
    of_child.any(|step| matches!(&step.work, Work::ForeignKey { references } if *references == parent.target))
}

/// A finding about rows that break a foreign key, with its end: they block, or stay if the spec wants the key `not_valid`.
pub(crate) fn as_decided(spec: &Spec, child: &TableMapping, key: &ForeignKey, finding: Finding) -> Finding {
    if finding.severity != Severity::Blocks {
        return finding;
    }
    let stay = foreign_key_mode(spec, &child.source, &key.columns) == ForeignKeyMode::NotValid;
    let end = if stay {
        ": they stay, and the key is checked for new rows only, as the spec says"
    } else {
        ": the foreign key would not hold"
    };
    let (message, cause) = (finding.message + end, finding.cause.map(|cause| Cause { end: end.to_owned(), ..cause }));
    let (severity, suggestion) = if stay { (Severity::Warns, None) } else { (Severity::Blocks, finding.suggestion) };
    Finding { severity, message, suggestion, cause, ..finding }
}

/// Reads a table's rejected rows once more, for their keys.
fn rejected_rows(
    reader: &Reader,
    mapping: &TableMapping,
    dialect: &dyn Dialect,
    zone: &Zone,
    stop: &Stop,
) -> Result<RejectedParents, ExecuteError> {
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
            Ok(RejectedParents { condition, rows: keys.len(), is_cut })
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
    /// Whether the plan makes the foreign key.
    is_made: bool,
}

impl Ends<'_> {
    /// The finding without its end ([`as_decided`]).
    fn finding(
        &self,
        reader: &Reader,
        of_child: Option<&RejectedParents>,
        of_parent: &RejectedParents,
    ) -> Result<Option<Finding>, ExecuteError> {
        let columns = self.key.columns.join(", ");
        let about = |severity, message| {
            Finding::about(FindingCode::ForeignKeyToRejected, severity, &self.child.source, message)
        };
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
        let is_own = child.name == parent.name;
        let condition = &if is_own { self.whole_chain(child, &parent_columns, condition) } else { condition.clone() };
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
        let rows = crate::value::counted(count, "row references", "rows reference");
        let least = if of_parent.is_cut { "at least " } else { "" };
        let words = format!(
            "rows of {} that are rejected{}",
            self.parent.source,
            if is_own { ", or others that do" } else { "" },
        );
        let message = format!("{least}{rows} by ({columns}) {words}");
        let detail = Some(format!(" by ({columns})"));
        let cause = Cause { detail, ..Cause::new(["row references", "rows reference"], words) };
        let behind = |named: usize| (of_parent.rows <= named).then(|| self.leaving_behind(child, condition));
        let table = quote_toml_key(&child.name);
        let suggestion: FindingSuggestion = if self.is_made {
            let key = quote_toml_key(&columns);
            let kept = format!(
                "# keeps every row, and checks new ones:\n[tables.{table}]\nforeign_keys.{key} = \"not_valid\""
            );
            match behind(NAMED) {
                Some(line) => {
                    let text = format!("{kept}\n# or leaves these rows behind:\n# {line}");
                    FindingSuggestion { text, names_rows: true }
                }
                None => kept.into(),
            }
        } else if let Some(line) = behind(NAMED_AT_MOST) {
            let text = format!("# leaves these rows behind:\n[tables.{table}]\n{line}");
            FindingSuggestion { text, names_rows: true }
        } else {
            format!("keep the rows of {}: give the columns that reject them another type", self.parent.source).into()
        };
        let finding = about(Severity::Blocks, message).suggesting(suggestion);
        let cause = Some(cause).filter(|_| !of_parent.is_cut);
        Ok(Some(Finding { count, examples, cause, ..finding }))
    }

    /// The line of spec that leaves the referencing rows behind.
    fn leaving_behind(&self, child: &Table, condition: &str) -> String {
        let ends = MappedEnds { child: Some(self.child), parent: Some(self.parent) };
        let exists =
            format!("NOT {}", exists_parent(self.catalog, child, ends, self.key, ParentRows::Among(condition)));
        let filter = joined(self.child.filter.as_deref(), Some(exists)).unwrap_or_default();
        format!("where = {}", quote_toml_text(&filter))
    }

    /// The condition for rows of a table that references itself which meet `condition`, or which reference one of these, however
    /// far away.
    fn whole_chain(&self, table: &Table, referenced: &[String], condition: &str) -> String {
        let dialect = dialect::of(self.catalog.engine);
        let listed = |prefix: &str| {
            let names = referenced.iter().map(|name| format!("{prefix}{}", dialect.quote_identifier(name)));
            names.collect::<Vec<_>>().join(", ")
        };
        let lost = dialect.quote_identifier("lost rows");
        let leads = self.key.columns.iter().zip(referenced).map(|(column, referenced)| {
            let [column, referenced] = [column, referenced].map(|name| dialect.quote_identifier(name));
            format!("referencing.{column} = {lost}.{referenced}")
        });
        let (columns, of_referencing) = (listed(""), listed("referencing."));
        let key = if referenced.len() == 1 { columns.clone() } else { format!("({columns})") };
        format!(
            "{key} IN (WITH RECURSIVE {lost} ({columns}) AS (SELECT {columns} FROM {table} WHERE {condition} UNION \
             SELECT {of_referencing} FROM {table} AS referencing JOIN {lost} ON {}) SELECT {columns} FROM {lost})",
            leads.collect::<Vec<_>>().join(" AND "),
            table = dialect.quote_table(&table.name, self.catalog.is_of_databases()),
        )
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
