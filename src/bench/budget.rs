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
                came(one),
                one.target.p95_ms
            ),
            None => format!("p95_ms = {most} is met: {}.", highest(measurements)),
        };
        results.push(result(("p95_ms", Some(most)), over.is_none(), message, measurements));
    }
    if spec.not_slower_than_source {
        results.push(not_slower(measurements));
    }
    results
}

/// Comparison of the sides at one number of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClientLevel {
    NotSlower,
    Slower,
    /// The source answered nothing: no target is slower.
    Unanswered,
    /// The times are not of the same work: a side had fewer clients, or the source answered some of the questions alone.
    Uneven,
}

impl ClientLevel {
    fn of(one: &Measurement) -> Self {
        let (source, target) = (&one.source, &one.target);
        if source.queries == 0 {
            Self::Unanswered
        } else if source.errors > 0 || source.clients != target.clients {
            Self::Uneven
        } else if target.p95_ms > source.p95_ms * (1.0 + NOISE) {
            Self::Slower
        } else {
            Self::NotSlower
        }
    }
}

/// Holds the target's times against the source's, where they are times of the same work.
fn not_slower(measurements: &[Measurement]) -> BudgetResult {
    let levels = measurements.iter().map(|one| (one, ClientLevel::of(one))).collect::<Vec<_>>();
    let of = |level: ClientLevel| levels.iter().filter(move |(_, found)| *found == level).map(|(one, _)| *one);
    let has_answer = levels.iter().any(|(_, level)| *level != ClientLevel::Uneven);
    let mut message = match of(ClientLevel::Slower).next() {
        Some(one) => format!(
            "not_slower_than_source is not met: with {} the target's 95th percentile is {} ms, and the source's {} ms.",
            clients(one.clients),
            one.target.p95_ms,
            one.source.p95_ms
        ),
        None if has_answer => format!(
            "not_slower_than_source is met: the target's 95th percentile is nowhere more than {} % above the source's.",
            NOISE * 100.0
        ),
        None => {
            "not_slower_than_source is not met: there is no number of clients with which both sides did the same work."
                .to_owned()
        }
    };
    for one in of(ClientLevel::Unanswered) {
        message += &format!(" With {} the source did not answer.", clients(one.clients));
    }
    for one in of(ClientLevel::Uneven) {
        let (source, target) = (&one.source, &one.target);
        let with = clients(one.clients);
        message += &match source.clients == target.clients {
            true => {
                let asked = source.errors + source.queries;
                format!(" Not judged with {with}: the source did not answer {} of {asked} questions.", source.errors)
            }
            false => format!(
                " Not judged with {with}: {} connected to the source, and {} to the target.",
                source.clients, target.clients
            ),
        };
    }
    let is_met = has_answer && of(ClientLevel::Slower).next().is_none();
    result(("not_slower_than_source", None), is_met, message, measurements)
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
        format!("the target's highest 95th percentile is {} ms, with {}", one.target.p95_ms, came(one))
    })
}

/// `5 of 32 clients`, where fewer came to the target than were asked for.
fn came(one: &Measurement) -> String {
    let missing = one.target.clients < one.clients;
    if missing { format!("{} of {}", one.target.clients, clients(one.clients)) } else { clients(one.clients) }
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
        let at = |number, source, target: SideTimes| {
            let [source, target] = [times(source, 0), target].map(|side| SideTimes { clients: number, ..side });
            Measurement { clients: number, source, target }
        };
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
        // Times that are not of the same work are not held against each other.
        let good = at(1, 10.0, times(10.0, 0));
        let other = |source: SideTimes, target: SideTimes| Measurement { clients: 32, source, target };
        let all = |side: SideTimes| SideTimes { clients: 32, ..side };
        let nothing = other(all(SideTimes { errors: 4, ..SideTimes::default() }), all(times(15.0, 0)));
        let some = other(all(times(1.0, 7)), all(times(15.0, 0)));
        let few = other(SideTimes { clients: 5, ..times(1.0, 0) }, all(times(15.0, 0)));
        for (level, words, alone) in [
            (nothing, "With 32 clients the source did not answer.", true),
            (some, "Not judged with 32 clients: the source did not answer 7 of 17 questions.", false),
            (few, "Not judged with 32 clients: 5 connected to the source, and 32 to the target.", false),
        ] {
            let judged = judge(&spec, &[good.clone(), level.clone()]);
            assert!(judged[1].passed && judged[1].message.ends_with(words), "{judged:?}");
            assert_eq!(judge(&spec, &[level])[1].passed, alone);
        }
        let few = other(all(times(1.0, 0)), SideTimes { clients: 5, ..times(30.0, 0) });
        assert!(judge(&spec, &[few])[0].message.contains("with 5 of 32 clients the target's"));
    }
}
