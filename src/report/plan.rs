//! The plan as a document.

use super::layout::{columns, count, counted, size, wrapped, wrapped_item};
use super::left_behind::{examples_title, left_behind_words, shown_suggestion};
use super::markdown::notes;
use super::types::{TypeCount, types};
use super::{decided, left_behind, places};
use crate::catalog::TableProfile;
use crate::name::Schemas;
use crate::name::visible::visible_name;
use crate::plan::{
    ColumnMapping, FactOrigin, Finding, FindingCode, Plan, Severity, Step, StepKind, StepState, TableMapping, seal,
};
use crate::spec::Decision;
use serde::Serialize;
use std::fmt::Write as _;

/// Context that the readers of a plan need beside it.
#[derive(Debug, Clone, Copy)]
pub struct PlanContext<'a> {
    /// The spec's file name.
    pub spec: &'a str,
    /// The target schemas.
    pub schemas: &'a Schemas,
    /// Schema and mode of the target, in words; never its place.
    pub target: &'a str,
    /// The decisions of the spec.
    pub decisions: &'a [Decision],
    /// Name of the spec's overlay.
    pub environment: Option<&'a str>,
    /// Sides that the plan was made from.
    pub looked_at: FactOrigin,
    /// Limits of the survey, and the assumptions in place of unread facts.
    pub notes: &'a [&'a str],
    /// Profiles of the source's tables; `None` if the values were not read.
    pub profile: Option<&'a [TableProfile]>,
}

/// The JSON document. Keys may be added, never renamed.
#[derive(Debug, Serialize)]
struct PlanDocument<'a> {
    spec: &'a str,
    name: &'a str,
    environment: Option<&'a str>,
    source: Option<String>,
    target: &'a str,
    decisions: &'a [Decision],
    digest: &'a str,
    inputs: &'a crate::plan::digest::InputDigests,
    looked_at: FactOrigin,
    judged: &'a crate::plan::TrialCoverage,
    changes: usize,
    findings: &'a [Finding],
    /// Absent where fewer than two findings that block propose lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<String>,
    steps: &'a [Step],
    omitted: &'a [crate::plan::Omitted],
    tables: &'a [TableMapping],
    notes: &'a [&'a str],
    profile: Option<&'a [TableProfile]>,
    /// Last key, for the seals cover the others.
    seals: std::collections::BTreeMap<String, String>,
}

/// The plan as JSON.
///
/// # Errors None in practice: serde_json's interface is fallible, but a plan always serializes.
pub fn plan_json(plan: &Plan, context: PlanContext<'_>) -> Result<String, serde_json::Error> {
    let mut document = PlanDocument {
        spec: context.spec,
        name: &plan.name,
        environment: context.environment,
        source: source_words(plan),
        target: context.target,
        decisions: context.decisions,
        digest: &plan.digest,
        inputs: &plan.inputs,
        looked_at: context.looked_at,
        judged: &plan.judged,
        changes: plan.changes(),
        findings: &plan.findings,
        proposal: plan.proposal(),
        steps: &plan.steps,
        omitted: &plan.omitted,
        tables: &plan.tables,
        notes: context.notes,
        profile: context.profile,
        seals: std::collections::BTreeMap::new(),
    };
    document.seals = seal::seals(&document);
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

/// The plan as text of at most 80 columns if the names permit it.
#[must_use]
pub fn plan_text(plan: &Plan, context: PlanContext<'_>) -> String {
    let mut text = head(plan, context);
    let mut part = |title: &str, body: String| {
        if !body.is_empty() {
            // Writing to a String cannot fail.
            let _infallible = write!(text, "\n{title}\n{body}\n");
        }
    };
    part("Findings", findings(&plan.findings));
    part("Proposed for all that blocks, to be pasted together", proposed(plan));
    part("Types", type_lines(plan));
    part("Tables", plan.tables.iter().map(|table| table_text(table, context.schemas)).collect::<Vec<_>>().join("\n"));
    part("Steps, each after what it waits for (+ to do, = done)", steps(&plan.steps));
    part("Left behind", left_behind::list(&plan.omitted));
    text.push('\n');
    text.push_str(&summary(plan));
    text
}

/// The head of a plan as text: its names, the target, the notes and the spec's decisions.
pub(super) fn head(plan: &Plan, context: PlanContext<'_>) -> String {
    let overlay = context.environment.map(|name| format!(" with the overlay {name}")).unwrap_or_default();
    let (name, spec, target) = (&plan.name, context.spec, context.target);
    let source = source_words(plan).map(|words| format!("source {words}\n")).unwrap_or_default();
    let mut text = format!("Plan for {name} ({spec}{overlay})\ndigest {}\n{source}target {target}\n", plan.digest);
    let notes = context.notes.iter().map(|note| wrapped(note, 2)).collect::<Vec<_>>().join("\n");
    for (title, body) in [("Note", notes), ("Decided in the spec", decided::list(context.decisions))] {
        if !body.is_empty() {
            // Writing to a String cannot fail.
            let _infallible = write!(text, "\n{title}\n{body}\n");
        }
    }
    text
}

/// The source in words, the same on every machine: its system, and what the plan is about. `None` without a table.
pub(super) fn source_words(plan: &Plan) -> Option<String> {
    let rows = plan.tables.iter().map(|table| table.size.rows).sum();
    let tables = counted(plan.tables.len() as u64, "table", "tables");
    plan.source_system().map(|system| format!("{system}, {tables}, {}", counted(rows, "row", "rows")))
}

/// The declared types and what they become, a line for each pair.
pub(super) fn type_lines(plan: &Plan) -> String {
    let cells =
        |one: TypeCount| vec![one.declared, format!("-> {}", one.becomes), counted(one.columns, "column", "columns")];
    columns(types(plan).into_iter().map(cells).collect(), &[2], 2)
}

/// Last line: the number of steps, and of omitted objects.
#[must_use]
pub fn summary(plan: &Plan) -> String {
    let changes = plan.changes();
    let blocking = plan.blocking().count();
    let copies = plan.steps.iter().filter(|step| step.is_pending(StepKind::Copy));
    let (tables, rows, bytes) = copies.fold((0, 0, 0), |(tables, rows, bytes), step| {
        (tables + 1, rows + step.rows().unwrap_or(0), bytes + step.bytes().unwrap_or(0))
    });
    let filtered = plan.findings.iter().filter(|finding| finding.code == FindingCode::RowsLeftBehind);
    let filtered = filtered.map(|finding| finding.count).sum::<u64>();
    let left_behind = left_behind_words(plan).map(|words| format!("; {words}")).unwrap_or_default();
    if changes == 0 && blocking == 0 {
        let steps = counted(plan.steps.len() as u64, "step", "steps");
        return format!("Nothing to do: all {steps} are done{left_behind}.\n");
    }
    let mut summary =
        format!("{} of {} to do", count(changes as u64), counted(plan.steps.len() as u64, "step", "steps"));
    if tables > 0 {
        let copied = format!(
            "; {} in {}, about {}",
            counted(rows.saturating_sub(filtered), "row", "rows"),
            counted(tables, "table", "tables"),
            size(bytes)
        );
        summary.push_str(&copied);
    }
    if filtered > 0 {
        // `data = "none"` is about all tables.
        let word = plan.tables.first().map_or("where", TableMapping::filtered_by);
        summary.push_str(&format!("; `{word}` leaves {} behind", counted(filtered, "row", "rows")));
    }
    summary.push_str(&left_behind);
    summary.push_str(".\n");
    if blocking > 0 {
        let words = format!(
            "{} block{} apply: decide them in the spec first.",
            counted(blocking as u64, "finding", "findings"),
            if blocking == 1 { "s" } else { "" }
        );
        summary.push_str(&words);
        summary.push('\n');
    }
    summary
}

/// Findings as text.
#[must_use]
pub fn findings(findings: &[Finding]) -> String {
    let one = |finding: &Finding| {
        let severity = match finding.severity {
            Severity::Blocks => "blocks",
            Severity::Warns => "warns ",
            Severity::Notes => "notes ",
        };
        let place = finding.place();
        let mut text =
            format!("  {severity}  {}  [{}]\n{}", visible_name(&place), finding.code, wrapped(&finding.message, 10));
        if let Some(title) = examples_title(finding) {
            let more = if finding.count > finding.examples.len() as u64 { ", …" } else { "" };
            let _infallible =
                write!(text, "\n{}", wrapped(&format!("{title}: {}{more}", finding.examples.join("; ")), 10));
        }
        let all = places::places(finding);
        let (named, more) = places::first(&all);
        for line in named.iter().map(places::FoundPlace::line).chain(more) {
            let _infallible = write!(text, "\n{}", wrapped_item(&line, 10));
        }
        if let Some(suggestion) = shown_suggestion(finding) {
            // Lines of the spec are to be pasted and stay whole; other text is wrapped.
            let lines = suggestion.lines().map(|line| format!("        > {line}")).collect::<Vec<_>>().join("\n");
            let shown = if finding.suggests_lines() { lines } else { wrapped(&suggestion, 10) };
            let _infallible = write!(text, "\n{shown}");
        }
        text
    };
    findings.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// The proposed lines of all blocking findings; empty where one alone proposes some.
fn proposed(plan: &Plan) -> String {
    /// Lines beyond which they are not for reading.
    const LINES: usize = 60;
    let lines = plan.proposal().unwrap_or_default();
    let number = lines.lines().count();
    if number > LINES {
        let words = format!("{} lines: `transship plan --format json` has them as `proposal`", count(number as u64));
        return wrapped(&words, 2);
    }
    let line = |line: &str| if line.is_empty() { "        >".to_owned() } else { format!("        > {line}") };
    lines.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn table_text(table: &TableMapping, schemas: &Schemas) -> String {
    let mut text = format!(
        "  {} -> {}  ({}, about {})\n",
        visible_name(&table.source),
        visible_name(&schemas.shown(&table.target)),
        counted(table.size.rows, "row", "rows"),
        size(table.size.bytes)
    );
    if let Some((words, filter)) = table.filter_words() {
        let _infallible = writeln!(text, "{}", wrapped(&format!("{words} {filter}"), 6));
    }
    text + &columns(table.columns.iter().map(column_cells).collect(), &[], 6)
}

fn column_cells(column: &ColumnMapping) -> Vec<String> {
    let declared = if column.declared_type.is_empty() { "(no type)" } else { &column.declared_type };
    // A domain or an enum by its name; PostgreSQL's long spelling of a type with a short one adds nothing.
    let words = column.type_words();
    let is_long_spelling = words.parse().ok().as_ref() == Some(&column.column_type);
    let column_type = if is_long_spelling { column.column_type.to_string() } else { words };
    vec![column.source.clone(), declared.to_owned(), format!("-> {column_type}"), notes(column)]
}

fn steps(steps: &[Step]) -> String {
    let cells = |step: &Step| {
        let mark = if step.state == StepState::Done { "=" } else { "+" };
        let rows = step.rows().map(|rows| counted(rows, "row", "rows")).unwrap_or_default();
        vec![format!("{mark} {}", step.id), rows]
    };
    columns(steps.iter().map(cells).collect(), &[1], 2)
}
