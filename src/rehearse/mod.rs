//! `rehearse`: the whole apply and verify on a private server that is thrown away.
//!
//! It goes the way that the real run goes: the same spec with another target. `outline` gives that target the structure of the
//! real one, `sampled` makes a spec for a part of the rows, `times` records how long each phase took, `estimate` computes the
//! time of the real run from these times and a short measure of both servers, and `record` keeps it for the real run.

mod estimate;
mod notes;
mod outcome;
mod real;
mod record;
mod rehearsal;
mod sampled;
mod times;
mod way;

pub use estimate::{Estimate, Span};
pub use outcome::{KeptServer, Outcome, PhaseLine, Rehearsal, Stage, Stopped, TableLine, TargetShown};
pub use record::{Comparison, MeasuredRun, Record, RecordError};
pub use rehearsal::{Request, rehearse};
pub use times::{Phase, StepTime};
