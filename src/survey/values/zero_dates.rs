//! Dates that no calendar has, `0000-00-00` and `2020-01-00`: one line of the spec decides about those of all columns.

use crate::name::quote_toml_key;
use crate::plan::{Cause, Finding, FindingCode, Plan, Severity, TableMapping, told_reasons};
use crate::survey::values::misfits::{Misfit, SEVERAL, decided};
use crate::value::ZeroDates;

/// The code of the finding.
const ZERO_DATE: FindingCode = FindingCode::ZeroDate;

/// The finding about the dates of a column that no calendar has, with what the spec decides about them.
pub(crate) fn finding(mapping: &TableMapping, position: usize, misfit: &Misfit) -> Finding {
    let column = &mapping.columns[position];
    let (severity, told) = decided(column, misfit.count);
    let (_, decided) = decided(column, SEVERAL);
    let values = if misfit.count == 1 { "1 value is".to_owned() } else { format!("{} values are", misfit.count) };
    let message = format!("{values} no date of any calendar: {}{told}", told_reasons(&misfit.reasons));
    let is_refused = column.forgetting.zero_dates.is_refused();
    let suggestion = match severity {
        Severity::Blocks if is_refused => Some(for_all(column.not_null).into()),
        Severity::Blocks => {
            let (table, column) = (quote_toml_key(&mapping.source), quote_toml_key(&column.source));
            let words = "zero_dates = \"-infinity\"   # or \"epoch\"; or: not_null = false";
            Some(format!("# the column takes no NULL\n[tables.{table}.columns.{column}]\n{words}").into())
        }
        _ => None,
    };
    let cause = Cause::new(["value is", "values are"], "no date of any calendar");
    let cause = Cause { reasons: misfit.reasons.clone(), end: decided.to_owned(), ..cause };
    let found = Finding::about(ZERO_DATE, severity, &mapping.source, message).in_column(&column.source).because(cause);
    Finding { count: misfit.count, examples: misfit.examples.clone(), suggestion, ..found }
}

/// The lines of the spec that decide about all columns.
fn for_all(takes_no_null: bool) -> String {
    if takes_no_null {
        "# for all columns, of which some take no NULL; it is before every date\n[source]\nzero_dates = \"-infinity\"   # or \"epoch\": \
         1970-01-01"
            .to_owned()
    } else {
        "# for all columns\n[source]\nzero_dates = \"null\"   # or \"-infinity\", or \"epoch\": 1970-01-01".to_owned()
    }
}

/// Gives the findings about columns that wait for one decision the same suggestion: NULL only where all of them take it.
pub(crate) fn suggest_together(findings: &mut [Finding], plan: &Plan) {
    let open = |finding: &&mut Finding| {
        finding.code == ZERO_DATE && finding.severity == Severity::Blocks && {
            let mut columns = plan.tables.iter().filter(|mapping| finding.table.as_ref() == Some(&mapping.source));
            let column = columns.find_map(|mapping| {
                mapping.columns.iter().find(|column| finding.column.as_ref() == Some(&column.source))
            });
            column.is_some_and(|column| column.forgetting.zero_dates == ZeroDates::Refused)
        }
    };
    let mut open = findings.iter_mut().filter(open).collect::<Vec<_>>();
    let takes_no_null = open.iter().any(|finding| finding.suggestion.as_deref() == Some(for_all(true).as_str()));
    for finding in &mut open {
        finding.suggestion = Some(for_all(takes_no_null).into());
    }
}
