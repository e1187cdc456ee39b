//! Level of a step: the least time that the rest of a run takes once the step may begin.

use crate::plan::{Step, StepKind};

/// The level of every step: the estimated work of the longest way from its beginning to the end of the run, in the time
/// that copying a byte takes. Always choosing the highest level keeps all workers busy to the end (list scheduling by
/// levels: T. C. Hu, "Parallel Sequencing and Assembly Line Problems", 1961).
///
/// `copies` are the positions of the copies whose rows each step reads, `followers` the steps that wait for it.
pub(super) fn levels(steps: &[Step], copies: &[Vec<usize>], followers: &[Vec<usize>]) -> Vec<u64> {
    let mut levels = vec![0_u64; steps.len()];
    // Steps are in topological order: each stands behind the steps that it waits for.
    for at in (0..steps.len()).rev() {
        let rest = followers[at].iter().map(|follower| levels[*follower]).max().unwrap_or(0);
        levels[at] = rest.saturating_add(work(steps, &steps[at], &copies[at]));
    }
    levels
}

/// The work of statistics from 30,000 pages: ANALYZE reads no more (PostgreSQL documentation, section 14.2).
const SAMPLE: u64 = 20_000_000;

/// The work of one step. Measured ratios, rounded: an index costs a row as much as 75 copied bytes, checking a foreign
/// key half of that for a row of either end, statistics a tenth of the copy until their sample is full.
fn work(steps: &[Step], step: &Step, copies: &[usize]) -> u64 {
    let rows = || copies.iter().filter_map(|at| steps[*at].rows()).sum::<u64>();
    let bytes = || copies.iter().filter_map(|at| steps[*at].bytes()).sum::<u64>();
    let work = match step.kind() {
        StepKind::Copy => step.bytes().unwrap_or(0),
        StepKind::PrimaryKey | StepKind::Unique | StepKind::Index => rows().saturating_mul(75),
        StepKind::Validate => rows().saturating_mul(37),
        StepKind::Analyze => (bytes() / 10).min(SAMPLE),
        _ => 0,
    };
    // No step is free, so that the longer of two chains without rows goes first.
    work.saturating_add(1)
}
