//! The proof: every value of both sides compared by meaning, and the spec's checks.
//!
//! `form` brings a row of either side into one canonical form; `side` streams all rows of a side, `shared` has readers without a
//! table of their own help with the source's; `table` compares the two; [`checks`] asks the spec's questions, `views` each view on both sides. Nothing here uses what a run remembered of
//! what it copied, but for the rejected rows: those in the ledger have to be those that the source still has.

pub mod checks;
mod form;
mod lend;
pub mod outcome;
mod run;
pub mod sample;
mod shared;
mod side;
mod slices;
mod table;
mod views;

pub use outcome::{Difference, TableResult, Verification, ViewResult};
pub use run::{Options, verify};
pub use sample::{NotASample, Sample};
