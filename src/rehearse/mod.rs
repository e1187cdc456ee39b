//! `rehearse`: the whole apply and verify on a private server that is thrown away.
//!
//! It goes the way that the real run goes: the same spec with another target. `outline` gives that target the structure of the
//! real one, `sampled` makes a spec for a part of the rows, `times` records how long each phase took, `estimate` computes the
//! time of the real run from these times and a short measure of both servers, and `record` keeps it for the real run.

mod estimate;
mod notes;
mod outcome;
mod private_run;
mod real_target;
mod record;
mod rehearsal;
mod sample_spec;
mod times;

pub use estimate::{Estimate, Span};
pub use outcome::{KeptServer, PhaseLine, Rehearsal, RehearsalEnd, RehearsalError, Stage, TableLine, TargetShown};
pub use record::{EstimateComparison, MeasuredRun, Record, RecordError};
pub use rehearsal::{RehearsalRequest, rehearse};
pub use times::{RunPhase, StepTime};
