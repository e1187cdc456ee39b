//! Carrying a plan out: looking at both sides, running the DAG, copying the rows.
//!
//! [`survey`](survey::survey) opens the source, looks at the target and makes the plan; [`Run`] carries it out. What
//! happens is told as [`Event`]s; whoever starts a run decides how to show them.

pub mod account;
pub mod apply;
mod arrived;
mod crew;
mod detached;
pub mod discard;
pub mod draft;
pub mod encoder;
pub mod error;
pub mod event;
pub mod failpoint;
mod grants;
mod judgement;
pub mod left_out;
mod refresh;
mod rehearse;
pub mod rejected;
mod remedy;
pub mod rollback;
mod schedule;
pub mod stop;
pub mod survey;
pub mod trace;
mod transfer;
pub mod treatment;
mod worker;

pub use account::{Account, Accounts};
pub use apply::{Applied, Run};
pub use discard::Discard;
pub use draft::{Draft, DraftError, draft};
pub use error::ExecuteError;
pub use event::{Event, Events, Told};
pub use judgement::judge;
pub use left_out::LeftOut;
pub use refresh::Again;
pub use rollback::{OnChanges, Rollback, RolledBack};
pub use stop::Stop;
pub use survey::inspected::{Inspection, NoInspection, Recalled, inspect, recall};
pub use survey::{Look, SOURCE_SQL_REFUSED, Survey, survey};
pub use trace::Trace;
