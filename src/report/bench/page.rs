//! A bench as one self-contained HTML page with charts, without network or other files.

use super::chart::charts;
use super::text::node_words;
use super::{answers, difference, milliseconds, rate, suggestion_words, verdict};
use crate::bench::{Bench, BenchResult, Measurement, SideTimes};
use crate::report::html;
use crate::report::layout::count;
use minijinja::context;
use serde_json::{Value, json};
use std::time::Duration;

const PAGE: &str = include_str!("../html/bench.html");
const STYLE: &str = include_str!("../html/bench.css");

/// A bench as an HTML page; `spec` is the spec's file name.
///
/// # Errors None in practice: the template engine's interface is fallible, but a bench always renders.
pub fn bench_html(bench: &Bench, spec: &str) -> Result<String, minijinja::Error> {
    let environment = html::environment("bench.html", PAGE)?;
    let drawn = bench.questions.iter().map(|question| charts(&question.measurements, budget(question)));
    environment.get_template("bench.html")?.render(context! {
        migration => bench.migration.as_str(),
        spec => spec,
        passed => bench.passed,
        verdict => verdict(bench),
        versions => minijinja::value::Serde(&bench.versions),
        timeout => format!("{} s", Duration::from_millis(bench.timeout_ms).as_secs_f64()),
        questions => minijinja::value::Serde(bench.questions.iter().map(question).collect::<Vec<_>>()),
        // No JSON values: their numbers would be objects for the page.
        charts => minijinja::value::Serde(drawn.collect::<Vec<_>>()),
        style => [html::STYLE, STYLE].concat(),
        script => html::SCRIPT,
    })
}

/// The budget of the 95th percentile in milliseconds.
fn budget(question: &BenchResult) -> Option<f64> {
    question.budgets.iter().find_map(|budget| budget.limit_ms)
}

fn question(question: &BenchResult) -> Value {
    let failures = question.measurements.iter().flat_map(|one| {
        let side = |name: &str, side: &SideTimes| {
            let came = side
                .refused
                .as_ref()
                .map(|reason| format!("{name}: {} of {} clients connected: {reason}", side.clients, one.clients));
            came.into_iter().chain(side.error.as_ref().map(|error| format!("{name}, {} clients: {error}", one.clients)))
        };
        side("source", &one.source).chain(side("target", &one.target)).collect::<Vec<_>>()
    });
    json!({
        "name": question.name,
        "passed": question.passed(),
        "answers": answers(question),
        "examples": question.examples.iter().map(difference).collect::<Vec<_>>(),
        "more": question.different.saturating_sub(question.examples.len() as u64) > 0,
        "order_not_compared": question.order_not_compared,
        "not_compared": question.not_compared.join(", "),
        "rows": question.measurements.iter().flat_map(rows).collect::<Vec<_>>(),
        "failures": failures.collect::<Vec<_>>(),
        "budgets": question.budgets.iter().map(|budget| json!({ "passed": budget.passed, "message": budget.message })).collect::<Vec<_>>(),
        "slowest": question.slowest.as_ref().map(|slowest| json!({
            "ms": milliseconds(slowest.ms),
            "parameter": slowest.parameter.map(count),
            "parameters": slowest.parameters,
            "source": slowest.source_plan.join("\n"),
            "target": slowest.target_plan.iter().map(node_words).collect::<Vec<_>>().join("\n"),
        })),
        "suggestions": question.suggestions.iter().map(|one| json!({
            "words": suggestion_words(one),
            "spec": one.same_as.is_none().then_some(&one.spec),
        })).collect::<Vec<_>>(),
    })
}

fn rows(measurement: &Measurement) -> [Value; 2] {
    let row = |name: &str, side: &SideTimes| {
        let figures = [side.p50_ms, side.p95_ms, side.p99_ms, side.max_ms].map(milliseconds);
        json!({
            "clients": if side.clients < measurement.clients { format!("{} of {}", side.clients, measurement.clients) } else { side.clients.to_string() },
            "side": name,
            "rate": rate(side.per_second),
            "figures": figures,
            "errors": count(side.errors),
        })
    };
    [row("source", &measurement.source), row("target", &measurement.target)]
}
