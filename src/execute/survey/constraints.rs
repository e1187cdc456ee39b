//! Rows that their own table's CHECKs forbid: written while SQLite was told not to check
//! (`PRAGMA ignore_check_constraints`), or before the constraint was written into the schema.

use super::look::Looker;
use super::rows::{keep_only, matching};
use crate::catalog::{CheckConstraint, Table, TableProfile};
use crate::execute::ExecuteError;
use crate::plan::overflow::leaves_integers;
use crate::plan::{Finding, Severity, TableMapping};
use crate::source::SourceError;
use crate::source::sqlite::{Reader, count_matching};

/// A finding for each constraint of a table that some of its rows break.
pub(super) fn find_violations(
    look: &Looker<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    table: &Table,
    profile: &TableProfile,
) -> Result<Vec<Finding>, ExecuteError> {
    let mut findings = Vec::new();
    // A CHECK that has no translation is not carried over, and keeps no row out.
    let checks = table.checks.iter().filter(|check| mapping.carries_check(look.spec, table, check));
    let checks = checks.collect::<Vec<_>>();
    // NULL passes a CHECK.
    let broken = checks.iter().map(|check| format!("NOT ({}\n)", check.expression)).collect::<Vec<_>>();
    if broken.is_empty() || profile.rows == 0 {
        return Ok(findings);
    }
    let counts = match count_matching(reader, &mapping.source, mapping.filter.as_deref(), &broken) {
        Ok(counts) => counts,
        // A function that only the application has, a string in double quotes: it stands in the schema all the same.
        Err(SourceError::Query { message, .. }) => {
            let message = format!("whether all rows pass its CHECKs could not be asked: {message}");
            findings.push(
                Finding::about("check_not_asked", Severity::Notes, &mapping.source, message)
                    .suggesting("apply asks PostgreSQL when it adds the constraint"),
            );
            return Ok(findings);
        }
        Err(error) => return Err(error.into()),
    };
    for ((check, broken), count) in checks.iter().zip(&broken).zip(counts).filter(|(_, count)| *count > 0) {
        let found = matching(look, reader, mapping, broken)?;
        let name = check.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        let rows = if count == 1 { "1 row does".to_owned() } else { format!("{count} rows do") };
        let message = format!("{rows} not pass the CHECK{name} ({})", check.expression.trim());
        let staying = format!("({}) IS NOT FALSE", check.expression.trim());
        let finding = Finding::about("check_violated", Severity::Blocks, &mapping.source, message)
            .suggesting(keep_only(mapping, &staying));
        findings.push(Finding { count, examples: found.examples, ..finding });
    }
    for check in checks {
        findings.extend(overflow(look, reader, mapping, check)?);
    }
    Ok(findings)
}

/// A finding where PostgreSQL could not compute a CHECK on rows that are there: it would end the run with an error.
fn overflow(
    look: &Looker<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    check: &CheckConstraint,
) -> Result<Option<Finding>, ExecuteError> {
    let Some(condition) = leaves_integers(&check.expression, &mapping.columns) else { return Ok(None) };
    let found = matching(look, reader, mapping, &condition)?;
    if found.count == 0 {
        return Ok(None);
    }
    let rows = if found.count == 1 { "1 row".to_owned() } else { format!("{} rows", found.count) };
    let message = format!(
        "the CHECK ({}) leaves the range of its integers on {rows}: SQLite goes on in floating point, PostgreSQL refuses",
        check.expression.trim()
    );
    let staying = format!("({condition}) IS NOT TRUE");
    let finding = Finding::about("check_overflows", Severity::Blocks, &mapping.source, message)
        .suggesting(keep_only(mapping, &staying));
    Ok(Some(Finding { count: found.count, examples: found.examples, ..finding }))
}
