//! Migration tools of the application: what both sides record of its schema's version.
//!
//! A tool's record is about the database that it stands in. In the application's own tables it is compared, never copied:
//! copied, it would call migrations applied that the target has never seen. Where transship makes the tables, the record is
//! a table like any other, and the plan says that the application could make them itself.

use super::existing::past_row_security;
use super::{MappingDraft, table_spec};
use crate::catalog::{AppliedMigrations, RelationKind, Right, TargetTable, ToolRecord, VersionsCompared, remedy};
use crate::plan::Inputs;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace};
use crate::plan::step::StepKind;
use crate::spec::{SchemaVersion, TablesMode};
use std::collections::{BTreeMap, BTreeSet};

/// Code of the finding about a tool that owns the application's tables.
pub const MIGRATION_TOOL: FindingCode = FindingCode::MigrationTool;

/// Most names in a message; the others are counted.
const NAMED: usize = 5;

/// Whether a table belongs to a tool's record in the source, of which the target has its own: the tool, or else `None`. A
/// table of which the spec says anything itself is a table like any other, and so is one that is copied already.
pub(super) fn kept_apart<'r>(inputs: Inputs<'_>, records: &'r [ToolRecord], table: &str) -> Option<&'r ToolRecord> {
    let is_like_others = inputs.spec.target.tables != TablesMode::Existing
        || table_spec(inputs.spec, table).is_some()
        || inputs.target.loaded.contains(table)
        || inputs.target.done.contains_key(&StepKind::Copy.id(table));
    records.iter().find(|record| !is_like_others && record.has(table))
}

impl MappingDraft {
    /// Leaves a table of a tool's record out.
    pub(super) fn leave_record(&mut self, record: &ToolRecord, table: &str) {
        let reason = if record.table == table {
            format!(
                "{} records the applied migrations in it: the target has its own record, which is compared",
                record.tool.name
            )
        } else {
            format!(
                "it belongs to the record of migrations that {} keeps, of which the target has its own",
                record.tool.name
            )
        };
        self.omit(OmittedObject::Table, OmittedPlace::table(table), OmissionReason::known(reason));
    }

    /// Findings about the tools that own the application's schema, and about its version on both sides.
    pub(super) fn migration_tools(&mut self, inputs: Inputs<'_>, records: &[ToolRecord]) {
        if inputs.spec.target.tables != TablesMode::Existing {
            let is_migrated = |record: &&ToolRecord| self.tables.iter().any(|table| table.source == record.table);
            let found = records.iter().filter(is_migrated).map(owned).collect::<Vec<_>>();
            self.findings.extend(found);
            return;
        }
        let Some(tables) = &inputs.target.tables else { return };
        let is_copied = |name: &str| inputs.target.done.contains_key(&StepKind::Copy.id(name));
        if self.tables.iter().all(|table| is_copied(&table.target)) {
            // The application may go on from here by itself.
            return;
        }
        let others = TargetTable::tool_records(&inputs.spec.target.schemas, tables);
        for record in records {
            let Some(other) = record.counterpart(&others) else {
                self.findings.push(unrecorded(inputs, record));
                continue;
            };
            let source = inputs.contents.versions.get(&record.table);
            let target = inputs.target.versions.get(&other.table);
            // Of a source that nobody asked, the facts have a finding of their own.
            let (Some(source), Some(target)) = (source, target) else { continue };
            let finding = match (source, target) {
                (Some(source), Some(target)) => self.compared(inputs, (record, source), (tables, target)),
                (None, _) => unread(record, "the source's", "let the user of `source.url` read it"),
                (_, None) => unread(record, "the target's", &to_be_read(tables.get(&other.table))),
            };
            self.findings.push(finding);
        }
        for other in others.iter().filter(|other| other.counterpart(records).is_none()) {
            let message = format!(
                "{} owns the tables of the target ({}), and the source has no record of its migrations: whether both sides \
                 are at the same version is not known",
                other.tool.name, other.table
            );
            self.findings.push(Finding::general(MIGRATION_TOOL, Severity::Notes, message));
        }
    }

    fn compared(
        &self,
        inputs: Inputs<'_>,
        (record, source): (&ToolRecord, &AppliedMigrations),
        (tables, target): (&BTreeMap<String, TargetTable>, &AppliedMigrations),
    ) -> Finding {
        let (tool, may_differ) = (record.tool.name, inputs.spec.target.schema_version == SchemaVersion::Any);
        let about = |code, severity, message| Finding::about(code, severity, &record.table, message);
        let unlike = || self.unlike(inputs, tables, &record.prefix);
        let (only_source, only_target) = (names(source.difference(target)), names(target.difference(source)));
        let difference = match (only_source, only_target) {
            (Some(source), Some(target)) => format!("the source alone has {source}, the target alone {target}"),
            (Some(source), None) => format!("the source alone has {source}"),
            (None, Some(target)) => format!("the target alone has {target}"),
            (None, None) => {
                let words = record.words(source);
                let message = format!("both sides are at the same version of {tool}: {words}");
                return about(MIGRATION_TOOL, Severity::Notes, message);
            }
        };
        let count = u64::try_from(source.symmetric_difference(target).count()).unwrap_or(u64::MAX);
        let difference = match record.compare(source, target) {
            VersionsCompared::NothingShared if unlike().is_empty() => {
                let message = format!(
                    "the versions of {tool} cannot be compared, for they share nothing ({difference}); all tables and \
                     columns have the same names on both sides"
                );
                let severity = if may_differ { Severity::Notes } else { Severity::Warns };
                let suggestion = "make sure that the same release of the application has made both sides: some have other \
                                  migrations for each database";
                return Finding {
                    count,
                    ..about(FindingCode::SchemaVersionUnknown, severity, message).suggesting(suggestion)
                };
            }
            VersionsCompared::NothingShared => format!("{difference}, and {}", unlike().join(", ")),
            VersionsCompared::Same | VersionsCompared::Different => difference,
        };
        let finding = if may_differ {
            let message = format!("the sides are not at the same version of {tool}, as the spec allows: {difference}");
            about(MIGRATION_TOOL, Severity::Notes, message)
        } else {
            let message = format!("the sides are not at the same version of {tool}: {difference}");
            let way = record.tool.command.map(|command| format!(" (`{command}`)")).unwrap_or_default();
            about(FindingCode::SchemaVersionDiffers, Severity::Blocks, message).suggesting(format!(
                "# bring both to one version first, with one release of the application{way}; or, where you know that \
                 the tables agree:\n[target]\nschema_version = \"any\""
            ))
        };
        Finding { count, ..finding }
    }

    /// Differences between the names of tables and columns on both sides, in words, some of them; `prefix` is the beginning
    /// that the names of the tables of one database have.
    fn unlike(&self, inputs: Inputs<'_>, tables: &BTreeMap<String, TargetTable>, prefix: &str) -> Vec<String> {
        let schemas = &inputs.spec.target.schemas;
        let own = TargetTable::tool_records(schemas, tables);
        let (mut unlike, mut known) = (Vec::new(), BTreeSet::new());
        for table in inputs.catalog.tables.iter().filter(|table| table.name.starts_with(prefix)) {
            let mapping = self.tables.iter().find(|mapping| mapping.source == table.name);
            let wished = schemas.within(&table.name, |name| inputs.spec.target.names.apply(name));
            let name = mapping.map_or(wished.as_str(), |mapping| mapping.target.as_str());
            known.insert(name.to_lowercase());
            let (Some(mapping), Some(found)) = (mapping, tables.get(name)) else {
                unlike.extend(mapping.map(|mapping| format!("the target has no table {}", mapping.target)));
                continue;
            };
            let filled = mapping.columns.iter().map(|column| column.target.to_lowercase());
            let named = table.columns.iter().map(|column| inputs.spec.target.names.apply(&column.name).to_lowercase());
            let of_source = filled.chain(named).collect::<BTreeSet<_>>();
            let is_more = |column: &str| !of_source.contains(&column.to_lowercase());
            let more = found.columns.iter().map(|column| &column.name).filter(|column| is_more(column));
            unlike.extend(more.map(|column| format!("the source has no column {name}.{column}")));
            let is_lost = |column: &&str| found.column(column).is_none();
            let less = mapping.columns.iter().map(|column| column.target.as_str()).filter(is_lost);
            unlike.extend(less.map(|column| format!("the target has no column {name}.{column}")));
        }
        let is_more = |table: &&TargetTable| {
            let is_own = own.iter().any(|record| record.has(&table.name));
            let is_asked = table.kind == RelationKind::Table && table.name.starts_with(prefix);
            is_asked && !is_own && !known.contains(&table.name.to_lowercase())
        };
        let more = tables.values().filter(is_more);
        unlike.extend(more.map(|table| format!("the source has no table {}", table.name)));
        let hidden = unlike.len().saturating_sub(NAMED);
        unlike.truncate(NAMED);
        if hidden > 0 {
            unlike.push(format!("{hidden} more differences"));
        }
        unlike
    }
}

/// The finding about a tool whose tables transship would make.
fn owned(record: &ToolRecord) -> Finding {
    let tool = record.tool.name;
    let message = format!("{tool} records its migrations in it: the application makes and alters these tables itself");
    let suggestion = format!(
        "to keep it so, let the application make its tables first ({}), then write the spec with `transship init SOURCE \
         --target URL`: it fills them (`tables = \"existing\"`)",
        record.tool.way()
    );
    Finding::about(MIGRATION_TOOL, Severity::Notes, &record.table, message).suggesting(suggestion)
}

/// The finding about a record that the target lacks.
fn unrecorded(inputs: Inputs<'_>, record: &ToolRecord) -> Finding {
    let (tool, schemas) = (record.tool.name, &inputs.spec.target.schemas);
    let message = format!(
        "{} has no record of {tool}: whether the target's tables are of the same version as the source's is not known, and \
         {tool} would apply every migration again",
        schemas.shown(&record.table)
    );
    let severity = match inputs.spec.target.schema_version {
        SchemaVersion::Same => Severity::Warns,
        SchemaVersion::Any => Severity::Notes,
    };
    Finding::about(FindingCode::SchemaVersionUnknown, severity, &record.table, message).suggesting(format!(
        "let the application make the target's tables by its own migrations: {}",
        record.tool.way()
    ))
}

/// The finding about a record that could not be read on one side.
fn unread(record: &ToolRecord, whose: &str, advice: &str) -> Finding {
    let message = format!(
        "{whose} record of {} may not be read: whether both sides are at the same version is not known",
        record.tool.name
    );
    Finding::about(FindingCode::SchemaVersionUnknown, Severity::Warns, &record.table, message).suggesting(advice)
}

/// Advice for a role of `target.url` that may not read a table.
fn to_be_read(table: Option<&TargetTable>) -> String {
    let lacking = table.into_iter().flat_map(|table| table.lacks(&[Right::Usage, Right::Select]));
    let grants = lacking.filter_map(|lacking| lacking.grant.as_deref()).collect::<Vec<_>>();
    match table {
        Some(table) if grants.is_empty() => past_row_security(table),
        _ => remedy(grants),
    }
}

/// Some names with the number of the others; `None` for none.
fn names<'a>(all: impl Iterator<Item = &'a String>) -> Option<String> {
    let all = all.map(String::as_str).collect::<Vec<_>>();
    let more = all.len().saturating_sub(NAMED);
    let named = all.iter().rev().take(NAMED).rev().copied().collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!("{more} more and ") } else { String::new() };
    (!all.is_empty()).then(|| format!("{more}{named}"))
}
