//! Outcome of a run, in words.

use super::layout::counted;
use crate::apply::Applied;
use crate::name::visible::visible_name;
use crate::rows::LeftOut;
use crate::run::{CheckResult, FailingRow};
use std::fmt::Write as _;

/// Summary of a run.
#[must_use]
pub fn applied_text(migration: &str, applied: &Applied, seconds: f64) -> String {
    if applied.steps == 0 {
        let unchanged = counted(applied.unchanged, "row", "rows");
        return format!("{migration}: nothing to do; the source is unchanged ({unchanged} read again).\n")
            + &left_out_text(&applied.left_out);
    }
    let mut text = format!(
        "{migration}: {} done, {} copied in {seconds:.1} s.\n",
        counted(applied.steps as u64, "step", "steps"),
        counted(applied.rows, "row", "rows")
    );
    if applied.unchanged > 0 {
        let unchanged = counted(applied.unchanged, "row", "rows");
        let _infallible = writeln!(text, "{unchanged} of an earlier run read again: unchanged.");
    }
    text + &left_out_text(&applied.left_out) + &checks_text(&applied.checks)
}

/// Rows and values that the spec keeps out of the target, one line for each table.
fn left_out_text(left_out: &LeftOut) -> String {
    let mut text = String::new();
    for (table, left) in left_out.tables() {
        let merged = (left.merged > 0).then(|| format!("{} there already", counted(left.merged, "row", "rows")));
        let rejected = (left.rejected > 0).then(|| format!("{} rejected", counted(left.rejected, "row", "rows")));
        let nulled = left
            .nulled
            .iter()
            .map(|(column, count)| format!("{} of {column} became NULL", counted(*count, "value", "values")));
        let shortened = left
            .shortened
            .iter()
            .map(|(column, count)| format!("{} of {column} shortened", counted(*count, "value", "values")));
        let words = merged.into_iter().chain(rejected).chain(nulled).chain(shortened).collect::<Vec<_>>().join(", ");
        let _infallible = writeln!(text, "{}: {words}", visible_name(table));
    }
    if left_out.rejected() > 0 {
        text.push_str(
            "`transship status SPEC --rejected` lists the rejected rows; with --export FILE it writes them whole.\n",
        );
    }
    text
}

/// Wrong row of a check.
pub(super) fn failing_row(row: &FailingRow) -> String {
    let key = if row.key.is_empty() { "a row without a key" } else { &row.key };
    let values = row.values.as_ref().map(|values| format!(": {values}")).unwrap_or_default();
    format!("{key}{values}")
}

/// Checks with their answers, one a line, and under each the rows that it found wrong.
pub(super) fn checks_text(checks: &[CheckResult]) -> String {
    let mut text = String::new();
    for check in checks {
        let _infallible = match (check.passed, check.is_failure()) {
            (true, _) => writeln!(text, "check \"{}\": passed ({})", check.name, check.actual),
            (false, true) => writeln!(text, "check \"{}\": FAILED, {check}", check.name),
            (false, false) => writeln!(text, "check \"{}\": WARNING, {check}", check.name),
        };
        for row in &check.rows {
            let _infallible = writeln!(text, "  {}", failing_row(row));
        }
        let more = check.failing.unwrap_or(0).saturating_sub(check.rows.len() as u64);
        if more > 0 && !check.rows.is_empty() {
            let _infallible = writeln!(text, "  and {} more", counted(more, "row", "rows"));
        }
    }
    text
}
