//! A verification as a document.

use super::applied::checks_text;
use super::layout::{columns, count, counted};
use crate::name::visible::visible_name;
use crate::verify::{
    JudgedColumn, NOT_ASKED, RowDifference, SequenceState, StructureChange, StructureChangeKind, TableResult,
    UncomparedKind, Verification,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The verification as JSON.
///
/// # Errors None in practice: serde_json's interface is fallible, but a verification always serializes.
pub fn verification_json(verification: &Verification) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(verification).map(|text| text + "\n")
}

/// The verification as text: a line for each table, then the differences and the checks; at the end `target`, which
/// names server, database and schema, and the verdict.
#[must_use]
pub fn verification_text(verification: &Verification, target: &str) -> String {
    let header = ["table", "source", "target", "missing", "extra", "different", ""].map(str::to_owned).to_vec();
    let cells = |table: &TableResult| {
        let verdict = if table.is_equal() { "equal" } else { "NOT EQUAL" };
        let numbers = [table.source_rows, table.target_rows, table.missing, table.extra, table.different].map(count);
        let [source, target, missing, extra, different] = numbers;
        vec![table.table.clone(), source, target, missing, extra, different, verdict.to_owned()]
    };
    let rows = std::iter::once(header).chain(verification.tables.iter().map(cells)).collect();
    let mut text = columns(rows, &[1, 2, 3, 4, 5], 0) + "\n";
    for table in &verification.tables {
        let name = visible_name(&table.table);
        if let Some(problem) = &table.problem {
            let _infallible = writeln!(text, "{name}: {problem}");
        }
        if table.kept_rows() > 0 {
            let kept = counted(table.kept_rows(), "row", "rows");
            let _infallible = writeln!(text, "{name}: {kept} of the target's own, kept by `existing_rows`");
        }
        if let Some(left) = left_out(table) {
            let _infallible = writeln!(text, "{name}: {left}");
        }
        if let Some(sampled) = table.sampled_rows {
            let (sampled, all) = (count(sampled), counted(table.source_rows, "row", "rows"));
            let _infallible = writeln!(text, "{name}: {sampled} of {all} compared");
            if !table.adds_up() && table.examples.is_empty() {
                let _infallible = writeln!(text, "{name}: the rows do not add up; a sample does not show which differ");
            }
        }
    }
    for table in verification.tables.iter().filter(|table| !table.examples.is_empty()) {
        let _infallible = writeln!(text, "\ndifferences in {}:", visible_name(&table.table));
        for example in &table.examples {
            let _infallible = writeln!(text, "  {}", difference_text(example));
        }
        let all = table.missing + table.extra - table.kept_rows() + table.different;
        let shown =
            table.examples.iter().map(|example| &example.key).collect::<std::collections::BTreeSet<_>>().len() as u64;
        if all > shown {
            let _infallible = writeln!(text, "  and {} more", counted(all - shown, "row", "rows"));
        }
    }
    text.push_str(&views_text(verification));
    text.push_str(&sequences_text(verification));
    if !verification.structure.is_empty() {
        text.push_str("\nchanged since apply:\n");
        for change in &verification.structure {
            let _infallible = writeln!(text, "  {}", structure_text(change));
        }
    }
    text.push_str(&judged_text(verification));
    // Comparisons that were not asked for are reported as a number alone.
    let not_compared = verification.not_compared.iter().filter(|one| one.reason != NOT_ASKED).collect::<Vec<_>>();
    if !not_compared.is_empty() {
        text.push_str("\nnot compared:\n");
        for one in not_compared {
            let (kind, name) = (one.kind, visible_name(&one.name));
            // The rest of a reason is the original text, which the plan shows.
            let reason = one.reason.lines().next().unwrap_or_default().trim_end_matches(':');
            let _infallible = writeln!(text, "  {kind} {name}: {reason}");
        }
    }
    if !verification.checks.is_empty() {
        text.push('\n');
        text.push_str(&checks_text(&verification.checks));
    }
    if verification.pending > 0 {
        let pending = counted(verification.pending as u64, "step of the plan is", "steps of the plan are");
        let _infallible = writeln!(text, "\nNote: {pending} not done yet; `transship plan` shows which.");
    }
    if verification.tables_left_out > 0 {
        let left_out = counted(verification.tables_left_out as u64, "table", "tables");
        let _infallible = writeln!(text, "\nNote: {left_out} not compared, and no check run (--table).");
    }
    let _infallible = write!(text, "\nTarget: {target}\n{}", verdict(verification));
    text
}

/// Views: the equal ones in one line, each of the others with its counts or its reason.
fn views_text(verification: &Verification) -> String {
    let mut text = String::new();
    if verification.views.is_empty() {
        return text;
    }
    let equal = verification.views.iter().filter(|view| view.equal == Some(true)).count() as u64;
    let all = counted(verification.views.len() as u64, "view", "views");
    let _infallible = writeln!(text, "\n{} of {all} answered the same on both sides", count(equal));
    for view in &verification.views {
        let name = visible_name(&view.view);
        let reason = view.reason.as_deref().unwrap_or_default();
        let _infallible = match view.equal {
            // Tables that were not compared have a list of their own.
            Some(true) | None => Ok(()),
            Some(false) if view.reason.is_some() => writeln!(text, "view {name}: NOT EQUAL: {reason}"),
            Some(false) => {
                let (missing, extra) = (count(view.missing), counted(view.extra, "row", "rows"));
                writeln!(text, "view {name}: NOT EQUAL: {missing} missing, {extra} extra")
            }
        };
        for example in &view.examples {
            let values = example.source.as_deref().or(example.target.as_deref());
            let values = values.map(|values| format!(" ({values})")).unwrap_or_default();
            let _infallible = writeln!(text, "  {}: {}{values}", example.key, example.kind);
        }
    }
    text
}

/// Columns whose values PostgreSQL itself has read, by their types.
fn judged_text(verification: &Verification) -> String {
    let mut by_type = BTreeMap::<&str, Vec<String>>::new();
    for JudgedColumn { table, column, column_type } in &verification.judged_by_postgresql {
        by_type.entry(column_type).or_default().push(format!("{}.{}", visible_name(table), visible_name(column)));
    }
    if by_type.is_empty() {
        return String::new();
    }
    let lines = by_type.into_iter().map(|(column_type, columns)| format!("  {column_type}: {}\n", columns.join(", ")));
    let heading = "\nread by PostgreSQL's own input functions, on both sides:\n";
    heading.to_owned() + &lines.collect::<String>()
}

/// Sequences, unless the next number of each is free: how many are, and the exhausted ones. Those that are behind are
/// differences of the structure.
fn sequences_text(verification: &Verification) -> String {
    let mut text = String::new();
    let free = verification.sequences.iter().filter(|one| one.state == SequenceState::Free).count();
    if free == verification.sequences.len() {
        return text;
    }
    let all = counted(verification.sequences.len() as u64, "sequence", "sequences");
    let _infallible = writeln!(text, "\n{} of {all} with a next number that no row has", count(free as u64));
    for one in verification.sequences.iter().filter(|one| one.state == SequenceState::Exhausted) {
        let [sequence, table, column] = [&one.sequence, &one.table, &one.column].map(|name| visible_name(name));
        let _infallible = writeln!(
            text,
            "  {sequence} has given its last number: the next INSERT that draws {table}.{column} from it fails"
        );
    }
    text
}

fn verdict(verification: &Verification) -> String {
    let selected = |table: &TableResult| table.source_rows.saturating_sub(table.filtered_rows + table.rejected_rows);
    let compared = |table: &TableResult| table.sampled_rows.unwrap_or_else(|| selected(table));
    let rows = counted(verification.tables.iter().map(compared).sum::<u64>(), "row", "rows");
    let is_sampled = verification.tables.iter().any(|table| table.sampled_rows.is_some());
    let Some(sample) = verification.sample.filter(|_| is_sampled) else {
        return match verification.equal {
            true if verification.not_compared.is_empty() => format!("Equal: every value of {rows} was compared.\n"),
            true => format!("Equal, as far as was compared: {rows}; not compared: {}.\n", not_compared(verification)),
            false => "NOT EQUAL.\n".to_owned(),
        };
    };
    let verdict = if verification.equal { "Equal, as far as was compared" } else { "NOT EQUAL" };
    format!(
        "{verdict}: a sample of {sample}, {rows} compared, all rows counted.\n\
         A sample is no proof: the other rows were not compared, and an extra row can hide a missing one.\n\
         Without --sample every value is compared.\n"
    )
}

/// Number of parts that were not compared, by kind.
fn not_compared(verification: &Verification) -> String {
    let mut kinds = BTreeMap::<UncomparedKind, u64>::new();
    for one in &verification.not_compared {
        *kinds.entry(one.kind).or_default() += 1;
    }
    let words = kinds.iter().map(|(kind, number)| match kind {
        UncomparedKind::Rows => counted(*number, "table in part", "tables in part"),
        UncomparedKind::Structure => "the structure".to_owned(),
        kind => counted(*number, kind.word(), &format!("{kind}s")),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Rows and values that the spec keeps out of the target.
fn left_out(table: &TableResult) -> Option<String> {
    let rows = |number| counted(number, "row", "rows");
    let parts = [
        (table.filtered_rows, format!("{} left behind by `where`", rows(table.filtered_rows))),
        (table.already_there_rows, format!("{} there already", rows(table.already_there_rows))),
        (
            table.target_preferred_rows,
            format!("{} with the target's own values, as the spec says", rows(table.target_preferred_rows)),
        ),
        (table.rejected_rows, format!("{} rejected", rows(table.rejected_rows))),
        (table.nulled_values, format!("{} became NULL", counted(table.nulled_values, "value", "values"))),
        (
            table.shortened_values,
            format!("{} compared as shortened by the spec", counted(table.shortened_values, "value", "values")),
        ),
    ];
    let said = parts.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words).collect::<Vec<_>>();
    (!said.is_empty()).then(|| said.join(", "))
}

/// Change of structure in words.
pub(super) fn structure_text(change: &StructureChange) -> String {
    let how = match change.kind {
        StructureChangeKind::Missing => "is gone",
        StructureChangeKind::Behind => "is behind",
        StructureChangeKind::Unfinished => "is unfinished",
        StructureChangeKind::Renamed => "was renamed",
        StructureChangeKind::Added => "was added, and affects later reads or writes of rows",
        StructureChangeKind::Altered => "was altered",
    };
    let reason = change.reason.as_ref().map(|reason| format!(": {}", visible_name(reason))).unwrap_or_default();
    format!("{} {how}{reason}", visible_name(&change.object))
}

pub(super) fn difference_text(difference: &RowDifference) -> String {
    let key = if difference.key.is_empty() { "a row without a key" } else { &difference.key };
    let told = match (&difference.column, &difference.source, &difference.target) {
        (Some(column), Some(source), Some(target)) => {
            format!("{key}: column {}: source {source}, target {target}", visible_name(column))
        }
        (Some(column), _, _) => format!("{key}: column {} differs", visible_name(column)),
        (None, _, _) => format!("{key}: {}", difference.kind),
    };
    let reason = difference.reason.as_ref().map(|reason| format!("; the source's value does not fit: {reason}"));
    told + &reason.unwrap_or_default()
}
