//! The proof: every value of both sides compared by meaning, and the spec's checks.
//!
//! [`crate::proof`] understands the values of either side and makes rows of them, independently of the encoder that `apply`
//! writes with. `rights` checks that the role sees all of it; `crew` compares the tables, each as `table` says, with the
//! spare readers of `shared`, the tallies of `unequal` and the slices of a sample; `views` asks each view on both sides;
//! `structure` compares the structure with the one that `apply` left; [`crate::checks`] runs the spec's checks. Nothing here
//! uses a run's record of its copies, except for the rejected rows: the ledger's must be those that the source still has.

mod crew;
mod merged;
mod not_compared;
mod options;
pub mod outcome;
mod rights;
mod run;
pub mod sample;
mod sequences;
mod session;
mod shared;
mod slices;
mod structure;
mod table;
mod target_facts;
mod unequal;
mod views;

pub use not_compared::{NOT_ASKED, Uncompared, UncomparedKind};
pub use options::VerifyOptions;
pub use outcome::{
    ChangedRows, DifferenceKind, JudgedColumn, RowDifference, SequenceResult, SequenceState, TableResult, Verification,
    ViewResult,
};
pub use rights::told_by_rights;
pub use run::{Verifier, verify};
pub use sample::{NotASample, Sample};
pub use structure::{LostColumn, StructureChange, StructureChangeKind, lost_columns};
