//! Evidence as one self-contained HTML page, without network or other files, which can also be printed.

use super::chart::TimeChart;
use super::fates::fates;
use super::sentence::sentence;
use super::{Evidence, RunEvidence, StepEvidence, StepOutcome, TableEvidence, TableState};
use crate::report::html;
use crate::report::layout::{count, counted, size};
use crate::report::verification::difference_text;
use minijinja::context;
use serde::Serialize;
use serde_json::{Value, json};

const PAGE: &str = include_str!("../html/evidence.html");
const STYLE: &str = include_str!("../html/evidence.css");
const SCRIPT: &str = include_str!("../html/evidence.js");

/// The evidence as an HTML page.
///
/// # Errors None in practice: the template engine's interface is fallible, but evidence always renders.
pub fn evidence_html(evidence: &Evidence) -> Result<String, minijinja::Error> {
    let mut environment = html::environment("evidence.html", PAGE)?;
    environment.add_filter("duration", duration);
    environment.add_filter("clipped", clipped);
    let chart = TimeChart::of(evidence);
    let parts = [
        ("summary", "Summary", true),
        ("fates", "Decisions", !evidence.tables.is_empty()),
        ("tables", "Tables", !evidence.tables.is_empty()),
        ("checks", "Checks", !evidence.checks.is_empty()),
        ("views", "Views", !evidence.views.is_empty()),
        ("structure", "Structure", !evidence.structure.is_empty()),
        ("sequences", "Sequences", !evidence.sequences.is_empty()),
        ("judged", "Read by PostgreSQL", !evidence.judged_by_postgresql.is_empty()),
        ("findings", "Findings", !evidence.findings.is_empty()),
        ("times", "Times", chart.is_some()),
        ("not-compared", "Not compared", !evidence.not_compared.is_empty()),
    ];
    let parts = parts.iter().filter(|(.., has)| *has).map(|(id, title, _)| (*id, *title)).collect::<Vec<_>>();
    let wrong = evidence.tables.iter().filter(|table| !table.state.is_right()).count();
    environment.get_template("evidence.html")?.render(context! {
        evidence => minijinja::value::Serde(evidence),
        outcome => evidence.outcome.words(),
        sentence => sentence(evidence),
        decisions => minijinja::value::Serde(html::decisions(&evidence.decisions)),
        fates => minijinja::value::Serde(fates(evidence)),
        runs => minijinja::value::Serde(runs(evidence)),
        has_digests => evidence.tables.iter().any(|table| table.source_digest.is_some()),
        source_snapshot => evidence.source_snapshot.as_ref().map(ToString::to_string),
        parts => minijinja::value::Serde(parts),
        figures => minijinja::value::Serde(figures(evidence)),
        tables => minijinja::value::Serde(evidence.tables.iter().map(|one| table(one, evidence)).collect::<Vec<_>>()),
        wrong => wrong,
        differing => minijinja::value::Serde(differing(evidence)),
        findings => minijinja::value::Serde(findings(evidence)),
        severities => minijinja::value::Serde(severities(evidence)),
        steps => minijinja::value::Serde(evidence.steps.iter().map(step).collect::<Vec<_>>()),
        chart => minijinja::value::Serde(chart),
        style => [html::STYLE, STYLE].concat(),
        script => [html::SCRIPT, SCRIPT].concat(),
    })
}

fn figures(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let rows = &evidence.rows;
    let right = evidence.tables.iter().filter(|table| table.state.is_right()).count();
    let passed = evidence.checks.iter().filter(|check| check.passed).count();
    let of = |part: usize, whole: usize| format!("{} of {}", count(part as u64), count(whole as u64));
    let tables = if evidence.command == "verify" { "Tables equal" } else { "Tables whole" };
    let there = (rows.already_there > 0).then(|| ("There already", count(rows.already_there)));
    let first = [("Rows in the source", count(rows.source)), ("Loaded", count(rows.loaded))];
    let rest = [
        ("Rejected", count(rows.rejected)),
        ("Filtered", count(rows.filtered)),
        (tables, of(right, evidence.tables.len())),
        ("Checks passed", of(passed, evidence.checks.len())),
        ("Time", duration(evidence.milliseconds)),
    ];
    first.into_iter().chain(there).chain(rest).collect()
}

fn table(table: &TableEvidence, evidence: &Evidence) -> Value {
    let rows = &table.rows;
    // Of a table that nobody has counted yet, nothing can be said.
    let known = rows.adds_up
        || rows.loaded + rows.already_there + rows.rejected + rows.filtered > 0
        || !matches!(table.state, TableState::NotLoaded | TableState::NotCompared);
    let digests = match (&table.source_digest, &table.target_digest) {
        (Some(source), Some(target)) if source == target => vec![("both sides", source)],
        (source, target) => {
            let one = source.as_ref().map(|digest| ("source", digest));
            one.into_iter().chain(target.as_ref().map(|digest| ("target", digest))).collect()
        }
    };
    json!({
        "source": table.table,
        "target": format!("{}.{}", table.schema.as_ref().unwrap_or(&evidence.schema), table.target),
        "state": table.state.words(),
        "right": table.state.is_right(),
        "rows": count(rows.source),
        "loaded": count(rows.loaded),
        "there": (rows.already_there > 0).then(|| format!("{} there already", count(rows.already_there))),
        "rejected": count(rows.rejected),
        "filtered": count(rows.filtered),
        "sign": if !known { "" } else if rows.adds_up { "=" } else { "≠" },
        "nulled": (table.nulled_values > 0).then(|| counted(table.nulled_values, "value became NULL", "values became NULL")),
        "shortened": (table.shortened_values > 0).then(|| counted(table.shortened_values, "value shortened", "values shortened")),
        "kept": (rows.kept > 0).then(|| counted(rows.kept, "row of the target's own", "rows of the target's own")),
        "digests": digests,
    })
}

/// The tables that differ, with examples.
fn differing(evidence: &Evidence) -> Vec<Value> {
    let differing = evidence.tables.iter().filter(|table| !table.examples.is_empty() || table.problem.is_some());
    let one = |table: &TableEvidence| {
        let numbers = [(table.missing, "missing"), (table.extra, "extra"), (table.different, "different")];
        let said = numbers.iter().filter_map(|(number, word)| {
            number.filter(|number| *number > 0).map(|number| format!("{} {word}", count(number)))
        });
        json!({
            "table": table.table,
            "problem": table.problem,
            "said": said.collect::<Vec<_>>().join(", "),
            "examples": table.examples.iter().map(difference_text).collect::<Vec<_>>(),
        })
    };
    differing.map(one).collect()
}

fn severities(evidence: &Evidence) -> Vec<(&'static str, String)> {
    use crate::plan::Severity;
    let number = |severity| evidence.findings.iter().filter(|one| one.finding.severity == severity).count() as u64;
    [Severity::Blocks, Severity::Warns, Severity::Notes].map(|one| (one.word(), count(number(one)))).to_vec()
}

fn findings(evidence: &Evidence) -> Vec<Value> {
    let one = |one: &super::FindingEvidence| {
        let mut finding = html::finding(&one.finding);
        finding["decision"] = json!(match (&one.decision, one.decided_by) {
            (Some(words), super::decision::DecidedBy::CommandLine) => format!("decided on the command line: {words}"),
            (Some(words), _) => format!("decided in the spec: {words}"),
            (None, super::decision::DecidedBy::Nobody) => "not decided yet".to_owned(),
            (None, _) => "nothing to decide".to_owned(),
        });
        finding
    };
    evidence.findings.iter().map(one).collect()
}

/// A run with the chart of its own steps. No JSON value: its numbers would be objects for the page.
#[derive(Debug, Serialize)]
struct ShownRun {
    run: i64,
    state: &'static str,
    started_at: String,
    time: Option<String>,
    steps: String,
    rows: String,
    chart: Option<TimeChart>,
}

/// The runs of a migration, but for a single one whose times are the page's own.
fn runs(evidence: &Evidence) -> Vec<ShownRun> {
    if evidence.runs.len() < 2 && evidence.command == "apply" {
        return Vec::new();
    }
    let one = |run: &RunEvidence| {
        let steps = evidence.steps.iter().filter(|step| step.run == Some(run.run));
        let steps = steps.filter(|step| matches!(step.state, StepOutcome::Done | StepOutcome::DoneBefore));
        let rows = steps.clone().filter_map(|step| step.rows).sum::<u64>();
        ShownRun {
            run: run.run,
            state: run.state.word(),
            started_at: run.started_at.clone(),
            time: run.milliseconds.map(duration),
            steps: counted(steps.count() as u64, "step", "steps"),
            rows: count(rows),
            chart: TimeChart::of_run(evidence, run),
        }
    };
    evidence.runs.iter().map(one).collect()
}

fn step(step: &StepEvidence) -> Value {
    json!({
        "id": step.id,
        "run": step.run.map(|run| run.to_string()),
        "state": step.state.words(),
        "started_at": step.started_at,
        "time": step.milliseconds.map(duration),
        "rows": step.rows.map(count),
        "speed": step.rows.zip(step.milliseconds).filter(|(rows, time)| *rows > 0 && *time > 0).map(|(rows, time)| {
            format!("{} rows/s", count(rows.saturating_mul(1000) / time))
        }),
        "size": step.bytes.map(size),
        "error": step.error,
    })
}

/// Label, cut to leave room for its bar.
fn clipped(label: &str) -> String {
    const LONGEST: usize = 36;
    if label.chars().count() <= LONGEST {
        return label.to_owned();
    }
    label.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// `42 ms`, `1.42 s`, `3:07 min`
pub(crate) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1000 => format!("{milliseconds} ms"),
        1000..10_000 => format!("{}.{:02} s", milliseconds / 1000, milliseconds % 1000 / 10),
        10_000..60_000 => format!("{} s", milliseconds / 1000),
        60_000..3_600_000 => format!("{}:{:02} min", milliseconds / 60_000, milliseconds / 1000 % 60),
        _ => format!("{}:{:02} h", milliseconds / 3_600_000, milliseconds / 60_000 % 60),
    }
}
