//! One transship process: a session that holds the migration's lock, and one that works.

use crate::database::{CHUNKS, Database, Mark};

/// The command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Apply,
    Refresh,
    Rollback,
}

/// How far a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    NotBegun,
    /// The lock is held, both sides were looked at.
    Prepared,
    /// Sessions of earlier runs were ended.
    TookOver,
    Running {
        fence: u8,
    },
    /// The process has come to its end.
    Done,
    /// The process has ended without having done everything, and has said so.
    Failed,
    /// The process has found that another one took its place.
    Overtaken,
    Killed,
}

/// A writing transaction that the server holds open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Transaction {
    pub(crate) chunk: usize,
    /// The COMMIT is on its way, whether or not the process lives to hear the answer.
    pub(crate) commit_sent: bool,
}

/// A process, and what the server has of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Process {
    pub(crate) kind: Kind,
    pub(crate) phase: Phase,
    /// The session that holds the lock lives in the server.
    pub(crate) control: bool,
    /// The session that works lives in the server, and the process can reach it.
    pub(crate) worker: bool,
    /// The state of the source that the process reads.
    pub(crate) snapshot: u8,
    /// What the survey has read of the ledger.
    pub(crate) mark: Option<Mark>,
    /// The chunks that a refresh replaces.
    pub(crate) stale: [bool; CHUNKS],
    /// The chunks still to be copied, from the process's memory.
    pub(crate) pending: [bool; CHUNKS],
    /// Whether chunks are still to be marked as stale.
    pub(crate) must_mark: bool,
    /// The copy was recorded, as far as the process knows.
    pub(crate) recorded: bool,
    /// The transaction of the session that works.
    pub(crate) transaction: Option<Transaction>,
    /// A transaction whose client is cut off, and that the server does not know to be lost.
    pub(crate) cut_off: Option<Transaction>,
}

impl Process {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            phase: Phase::NotBegun,
            control: false,
            worker: false,
            snapshot: 0,
            mark: None,
            stale: [false; CHUNKS],
            pending: [false; CHUNKS],
            must_mark: false,
            recorded: false,
            transaction: None,
            cut_off: None,
        }
    }

    /// The survey: what it reads of both sides, and what is to be done.
    pub(crate) fn prepare(&mut self, source: u8, database: &Database) {
        self.snapshot = source;
        self.mark = Some(database.mark());
        let differs =
            database.chunks.map(|chunk| chunk.loaded.is_some_and(|loaded| loaded != source) && !chunk.is_stale);
        self.phase = Phase::Prepared;
        match self.kind {
            // The finding `source_changed` blocks.
            Kind::Apply if differs.contains(&true) => self.end(Phase::Failed),
            Kind::Apply | Kind::Rollback => {}
            Kind::Refresh => (self.stale, self.must_mark) = (differs, differs.contains(&true)),
        }
    }

    pub(crate) fn fence(&self) -> Option<u8> {
        match self.phase {
            Phase::Running { fence } => Some(fence),
            _ => None,
        }
    }

    /// Whether a transaction of this process holds the lock on the chunk's row.
    pub(crate) fn locks(&self, chunk: usize) -> bool {
        [self.transaction, self.cut_off].into_iter().flatten().any(|transaction| transaction.chunk == chunk)
    }

    /// Whether a writing transaction of this process is open in the server.
    pub(crate) fn is_writing(&self) -> bool {
        self.transaction.is_some() || self.cut_off.is_some()
    }

    /// The server ends all of its sessions.
    pub(crate) fn lose_sessions(&mut self) {
        (self.control, self.worker, self.transaction, self.cut_off) = (false, false, None, None);
    }

    /// The process ends, and with it its sessions; a session that is cut off goes on in the server.
    pub(crate) fn end(&mut self, phase: Phase) {
        let cut_off = self.cut_off;
        self.lose_sessions();
        *self = Self { phase, cut_off, ..Self::new(self.kind) };
    }
}
