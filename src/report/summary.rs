//! The plan in short: what a reviewer reads of a plan with many tables before anything else.

use super::layout::{count, wrapped};
use super::left_behind::{groups, shown_suggestion};
use super::places;
use super::plan::{PlanContext, head, summary, type_lines};
use crate::name::visible::visible_name;
use crate::plan::{Finding, Plan, Severity, Step};
use std::fmt::Write as _;

/// Places of a finding that are named.
const NAMED: usize = 4;

/// The most lines of a suggestion that a summary repeats.
const LINES: usize = 6;

/// The pending and finished steps by kind, in the order of the plan.
pub(super) fn kinds(plan: &Plan) -> Vec<(&'static str, u64)> {
    let mut kinds: Vec<(&'static str, u64)> = Vec::new();
    for word in plan.steps.iter().map(Step::kind).map(crate::plan::StepKind::word) {
        match kinds.iter_mut().find(|(known, _)| *known == word) {
            Some((_, number)) => *number += 1,
            None => kinds.push((word, 1)),
        }
    }
    kinds
}

/// The summary as text.
#[must_use]
pub fn plan_summary(plan: &Plan, context: PlanContext<'_>) -> String {
    let mut text = head(plan, context);
    let mut part = |title: &str, body: String| {
        if !body.is_empty() {
            let _infallible = write!(text, "\n{title}\n{body}\n");
        }
    };
    part("Findings", plan.findings.iter().map(finding).collect::<Vec<_>>().join("\n"));
    part("Types", type_lines(plan));
    let kinds = kinds(plan).iter().map(|(word, number)| format!("{word} {}", count(*number))).collect::<Vec<_>>();
    part("Steps", wrapped(&kinds.join(", "), 2));
    let left = groups(&plan.omitted).into_iter().map(|group| {
        let (kind, number) = (group.first.kind, count(group.members.len() as u64));
        format!("  {kind} ({number}): {}\n{}", group.names(), wrapped(&group.first.cause, 6))
    });
    part("Left behind", left.collect::<Vec<_>>().join("\n"));
    text.push('\n');
    text.push_str(&summary(plan));
    text
}

/// A finding in short: message, some of its places, and lines that settle it if they are few.
fn finding(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Blocks => "blocks",
        Severity::Warns => "warns ",
        Severity::Notes => "notes ",
    };
    let (place, message) = (finding.place(), wrapped(&finding.message, 10));
    let mut text = format!("  {severity}  {}  [{}]\n{message}", visible_name(&place), finding.code);
    if let Some(words) = in_places(finding) {
        let _infallible = write!(text, "\n{}", wrapped(&words, 10));
    }
    match shown_suggestion(finding) {
        Some(lines) if lines.lines().count() > LINES => {
            let first = lines.lines().take_while(|line| line.starts_with('#')).take(LINES);
            first.for_each(|line| text.push_str(&format!("\n        > {line}")));
            text.push_str("\n        > # (the other lines are in the whole plan)");
        }
        Some(lines) if finding.suggests_lines() => {
            lines.lines().for_each(|line| text.push_str(&format!("\n        > {line}")));
        }
        Some(words) => text.push_str(&format!("\n{}", wrapped(&words, 10))),
        None => {}
    }
    text
}

/// `in a.at, b.at and 20 more`; `None` if the finding is about one place, or names its objects.
pub(super) fn in_places(finding: &Finding) -> Option<String> {
    let places = places::places(finding);
    let named = places.iter().take(NAMED).map(|place| visible_name(&place.place)).collect::<Vec<_>>().join(", ");
    let more = places.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
    (!places.is_empty()).then(|| format!("in {named}{more}"))
}
