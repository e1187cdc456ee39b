//! Which piece of work runs next: of those that may, the one with the longest way to the end of the run behind it, unless
//! it would wait for a lock that another worker's job holds.

mod level;
mod lock;

use crate::plan::{Plan, Step, StepKind, StepState};
use crate::target::ledger::ChunkRow;
use lock::TableLock;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// A piece of work for one worker.
#[derive(Debug, Clone)]
pub(super) enum Job {
    /// One chunk of a copy.
    Chunk {
        /// The position of the copy in the plan.
        step: usize,
        /// The chunk, as the ledger has it.
        chunk: ChunkRow,
    },
    /// The last act of a copy: its row in the ledger.
    CopyDone {
        /// The position of the copy in the plan.
        step: usize,
    },
    /// A step of SQL, or a check.
    Statement {
        /// Its position in the plan.
        step: usize,
    },
}

impl Job {
    /// The position in the plan of the step that this belongs to.
    pub(super) fn step(&self) -> usize {
        match self {
            Job::Chunk { step, .. } | Job::CopyDone { step } | Job::Statement { step } => *step,
        }
    }
}

/// The chunks of the plan's copies, by the copy's position in the plan.
pub(super) type Chunks = BTreeMap<usize, Vec<ChunkRow>>;

/// What decides between jobs that could run: the end of a copy first, for it is nothing but a row in the ledger and lets
/// others run; then the highest level; then the order of the plan.
type Urgency = (bool, Reverse<u64>, usize, i32);

/// The jobs still to be done, and what waits for what.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    ready: BTreeMap<Urgency, Job>,
    /// How many steps each step still waits for.
    waiting: Vec<usize>,
    followers: Vec<Vec<usize>>,
    /// Chunks still to be copied.
    chunks: Chunks,
    /// How many chunks of a copy are not yet done.
    open: BTreeMap<usize, usize>,
    /// The copies that each step waits for, itself where it is one: these are the tables that it locks.
    copies: Vec<Vec<usize>>,
    levels: Vec<u64>,
    /// The locks of the jobs that run, by the position of the table's copy.
    held: Vec<(usize, TableLock)>,
}

impl Jobs {
    /// The pending steps of the plan; of copies the chunks that are not yet in the target.
    pub(super) fn pending(plan: &Plan, mut chunks: Chunks) -> Self {
        for chunks in chunks.values_mut() {
            chunks.retain(|chunk| chunk.loaded.is_none());
        }
        let mut jobs = Self {
            waiting: vec![0; plan.steps.len()],
            followers: vec![Vec::new(); plan.steps.len()],
            chunks,
            ..Self::default()
        };
        let positions =
            plan.steps.iter().enumerate().map(|(at, step)| (step.id.as_str(), at)).collect::<HashMap<_, _>>();
        jobs.copies = plan.steps.iter().enumerate().map(|(at, step)| copies(plan, &positions, at, step)).collect();
        let is_pending = |at: &usize| plan.steps[*at].state == StepState::Pending;
        let pending = (0..plan.steps.len()).filter(is_pending).collect::<Vec<_>>();
        for at in &pending {
            let before = plan.steps[*at].after.iter().filter_map(|id| positions.get(id.as_str()).copied());
            for before in before.filter(is_pending) {
                jobs.waiting[*at] += 1;
                jobs.followers[before].push(*at);
            }
        }
        jobs.levels = level::levels(plan, &jobs.copies, &jobs.followers);
        for at in pending {
            if jobs.waiting[at] == 0 {
                jobs.release(plan, at);
            }
        }
        jobs
    }

    /// Takes the most urgent job that may run and would not wait for a lock.
    pub(super) fn next(&mut self, plan: &Plan) -> Option<Job> {
        let waits = |job: &Job| {
            let held = || self.held.iter().filter(|(copy, _)| self.copies[job.step()].contains(copy));
            TableLock::of(plan.steps[job.step()].kind)
                .is_some_and(|wanted| held().any(|(_, held)| wanted.conflicts_with(*held)))
        };
        let urgency = *self.ready.iter().find(|(_, job)| !waits(job))?.0;
        let job = self.ready.remove(&urgency)?;
        if let Some(lock) = TableLock::of(plan.steps[job.step()].kind) {
            self.held.extend(self.copies[job.step()].iter().map(|copy| (*copy, lock)));
        }
        Some(job)
    }

    /// Notes that a job is done, which may let others run.
    pub(super) fn finish(&mut self, plan: &Plan, job: &Job) {
        if let Some(lock) = TableLock::of(plan.steps[job.step()].kind) {
            for copy in &self.copies[job.step()] {
                if let Some(at) = self.held.iter().position(|held| *held == (*copy, lock)) {
                    self.held.swap_remove(at);
                }
            }
        }
        match job {
            Job::Chunk { step, .. } => {
                let open = self.open.entry(*step).or_insert(1);
                *open -= 1;
                if *open == 0 {
                    self.push(Job::CopyDone { step: *step });
                }
            }
            Job::CopyDone { step } | Job::Statement { step } => {
                for follower in std::mem::take(&mut self.followers[*step]) {
                    self.waiting[follower] -= 1;
                    if self.waiting[follower] == 0 {
                        self.release(plan, follower);
                    }
                }
            }
        }
    }

    /// Lets a step run whose predecessors are done.
    fn release(&mut self, plan: &Plan, step: usize) {
        if plan.steps[step].kind != StepKind::Copy {
            self.push(Job::Statement { step });
            return;
        }
        let chunks = self.chunks.remove(&step).unwrap_or_default();
        self.open.insert(step, chunks.len());
        if chunks.is_empty() {
            self.push(Job::CopyDone { step });
        }
        for chunk in chunks {
            self.push(Job::Chunk { step, chunk });
        }
    }

    fn push(&mut self, job: Job) {
        let step = job.step();
        let ordinal = match &job {
            Job::Chunk { chunk, .. } => chunk.ordinal,
            Job::CopyDone { .. } | Job::Statement { .. } => 0,
        };
        let is_end = matches!(job, Job::CopyDone { .. });
        self.ready.insert((!is_end, Reverse(self.levels[step]), step, ordinal), job);
    }
}

/// The positions of the copies that a step waits for, its own where it is one.
fn copies(plan: &Plan, positions: &HashMap<&str, usize>, at: usize, step: &Step) -> Vec<usize> {
    let awaited = step.after.iter().filter_map(|id| positions.get(id.as_str()).copied()).chain([at]);
    awaited.filter(|at| plan.steps[*at].kind == StepKind::Copy).collect()
}
