//! Outcome of a run.

use crate::rows::LeftOut;
use crate::run::CheckResult;

/// What a run achieved.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// Steps done in this run.
    pub steps: usize,
    /// Rows copied in this run.
    pub rows: u64,
    /// Rows that an earlier run had copied, read again in the source and found unchanged.
    pub unchanged: u64,
    /// What the spec's `on_bad_value` keeps out of the target, in this run and earlier ones.
    pub left_out: LeftOut,
    /// The checks that were asked.
    pub checks: Vec<CheckResult>,
}
