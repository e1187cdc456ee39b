//! The state of a migration as a document.

use super::discard::replaced_line;
use super::evidence::duration;
use super::layout::{columns, count, counted, size, wrapped};
use super::rehearsal::comparison_text;
use crate::rehearse::EstimateComparison;
use crate::target::ledger::{Replaced, RunProgress, RunRow, RunState, StepEnd, StepLine, TableProgress};
use serde::Serialize;
use std::fmt::Write as _;

/// The state of a migration, from the target's ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The spec's name.
    pub migration: String,
    /// The target without its password.
    pub target: String,
    /// Command that opens psql on the target.
    pub psql: Option<String>,
    /// Command that starts the embedded server by hand.
    pub start: Option<String>,
    /// The rehearsal's estimate, and the time that the real run took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<EstimateComparison>,
    /// The runs, the latest first.
    pub runs: Vec<RunRow>,
    /// Progress and speed of the latest run.
    pub progress: Option<RunProgress>,
    /// The steps that are done, by id, with the rows of copies.
    pub steps: Vec<StepLine>,
    /// The tables with their chunks.
    pub tables: Vec<TableProgress>,
    /// Keys and triggers that are detached from the application's tables at this moment, until `apply` restores them.
    pub detached: Vec<DetachedLine>,
    /// Tables that are set aside (`tables = "replace"`), until `discard` removes them or `rollback` brings them back.
    pub replaced: Vec<Replaced>,
}

/// Keys and triggers that are detached from one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DetachedLine {
    /// The table in the target.
    pub table: String,
    /// The foreign keys that it lacks.
    pub foreign_keys: Vec<String>,
    /// The foreign keys that a failed run has restored and that hold for new rows only.
    pub unchecked: Vec<String>,
    /// The triggers that are disabled.
    pub triggers: Vec<String>,
}

/// The state as JSON.
///
/// # Errors None in practice: serde_json's interface is fallible, but a state always serializes.
pub fn status_json(status: &Status) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(status).map(|text| text + "\n")
}

/// The state as JSON on one line.
///
/// # Errors
/// None in practice: serde_json's interface is fallible, but a state always serializes.
pub fn status_json_line(status: &Status) -> Result<String, serde_json::Error> {
    serde_json::to_string(status).map(|text| text + "\n")
}

/// The latest run in one line, for `--watch` without a terminal.
#[must_use]
pub fn status_line(status: &Status) -> String {
    let Some(run) = status.runs.first() else { return format!("{}: nothing has been applied yet\n", status.migration) };
    let rejected = status.tables.iter().map(|table| table.rejected_rows).sum::<u64>();
    let words = [
        Some(steps(status)),
        status.progress.as_ref().filter(|progress| progress.rows > 0 || progress.chunks_left > 0).map(speed),
        (rejected > 0).then(|| format!("{} rejected", counted(rejected, "row", "rows"))),
    ];
    let words = words.into_iter().flatten().collect::<Vec<_>>().join("; ");
    format!("run {} {}: {words}\n", run.id, state(status, run))
}

/// Present state of a run.
fn state(status: &Status, run: &RunRow) -> &'static str {
    let is_dead = run.state == RunState::Running && status.progress.as_ref().is_some_and(|progress| !progress.active);
    if is_dead { "interrupted, no session is left; `transship apply` continues it" } else { run.state.word() }
}

/// `34 of 89 steps done`
fn steps(status: &Status) -> String {
    let failed = status.steps.iter().filter(|step| step.state == StepEnd::Failed).count();
    let done = match &status.progress {
        Some(RunProgress { steps_done, steps_planned: Some(planned), .. }) => {
            format!("{} of {} steps done", count(*steps_done), count(*planned))
        }
        _ => format!("{} done", counted((status.steps.len() - failed) as u64, "step", "steps")),
    };
    if failed > 0 { format!("{done}, {failed} failed") } else { done }
}

/// `31,720 rows, 40,000 rows/s, 9.31 MiB/s; about 500,000 rows left: 12.50 s`
fn speed(progress: &RunProgress) -> String {
    let mut text = format!("{} copied", counted(progress.rows, "row", "rows"));
    for rate in [
        progress.rows_per_second.map(|rate| format!("{} rows/s", count(rate))),
        progress.bytes_per_second.map(|rate| format!("{}/s", size(rate))),
    ] {
        text.extend(rate.map(|rate| format!(", {rate}")));
    }
    if let Some(left) = progress.rows_left.filter(|_| progress.chunks_left > 0) {
        let _infallible = write!(text, "; about {} left", counted(left, "row", "rows"));
        text.extend(progress.copy_seconds_left.map(|seconds| format!(", {}", duration(seconds * 1000))));
    }
    text
}

/// The state as a screen of at most so many tables: tables that are being copied first, then pending ones.
#[must_use]
pub fn status_screen(status: &Status, tables: usize) -> String {
    let mut shown = status.clone();
    shown.tables.sort_by_key(|table| match table.chunks_done {
        done if done == table.chunks => 2,
        0 => 1,
        _ => 0,
    });
    let left_out = shown.tables.split_off(tables.min(shown.tables.len()));
    let done = left_out.iter().filter(|table| table.chunks_done == table.chunks).count();
    let mut text = status_text(&Status { psql: None, ..shown });
    if !left_out.is_empty() {
        let more = counted(left_out.len() as u64, "more table", "more tables");
        let _infallible = writeln!(text, "  and {more}, {} of them done", count(done as u64));
    }
    text
}

/// Rows and values that the spec keeps out of the target.
fn left_out(tables: &[TableProgress]) -> String {
    let mut text = String::new();
    let is_told = |table: &&TableProgress| table.rejected_rows + table.nulled_values + table.shortened_values > 0;
    for table in tables.iter().filter(is_told) {
        let rejected = counted(table.rejected_rows, "row", "rows");
        let nulled = counted(table.nulled_values, "value", "values");
        let shortened = match table.shortened_values {
            0 => String::new(),
            values => format!(", {} shortened", counted(values, "value", "values")),
        };
        let _infallible = writeln!(text, "  {}: {rejected} rejected, {nulled} became NULL{shortened}", table.table);
    }
    for table in tables.iter().filter(|table| table.already_there_rows > 0) {
        let there = counted(table.already_there_rows, "row", "rows");
        let _infallible = writeln!(text, "  {}: {there} there already", table.table);
    }
    if tables.iter().any(|table| table.rejected_rows > 0) {
        text.push_str("  `transship status SPEC --rejected` lists the rejected rows\n");
    }
    text
}

/// The state as text.
#[must_use]
pub fn status_text(status: &Status) -> String {
    let mut text = format!("{}\n  target  {}\n", status.migration, status.target);
    match status.runs.first() {
        None => text.push_str("  nothing has been applied yet\n"),
        Some(run) => {
            let end = run.finished_at.as_deref().map(|end| format!(" to {end}")).unwrap_or_default();
            let _infallible = writeln!(text, "  run {}   {}, {}{end}", run.id, state(status, run), run.started_at);
            if let Some(message) = &run.message {
                let _infallible = writeln!(text, "{}", wrapped(message, 10));
            }
            if let Some(snapshot) = &run.source_snapshot {
                let _infallible = writeln!(text, "{}", wrapped(&format!("source  {snapshot}"), 2));
            }
            let _infallible = writeln!(text, "  steps   {}", steps(status));
            if let Some(progress) =
                status.progress.as_ref().filter(|progress| progress.chunks_done + progress.chunks_left > 0)
            {
                let _infallible = writeln!(text, "{}", wrapped(&format!("rows    {}", speed(progress)), 2));
            }
        }
    }
    if let Some(comparison) = &status.rehearsal {
        let _infallible = writeln!(text, "{}", wrapped(&comparison_text(comparison), 2));
    }
    if !status.tables.is_empty() {
        let header = ["table", "rows", "chunks", "rejected", "rows/s"].map(str::to_owned).to_vec();
        let cells = |table: &TableProgress| {
            let of = table.estimated_rows.filter(|_| table.chunks_done < table.chunks);
            vec![
                table.table.clone(),
                count(table.rows) + &of.map(|rows| format!(" of {}", count(rows))).unwrap_or_default(),
                format!("{} of {}", table.chunks_done, table.chunks),
                count(table.rejected_rows),
                table.rows_per_second.map(count).unwrap_or_default(),
            ]
        };
        let rows = std::iter::once(header).chain(status.tables.iter().map(cells)).collect();
        let _infallible = writeln!(text, "\n{}", columns(rows, &[1, 2, 3, 4], 2));
        text.push_str(&left_out(&status.tables));
    }
    if !status.detached.is_empty() {
        text.push_str("\nDetached until `apply` restores them:\n");
        for line in &status.detached {
            let keys = line.foreign_keys.iter().map(|name| format!("foreign key {name}"));
            let unchecked = line.unchecked.iter().map(|name| format!("foreign key {name} (on for new rows only)"));
            let names = keys
                .chain(unchecked)
                .chain(line.triggers.iter().map(|name| format!("trigger {name}")))
                .collect::<Vec<_>>();
            let _infallible = writeln!(text, "{}", wrapped(&format!("{}: {}", line.table, names.join(", ")), 2));
        }
    }
    if !status.replaced.is_empty() {
        text.push_str("\nSet aside, until `rollback` brings them back or `discard` removes them:\n");
        text.extend(status.replaced.iter().map(replaced_line));
    }
    for (title, command) in [("Start the server by hand:", &status.start), ("Look at the data:", &status.psql)] {
        if let Some(command) = command {
            let _infallible = writeln!(text, "\n{title}\n  {command}");
        }
    }
    text
}
