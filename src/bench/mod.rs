//! `bench`: the spec's questions asked of both sides. First the answers must be equal, then the times are measured.
//!
//! [`run()`] goes through the questions: `draw` takes the parameters from the source's rows, `answer` compares what both
//! sides say (`meaning` says when two values are equal), `source_side` and `target_side` ask with many clients, `measure` keeps the times,
//! `plan_node` and `missing_index` read why the target's slowest answer took its time, `budget` judges. Nothing is written
//! on either side.

mod answer;
mod budget;
mod compare;
mod draw;
mod meaning;
mod measure;
mod missing_index;
mod outcome;
mod plan_node;
mod run;
mod source_side;
mod target_side;

pub use outcome::{
    AnswerDifference, Bench, BenchResult, BudgetResult, Measurement, SideTimes, Slowest, Suggestion, Versions,
};
pub use plan_node::PlanNode;
pub use run::{Options, Told, run};
