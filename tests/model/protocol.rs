//! The protocol: what processes, the network and the server may do, and what must hold whatever they do.

use crate::database::{CHUNKS, Database};
use crate::guards::Guard;
use crate::process::{Kind, Phase, Process, Transaction};
use stateright::{Model, Property};

/// The model: the commands that are given, and the guard that is taken out.
#[derive(Debug, Clone)]
pub(crate) struct Protocol {
    kinds: Vec<Kind>,
    without: Option<Guard>,
}

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    source: u8,
    /// The database after each commit since the last that was flushed; the last one is what sessions see.
    history: Vec<Database>,
    /// The process whose session holds the migration's lock.
    lock: Option<usize>,
    processes: Vec<Process>,
    restarts_left: u8,
    losses_left: u8,
    /// A transaction has committed although the ledger did not name its run as the running one.
    overtaken_has_written: bool,
    /// The server has taken a commit back.
    taken_back: bool,
}

/// One thing that happens; a number is that of a process. A process that does nothing is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    SourceChanged,
    Prepared(usize),
    TookOver(usize),
    RunBegun(usize),
    RefreshCommitted(usize),
    ChunkClaimed(usize, usize),
    ChunkCommitted(usize),
    /// The COMMIT is sent and the connection is cut before the answer comes.
    ChunkCommitSent(usize),
    CopyRecorded(usize),
    RunEnded(usize),
    RollbackCommitted(usize),
    /// The lock that is lost is taken anew.
    LockTaken(usize),
    /// The worker's session is opened anew, by a process that may not yet know that it has lost the lock.
    WorkerConnected(usize),
    Killed(usize),
    ControlLost(usize),
    WorkerLost(usize),
    WorkerCutOff(usize),
    /// The server notices that a client is cut off.
    CutOffEnded(usize),
    /// The server carries out the COMMIT of a client that is cut off.
    CutOffCommitted(usize),
    /// The server dies and comes back with this many of the commits that it had not flushed.
    ServerRestarted(usize),
}

impl Protocol {
    /// Courses that have to be possible, or the model explores too little.
    pub(crate) const EXAMPLES: [&str; 3] =
        ["a run is overtaken", "a commit is taken back and done again", "a run is done"];

    pub(crate) fn of(kinds: &[Kind]) -> Self {
        Self { kinds: kinds.to_vec(), without: None }
    }

    pub(crate) fn without(self, guard: Guard) -> Self {
        Self { without: Some(guard), ..self }
    }

    pub(crate) fn is_violation(property: &str) -> bool {
        !Self::EXAMPLES.contains(&property)
    }

    fn has(&self, guard: Guard) -> bool {
        self.without != Some(guard)
    }
}

impl State {
    fn database(&self) -> Database {
        self.history.last().copied().unwrap_or_default()
    }

    /// Commits without waiting for the disk.
    fn commit(&mut self, database: Database) {
        self.history.push(database);
    }

    /// Commits and waits for the disk: everything before is on it as well.
    fn commit_and_flush(&mut self, database: Database) {
        self.history = vec![database];
    }

    fn others_are_writing(&self, process: usize) -> bool {
        self.processes.iter().enumerate().any(|(at, other)| at != process && other.is_writing())
    }

    /// Ends a process; its lock goes with its session.
    fn end(&mut self, process: usize, phase: Phase) {
        self.processes[process].end(phase);
        self.free_lock(process);
    }

    fn free_lock(&mut self, process: usize) {
        self.lock = self.lock.filter(|holder| *holder != process);
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            source: 0,
            history: vec![Database::default()],
            lock: None,
            processes: self.kinds.iter().map(|kind| Process::new(*kind)).collect(),
            restarts_left: 1,
            losses_left: if self.kinds.len() > 2 { 1 } else { 2 },
            overtaken_has_written: false,
            taken_back: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.source == 0 {
            actions.push(Action::SourceChanged);
        }
        for (at, process) in state.processes.iter().enumerate() {
            self.steps_of(state, at, process, actions);
            if state.losses_left > 0 {
                losses_of(at, process, actions);
            }
            if let Some(transaction) = process.cut_off {
                actions.push(Action::CutOffEnded(at));
                if transaction.commit_sent {
                    actions.push(Action::CutOffCommitted(at));
                }
            }
        }
        if state.restarts_left > 0 {
            actions.extend((1..=state.history.len()).map(Action::ServerRestarted));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut next = last.clone();
        self.happens(&mut next, action);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("each chunk's rows are there once", |_, state: &State| {
                state.database().chunks.iter().all(|chunk| chunk.rows.iter().sum::<u8>() <= 1)
            }),
            Property::always("ledger and target agree", |_, state: &State| {
                state.database().chunks.iter().all(|chunk| {
                    (0..2).all(|source: u8| chunk.rows[usize::from(source)] == u8::from(chunk.loaded == Some(source)))
                })
            }),
            Property::always("nothing is changed by a run that was overtaken", |_, state: &State| {
                !state.overtaken_has_written
            }),
            Property::always("a finished run is true", |_, state: &State| {
                let database = state.database();
                database.done.is_none_or(|source| {
                    database.copy_recorded
                        && database.chunks.iter().all(|chunk| chunk.loaded == Some(source) && !chunk.is_stale)
                })
            }),
            Property::sometimes(Self::EXAMPLES[0], |_, state: &State| {
                state.processes.iter().any(|process| process.phase == Phase::Overtaken)
            }),
            Property::sometimes(Self::EXAMPLES[1], |_, state: &State| {
                state.taken_back && state.database().done.is_some()
            }),
            Property::sometimes(Self::EXAMPLES[2], |_, state: &State| {
                state.processes.iter().any(|process| process.phase == Phase::Done)
            }),
        ]
    }
}

/// What the network, the operating system and administrators may do to a process.
fn losses_of(at: usize, process: &Process, actions: &mut Vec<Action>) {
    if matches!(process.phase, Phase::Prepared | Phase::TookOver | Phase::Running { .. }) {
        actions.push(Action::Killed(at));
    }
    if process.control {
        actions.push(Action::ControlLost(at));
    }
    if process.worker {
        actions.push(Action::WorkerLost(at));
        if process.transaction.is_some() {
            actions.extend([Action::WorkerCutOff(at), Action::ChunkCommitSent(at)]);
        }
    }
}

impl Protocol {
    /// What a process can do next.
    fn steps_of(&self, state: &State, at: usize, process: &Process, actions: &mut Vec<Action>) {
        match process.phase {
            Phase::NotBegun if state.lock.is_none() => actions.push(Action::Prepared(at)),
            Phase::Prepared => actions.push(Action::TookOver(at)),
            // The number of the running run changes when the transactions that hold it have ended.
            Phase::TookOver if !self.has(Guard::FenceIsLocked) || !state.others_are_writing(at) => {
                actions.push(match process.kind {
                    Kind::Rollback => Action::RollbackCommitted(at),
                    Kind::Apply | Kind::Refresh => Action::RunBegun(at),
                });
            }
            Phase::Running { .. } if process.must_mark => {
                if process.control {
                    actions.push(Action::RefreshCommitted(at));
                } else {
                    actions.push(Action::LockTaken(at));
                }
            }
            Phase::Running { .. } => {
                if !process.control {
                    actions.push(Action::LockTaken(at));
                }
                if !process.worker {
                    actions.push(Action::WorkerConnected(at));
                    return;
                }
                if process.transaction.is_some() {
                    actions.push(Action::ChunkCommitted(at));
                    return;
                }
                let is_locked = |chunk: usize| {
                    self.has(Guard::ClaimIsLocked) && state.processes.iter().any(|other| other.locks(chunk))
                };
                for chunk in (0..CHUNKS).filter(|chunk| process.pending[*chunk]) {
                    if !is_locked(chunk) {
                        actions.push(Action::ChunkClaimed(at, chunk));
                    }
                }
                if !process.pending.contains(&true) {
                    if !process.recorded {
                        actions.push(Action::CopyRecorded(at));
                    } else if process.control {
                        actions.push(Action::RunEnded(at));
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether the ledger names the process's run as the running one; else the process ends.
    fn claim_run(&self, next: &mut State, at: usize, guard: Guard) -> bool {
        let is_running = next.database().running == next.processes[at].fence();
        if !is_running && self.has(guard) {
            next.end(at, Phase::Overtaken);
            return false;
        }
        next.overtaken_has_written |= !is_running && guard != Guard::ClaimRun;
        true
    }

    fn happens(&self, next: &mut State, action: Action) {
        match action {
            Action::SourceChanged => next.source = 1,
            Action::Prepared(at) => {
                let (source, database) = (next.source, next.database());
                next.lock = Some(at);
                let process = &mut next.processes[at];
                (process.control, process.worker) = (true, true);
                process.prepare(source, &database);
                if process.phase == Phase::Failed {
                    next.free_lock(at);
                }
            }
            Action::TookOver(at) => self.take_over(next, at),
            Action::RunBegun(at) => self.begin_run(next, at),
            Action::RefreshCommitted(at) => {
                if self.claim_run(next, at, Guard::RefreshIsFenced) {
                    let mut database = next.database();
                    let stale = next.processes[at].stale;
                    for (chunk, _) in
                        database.chunks.iter_mut().zip(stale).filter(|(chunk, stale)| *stale && chunk.loaded.is_some())
                    {
                        chunk.is_stale = true;
                    }
                    database.copy_recorded = false;
                    next.commit_and_flush(database);
                    let process = &mut next.processes[at];
                    process.must_mark = false;
                    process.pending = database.chunks.map(|chunk| !chunk.is_done());
                }
            }
            Action::ChunkClaimed(at, chunk) => {
                if self.claim_run(next, at, Guard::ClaimRun) {
                    let is_done = next.database().chunks[chunk].is_done();
                    let process = &mut next.processes[at];
                    if is_done && self.has(Guard::ClaimChunk) {
                        process.pending[chunk] = false;
                    } else {
                        process.transaction = Some(Transaction { chunk, commit_sent: false });
                    }
                }
            }
            Action::ChunkCommitted(at) => {
                if let Some(transaction) = next.processes[at].transaction.take() {
                    if self.commit_chunk(next, at, transaction) {
                        next.processes[at].pending[transaction.chunk] = false;
                    } else {
                        next.end(at, Phase::Failed);
                    }
                }
            }
            Action::ChunkCommitSent(at) => {
                next.losses_left -= 1;
                let process = &mut next.processes[at];
                process.cut_off =
                    process.transaction.take().map(|transaction| Transaction { commit_sent: true, ..transaction });
                process.worker = false;
            }
            Action::CopyRecorded(at) => self.record_copy(next, at),
            Action::RunEnded(at) => self.end_run(next, at),
            Action::RollbackCommitted(at) => {
                // The session that works is the one that holds the lock.
                if next.processes[at].control {
                    if self.has(Guard::LedgerMark) && next.processes[at].mark != Some(next.database().mark()) {
                        next.end(at, Phase::Failed);
                    } else {
                        let mut database = next.database();
                        database.forget(self.has(Guard::FenceIsMonotonic));
                        next.commit_and_flush(database);
                        next.end(at, Phase::Done);
                    }
                } else {
                    next.end(at, Phase::Failed);
                }
            }
            Action::LockTaken(at) if next.lock.is_some() => next.end(at, Phase::Failed),
            Action::LockTaken(at) => {
                next.lock = Some(at);
                next.processes[at].control = true;
            }
            Action::WorkerConnected(at) => next.processes[at].worker = true,
            Action::Killed(at) => {
                next.losses_left -= 1;
                next.end(at, Phase::Killed);
            }
            Action::ControlLost(at) => {
                next.losses_left -= 1;
                next.processes[at].control = false;
                next.free_lock(at);
            }
            Action::WorkerLost(at) => {
                next.losses_left -= 1;
                (next.processes[at].worker, next.processes[at].transaction) = (false, None);
            }
            Action::WorkerCutOff(at) => {
                next.losses_left -= 1;
                let process = &mut next.processes[at];
                process.cut_off = process.transaction.take();
                process.worker = false;
            }
            Action::CutOffEnded(at) => next.processes[at].cut_off = None,
            Action::CutOffCommitted(at) => {
                if let Some(transaction) = next.processes[at].cut_off.take() {
                    self.commit_chunk(next, at, transaction);
                }
            }
            Action::ServerRestarted(kept) => {
                next.restarts_left -= 1;
                next.taken_back |= kept < next.history.len();
                next.history = vec![next.history[kept - 1]];
                next.lock = None;
                next.processes.iter_mut().for_each(Process::lose_sessions);
            }
        }
    }

    /// Ends what earlier runs have left in the server: sessions whose run has lost its lock.
    fn take_over(&self, next: &mut State, at: usize) {
        if !next.processes[at].control {
            next.end(at, Phase::Failed);
            return;
        }
        for (other, process) in next.processes.iter_mut().enumerate() {
            if other != at {
                process.lose_sessions();
            }
        }
        next.processes[at].phase = Phase::TookOver;
    }

    fn begin_run(&self, next: &mut State, at: usize) {
        let mut database = next.database();
        let has_moved = next.processes[at].mark != Some(database.mark());
        if !next.processes[at].control || (has_moved && self.has(Guard::LedgerMark)) {
            next.end(at, Phase::Failed);
            return;
        }
        let fence = database.next_fence;
        (database.next_fence, database.running, database.done) = (fence + 1, Some(fence), None);
        next.commit_and_flush(database);
        let process = &mut next.processes[at];
        process.phase = Phase::Running { fence };
        process.pending = database.chunks.map(|chunk| !chunk.is_done());
        process.recorded = database.copy_recorded && !process.must_mark;
    }

    /// False where the rows that are replaced are not there as the ledger says.
    fn commit_chunk(&self, next: &mut State, at: usize, transaction: Transaction) -> bool {
        let mut database = next.database();
        let source = next.processes[at].snapshot;
        if !database.chunks[transaction.chunk].copy(source) {
            return false;
        }
        let fence = next.processes[at].fence();
        next.overtaken_has_written |= fence.is_some() && database.running != fence;
        next.commit(database);
        true
    }

    fn record_copy(&self, next: &mut State, at: usize) {
        if !self.claim_run(next, at, Guard::ClaimRun) {
            return;
        }
        let mut database = next.database();
        if self.has(Guard::ChunksAreDone) && !database.chunks.iter().all(crate::database::Chunk::is_done) {
            next.end(at, Phase::Failed);
            return;
        }
        next.overtaken_has_written |= database.running != next.processes[at].fence();
        database.copy_recorded = true;
        next.commit(database);
        next.processes[at].recorded = true;
    }

    fn end_run(&self, next: &mut State, at: usize) {
        if !self.claim_run(next, at, Guard::EndIsFenced) {
            return;
        }
        let mut database = next.database();
        let is_done = database.copy_recorded || !self.has(Guard::StepsAreDone);
        database.running = None;
        database.done = is_done.then_some(next.processes[at].snapshot);
        next.commit_and_flush(database);
        next.end(at, if is_done { Phase::Done } else { Phase::Failed });
    }
}
