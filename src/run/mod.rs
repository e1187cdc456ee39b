//! Parts of every run: the request to stop, events, errors, failpoints, the privileges of a step.

pub mod check;
mod detached;
pub mod error;
pub mod event;
pub mod failpoint;
pub(crate) mod grants;
mod lend;
mod retry;
pub mod stop;

pub use check::{CheckResult, FailingRow};
pub(crate) use detached::Tables;
pub use error::ExecuteError;
pub use event::{Event, Events, TimedEvent};
pub(crate) use lend::lend;
pub(crate) use retry::Retry;
pub use stop::Stop;
pub(crate) use stop::until_stopped;
