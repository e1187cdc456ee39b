//! Outcome of a run.

use crate::rows::LeftOut;
use crate::run::CheckResult;

/// Outcome of a run.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// Steps that this run completed.
    pub steps: usize,
    /// Rows that this run copied.
    pub rows: u64,
    /// Rows copied by an earlier run, read again in the source and found unchanged.
    pub unchanged: u64,
    /// Rows and values that the spec's `on_bad_value` keeps out of the target, in this run and earlier ones.
    pub left_out: LeftOut,
    /// Results of the checks.
    pub checks: Vec<CheckResult>,
}
