//! Decision about a finding.

use crate::plan::{Finding, Plan, Severity};
use serde::Serialize;

/// Party that decided about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DecidedBy {
    /// No decision yet: the finding blocks, or an object is omitted without a word of the spec.
    Nobody,
    /// The spec.
    Spec,
    /// An option of the command.
    CommandLine,
    /// No decision is needed: nothing is lost.
    NothingToDecide,
}

/// Party that decided about a finding, and its words in the spec.
pub(super) fn decision(finding: &Finding, plan: &Plan) -> (DecidedBy, Option<String>) {
    let stays_behind = finding.severity == Severity::Warns && finding.examples_are_names();
    if finding.severity == Severity::Blocks || stays_behind {
        return (DecidedBy::Nobody, None);
    }
    let by_spec = |words: &str| (DecidedBy::Spec, Some(words.to_owned()));
    match finding.code {
        "value_does_not_fit" => {
            // The spec says the same at all places of one question.
            let finding = finding.each().next().unwrap_or(finding);
            let table = plan.tables.iter().find(|table| Some(&table.source) == finding.table.as_ref());
            let column = table
                .and_then(|table| table.columns.iter().find(|column| Some(&column.source) == finding.column.as_ref()));
            match column {
                Some(column) => by_spec(&format!("on_bad_value = \"{}\"", column.treatment())),
                None => (DecidedBy::NothingToDecide, None),
            }
        }
        "values_shortened" => by_spec("fraction"),
        "rows_left_behind" => by_spec("where"),
        "rows_rejected" => by_spec("on_bad_value = \"reject\""),
        "foreign_key_orphans" => by_spec("foreign_keys = \"not_valid\""),
        "rows_merged" | "merged_rows_differ" => by_spec("existing_rows = \"merge\""),
        "rows_kept" => by_spec("existing_rows = \"keep\""),
        "rows_removed" => by_spec("existing_rows = \"truncate\""),
        "table_replaced" => by_spec("tables = \"replace\""),
        "target_rows_changed" => (DecidedBy::CommandLine, Some("--overwrite-changes".to_owned())),
        "source_changed" => (DecidedBy::CommandLine, Some("--refresh".to_owned())),
        _ => (DecidedBy::NothingToDecide, None),
    }
}
