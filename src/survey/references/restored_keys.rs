//! Foreign keys that only the application's tables have: they are restored after the load, and the source, which does
//! not have them, may hold rows that break them.

use crate::catalog::selection::enclosed;
use crate::catalog::{Catalog, ForeignKey, Table, TargetForeignKey};
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::mapping::referenced_columns;
use crate::plan::steps::{MappedEnds, references, unchecked};
use crate::plan::{Cause, Finding, FindingCode, Orphans, Plan, Severity, StepKind, TableMapping, mapping};
use crate::run::ExecuteError;
use crate::source::{ForeignKeyEnd, Reader};
use crate::spec::Spec;
use crate::survey::references::converted::ConvertedEnd;
use crate::survey::references::foreign_keys::as_converted;
use crate::survey::surveyor::Surveyor;
use std::borrow::Cow;

/// A foreign key of the application's table in the names of the source.
pub(crate) struct RestoredForeignKey<'a> {
    pub(crate) table: &'a Table,
    pub(crate) key: ForeignKey,
    child: &'a TableMapping,
    parent: &'a TableMapping,
    pub(crate) parent_table: &'a Table,
    /// The key as the application has it.
    own: &'a TargetForeignKey,
}

/// The foreign keys that will be restored and that the source does not know.
pub(crate) fn restored<'a>(catalog: &'a Catalog, plan: &'a Plan) -> Vec<RestoredForeignKey<'a>> {
    let mut found = Vec::new();
    for step in plan.steps.iter().filter(|step| step.is_pending(StepKind::Restore)) {
        let source = step.source_table();
        let Some((child, table)) = source.and_then(|table| Some((plan.copied(table)?, catalog.table(table)?))) else {
            continue;
        };
        // A key that is NOT VALID says nothing of the rows that are there.
        for key in step.detached().into_iter().flat_map(|off| &off.foreign_keys).filter(|key| key.validated) {
            let own = key;
            let Some((key, parent)) = in_the_source(plan, child, key) else { continue };
            // A key that the source knows as well is followed with all its other keys.
            if let Some(parent_table) = catalog.table(&parent.source).filter(|_| !is_known(catalog, table, &key)) {
                found.push(RestoredForeignKey { table, key, child, parent, parent_table, own });
            }
        }
    }
    found
}

/// The catalog with the foreign keys of [`restored`] beside those of the source.
pub(crate) fn with_restored<'a>(catalog: &'a Catalog, plan: &Plan) -> Cow<'a, Catalog> {
    let restored = restored(catalog, plan).into_iter().map(|restored| (restored.table.name.clone(), restored.key));
    let mut all = Cow::Borrowed(catalog);
    for (name, key) in restored.collect::<Vec<_>>() {
        if let Some(table) = all.to_mut().tables.iter_mut().find(|table| table.name == name) {
            table.foreign_keys.push(key);
        }
    }
    all
}

impl RestoredForeignKey<'_> {
    /// Both ends as they are converted.
    pub(crate) fn ends(&self) -> Option<(ConvertedEnd<'_>, ConvertedEnd<'_>)> {
        let child = ConvertedEnd::new(self.child, &self.key.columns);
        let ends = child.zip(ConvertedEnd::new(self.parent, &self.key.referenced_columns));
        ends.map(|(child, parent)| child.with_parent(parent))
    }

    /// The rows that reference nothing once they are converted.
    pub(crate) fn orphans(&self, surveyor: &Surveyor<'_>, reader: &Reader) -> Result<Orphans, ExecuteError> {
        as_converted(surveyor, reader, self.ends().as_ref(), self.stored_orphans(surveyor.spec, reader)?)
    }

    /// The rows that reference nothing in the source.
    pub(crate) fn stored_orphans(&self, spec: &Spec, reader: &Reader) -> Result<Orphans, ExecuteError> {
        let filter = |table: &Table| mapping::filter(spec, &table.name);
        let Self { table, key, parent_table, .. } = self;
        let here = ForeignKeyEnd { table, columns: key.columns.clone(), filter: filter(table) };
        let there = ForeignKeyEnd {
            table: parent_table,
            columns: key.referenced_columns.clone(),
            filter: filter(parent_table),
        };
        let (count, examples) = reader.orphans(key, &here, &there)?;
        Ok(Orphans { count, examples, staying: None })
    }

    /// The doubt that remains where nobody has followed the key, as the end of a sentence.
    pub(crate) fn doubt(&self) -> String {
        let (columns, parent) = (self.key.columns.join(", "), &self.parent_table.name);
        format!(
            "whether rows reference by ({columns}) what {parent} does not hold: only the application's table has this \
             foreign key"
        )
    }

    /// The finding about such rows.
    pub(crate) fn finding(&self, spec: &Spec, catalog: &Catalog, orphans: Orphans) -> Option<Finding> {
        let Self { table, key, child, parent, own: target, .. } = self;
        let Orphans { count, examples, staying } = orphans;
        let ends = MappedEnds { child: Some(child), parent: Some(parent) };
        let by_values = || references(catalog, table, ends, key, mapping::filter(spec, &parent.source));
        let condition = staying.unwrap_or_else(by_values);
        let own = mapping::filter(spec, &table.name);
        let condition = own.map_or_else(|| condition.clone(), |own| format!("{} AND ({condition})", enclosed(own)));
        let otherwise = unchecked(&target.name, &target.definition, spec.target.schemas.place(&child.target));
        let finding = finding(key, &table.name, parent, count, (&condition, &otherwise));
        (count > 0).then_some(Finding { count, examples, ..finding })
    }
}

fn finding(key: &ForeignKey, table: &str, parent: &TableMapping, count: u64, ways: (&str, &str)) -> Finding {
    let rows = if count == 1 { "1 row references".to_owned() } else { format!("{count} rows reference") };
    let columns = key.columns.join(", ");
    let message = format!("{rows} by ({columns}) what {} does not hold", parent.source);
    let cause = Cause {
        detail: Some(format!(" by ({columns})")),
        ..Cause::new(["row references", "rows reference"], format!("what {} does not hold", parent.source))
    };
    // A row that the application keeps may be the one that is referenced.
    let severity = if parent.keeps_rows { Severity::Warns } else { Severity::Blocks };
    let (table_key, condition) = (quote_toml_key(table), quote_toml_text(ways.0));
    let suggestion = format!("# leaves these rows behind:\n[tables.{table_key}]\nwhere = {condition}\n{}", ways.1);
    Finding::about(FindingCode::ForeignKeyOrphans, severity, table, message).suggesting(suggestion).because(cause)
}

/// Whether the source has the same foreign key.
fn is_known(catalog: &Catalog, table: &Table, wanted: &ForeignKey) -> bool {
    let pairs = |columns: &[String], referenced: &[String]| {
        let fold = |name: &String| name.to_ascii_lowercase();
        let mut pairs = columns.iter().map(fold).zip(referenced.iter().map(fold)).collect::<Vec<_>>();
        pairs.sort();
        pairs
    };
    table.foreign_keys.iter().any(|key| {
        key.referenced_table.eq_ignore_ascii_case(&wanted.referenced_table)
            && pairs(&key.columns, &referenced_columns(catalog, key))
                == pairs(&wanted.columns, &wanted.referenced_columns)
    })
}

/// A foreign key of the target in the names of the source, where the source has all of its columns.
fn in_the_source<'a>(
    plan: &'a Plan,
    child: &TableMapping,
    key: &TargetForeignKey,
) -> Option<(ForeignKey, &'a TableMapping)> {
    let parent = plan.tables.iter().find(|table| table.target == key.referenced_table)?;
    let reference = child.reference_in_source(&key.columns, parent, &key.referenced_columns)?;
    Some((ForeignKey { name: Some(key.name.clone()), ..reference }, parent))
}
