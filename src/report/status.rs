//! The state of a migration as a document.

use super::layout::{columns, count, counted, wrapped};
use crate::target::ledger::RunRow;
use serde::Serialize;
use std::fmt::Write as _;

/// The state of a migration, from the target's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The spec's name.
    pub migration: String,
    /// The target without its password.
    pub target: String,
    /// How to look at the target with psql.
    pub psql: Option<String>,
    /// How to start the embedded server by hand.
    pub start: Option<String>,
    /// The runs, the latest first.
    pub runs: Vec<RunRow>,
    /// The steps that are done, by id, with the rows of copies.
    pub steps: Vec<StepLine>,
    /// The tables with their chunks.
    pub tables: Vec<TableLine>,
    /// What is taken off the application's tables at this moment, until `apply` puts it back.
    pub detached: Vec<DetachedLine>,
}

/// What is off one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DetachedLine {
    /// The table in the target.
    pub table: String,
    /// The foreign keys that it lacks.
    pub foreign_keys: Vec<String>,
    /// The triggers that are disabled.
    pub triggers: Vec<String>,
}

/// A step in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepLine {
    /// The step's id.
    pub id: String,
    /// done, or failed for a check with a wrong answer.
    pub state: &'static str,
    /// Rows copied, for a copy.
    pub rows: Option<u64>,
}

/// A table in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableLine {
    /// The source table.
    pub table: String,
    /// Its chunks.
    pub chunks: u64,
    /// Those that are in the target.
    pub chunks_done: u64,
    /// The rows of those.
    pub rows: u64,
    /// Source rows of those that the spec rejects.
    pub rejected_rows: u64,
    /// Source values of those in whose place the target has NULL as the spec says.
    pub nulled_values: u64,
}

/// The state as JSON.
///
/// # Errors
/// Never for a state; serde_json's interface has the possibility.
pub fn status_json(status: &Status) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(status).map(|text| text + "\n")
}

/// What the spec keeps out of the target.
fn left_out(tables: &[TableLine]) -> String {
    let mut text = String::new();
    for table in tables.iter().filter(|table| table.rejected_rows + table.nulled_values > 0) {
        let rejected = counted(table.rejected_rows, "row", "rows");
        let nulled = counted(table.nulled_values, "value", "values");
        let _infallible = writeln!(text, "  {}: {rejected} rejected, {nulled} became NULL", table.table);
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
            let _infallible = writeln!(text, "  run {}   {}, {}{end}", run.id, run.state, run.started_at);
            if let Some(message) = &run.message {
                let _infallible = writeln!(text, "{}", wrapped(message, 10));
            }
            let done = status.steps.iter().filter(|step| step.state == "done").count();
            let _infallible = writeln!(text, "  steps   {} done, {} failed", done, status.steps.len() - done);
        }
    }
    if !status.tables.is_empty() {
        let header = ["table", "rows", "chunks"].map(str::to_owned).to_vec();
        let cells = |table: &TableLine| {
            vec![table.table.clone(), count(table.rows), format!("{} of {}", table.chunks_done, table.chunks)]
        };
        let rows = std::iter::once(header).chain(status.tables.iter().map(cells)).collect();
        let _infallible = writeln!(text, "\n{}", columns(rows, &[1, 2], 2));
        text.push_str(&left_out(&status.tables));
    }
    if !status.detached.is_empty() {
        text.push_str("\nOff until `apply` has put them back:\n");
        for line in &status.detached {
            let keys = line.foreign_keys.iter().map(|name| format!("foreign key {name}"));
            let names = keys.chain(line.triggers.iter().map(|name| format!("trigger {name}"))).collect::<Vec<_>>();
            let _infallible = writeln!(text, "{}", wrapped(&format!("{}: {}", line.table, names.join(", ")), 2));
        }
    }
    for (title, command) in [("Start the server by hand:", &status.start), ("Look at the data:", &status.psql)] {
        if let Some(command) = command {
            let _infallible = writeln!(text, "\n{title}\n  {command}");
        }
    }
    text
}
