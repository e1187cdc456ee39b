//! The way back as a document.

use super::html;
use super::layout::{columns, count, counted, wrapped};
use super::verification::verification_text;
use crate::back::{RewriteBasis, TableBack, WayBack};
use crate::plan::Finding;
use crate::verify::TableResult;
use minijinja::context;
use serde_json::json;

/// The way back, in words.
#[must_use]
pub fn way_back_text(migration: &str, target: &str, back: &WayBack) -> String {
    let mut text = format!("Way back of {migration}: {target} into {}\nBasis: {}\n", back.place, basis(&back.basis));
    if !back.tables.is_empty() {
        text += &(table(&back.tables) + "\n");
    }
    for finding in &back.findings {
        text += &of_finding(finding);
    }
    if let Some(verification) = back.verification.as_ref().filter(|_| !back.is_made) {
        text += &verification_text(verification, target);
    }
    text + &outcome(back) + "\n"
}

fn basis(basis: &RewriteBasis) -> String {
    match basis {
        RewriteBasis::Source { name } => format!("the source, {name}"),
        RewriteBasis::Backup { name, place } => format!("the backup {name} of {place}"),
    }
}

/// The outcome in a sentence.
fn outcome(back: &WayBack) -> String {
    match &back.verification {
        Some(verification) if back.is_made => {
            let rows = verification.tables.iter().map(|table| table.target_rows).sum::<u64>();
            let number = counted(rows, "row", "rows");
            format!("Made, and equal: {number} of the target compared with it, value by value.")
        }
        Some(_) => "Not made: what was written differs from the target. Nothing is at the new place.".to_owned(),
        None => "Not made: decide the findings that block first. Nothing was written.".to_owned(),
    }
}

fn table(tables: &[TableBack]) -> String {
    let heading = ["TABLE", "UNCHANGED", "CHANGED", "ADDED", "REMOVED", "KEPT"].map(str::to_owned).to_vec();
    let rows = std::iter::once(heading).chain(tables.iter().map(line)).collect();
    columns(rows, &[1, 2, 3, 4, 5], 2)
}

fn line(table: &TableBack) -> Vec<String> {
    let numbers = [table.unchanged, table.changed, table.added, table.removed, table.kept];
    [vec![table.table.clone()], numbers.map(count).to_vec()].concat()
}

fn of_finding(finding: &Finding) -> String {
    let number = if finding.count > 1 { format!(" ({} times)", count(finding.count)) } else { String::new() };
    let mut text = format!("{}: {}{number}\n", finding.severity.word(), finding.place());
    text += &(wrapped(&finding.message, 2) + "\n");
    if !finding.examples.is_empty() {
        text += &(wrapped(&finding.examples.join("; "), 2) + "\n");
    }
    if let Some(suggestion) = finding.suggestion.as_deref() {
        text += &format!("  -> {suggestion}\n");
    }
    text
}

/// The way back as one page for a browser.
///
/// # Errors
/// None in practice: the template engine's interface is fallible, but a way back always renders.
pub fn way_back_html(migration: &str, target: &str, back: &WayBack) -> Result<String, minijinja::Error> {
    let environment = html::environment("back.html", include_str!("html/back.html"))?;
    let finding = |finding: &Finding| {
        let number = if finding.count > 1 { format!(" ({} times)", count(finding.count)) } else { String::new() };
        json!({
            "title": format!("{}: {}{number}", finding.severity.word(), finding.place()),
            "message": finding.message,
            "examples": finding.examples.join("; "),
            "suggestion": finding.suggestion,
        })
    };
    let compared = |result: &TableResult| {
        let rows = [result.source_rows, result.target_rows, result.missing, result.extra, result.different];
        let equal = if result.is_equal() { "equal" } else { "NOT EQUAL" };
        [vec![result.table.clone()], rows.map(count).to_vec(), vec![equal.to_owned()]].concat()
    };
    let results = back.verification.iter().flat_map(|verification| &verification.tables);
    environment.get_template("back.html")?.render(context! {
        name => migration,
        target => target,
        place => back.place.as_str(),
        basis => basis(&back.basis),
        is_made => back.is_made,
        outcome => outcome(back),
        tables => minijinja::value::Serde(back.tables.iter().map(line).collect::<Vec<_>>()),
        findings => minijinja::value::Serde(back.findings.iter().map(finding).collect::<Vec<_>>()),
        compared => minijinja::value::Serde(results.map(compared).collect::<Vec<_>>()),
        style => html::STYLE,
        script => html::SCRIPT,
    })
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
