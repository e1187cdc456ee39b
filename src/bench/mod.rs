//! `bench`: the spec's questions asked of both sides. First the answers must be equal, then the times are measured.
//!
//! [`run()`] goes through the questions: `draw` takes the parameters from the source's rows, `answer` compares what both
//! sides say (`meaning` says when two values are equal, `ids` which
//! ids the target has otherwise), `source_side` and `target_side` ask with many clients, `measure` keeps the times,
//! `plan_node` and `missing_index` read why the target's slowest answer took its time, `tried` tries the index that is
//! missing, `budget` judges. Nothing that is written on either side stays.

mod answer;
mod budget;
mod compare;
mod draw;
mod ids;
mod index_trial;
mod meaning;
mod measure;
mod missing_index;
mod outcome;
mod plan_node;
mod run;
mod source_side;
mod target_side;

pub use outcome::{
    AnswerDifference, AnswerDifferenceKind, Bench, BenchResult, BudgetResult, Measurement, ProgramVersions, SideTimes,
    Slowest, Suggestion, TriedIndex,
};
pub use plan_node::PlanNode;
pub use run::{BenchOptions, WorkListener, run};
