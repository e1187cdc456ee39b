//! Which piece of work may run next.

use crate::plan::{Plan, StepKind, StepState};
use crate::target::ledger::ChunkRow;
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

/// What decides between jobs that could run: copies first, the largest before the others, for they take longest and what
/// waits for them waits longest; then the order of the plan.
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
        let is_pending = |at: &usize| plan.steps[*at].state == StepState::Pending;
        let pending = (0..plan.steps.len()).filter(is_pending).collect::<Vec<_>>();
        for at in &pending {
            let before = plan.steps[*at].after.iter().filter_map(|id| positions.get(id.as_str()).copied());
            for before in before.filter(is_pending) {
                jobs.waiting[*at] += 1;
                jobs.followers[before].push(*at);
            }
        }
        for at in pending {
            if jobs.waiting[at] == 0 {
                jobs.release(plan, at);
            }
        }
        jobs
    }

    /// Takes the most urgent job that may run.
    pub(super) fn next(&mut self) -> Option<Job> {
        self.ready.pop_first().map(|(_, job)| job)
    }

    /// Notes that a job is done, which may let others run.
    pub(super) fn finish(&mut self, plan: &Plan, job: &Job) {
        match job {
            Job::Chunk { step, .. } => {
                let open = self.open.entry(*step).or_insert(1);
                *open -= 1;
                if *open == 0 {
                    self.push(plan, Job::CopyDone { step: *step });
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
            self.push(plan, Job::Statement { step });
            return;
        }
        let chunks = self.chunks.remove(&step).unwrap_or_default();
        self.open.insert(step, chunks.len());
        if chunks.is_empty() {
            self.push(plan, Job::CopyDone { step });
        }
        for chunk in chunks {
            self.push(plan, Job::Chunk { step, chunk });
        }
    }

    fn push(&mut self, plan: &Plan, job: Job) {
        let step = job.step();
        let ordinal = match &job {
            Job::Chunk { chunk, .. } => chunk.ordinal,
            Job::CopyDone { .. } | Job::Statement { .. } => 0,
        };
        let is_transfer = matches!(job, Job::Chunk { .. });
        self.ready.insert((!is_transfer, Reverse(plan.steps[step].bytes.unwrap_or(0)), step, ordinal), job);
    }
}
