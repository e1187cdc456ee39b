//! Choice of the next job: of those that may run, the one with the longest chain of work behind it, unless it would
//! wait for a lock that another worker's job holds.

mod level;
mod lock;

use crate::plan::{Step, StepId, StepKind, StepState};
use crate::target::ledger::ChunkRow;
use lock::TableLock;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    /// All pending chunks of some copies, some of which replace rows of an earlier run.
    Replace {
        /// The positions of the copies in the plan, with their chunks as the ledger has them.
        copies: Vec<(usize, Vec<ChunkRow>)>,
    },
    /// End of a copy: its row in the ledger.
    CopyDone {
        /// The position of the copy in the plan.
        step: usize,
    },
    /// A step of SQL, or a check.
    Statement {
        /// The step's position in the plan.
        step: usize,
    },
}

impl Job {
    /// Position of the job's step in the plan.
    pub(super) fn step(&self) -> usize {
        match self {
            Job::Chunk { step, .. } | Job::CopyDone { step } | Job::Statement { step } => *step,
            Job::Replace { copies } => copies.first().map_or(0, |(step, _)| *step),
        }
    }

    /// Lock that the job takes on the tables that its step waits for. No other job touches tables whose rows are
    /// replaced: their steps wait for the replacement.
    fn lock(&self, steps: &[Step]) -> Option<TableLock> {
        match self {
            Job::Replace { .. } => None,
            job => TableLock::of(steps[job.step()].kind()),
        }
    }
}

/// The chunks of the plan's copies, by the copy's position in the plan.
pub(super) type Chunks = BTreeMap<usize, Vec<ChunkRow>>;

/// The urgency of jobs that could run: first what takes no time and lets others run; then the highest level; then
/// the order of the plan.
type Urgency = (bool, Reverse<u64>, usize, i32);

/// Pending jobs and their dependencies.
#[derive(Debug, Default)]
pub(super) struct PendingJobs {
    ready: BTreeMap<Urgency, Job>,
    /// How many steps each step still waits for.
    waiting: Vec<usize>,
    followers: Vec<Vec<usize>>,
    /// Pending chunks.
    chunks: Chunks,
    /// Number of chunks of a copy that are not loaded yet.
    open: BTreeMap<usize, usize>,
    /// Copies that each step waits for, including itself if it is one: these are the tables that it locks.
    copies: Vec<Vec<usize>>,
    levels: Vec<u64>,
    /// The locks of the jobs that run, by the position of the table's copy.
    held: Vec<(usize, TableLock)>,
}

impl PendingJobs {
    /// The pending steps of the plan; of copies the chunks that are not loaded yet. The rows of the source tables in
    /// `replaced` are replaced first, each group in one transaction.
    pub(super) fn pending(steps: &[Step], mut chunks: Chunks, replaced: &[Vec<String>]) -> Self {
        for chunks in chunks.values_mut() {
            chunks.retain(|chunk| !chunk.is_done());
        }
        let mut jobs =
            Self { waiting: vec![0; steps.len()], followers: vec![Vec::new(); steps.len()], chunks, ..Self::default() };
        let positions = steps.iter().enumerate().map(|(at, step)| (&step.id, at)).collect::<HashMap<_, _>>();
        jobs.copies = steps.iter().enumerate().map(|(at, step)| copies(steps, &positions, at, step)).collect();
        let is_pending = |at: &usize| steps[*at].state == StepState::Pending;
        let pending = (0..steps.len()).filter(is_pending).collect::<Vec<_>>();
        let awaited = awaited(steps, &positions);
        for at in &pending {
            for before in &awaited[*at] {
                jobs.waiting[*at] += 1;
                jobs.followers[*before].push(*at);
            }
        }
        let read = steps.iter().enumerate().map(|(at, step)| read(steps, &positions, &jobs.copies, at, step));
        jobs.levels = level::levels(steps, &read.collect::<Vec<_>>(), &jobs.followers);
        for group in replaced {
            jobs.replace_first(steps, group);
        }
        for at in pending {
            if jobs.waiting[at] == 0 {
                jobs.release(steps, at);
            }
        }
        jobs
    }

    /// Takes the most urgent job that may run and would not wait for a lock.
    pub(super) fn next(&mut self, steps: &[Step]) -> Option<Job> {
        let waits = |job: &Job| {
            let held = || self.held.iter().filter(|(copy, _)| self.copies[job.step()].contains(copy));
            job.lock(steps).is_some_and(|wanted| held().any(|(_, held)| wanted.conflicts_with(*held)))
        };
        let is_chunk = |job: &Job| matches!(job, Job::Chunk { .. });
        let is_being_filled = |job: &Job| self.held.contains(&(job.step(), TableLock::RowExclusive));
        let (mut urgency, first) = self.ready.iter().find(|(_, job)| !waits(job))?;
        // Two sessions that fill one table take turns at extending it (PostgreSQL documentation, table 28.11: the wait
        // event `extend`): a table that nobody fills comes first.
        if is_chunk(first) && is_being_filled(first) {
            let other = self.ready.iter().find(|(_, job)| is_chunk(job) && !is_being_filled(job) && !waits(job));
            urgency = other.map_or(urgency, |(other, _)| other);
        }
        let job = self.ready.remove(&urgency.clone())?;
        if let Some(lock) = job.lock(steps) {
            self.held.extend(self.copies[job.step()].iter().map(|copy| (*copy, lock)));
        }
        Some(job)
    }

    /// Notes that a job is done, which may let others run.
    pub(super) fn finish(&mut self, steps: &[Step], job: &Job) {
        if let Some(lock) = job.lock(steps) {
            for copy in &self.copies[job.step()] {
                if let Some(at) = self.held.iter().position(|held| *held == (*copy, lock)) {
                    self.held.swap_remove(at);
                }
            }
        }
        match job {
            Job::Replace { copies } => {
                for (step, _) in copies {
                    self.awaited(steps, *step);
                }
            }
            Job::Chunk { step, .. } => {
                let open = self.open.entry(*step).or_insert(1);
                *open -= 1;
                if *open == 0 {
                    self.push(steps, Job::CopyDone { step: *step });
                }
            }
            Job::CopyDone { step } | Job::Statement { step } => {
                for follower in std::mem::take(&mut self.followers[*step]) {
                    self.awaited(steps, follower);
                }
            }
        }
    }

    /// Counts down a step's open dependencies by one.
    fn awaited(&mut self, steps: &[Step], step: usize) {
        self.waiting[step] -= 1;
        if self.waiting[step] == 0 {
            self.release(steps, step);
        }
    }

    /// Lets the copies of a group wait for the replacement of their rows.
    fn replace_first(&mut self, steps: &[Step], group: &[String]) {
        let is_of_group = |step: &Step| step.table.as_ref().is_some_and(|table| group.contains(&table.source));
        let is_replaced = |step: &Step| step.is_pending(StepKind::Copy) && is_of_group(step);
        let positions = steps.iter().enumerate().filter(|(_, step)| is_replaced(step)).map(|(at, _)| at);
        let copies = positions.map(|at| (at, self.chunks.remove(&at).unwrap_or_default())).collect::<Vec<_>>();
        copies.iter().for_each(|(at, _)| self.waiting[*at] += 1);
        if !copies.is_empty() {
            self.push(steps, Job::Replace { copies });
        }
    }

    /// Lets a step run whose predecessors are done.
    fn release(&mut self, steps: &[Step], step: usize) {
        if steps[step].kind() != StepKind::Copy {
            self.push(steps, Job::Statement { step });
            return;
        }
        let chunks = self.chunks.remove(&step).unwrap_or_default();
        self.open.insert(step, chunks.len());
        if chunks.is_empty() {
            self.push(steps, Job::CopyDone { step });
        }
        for chunk in chunks {
            self.push(steps, Job::Chunk { step, chunk });
        }
    }

    fn push(&mut self, steps: &[Step], job: Job) {
        let step = job.step();
        let ordinal = match &job {
            Job::Chunk { chunk, .. } => chunk.ordinal,
            Job::Replace { .. } | Job::CopyDone { .. } | Job::Statement { .. } => 0,
        };
        // The end of a copy is a row in the ledger. An empty table is created in no time, and gives a worker one more
        // table to fill alone. A foreign key is added in no time, but not while rows of its tables are checked against
        // another: it goes first.
        let takes_no_time =
            matches!(job, Job::CopyDone { .. }) || matches!(steps[step].kind(), StepKind::Table | StepKind::ForeignKey);
        self.ready.insert((!takes_no_time, Reverse(self.levels[step]), step, ordinal), job);
    }
}

/// The pending steps that each step waits for, also through steps that are done: a part of an earlier run's work may
/// have to be repeated.
fn awaited(steps: &[Step], positions: &HashMap<&StepId, usize>) -> Vec<BTreeSet<usize>> {
    let mut awaited: Vec<BTreeSet<usize>> = Vec::with_capacity(steps.len());
    for step in steps {
        let mut before = BTreeSet::new();
        for at in step.after.iter().filter_map(|id| positions.get(id).copied()) {
            match steps[at].state {
                StepState::Pending => drop(before.insert(at)),
                StepState::Done => before.extend(awaited.get(at).into_iter().flatten().copied()),
            }
        }
        awaited.push(before);
    }
    awaited
}

/// Positions of the copies that a step waits for, including its own if it is one.
fn copies(steps: &[Step], positions: &HashMap<&StepId, usize>, at: usize, step: &Step) -> Vec<usize> {
    let awaited = step.after.iter().filter_map(|id| positions.get(id).copied()).chain([at]);
    awaited.filter(|at| steps[*at].kind() == StepKind::Copy).collect()
}

/// The positions of the copies whose rows a step reads: checking a foreign key reads both of its ends, and locks one.
fn read(
    steps: &[Step],
    positions: &HashMap<&StepId, usize>,
    copies: &[Vec<usize>],
    at: usize,
    step: &Step,
) -> Vec<usize> {
    let mut awaited = step.after.iter().filter_map(|id| positions.get(id).copied());
    let key = awaited.find(|before| step.kind() == StepKind::Validate && steps[*before].kind() == StepKind::ForeignKey);
    copies[key.unwrap_or(at)].clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::KeyRange;
    use crate::plan::{StepTable, Work};

    fn step(kind: StepKind, name: &str, after: &[&str], rows: u64) -> Step {
        let after = after.iter().map(|id| id.parse().unwrap()).collect();
        let mut step = Step::new(kind.id(name), after, String::new());
        if kind == StepKind::Copy {
            step.work = Work::Copy { rows, bytes: rows * 100, binding: String::new(), through: None };
            step.table = Some(StepTable { source: name.to_owned(), target: name.to_owned(), part: None });
        }
        step
    }

    fn chunk(ordinal: i32) -> ChunkRow {
        let rejected = (0, String::new());
        let (nulled, shortened) = (BTreeMap::new(), BTreeMap::new());
        ChunkRow {
            ordinal,
            range: KeyRange::ALL,
            loaded: None,
            is_stale: false,
            rejected,
            nulled,
            shortened,
            merged: 0,
        }
    }

    /// Runs the jobs with two workers that take equally long for everything; returns the jobs that begin, by pairs.
    fn order(steps: &[Step], chunks: Chunks) -> Vec<String> {
        let (mut jobs, mut running, mut begun) = (PendingJobs::pending(steps, chunks, &[]), Vec::new(), Vec::new());
        loop {
            while running.len() < 2
                && let Some(job) = jobs.next(steps)
            {
                running.push(job);
            }
            if running.is_empty() {
                return begun;
            }
            begun.push(running.iter().map(|job| steps[job.step()].id.to_string()).collect::<Vec<_>>().join(" | "));
            for job in std::mem::take(&mut running) {
                jobs.finish(steps, &job);
            }
        }
    }

    #[test]
    fn the_longest_way_goes_first_and_nobody_waits_for_a_lock() {
        let steps = [
            step(StepKind::Table, "small", &[], 0),
            step(StepKind::Table, "large", &[], 0),
            step(StepKind::Copy, "small", &["table:small"], 10),
            step(StepKind::Copy, "large", &["table:large"], 1000),
            step(StepKind::PrimaryKey, "small", &["copy:small"], 0),
            step(StepKind::PrimaryKey, "large", &["copy:large"], 0),
            step(StepKind::Index, "large.one", &["copy:large"], 0),
            step(StepKind::Index, "large.two", &["copy:large"], 0),
            step(StepKind::ForeignKey, "small.large", &["copy:large", "copy:small", "primary_key:large"], 0),
            step(StepKind::Validate, "small.large", &["copy:small", "foreign_key:small.large"], 0),
        ];
        let chunks = Chunks::from([(2, vec![chunk(0)]), (3, vec![chunk(0), chunk(1)])]);
        assert_eq!(
            order(&steps, chunks),
            [
                "table:large | table:small",
                // Not two workers in the large table while another is to be filled.
                "copy:large | copy:small",
                // The end of the copy is only a row in the ledger.
                "copy:small | copy:large",
                "copy:large | primary_key:small",
                // The key of the large table keeps its indexes waiting.
                "primary_key:large",
                // Adding a key takes no time, and checking it can begin sooner.
                "foreign_key:small.large",
                // Two indexes of one table are made side by side.
                "index:large.one | index:large.two",
                "validate:small.large",
            ]
        );
    }

    #[test]
    fn what_is_done_once_more_is_waited_for_through_what_is_done() {
        let mut steps = [
            step(StepKind::Detach, "one", &[], 0),
            step(StepKind::Detach, "two", &["detach:one"], 0),
            step(StepKind::Truncate, "one", &["detach:two"], 0),
            step(StepKind::Copy, "one", &["truncate:one"], 10),
        ];
        steps[1].state = StepState::Done;
        steps[2].state = StepState::Done;
        assert_eq!(order(&steps, Chunks::from([(3, vec![chunk(0)])])), ["detach:one", "copy:one", "copy:one"]);
    }

    #[test]
    fn tables_that_share_a_parent_get_their_keys_back_one_after_the_other() {
        let mut steps = [
            step(StepKind::Copy, "parent", &[], 10),
            step(StepKind::Copy, "one", &[], 10),
            step(StepKind::Copy, "two", &[], 10),
            step(StepKind::Restore, "one", &["copy:parent", "copy:one"], 0),
            step(StepKind::Restore, "two", &["copy:parent", "copy:two"], 0),
        ];
        steps[..3].iter_mut().for_each(|copy| copy.state = StepState::Done);
        assert_eq!(order(&steps, Chunks::new()), ["restore:one", "restore:two"]);
    }

    #[test]
    fn rows_of_a_group_are_replaced_together_and_first() {
        let steps = [
            step(StepKind::Copy, "one", &[], 10),
            step(StepKind::Copy, "two", &["copy:one"], 10),
            step(StepKind::Analyze, "two", &["copy:two"], 0),
        ];
        let stale = ChunkRow { loaded: Some((1, String::new())), is_stale: true, ..chunk(0) };
        let chunks = Chunks::from([(0, vec![stale.clone()]), (1, vec![stale, chunk(1)])]);
        let mut jobs = PendingJobs::pending(&steps, chunks, &[vec!["one".to_owned(), "two".to_owned()]]);
        let Some(replace) = jobs.next(&steps) else { panic!("nothing to do") };
        let Job::Replace { copies } = &replace else { panic!("{replace:?}") };
        assert_eq!(copies.iter().map(|(at, chunks)| (*at, chunks.len())).collect::<Vec<_>>(), [(0, 1), (1, 2)]);
        // Everything else of these tables waits.
        assert!(jobs.next(&steps).is_none());
        jobs.finish(&steps, &replace);
        for at in [0, 1, 2] {
            let Some(job) = jobs.next(&steps) else { panic!("nothing to do") };
            assert_eq!((job.step(), matches!(job, Job::CopyDone { .. })), (at, at < 2));
            jobs.finish(&steps, &job);
        }
    }

    #[test]
    fn every_worker_fills_a_table_of_its_own_while_there_is_one() {
        let steps = [
            step(StepKind::Table, "large", &[], 0),
            step(StepKind::Table, "one", &[], 0),
            step(StepKind::Table, "two", &[], 0),
            step(StepKind::Copy, "large", &["table:large"], 1000),
            step(StepKind::Copy, "one", &["table:one"], 10),
            step(StepKind::Copy, "two", &["table:two"], 10),
            step(StepKind::PrimaryKey, "large", &["copy:large"], 0),
            step(StepKind::Index, "large", &["copy:large"], 0),
            step(StepKind::ForeignKey, "one.large", &["copy:large", "copy:one", "primary_key:large"], 0),
            step(StepKind::Validate, "one.large", &["copy:one", "foreign_key:one.large"], 0),
        ];
        let chunks = Chunks::from([(3, vec![chunk(0), chunk(1), chunk(2)]), (4, vec![chunk(0)]), (5, vec![chunk(0)])]);
        assert_eq!(
            order(&steps, chunks),
            [
                "table:large | table:one",
                // Making the third takes no time.
                "table:two | copy:large",
                // The end of a copy is one more job of it.
                "copy:large | copy:one",
                "copy:one | copy:large",
                "copy:large | copy:two",
                // Behind the key waits a check that reads the large table as well, behind the index nothing.
                "copy:two | primary_key:large",
                "foreign_key:one.large",
                "index:large | validate:one.large",
            ]
        );
    }
}
