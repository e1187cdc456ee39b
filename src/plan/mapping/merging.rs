//! Tables whose rows are merged with those that the target already holds (`existing_rows = "merge"`), and columns that
//! reference rows whose ids are mapped.

use super::{
    ColumnMapping, KeptReference, MappedReference, MappingDraft, TableMapping, TableMerge, referenced_columns,
    table_spec,
};
use crate::catalog::{ColumnType, Table, TargetColumn, TargetIdentity, TargetTable};
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::Inputs;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::spec::ExistingRows;
use std::collections::{BTreeMap, BTreeSet};

impl TableMapping {
    /// Whether rows go by way of a temporary table, in which they are compared and their ids mapped, rather than straight into
    /// their own.
    #[must_use]
    pub fn is_staged(&self) -> bool {
        self.merges.is_some() || !self.mapped_references.is_empty()
    }

    /// Adds references that it does not have yet; whether there are any.
    fn add_references(&mut self, references: Vec<MappedReference>) -> bool {
        let before = self.mapped_references.len();
        for reference in references {
            if !self.mapped_references.contains(&reference) {
                self.mapped_references.push(reference);
            }
        }
        self.mapped_references.len() > before
    }

    /// Whether ids of the table's own rows are mapped.
    #[must_use]
    pub fn maps_ids(&self) -> bool {
        self.merges.as_ref().is_some_and(|merging| !merging.identity.is_empty())
    }
}

/// A foreign key by the names of the target.
struct KnownKey {
    columns: Vec<String>,
    parent: usize,
    referenced: Vec<String>,
}

impl KnownKey {
    /// The referencing columns for some of the referenced ones, in their order.
    fn columns_for(&self, referenced: &[String]) -> Option<Vec<String>> {
        let column = |name: &String| {
            let at = self.referenced.iter().position(|referenced| referenced == name)?;
            self.columns.get(at).cloned()
        };
        referenced.iter().map(column).collect()
    }
}

impl MappingDraft {
    /// Settles how the rows of each merged table are found, and which columns follow ids that are mapped.
    pub(super) fn merging(&mut self, inputs: Inputs<'_>) {
        let Some(existing) = inputs.target.tables.as_ref() else { return };
        for at in 0..self.tables.len() {
            let source = self.tables[at].source.clone();
            if inputs.spec.existing_rows(&source) != ExistingRows::Merge {
                continue;
            }
            let (Some(found), Some(table)) = (existing.get(&self.tables[at].target), inputs.catalog.table(&source))
            else {
                continue;
            };
            match merging(inputs, &self.tables[at], table, found) {
                Ok(merging) => self.tables[at].merges = Some(merging),
                Err(finding) => self.findings.push(*finding),
            }
        }
        if self.tables.iter().any(TableMapping::maps_ids) {
            self.map_references(inputs, existing);
        }
        for at in 0..self.tables.len() {
            let keys = known_keys(inputs, existing, &self.tables, at);
            // Values that the source does not bring are none to compare with: such a reference is a finding of its own.
            let is_followed = |key: &KnownKey| {
                let parent = &self.tables[key.parent];
                parent.keeps_rows && key.referenced.iter().all(|column| copied(parent, column).is_some())
            };
            let keys = keys.into_iter().filter(is_followed).collect::<Vec<_>>();
            for KnownKey { columns, parent, referenced } in keys {
                let TableMapping { source, target, .. } = &self.tables[parent];
                let operator = |name: &String| {
                    let column = existing.get(target).and_then(|found| found.column(name));
                    column.map(|column| column.equality.clone()).unwrap_or_default()
                };
                let equality = referenced.iter().map(operator).collect();
                let (table, target) = (source.clone(), target.clone());
                let key = KeptReference { table, target, columns, referenced, equality };
                let known = &mut self.tables[at].kept_references;
                if !known.iter().any(|known| known.is_like(&key)) {
                    known.push(key);
                }
            }
        }
    }

    fn map_references(&mut self, inputs: Inputs<'_>, existing: &BTreeMap<String, TargetTable>) {
        let keys = (0..self.tables.len()).map(|at| known_keys(inputs, existing, &self.tables, at)).collect::<Vec<_>>();
        for (at, keys) in keys.iter().enumerate() {
            let mut references = Vec::new();
            for key in keys {
                let parent = &self.tables[key.parent];
                let Some(merging) = parent.merges.as_ref().filter(|merging| !merging.identity.is_empty()) else {
                    continue;
                };
                match key.columns_for(&merging.identity) {
                    Some(columns) if key.referenced.len() == merging.identity.len() => {
                        references.push(MappedReference { table: parent.source.clone(), columns });
                    }
                    // The values of the natural key are those of the target.
                    _ if key.referenced.iter().all(|column| merging.key.contains(column)) => {}
                    _ => self.findings.push(other_reference(&self.tables[at], key, parent, &merging.identity)),
                }
            }
            self.tables[at].add_references(references);
        }
        // A key that references a reference follows it: to the end, however long the chain is.
        loop {
            let mut has_more = false;
            for (at, keys) in keys.iter().enumerate() {
                let through = keys.iter().flat_map(|key| {
                    self.tables[key.parent].mapped_references.iter().filter_map(|reference| {
                        let columns = key.columns_for(&reference.columns)?;
                        Some(MappedReference { table: reference.table.clone(), columns })
                    })
                });
                let through = through.collect();
                has_more |= self.tables[at].add_references(through);
            }
            if !has_more {
                break;
            }
        }
        for mapping in &self.tables {
            let columns = mapping.mapped_references.iter().flat_map(|reference| &reference.columns).collect::<Vec<_>>();
            if let Some(twice) = columns.iter().enumerate().find(|(at, column)| columns[..*at].contains(column)) {
                let message = format!("its column {} follows the ids of two tables, which are mapped", twice.1);
                let finding = Finding::about(FindingCode::MergeReference, Severity::Blocks, &mapping.source, message);
                self.findings
                    .push(finding.suggesting("merge one of these tables by its primary key: remove its `merge.key`"));
            }
        }
        for mapping in self.tables.iter().filter(|mapping| mapping.merges.is_none() && mapping.is_staged()) {
            if let Some(column) = mapping.columns.iter().find(|column| column.is_judged()) {
                let message = format!("{}: it follows ids that are mapped", no_merging(column));
                let finding = Finding::about(FindingCode::MergeReadsTypes, Severity::Blocks, &mapping.source, message);
                let advice = "merge the tables that it references by their primary keys: remove their `merge.key`";
                self.findings.push(finding.suggesting(advice));
            }
        }
        self.identities_that_are_mapped();
        self.cycles();
    }

    /// An id that is itself a reference to a mapped one cannot be mapped a second time.
    fn identities_that_are_mapped(&mut self) {
        for mapping in &self.tables {
            let Some(merging) = mapping.merges.as_ref().filter(|merging| !merging.identity.is_empty()) else {
                continue;
            };
            let mut references = mapping.mapped_references.iter();
            let twice =
                references.find(|reference| reference.columns.iter().any(|column| merging.identity.contains(column)));
            if let Some(reference) = twice {
                let message = format!(
                    "its primary key ({}) follows the ids of {}, which are mapped, and cannot be mapped by another key as well",
                    merging.identity.join(", "),
                    reference.table
                );
                let suggestion = format!(
                    "# the primary key names its rows, once the ids of {} are mapped\n{}",
                    reference.table,
                    by_primary_key(mapping, &merging.identity)
                );
                let finding =
                    Finding::about(FindingCode::MergeKeyContradiction, Severity::Blocks, &mapping.source, message);
                self.findings.push(finding.suggesting(suggestion));
            }
        }
    }

    /// Tables whose natural keys wait for one another.
    fn cycles(&mut self) {
        let waits = |mapping: &TableMapping| -> Vec<String> { key_parents(mapping).map(str::to_owned).collect() };
        let edges =
            self.tables.iter().map(|mapping| (mapping.source.clone(), waits(mapping))).collect::<BTreeMap<_, _>>();
        let reaches = |from: &String| {
            let (mut open, mut seen) = (edges.get(from).cloned().unwrap_or_default(), BTreeSet::new());
            while let Some(next) = open.pop() {
                if seen.insert(next.clone()) {
                    open.extend(edges.get(&next).cloned().unwrap_or_default());
                }
            }
            seen.contains(from)
        };
        let knotted = edges.keys().filter(|table| reaches(table)).cloned().collect::<BTreeSet<_>>();
        for mapping in self.tables.iter_mut().filter(|mapping| knotted.contains(&mapping.source)) {
            let message =
                "its natural key follows ids that are mapped by natural keys which wait for this one".to_owned();
            self.findings.push(
                Finding::about(FindingCode::MergeKeyCycle, Severity::Blocks, &mapping.source, message)
                    .suggesting("choose columns for `merge.key` that reference none of these tables"),
            );
            // Without it the order of the steps would be the error, before any finding is shown.
            mapping.merges = None;
        }
    }
}

/// The source tables whose mapped ids the natural key of a table follows.
pub(in crate::plan) fn key_parents(mapping: &TableMapping) -> impl Iterator<Item = &str> {
    let key = mapping.merges.as_ref().filter(|merging| !merging.identity.is_empty()).map(|merging| &merging.key);
    let follows = move |columns: &[String]| key.is_some_and(|key| columns.iter().any(|column| key.contains(column)));
    let references = mapping.mapped_references.iter().filter(move |reference| follows(&reference.columns));
    references.map(|reference| reference.table.as_str())
}

/// The way in which the rows of one table are found, or the finding that there is none.
fn merging(
    inputs: Inputs<'_>,
    mapping: &TableMapping,
    table: &Table,
    found: &TargetTable,
) -> Result<TableMerge, Box<Finding>> {
    let by_spec = table_spec(inputs.spec, &table.name).and_then(|table| table.merge.as_ref());
    let primary = found.primary_key();
    let is_copied = |name: &String| copied(mapping, name).is_some();
    let section = format!("[tables.{}]", quote_toml_key(&table.name));
    let blocks = |code, message: String, suggestion: String| {
        Box::new(Finding::about(code, Severity::Blocks, &table.name, message).suggesting(suggestion))
    };
    if let Some(column) = mapping.columns.iter().find(|column| column.is_judged()) {
        return Err(blocks(
            FindingCode::MergeReadsTypes,
            no_merging(column),
            format!("{section}\nexisting_rows = \"keep\""),
        ));
    }
    let wanted = by_spec.map(|merge| merge.key.as_slice()).unwrap_or_default();
    let key = if wanted.is_empty() {
        if primary.is_empty() || !primary.iter().all(is_copied) {
            let message = format!(
                "{} has no primary key that the source fills: which rows are the same is not known",
                found.name
            );
            let unique = found.unique_keys.iter().find(|key| key.columns.iter().all(is_copied));
            let sources = unique.map(|key| key.columns.iter().filter_map(|name| copied(mapping, name)));
            let sources =
                sources.map(|columns| columns.map(|column| quote_toml_text(&column.source)).collect::<Vec<_>>());
            return Err(blocks(
                FindingCode::MergeKeyMissing,
                message,
                match sources {
                    Some(columns) => format!("{section}\nmerge.key = [{}]", columns.join(", ")),
                    None => format!("# the source's rows are added to them\n{section}\nexisting_rows = \"keep\""),
                },
            ));
        }
        primary.to_vec()
    } else {
        let column = |name: &String| {
            let known = mapping.column_of(name).filter(|column| column.generated.is_none());
            known.map(|column| column.target.clone()).ok_or_else(|| {
                let message = format!("`merge.key` names the column {name}, which is not copied");
                let names = mapping.columns.iter().map(|column| column.source.as_str());
                let hint = crate::name::hint_of_known(name, &names.collect::<Vec<_>>(), "columns are");
                blocks(FindingCode::UnknownColumn, message, hint)
            })
        };
        wanted.iter().map(column).collect::<Result<Vec<_>, _>>()?
    };
    let is_key = primary.iter().collect::<BTreeSet<_>>() == key.iter().collect::<BTreeSet<_>>();
    let identity = if is_key || !primary.iter().all(is_copied) { Vec::new() } else { primary.to_vec() };
    let sequence = match identity.as_slice() {
        [id] => {
            let is_integer = copied(mapping, id).is_some_and(|column| integer_limit(&column.column_type).is_some());
            found.column(id).and_then(|column| column.sequence.clone()).filter(|_| is_integer)
        }
        _ => None,
    };
    let operator = |name: &String| Some((name.clone(), found.column(name)?.equality.clone()));
    let is_fixed = |column: &&TargetColumn| column.identity == Some(TargetIdentity::Always);
    Ok(TableMerge {
        is_by_primary: is_key || !identity.is_empty(),
        equality: key.iter().chain(&identity).filter_map(operator).collect(),
        has_spellings: key.iter().filter_map(|name| found.column(name)).any(TargetColumn::has_spellings),
        key,
        identity,
        prefer: by_spec.and_then(|merge| merge.prefer),
        sequence,
        fixed: found.columns.iter().filter(is_fixed).map(|column| column.name.clone()).collect(),
    })
}

/// Reason for which rows with a column that PostgreSQL reads itself are not brought together: they are compared as they are
/// encoded.
fn no_merging(column: &ColumnMapping) -> String {
    let type_words = column.type_words();
    format!(
        "rows with the column {} of type {type_words}, which PostgreSQL itself reads, cannot be merged",
        column.source
    )
}

/// The largest number of an integer type; `None` for another type.
#[must_use]
pub fn integer_limit(column_type: &ColumnType) -> Option<i64> {
    match column_type {
        ColumnType::SmallInt => Some(i64::from(i16::MAX)),
        ColumnType::Integer => Some(i64::from(i32::MAX)),
        ColumnType::BigInt => Some(i64::MAX),
        _ => None,
    }
}

pub(super) fn copied<'m>(mapping: &'m TableMapping, target: &str) -> Option<&'m ColumnMapping> {
    mapping.columns.iter().find(|column| column.target == target && column.generated.is_none())
}

/// The foreign keys of a table: those that the target has, those that a run has detached, and those of the source.
fn known_keys(
    inputs: Inputs<'_>,
    existing: &BTreeMap<String, TargetTable>,
    tables: &[TableMapping],
    at: usize,
) -> Vec<KnownKey> {
    let mapping = &tables[at];
    let standing = existing.get(&mapping.target).into_iter().flat_map(|found| &found.foreign_keys);
    let detached = inputs.target.detached.get(&mapping.target).into_iter().flat_map(|off| &off.foreign_keys);
    let schemas = &inputs.spec.target.schemas;
    let mut keys = Vec::new();
    for key in standing.chain(detached) {
        let parent = tables.iter().position(|table| schemas.place(&table.target) == key.referenced());
        let Some(parent) = parent else { continue };
        // A column that is not copied gets no value of the source.
        if key.columns.iter().all(|column| copied(mapping, column).is_some()) {
            keys.push(KnownKey { columns: key.columns.clone(), parent, referenced: key.referenced_columns.clone() });
        }
    }
    let of_source = inputs.catalog.table(&mapping.source).into_iter().flat_map(|table| &table.foreign_keys);
    for key in of_source {
        let parent = tables.iter().position(|table| table.source.eq_ignore_ascii_case(&key.referenced_table));
        let Some(parent) = parent else { continue };
        let columns = mapping.target_columns(&key.columns);
        let referenced = tables[parent].target_columns(&referenced_columns(inputs.catalog, key));
        if let Some((columns, referenced)) = columns.zip(referenced) {
            keys.push(KnownKey { columns, parent, referenced });
        }
    }
    keys
}

/// The finding about a foreign key to other columns than those that are mapped.
fn other_reference(mapping: &TableMapping, key: &KnownKey, parent: &TableMapping, primary: &[String]) -> Finding {
    let message = format!(
        "it references {} by ({}), which is neither the key by which that table's rows are merged nor its primary key: whether \
         the target has the same values there is not known",
        parent.source,
        key.referenced.join(", ")
    );
    Finding::about(FindingCode::MergeReference, Severity::Blocks, &mapping.source, message)
        .suggesting(format!("# the primary key names the rows of both sides\n{}", by_primary_key(parent, primary)))
}

/// The lines by which the rows of a table are the same if their primary key is, in place of another key.
fn by_primary_key(mapping: &TableMapping, primary: &[String]) -> String {
    let source =
        |name: &String| mapping.columns.iter().find(|column| column.target == *name).map(|column| &column.source);
    let key = primary.iter().filter_map(source).map(|name| quote_toml_text(name)).collect::<Vec<_>>().join(", ");
    format!("[tables.{}]\nexisting_rows = \"merge\"\nmerge.key = [{key}]", quote_toml_key(&mapping.source))
}
