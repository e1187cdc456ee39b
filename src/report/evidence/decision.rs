//! Decision about a finding.

use crate::plan::{Finding, FindingCode, Plan, Severity, StepKind, TableMapping};
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

/// Options of the command that decide.
#[derive(Debug, Clone, Copy, Default)]
pub struct DecidingOptions {
    /// `--refresh`
    pub refresh: bool,
    /// `--overwrite-changes`
    pub overwrite_changes: bool,
}

/// Party that decided about a finding, and its words in the spec.
pub(super) fn decision(finding: &Finding, plan: &Plan, options: DecidingOptions) -> (DecidedBy, Option<String>) {
    let stays_behind = finding.severity == Severity::Warns && finding.examples_are_names();
    if finding.severity == Severity::Blocks || stays_behind {
        return (DecidedBy::Nobody, None);
    }
    let nothing = (DecidedBy::NothingToDecide, None);
    let by_spec = |words: &str| (DecidedBy::Spec, Some(words.to_owned()));
    let by_option = |is_given: bool, words: &str| {
        if is_given { (DecidedBy::CommandLine, Some(words.to_owned())) } else { (DecidedBy::NothingToDecide, None) }
    };
    // The spec says the same at all places of one question.
    let place = finding.each().next().unwrap_or(finding);
    let table = plan.tables.iter().find(|table| Some(&table.source) == place.table.as_ref());
    match finding.code {
        FindingCode::ValueDoesNotFit => {
            let column = table
                .and_then(|table| table.columns.iter().find(|column| Some(&column.source) == place.column.as_ref()));
            column.map_or(nothing, |column| by_spec(&format!("on_bad_value = \"{}\"", column.treatment())))
        }
        FindingCode::ValuesShortened => by_spec("fraction"),
        FindingCode::RowsLeftBehind => by_spec(table.map_or("where", TableMapping::filtered_by)),
        FindingCode::RowsRejected => by_spec("on_bad_value = \"reject\""),
        // A key of the application's own, to a table that keeps rows, is nobody's decision.
        FindingCode::ForeignKeyOrphans if has_unchecked_key(plan, place) => by_spec("foreign_keys = \"not_valid\""),
        FindingCode::RowsMerged => by_spec("existing_rows = \"merge\""),
        FindingCode::MergedRowsDiffer => match table.and_then(|table| table.merges.as_ref()?.preferred()) {
            Some(side) => by_spec(&format!("merge.prefer = \"{side}\"")),
            None => nothing,
        },
        FindingCode::RowsKept => by_spec("existing_rows = \"keep\""),
        FindingCode::RowsRemoved => by_spec("existing_rows = \"truncate\""),
        FindingCode::TableReplaced => by_spec("tables = \"replace\""),
        FindingCode::TargetRowsChanged => by_option(options.overwrite_changes, "--overwrite-changes"),
        // A run of another state of a server is brought to the present one without an option.
        FindingCode::SourceChanged => by_option(options.refresh, "--refresh"),
        _ => nothing,
    }
}

/// Whether the table has a foreign key that is made and not validated, which is what `not_valid` asks for.
fn has_unchecked_key(plan: &Plan, place: &Finding) -> bool {
    let of_table = |kind: StepKind| {
        plan.steps.iter().filter(move |step| step.kind() == kind && step.source_table() == place.table.as_deref())
    };
    place.table.is_some() && of_table(StepKind::ForeignKey).count() > of_table(StepKind::Validate).count()
}
