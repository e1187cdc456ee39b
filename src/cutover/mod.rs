//! `cutover`: the last move of an application, in which its source stands still.
//!
//! `held` keeps writers out of the source and gives it back as it was, `expectation` holds the time that there is against the
//! rehearsal, `window` measures it, `record` is what a process that dies leaves to the next one.

mod expectation;
mod held;
mod record;
mod window;

pub use expectation::{Expectation, Rehearsed, WindowVerdict};
pub use held::HeldSource;
pub use record::{Claim, CutoverRecord, HoldState};
pub use window::{Cutover, HoldMeans, Move, Window, moment};
