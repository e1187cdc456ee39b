//! The way back: the target's present rows in a new file or database, with the source's own structure and spellings.
//!
//! The new place begins as a copy of the source, or of its backup: structure, settings, what was never migrated, and every row that
//! did not change since are the source's own bytes. The rows that came, went or changed are found by the meaning of their values
//! (`rows`), written as the source writes such values (`spelling`), and read back before they count (`arrival`). In the end
//! [`crate::verify`] compares the new place with the target, in the same state of it (`comparison`). Until then a file has no
//! name, and a database says that it is not whole (`place`). What an engine itself does with a copy, it does behind
//! [`crate::source::rewrite::Rewriter`].

mod arrival;
mod basis;
mod comparison;
mod counters;
mod error;
mod left_behind;
mod outcome;
mod place;
mod rows;
mod run;
mod spelling;
mod table;

pub use error::BackError;
pub use outcome::{RewriteBasis, TableBack, WayBack};
pub use place::{SweptDirectories, sweep};
pub use run::{Order, go_back};
