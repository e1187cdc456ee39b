//! Rows that their own table's CHECKs forbid: written while the source was told not to check, or before
//! the constraint was written into the schema.

use crate::catalog::CheckConstraint;
use crate::name::quote_toml_key;
use crate::plan::{Cause, Finding, FindingCode, Severity, TableMapping};
use crate::run::ExecuteError;
use crate::source::{Reader, SourceError};
use crate::survey::rows::{RowCondition, keep_every_row, matching};
use crate::survey::surveyor::Surveyor;

/// The code of the finding that the source cannot be asked.
pub(crate) const CHECK_NOT_ASKED: FindingCode = FindingCode::CheckNotAsked;

/// A finding for each of some CHECKs of a table that rows of it break; each has the name that the spec calls it. A CHECK
/// without a translation is not carried over, and keeps no row out.
pub(crate) fn find_violations(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    checks: &[(&CheckConstraint, String)],
) -> Result<Vec<Finding>, ExecuteError> {
    let mut findings = Vec::new();
    // NULL passes a CHECK.
    let broken = checks.iter().map(|(check, _)| format!("NOT ({}\n)", check.expression)).collect::<Vec<_>>();
    let counts = match reader.count_matching(&mapping.source, mapping.filter.as_deref(), &broken) {
        Ok(counts) => counts,
        // A function that only the application has, a string in double quotes: it stands in the schema all the same.
        Err(SourceError::Query { message, .. }) => {
            let message = format!("whether all rows pass its CHECKs could not be asked: {message}");
            findings.push(
                Finding::about(CHECK_NOT_ASKED, Severity::Notes, &mapping.source, message)
                    .suggesting("run apply to know: PostgreSQL checks the rows when it adds the constraint"),
            );
            return Ok(findings);
        }
        Err(error) => return Err(error.into()),
    };
    for (((check, called), broken), count) in checks.iter().zip(&broken).zip(counts).filter(|(_, count)| *count > 0) {
        let found = matching(surveyor, reader, mapping, broken)?;
        let name = check.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        let rows = crate::value::counted(count, "row does", "rows do");
        let message = format!("{rows} not pass the CHECK{name} ({})", check.expression.trim());
        let staying = RowCondition::on_values(format!("({}) IS NOT FALSE", check.expression.trim()));
        let finding = Finding::about(FindingCode::CheckViolated, Severity::Blocks, &mapping.source, message)
            .suggesting(keep_every_row(mapping, &format!("checks.{} = false", quote_toml_key(called)), &staying));
        let words = format!("not pass the CHECK ({})", check.expression.trim());
        let finding = finding.because(Cause::new(["row does", "rows do"], words));
        findings.push(Finding { count, examples: found.examples, ..finding });
    }
    Ok(findings)
}
