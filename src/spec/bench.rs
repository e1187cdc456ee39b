//! `[bench]`: questions to both sides whose answers are compared and whose times are measured.

use std::time::Duration;

/// `[bench.NAME]`
#[derive(Debug, Clone, PartialEq)]
pub struct BenchSpec {
    /// The question in the source's SQL.
    pub source: String,
    /// The question in PostgreSQL's SQL.
    pub target: String,
    /// The query of the source whose rows are the parameters; `None` for a question without any.
    pub parameters: Option<String>,
    /// The numbers of clients, ascending.
    pub clients: Vec<usize>,
    /// The time for which each number of clients asks each side.
    pub duration: Duration,
    /// The budget of the target's 95th percentile, in milliseconds.
    pub p95_ms: Option<f64>,
    /// Whether the target's 95th percentile may not be above the source's.
    pub not_slower_than_source: bool,
}

impl BenchSpec {
    /// The most clients that are asked for at once.
    pub const MOST_CLIENTS: usize = 256;

    /// The numbers of clients of a spec that is silent.
    pub const CLIENTS: [usize; 3] = [1, 8, 32];

    /// The duration of a spec that is silent.
    pub const DURATION: Duration = Duration::from_secs(10);
}
