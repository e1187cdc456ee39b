//! The way back as a document.

use super::layout::{columns, count, counted, wrapped};
use super::verification::verification_text;
use crate::back::{Basis, TableBack, WayBack};
use crate::plan::Finding;
use serde_json::json;

/// The way back, in words.
#[must_use]
pub fn way_back_text(migration: &str, target: &str, back: &WayBack) -> String {
    let basis = match &back.basis {
        Basis::Source(place) => format!("the source, {place}"),
        Basis::Backup(name) => format!("the backup {name}"),
    };
    let mut text = format!("Way back of {migration}: {target} into {}\nBasis: {basis}\n", back.place);
    if !back.tables.is_empty() {
        text += &(table(&back.tables) + "\n");
    }
    for finding in &back.findings {
        text += &of_finding(finding);
    }
    match &back.verification {
        Some(verification) if back.is_made => {
            let rows = verification.tables.iter().map(|table| table.target_rows).sum::<u64>();
            let number = counted(rows, "row", "rows");
            text += &format!("Made, and equal: {number} of the target compared with it, value by value.\n");
        }
        Some(verification) => {
            text += &verification_text(verification, target);
            text += "Not made: what was written differs from the target. Nothing is at the new place.\n";
        }
        None => text += "Not made: decide the findings that block first. Nothing was written.\n",
    }
    text
}

fn table(tables: &[TableBack]) -> String {
    let heading = ["TABLE", "UNCHANGED", "CHANGED", "ADDED", "REMOVED", "KEPT"].map(str::to_owned).to_vec();
    let row = |table: &TableBack| {
        let numbers = [table.unchanged, table.changed, table.added, table.removed, table.kept];
        [vec![table.table.clone()], numbers.map(count).to_vec()].concat()
    };
    let rows = std::iter::once(heading).chain(tables.iter().map(row)).collect();
    columns(rows, &[1, 2, 3, 4, 5], 2)
}

fn of_finding(finding: &Finding) -> String {
    let number = if finding.count > 1 { format!(" ({} times)", count(finding.count)) } else { String::new() };
    let mut text = format!("{}: {}{number}\n", finding.severity.word(), finding.place());
    text += &(wrapped(&finding.message, 2) + "\n");
    if !finding.examples.is_empty() {
        text += &(wrapped(&finding.examples.join("; "), 2) + "\n");
    }
    if let Some(suggestion) = &finding.suggestion {
        text += &format!("  -> {suggestion}\n");
    }
    text
}

/// The way back, as JSON.
///
/// # Errors
/// None in practice: these data always serialize.
pub fn way_back_json(back: &WayBack) -> Result<String, serde_json::Error> {
    let WayBack { place, is_made, basis, tables, findings, verification } = back;
    let document = json!({
        "to": place,
        "made": is_made,
        "basis": basis,
        "tables": tables,
        "findings": findings,
        "verification": verification,
    });
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}
