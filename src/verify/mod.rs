//! The proof: every value of both sides compared by meaning, and the spec's checks.
//!
//! [`meaning`] understands the values of either side, independently of the encoder that `apply` writes with; `form`
//! makes rows of them; `stream` reads the target's answer; `side` streams all rows of a side, `shared` has readers
//! without a table of their own help with the source's; `rights` makes sure that the role may read all of it; `table`
//! compares the two; `views` queries each view on both sides; `structure` compares the target's structure with the one
//! that `apply` left; [`checks`] runs the spec's checks. Nothing here uses a run's record of its copies, except for the
//! rejected rows: those in the ledger have to be the ones that the source has.

mod not_compared;
pub mod outcome;
mod rights;
mod run;
pub mod sample;
mod session;
mod shared;
mod slices;
mod structure;
mod table;
mod views;

pub use not_compared::{NOT_ASKED, Uncompared};
pub use outcome::{Difference, TableResult, Verification, ViewResult};
pub use rights::told_by_rights;
pub use run::{Options, verify};
pub use sample::{NotASample, Sample};
pub use structure::StructureChange;
