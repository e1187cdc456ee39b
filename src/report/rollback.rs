//! Rollback as a document: before it, the objects and rows to be removed; after it, the removed ones.

use super::layout::{count, counted, wrapped};
use crate::rollback::{Rollback, RolledBack, TableRows};
use serde::Serialize;
use serde_json::json;
use std::fmt::Write as _;

/// The rollback as JSON.
///
/// # Errors None in practice: serde_json's interface is fallible, but a rollback always serializes.
pub fn rolled_back_json(migration: &str, rolled_back: &RolledBack) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Document<'a> {
        migration: &'a str,
        rolled_back: bool,
        #[serde(flatten)]
        rest: &'a RolledBack,
    }
    let document = Document { migration, rolled_back: true, rest: rolled_back };
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

/// JSON of a rollback that had nothing to do.
///
/// # Errors
/// As for [`rolled_back_json`].
pub fn nothing_rolled_back_json(migration: &str) -> Result<String, serde_json::Error> {
    let document = json!({ "migration": migration, "rolled_back": false, "equal": true, "steps": [], "tables": [] });
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

/// Question before a rollback: the objects and rows that will be removed.
#[must_use]
pub fn rollback_question(rollback: &Rollback) -> String {
    let mut text = "This will be removed, the last step first:\n".to_owned();
    let changing = rollback.undoes().iter().filter(|undo| !undo.statements.is_empty());
    for undo in changing {
        let alone = if undo.transaction { "" } else { " (outside of the transaction, before everything else)" };
        let _infallible = writeln!(text, "  {}{alone}", undo.step);
    }
    for (stays, title) in
        [(false, "Rows that go with their tables:"), (true, "Rows that go from tables of the application, which stay:")]
    {
        let tables = rollback.tables().iter().filter(|table| table.stays == stays).collect::<Vec<_>>();
        let lines = tables.iter().map(|table| format!("  {}: {}{}\n", table.table, rows(table), restored(table)));
        if !tables.is_empty() {
            let _infallible = writeln!(text, "{title}");
            text.extend(lines);
        }
    }
    text.push_str(&emptied(rollback.emptied()));
    if !rollback.along().is_empty() {
        let _infallible = writeln!(text, "Changed by others, and removed all the same:");
        text.extend(rollback.along().iter().map(|change| format!("  {change}\n")));
    }
    let left = rollback.left();
    if !left.is_empty() {
        let _infallible =
            writeln!(text, "Changed by others, or needed by something that they changed, and left as it is:");
        text.extend(left.iter().map(|change| format!("  {change}\n")));
    }
    let unknown = rollback.undoes().iter().filter(|undo| undo.unknown).map(|undo| undo.step.as_str());
    let unknown = unknown.collect::<Vec<_>>();
    if !unknown.is_empty() {
        let words = format!("Without `undo` in the spec, so what they made may stay: {}", unknown.join(", "));
        let _infallible = writeln!(text, "{}", wrapped(&words, 0));
    }
    text
}

/// Warning about rows that no rollback restores.
fn emptied(rows: &[String]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let title =
        "Removed before the load (`existing_rows = \"truncate\"`) or by `transship discard`, and not brought back:\n";
    rows.iter().fold(title.to_owned(), |text, rows| text + "  " + rows + "\n")
}

fn rows(table: &TableRows) -> String {
    let Some(rows) = table.rows else { return "gone already".to_owned() };
    let now = counted(rows, "row", "rows");
    if table.others > 0 {
        return format!("{now}; WARNING: {} of them written or changed by others", count(table.others));
    }
    match table.copied {
        None => format!("{now}; its copy is unfinished"),
        Some(copied) if rows > copied => format!("{now}, {} of them by steps of the spec", count(rows - copied)),
        Some(copied) if rows < copied => format!("{now}, {} fewer than were copied", count(copied - rows)),
        Some(_) => now,
    }
}

/// The rows of a table that get their own values back, as the end of a line.
fn restored(table: &TableRows) -> String {
    match table.restored {
        0 => String::new(),
        1 => "; 1 row gets its own values back".to_owned(),
        many => format!("; {} rows get their own values back", count(many)),
    }
}

/// Outcome of a rollback: the removed objects, and whether the structure equals the one before the first run.
#[must_use]
pub fn rolled_back_text(migration: &str, rolled_back: &RolledBack) -> String {
    let steps = counted(rolled_back.steps.len() as u64, "step", "steps");
    let part = |stays: bool| {
        let tables = rolled_back.tables.iter().filter(|table| table.stays == stays && table.rows.is_some());
        let rows = tables.clone().filter_map(|table| table.rows).sum::<u64>();
        (counted(tables.clone().count() as u64, "table", "tables"), counted(rows, "row", "rows"), tables.count())
    };
    let mut removed = Vec::new();
    let (tables, rows, count) = part(false);
    if count > 0 || rolled_back.tables.is_empty() {
        removed.push(format!("{tables} with {rows} removed"));
    }
    let (tables, rows, count) = part(true);
    if count > 0 {
        removed.push(format!("{rows} removed from {tables} of the application"));
    }
    let restored = rolled_back.tables.iter().map(|table| table.restored).sum::<u64>();
    if restored > 0 {
        removed.push(format!("{} given their own values back", counted(restored, "row", "rows")));
    }
    let mut text = format!("{migration}: rolled back; {steps} undone, {}.\n", removed.join(", "));
    text.push_str(&emptied(&rolled_back.emptied));
    if !rolled_back.gone.is_empty() {
        let gone = format!("Gone already: {}", rolled_back.gone.join(", "));
        let _infallible = writeln!(text, "{}", wrapped(&gone, 0));
    }
    for (title, changes) in [
        ("Changed by others, and removed as wished:", &rolled_back.along),
        ("Changed by others, or needed by something that they changed, and left as wished:", &rolled_back.left),
    ] {
        if !changes.is_empty() {
            let _infallible = writeln!(text, "{title}");
            text.extend(changes.iter().map(|change| format!("  {change}\n")));
        }
    }
    if rolled_back.equal {
        let discarded = if rolled_back.emptied.is_empty() {
            ""
        } else {
            ", but for tables that `transship discard` has removed, if any"
        };
        let _infallible = writeln!(text, "The structure of the target equals the one before the first run{discarded}.");
        return text;
    }
    text.push_str("The structure of the target is not the one before the first run:\n");
    let difference = &rolled_back.difference;
    for (what, objects) in
        [("new", &difference.added), ("missing", &difference.missing), ("altered", &difference.altered)]
    {
        for object in objects {
            let _infallible = writeln!(text, "  {what}: {object}");
        }
    }
    let unknown = rolled_back.unknown().collect::<Vec<_>>();
    let from = if !rolled_back.left.is_empty() {
        "It was left, or others have changed the database since.".to_owned()
    } else if unknown.is_empty() {
        "None of it was made by this migration: others have changed the database since.".to_owned()
    } else {
        format!(
            "It comes from others, or from {}: write `undo = \"SQL\"` beside the `sql` of a step to have it rolled back.",
            unknown.join(", ")
        )
    };
    let _infallible = writeln!(text, "{}", wrapped(&from, 0));
    text
}
