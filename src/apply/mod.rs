//! `apply`: the plan carried out in the target, from the first lock to the last ledger row.
//!
//! [`Run`] prepares and executes; `schedule` says which job runs next, `crew` hands jobs to workers, `worker` does one,
//! `refresh` replaces rows of chunks that have changed in the source.

mod account;
mod applied;
mod arrived;
mod crew;
mod discard;
pub(crate) mod refresh;
mod run;
mod schedule;
mod trace;
mod worker;

pub use account::{Account, Accounts, RunRecord};
pub use applied::Applied;
pub use discard::Discard;
pub use refresh::RefreshPolicy;
pub use run::{Run, RunOptions};
pub use trace::Trace;
