//! A bench as text.

use super::{answers, difference, milliseconds, rate, suggestion_words, verdict};
use crate::bench::{AnswerDifferenceKind, Bench, BenchResult, Measurement, PlanNode, SideTimes, Slowest};
use crate::report::layout::{columns, count, counted, wrapped, wrapped_item};

/// A bench for people.
#[must_use]
pub fn bench_text(bench: &Bench) -> String {
    let mut text = format!("Bench of {}: {}\n", bench.migration, verdict(bench));
    for question in &bench.questions {
        text += &one(question);
    }
    text
}

fn one(question: &BenchResult) -> String {
    let mut text = format!("\n{}\n{}\n", question.name, wrapped(&answers(question), 2));
    for example in &question.examples {
        text += &(wrapped_item(&difference(example), 2) + "\n");
    }
    if question.different > question.examples.len() as u64 && !question.examples.is_empty() {
        text += &format!("  - … {} more\n", count(question.different - question.examples.len() as u64));
    }
    if question.examples.iter().any(|one| one.kind == AnswerDifferenceKind::Order) {
        let hint = "Order by a key as well, and texts COLLATE \"C\": texts may be sorted in another way there, and rows that \
                    ORDER BY calls equal come in any order.";
        text += &(wrapped(hint, 4) + "\n");
    }
    if let Some(reason) = question.order_not_compared {
        text += &(wrapped(reason, 2) + "\n");
    }
    if !question.not_compared.is_empty() {
        text += &(wrapped(&format!("not compared: {}", question.not_compared.join(", ")), 2) + "\n");
    }
    if !question.measurements.is_empty() {
        text += &table(&question.measurements);
    }
    for (name, side) in failures(&question.measurements) {
        text += &(wrapped_item(&format!("{name}: {side}"), 2) + "\n");
    }
    for budget in &question.budgets {
        let sign = if budget.passed { "ok" } else { "FAILED" };
        text += &(wrapped_item(&format!("{sign}: {}", budget.message), 2) + "\n");
    }
    if let Some(slowest) = &question.slowest {
        text += &plans(slowest);
    }
    for suggestion in &question.suggestions {
        text += &(wrapped(&suggestion_words(suggestion), 2) + "\n");
        if suggestion.same_as.is_none() {
            text += &suggestion.spec.lines().map(|line| format!("    {line}\n")).collect::<String>();
        }
    }
    text
}

fn table(measurements: &[Measurement]) -> String {
    let head = ["clients", "side", "answers/s", "p50", "p95", "p99", "max", "errors"];
    let row = |clients: usize, name: &str, side: &SideTimes| {
        let came = if side.clients < clients { format!("{} of {clients}", side.clients) } else { clients.to_string() };
        let mut cells = vec![came, name.to_owned(), rate(side.per_second)];
        cells.extend([side.p50_ms, side.p95_ms, side.p99_ms, side.max_ms].map(milliseconds));
        cells.push(count(side.errors));
        cells
    };
    let both = |one: &Measurement| [row(one.clients, "source", &one.source), row(one.clients, "target", &one.target)];
    let rows = std::iter::once(head.map(str::to_owned).to_vec()).chain(measurements.iter().flat_map(both));
    columns(rows.collect(), &[0, 2, 3, 4, 5, 6, 7], 2) + "\n"
}

/// Failures of both sides, and clients that did not come.
fn failures(measurements: &[Measurement]) -> Vec<(&'static str, String)> {
    let sides = measurements
        .iter()
        .flat_map(|one| [("source", one.clients, &one.source), ("target", one.clients, &one.target)]);
    let words = |(name, asked_for, side): (&'static str, usize, &SideTimes)| {
        let came = (side.clients < asked_for).then(|| {
            let reason = side.refused.as_deref().unwrap_or("no more connections");
            (name, format!("{} of {asked_for} clients connected: {reason}", side.clients))
        });
        let failed = side.error.as_ref().map(|error| (name, format!("with {asked_for} clients: {error}")));
        came.into_iter().chain(failed)
    };
    sides.flat_map(words).collect()
}

fn plans(slowest: &Slowest) -> String {
    let with = match (slowest.parameter, &slowest.parameters) {
        (Some(row), Some(values)) => format!(" with row {row} of `parameters` ({values})"),
        (Some(row), None) => format!(" with row {row} of `parameters`"),
        _ => String::new(),
    };
    let mut text = wrapped(&format!("longest answer of the target: {}{with}", milliseconds(slowest.ms)), 2) + "\n";
    text += "    plan of the source\n";
    text += &slowest.source_plan.iter().map(|line| format!("      {line}\n")).collect::<String>();
    if !slowest.target_plan.is_empty() {
        text += "    plan of the target, run once more\n";
        text += &slowest.target_plan.iter().map(|node| format!("      {}\n", node_words(node))).collect::<String>();
    }
    text
}

/// Node of a plan in a line.
pub(super) fn node_words(node: &PlanNode) -> String {
    let index = node.index.as_ref().map(|index| format!(" using {index}")).unwrap_or_default();
    let relation = node.relation.as_ref().map(|relation| format!(" on {relation}")).unwrap_or_default();
    let removed = match node.rows_removed {
        0 => String::new(),
        rows => format!(", {} removed", count(rows)),
    };
    let loops = if node.loops > 1 { format!(" in {} loops", count(node.loops)) } else { String::new() };
    let condition = node.condition.as_ref().map(|condition| format!(", {condition}")).unwrap_or_default();
    format!(
        "{}{}{index}{relation}: {}{removed}, {}{loops}, {}{condition}",
        "  ".repeat(node.depth),
        node.node,
        counted(node.rows, "row", "rows"),
        milliseconds(node.ms),
        counted(node.blocks_hit + node.blocks_read, "block", "blocks")
    )
}
