//! What stands in the target: the rows of the chunks, and the ledger that speaks of them.

/// The number of chunks of the one table.
pub(crate) const CHUNKS: usize = 2;

/// The rows of one key range, and the ledger's row of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Chunk {
    /// How often the rows are there, by the state of the source from which they were copied.
    pub(crate) rows: [u8; 2],
    /// The ledger's digest: the state of the source.
    pub(crate) loaded: Option<u8>,
    /// To be replaced by what the source has now.
    pub(crate) is_stale: bool,
}

impl Chunk {
    pub(crate) fn is_done(&self) -> bool {
        self.loaded.is_some() && !self.is_stale
    }

    /// What the transaction of a chunk does: it removes the rows that are replaced, and copies those of `source`.
    /// False where the rows that stand there are not those of the ledger, which fails the transaction.
    pub(crate) fn copy(&mut self, source: u8) -> bool {
        if let Some(loaded) = self.loaded.filter(|_| self.is_stale) {
            if self.rows.iter().sum::<u8>() != 1 {
                return false;
            }
            self.rows[usize::from(loaded)] -= 1;
        }
        self.rows[usize::from(source)] += 1;
        (self.loaded, self.is_stale) = (Some(source), false);
        true
    }
}

/// The chunks in the ledger, each with whether it is stale, and whether the copy is.
pub(crate) type Mark = ([(Option<u8>, bool); CHUNKS], bool);

/// The target, as its committed transactions have made it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Database {
    /// The next fencing number.
    pub(crate) next_fence: u8,
    /// The fencing number of the run that the ledger calls running.
    pub(crate) running: Option<u8>,
    /// The state of the source that the last run has called copied, until another run or a rollback begins.
    pub(crate) done: Option<u8>,
    pub(crate) chunks: [Chunk; CHUNKS],
    /// The step of the copy is in the ledger.
    pub(crate) copy_recorded: bool,
}

impl Database {
    /// What a survey reads of the ledger.
    pub(crate) fn mark(&self) -> Mark {
        (self.chunks.map(|chunk| (chunk.loaded, chunk.is_stale)), self.copy_recorded)
    }

    /// What a rollback leaves.
    pub(crate) fn forget(&mut self, fence_goes_on: bool) {
        let next_fence = if fence_goes_on { self.next_fence } else { 0 };
        *self = Self { next_fence, ..Self::default() };
    }
}
