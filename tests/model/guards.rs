//! The guards of the protocol, each of which can be taken out to show what it prevents.

/// A guard, named after what holds it in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Guard {
    /// `Ledger::claim_run`: a writing transaction begins by asking whether the ledger names this run as the running one.
    ClaimRun,
    /// `Ledger::claim_chunk`: a chunk is claimed only while it is not yet done.
    ClaimChunk,
    /// `Ledger::claim_chunk` locks the chunk's row until the transaction ends.
    ClaimIsLocked,
    /// `Ledger::begin_run`: the ledger is as it was when the run was planned.
    LedgerMark,
    /// `Ledger::begin_run`: the running run's number is locked by its writing transactions, and changes after they ended.
    FenceIsLocked,
    /// The fencing number is PostgreSQL's transaction id, which no rollback of the ledger sets back.
    FenceIsMonotonic,
    /// `Worker::finish_copy` looks at the chunks in the transaction that records the copy.
    ChunksAreDone,
    /// `end_run` looks at the steps in the transaction that ends the run.
    StepsAreDone,
    /// `Ledger::end_run`: a run that was overtaken does not end the other one's.
    EndIsFenced,
    /// `Refresh::begin` claims the run before it marks chunks as stale.
    RefreshIsFenced,
}

impl Guard {
    pub(crate) const ALL: [Guard; 10] = [
        Guard::ClaimRun,
        Guard::ClaimChunk,
        Guard::ClaimIsLocked,
        Guard::LedgerMark,
        Guard::FenceIsLocked,
        Guard::FenceIsMonotonic,
        Guard::ChunksAreDone,
        Guard::StepsAreDone,
        Guard::EndIsFenced,
        Guard::RefreshIsFenced,
    ];
}
