//! What a run achieved, in words.

use super::layout::counted;
use crate::execute::Applied;
use crate::verify::checks::CheckResult;
use std::fmt::Write as _;

/// The last words of a run.
#[must_use]
pub fn applied_text(migration: &str, applied: &Applied, seconds: f64) -> String {
    if applied.steps == 0 {
        let unchanged = counted(applied.unchanged, "row", "rows");
        return format!("{migration}: nothing to do; the source is unchanged ({unchanged} read again).\n");
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
    text + &checks_text(&applied.checks)
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
