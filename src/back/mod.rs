//! The way back: the target's present rows in a new file, with the source's own structure and spellings.
//!
//! The new file begins as a copy of the source, or of its backup: structure, settings, what was never migrated, and every row that
//! did not change since are the source's own bytes. The rows that came, went or changed are found by the meaning of their values
//! (`rows`), written as the source writes such values (`spelling`), and read back before they count (`arrival`). In the end
//! [`crate::verify`] compares the new file with the target, in the same state of it. Until then the file has no name
//! (`place`).

mod arrival;
mod basis;
mod error;
mod left_behind;
mod outcome;
mod place;
mod rows;
mod spelling;
mod table;
mod way;

pub use error::BackError;
pub use outcome::{Basis, TableBack, WayBack};
pub use place::{Swept, sweep};
pub use way::{Order, go_back};
