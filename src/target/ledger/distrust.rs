//! Reasons for which a ledger is not trusted, as plain data.

/// A privilege, an ownership or an object by which others could alter the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distrust {
    /// The reason, in words: `fault_other has INSERT on table transship.run`.
    pub what: String,
    /// The statement that mends it, or a hint if there is none.
    pub remedy: String,
    /// A right that default privileges gave to others on what the current transaction has made.
    pub(super) is_new: bool,
}
