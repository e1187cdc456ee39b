//! Outcome of a bench.

use super::plan_node::PlanNode;
use serde::{Serialize, Serializer};

/// All questions with their answers and times. Keys may be added, never renamed; `specs/bench.schema.json` describes them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bench {
    /// Version of the document's form.
    pub bench: u32,
    /// Whether every question had equal answers and met its budgets.
    pub passed: bool,
    /// Whether it was ended before everything was asked.
    pub interrupted: bool,
    /// The migration.
    pub migration: String,
    /// Versions of the programs that took part.
    pub versions: ProgramVersions,
    /// Milliseconds after which an answer is no longer waited for.
    pub timeout_ms: u64,
    /// The questions, by name.
    pub questions: Vec<BenchResult>,
}

/// Versions of the programs that took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgramVersions {
    /// transship
    pub transship: &'static str,
    /// The target's server.
    pub postgresql: String,
}

/// Outcome of one question.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BenchResult {
    /// Its name in the spec.
    pub name: String,
    /// Reason for which it was not measured; `None` if it was, or if the answers differ.
    pub refused: Option<String>,
    /// Whether both sides gave equal answers; `None` if they could not be compared.
    pub equal: Option<bool>,
    /// Whether the order of the rows counted: both queries order them.
    pub in_order: bool,
    /// Reason for which it did not, where one of the queries orders them.
    pub order_not_compared: Option<&'static str>,
    /// Number of rows that the query for the parameters gives; 0 without one.
    pub parameter_rows: u64,
    /// Number of parameters with which both sides were asked and compared; 1 for a question without any.
    pub compared: u64,
    /// Number of parameters with which the answers differ.
    pub different: u64,
    /// Most rows of an answer, and their number in all answers.
    pub most_rows: u64,
    /// Rows of all answers that were compared.
    pub rows: u64,
    /// Columns whose values were not compared.
    pub not_compared: Vec<String>,
    /// Some of the differences.
    pub examples: Vec<AnswerDifference>,
    /// Times, for each number of clients.
    pub measurements: Vec<Measurement>,
    /// The parameters with which the target took longest, and the plans of both sides for them.
    pub slowest: Option<Slowest>,
    /// Indexes that the plan shows to be missing.
    pub suggestions: Vec<Suggestion>,
    /// Budgets of the spec.
    pub budgets: Vec<BudgetResult>,
}

/// Kind of a difference of two answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerDifferenceKind {
    /// Another number of rows.
    Rows,
    /// A row that only the source has.
    Missing,
    /// A row that only the target has.
    Extra,
    /// Another value.
    Different,
    /// The same rows in another order.
    Order,
}

impl AnswerDifferenceKind {
    /// Its word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Different => "different",
            Self::Order => "order",
        }
    }
}

impl Serialize for AnswerDifferenceKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// Difference of two answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerDifference {
    /// Number of the row of `parameters`, counted from one; `None` without parameters.
    pub parameter: Option<u64>,
    /// The values of the parameters, if values may be shown.
    pub parameters: Option<String>,
    /// Kind of the difference.
    pub kind: AnswerDifferenceKind,
    /// Number of the row in the answer, counted from one.
    pub row: Option<u64>,
    /// The column.
    pub column: Option<String>,
    /// The source's value or number of rows.
    pub source: Option<String>,
    /// The target's value or number of rows.
    pub target: Option<String>,
}

/// Times of both sides with one number of clients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurement {
    /// Number of clients that were asked for.
    pub clients: usize,
    /// The source.
    pub source: SideTimes,
    /// The target.
    pub target: SideTimes,
}

/// Times of one side.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SideTimes {
    /// Number of clients that came.
    pub clients: usize,
    /// Reason for which fewer came than were asked for.
    pub refused: Option<String>,
    /// Seconds during which they asked.
    pub seconds: f64,
    /// Number of answers.
    pub queries: u64,
    /// Number of questions that failed or took too long; they are not among the answers.
    pub errors: u64,
    /// The first failure.
    pub error: Option<String>,
    /// Answers in a second.
    pub per_second: f64,
    /// Median of the times.
    pub p50_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// Longest time.
    pub max_ms: f64,
}

/// Parameters with which the target took longest.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Slowest {
    /// Number of the row of `parameters`, counted from one; `None` without parameters.
    pub parameter: Option<u64>,
    /// The values of the parameters, if values may be shown.
    pub parameters: Option<String>,
    /// Milliseconds of the target's longest answer.
    pub ms: f64,
    /// The source's plan, a line for each part.
    pub source_plan: Vec<String>,
    /// Nodes of the target's plan in the order of the plan, with their times in one execution after the measurement.
    pub target_plan: Vec<PlanNode>,
}

/// Index that a plan shows to be missing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suggestion {
    /// Part of the plan that shows it.
    pub reason: String,
    /// Lines of the spec that create it.
    pub spec: String,
    /// An earlier question that has the same lines: they are pasted once.
    pub same_as: Option<String>,
    /// Its effect; `None` if it was not tried.
    pub tried: Option<TriedIndex>,
    /// Reason for which it could not be tried, though that was asked for.
    pub not_tried: Option<String>,
    /// Statement that makes it without a name.
    #[serde(skip)]
    pub(super) create: String,
}

/// Effect of an index that was tried in a transaction which was rolled back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TriedIndex {
    /// Milliseconds of the target's answer to the slowest question without it: the middle of some.
    pub before_ms: f64,
    /// The same with it.
    pub after_ms: f64,
    /// Whether the plan uses it.
    pub is_used: bool,
    /// Milliseconds in which it was made.
    pub made_in_ms: f64,
    /// Its size.
    pub bytes: u64,
}

/// Budget and whether it is met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetResult {
    /// Key in the spec.
    pub budget: &'static str,
    /// The limit in milliseconds; `None` if the source is the limit.
    pub limit_ms: Option<f64>,
    /// Whether it is met at every number of clients.
    pub passed: bool,
    /// The result in a sentence.
    pub message: String,
}

impl BenchResult {
    /// Whether the answers are equal and the budgets are met.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.refused.is_none() && self.equal == Some(true) && self.budgets.iter().all(|budget| budget.passed)
    }
}
