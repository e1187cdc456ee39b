//! Budgets of a question: the sentence that says whether one is met.

use super::outcome::{BudgetResult, Measurement};
use crate::spec::BenchSpec;

/// Part by which the target's percentile may be above the source's: two measurements of the same thing differ as much.
const NOISE: f64 = 0.05;

/// Judges the budgets of a question by its measurements.
pub(super) fn judge(spec: &BenchSpec, measurements: &[Measurement]) -> Vec<BudgetResult> {
    let mut results = Vec::new();
    if let Some(most) = spec.p95_ms {
        let over = measurements.iter().find(|one| one.target.p95_ms > most);
        let message = match over {
            Some(one) => format!(
                "p95_ms = {most} is not met: with {} the target's 95th percentile is {} ms.",
                clients(one.clients),
                one.target.p95_ms
            ),
            None => format!("p95_ms = {most} is met: {}.", highest(measurements)),
        };
        results.push(result(("p95_ms", Some(most)), over.is_none(), message, measurements));
    }
    if spec.not_slower_than_source {
        let over = measurements.iter().find(|one| one.target.p95_ms > one.source.p95_ms * (1.0 + NOISE));
        let message = match over {
            Some(one) => format!(
                "not_slower_than_source is not met: with {} the target's 95th percentile is {} ms, and the source's {} ms.",
                clients(one.clients),
                one.target.p95_ms,
                one.source.p95_ms
            ),
            None => format!(
                "not_slower_than_source is met: the target's 95th percentile is nowhere more than {} % above the source's.",
                NOISE * 100.0
            ),
        };
        results.push(result(("not_slower_than_source", None), over.is_none(), message, measurements));
    }
    results
}

/// A result; questions that the target did not answer meet no budget.
fn result(
    (budget, limit_ms): (&'static str, Option<f64>),
    is_met: bool,
    message: String,
    measurements: &[Measurement],
) -> BudgetResult {
    let failed = measurements.iter().find(|one| one.target.errors > 0 || one.target.queries == 0);
    match failed {
        Some(one) => {
            let (errors, asked) = (one.target.errors, one.target.errors + one.target.queries);
            let message = format!(
                "{budget} is not met: with {} the target did not answer {errors} of {asked} questions.",
                clients(one.clients)
            );
            BudgetResult { budget, limit_ms, passed: false, message }
        }
        None => BudgetResult { budget, limit_ms, passed: is_met, message },
    }
}

fn highest(measurements: &[Measurement]) -> String {
    let highest = measurements.iter().max_by(|one, two| one.target.p95_ms.total_cmp(&two.target.p95_ms));
    highest.map_or_else(String::new, |one| {
        format!("the target's highest 95th percentile is {} ms, with {}", one.target.p95_ms, clients(one.clients))
    })
}

/// `1 client`, `8 clients`
fn clients(number: usize) -> String {
    format!("{number} {}", if number == 1 { "client" } else { "clients" })
}

#[cfg(test)]
mod tests {
    use super::super::outcome::SideTimes;
    use super::*;

    #[test]
    fn the_sentence_says_which_budget_and_where() {
        let times = |p95_ms: f64, errors: u64| SideTimes { p95_ms, errors, queries: 10, ..SideTimes::default() };
        let at = |clients, source, target| Measurement { clients, source: times(source, 0), target };
        let spec = BenchSpec {
            source: String::new(),
            target: String::new(),
            parameters: None,
            clients: vec![1, 8],
            duration: BenchSpec::DURATION,
            p95_ms: Some(20.0),
            not_slower_than_source: true,
        };
        let judged = judge(&spec, &[at(1, 10.0, times(10.4, 0)), at(8, 30.0, times(21.5, 0))]);
        assert_eq!(
            judged[0].message,
            "p95_ms = 20 is not met: with 8 clients the target's 95th percentile is 21.5 ms."
        );
        assert!(!judged[0].passed && judged[1].passed, "{judged:?}");
        // 10.4 ms is above 10 ms, and no more than two measurements of the same differ.
        assert_eq!(
            judged[1].message,
            "not_slower_than_source is met: the target's 95th percentile is nowhere more than 5 % above the source's."
        );
        let judged = judge(&spec, &[at(1, 10.0, times(10.6, 0))]);
        assert!(judged[0].passed && !judged[1].passed && judged[1].message.contains("with 1 client the"), "{judged:?}");
        let judged = judge(&spec, &[at(1, 10.0, times(1.0, 2))]);
        assert!(judged.iter().all(|one| !one.passed && one.message.contains("2 of 12")), "{judged:?}");
    }
}
