//! What a run achieved, in words.

use super::layout::counted;
use crate::execute::{Applied, LeftOut};
use crate::verify::checks::CheckResult;
use std::fmt::Write as _;

/// The last words of a run.
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

/// What the spec keeps out of the target, a line for each table.
fn left_out_text(left_out: &LeftOut) -> String {
    let mut text = String::new();
    for (table, left) in left_out.tables() {
        let rejected = (left.rejected > 0).then(|| format!("{} rejected", counted(left.rejected, "row", "rows")));
        let nulled = left
            .nulled
            .iter()
            .map(|(column, count)| format!("{} of {column} became NULL", counted(*count, "value", "values")));
        let words = rejected.into_iter().chain(nulled).collect::<Vec<_>>().join(", ");
        let _infallible = writeln!(text, "{table}: {words}");
    }
    if left_out.rejected() > 0 {
        text.push_str(
            "`transship status SPEC --rejected` lists the rejected rows; with --export FILE it writes them whole.\n",
        );
    }
    text
}

/// Checks with their answers, one a line.
pub(super) fn checks_text(checks: &[CheckResult]) -> String {
    let line = |check: &CheckResult| {
        if check.passed {
            format!("check \"{}\": passed ({})\n", check.name, check.actual)
        } else {
            format!("check \"{}\": FAILED, {check}\n", check.name)
        }
    };
    checks.iter().map(line).collect()
}
