//! Rules of the application's tables that the statements of a run would fire, and COPY would not.
//!
//! A rollback asks about its own statements itself (`rollback::rules`), for rules may be enabled after the plan.

use crate::name::{Schemas, quote_identifier};
use crate::plan::{ColumnMapping, Finding, FindingCode, Severity, TableMapping};
use crate::run::ExecuteError;
use crate::spec::MergeSide;
use crate::target::Session;
use crate::target::structure::read_rules;

/// The findings about rules of tables that are to be copied, and of those that are copied `again`, whose rows are deleted first.
pub(super) async fn find(
    session: &Session,
    schemas: &Schemas,
    (copied, again): (&[TableMapping], &[TableMapping]),
) -> Result<Vec<Finding>, ExecuteError> {
    let mut findings = Vec::new();
    let tables = copied.iter().map(|mapping| (mapping, mapping.keeps_rows));
    for (mapping, deletes) in tables.chain(again.iter().map(|mapping| (mapping, true))) {
        let inserts = mapping.is_staged() || mapping.columns.iter().any(ColumnMapping::is_judged);
        let updates = mapping.merges.as_ref().is_some_and(|merging| merging.prefer == Some(MergeSide::Source));
        if !inserts && !updates && !deletes {
            continue;
        }
        let table = schemas.qualified(&mapping.target);
        let found = read_rules(session, schemas.place(&mapping.target)).await?.into_iter();
        let fires = |event: &str| match event {
            "INSERT" => inserts,
            "UPDATE" => updates,
            // A refresh and a rollback take the rows away again.
            _ => deletes,
        };
        let found = found.filter(|(_, event)| fires(event)).collect::<Vec<_>>();
        if found.is_empty() {
            continue;
        }
        let names = found.iter().map(|(name, event)| format!("{name} (ON {event})")).collect::<Vec<_>>();
        let message = format!(
            "{} has rules that the run or its rollback would fire: {}; no rollback removes what they write, for it is no row \
             of the source",
            schemas.shown(&mapping.target),
            names.join(", ")
        );
        let lines =
            found.iter().map(|(name, _)| format!("ALTER TABLE {table} DISABLE RULE {};", quote_identifier(name)));
        let lines = lines.collect::<Vec<_>>().join("\n");
        let finding = Finding::about(FindingCode::TargetRules, Severity::Blocks, &mapping.source, message);
        findings
            .push(finding.suggesting(format!("disable them for the time of the migration and its rollback:\n{lines}")));
    }
    Ok(findings)
}
