//! Declared types that prefer a type which may not hold all values: the stored ones decide, and the plan says so.

use crate::catalog::{ColumnType, KeyRange, RowFilter, RowIdentity, SelectedColumn, Selection};
use crate::dialect;
use crate::dialect::declared::Declared;
use crate::name::quote_toml_key;
use crate::plan::{Finding, FindingCode, RowFacts, Severity, mapping};
use crate::run::ExecuteError;
use crate::source::{ReadFailure, Reader};
use crate::spec::TablesMode;
use crate::survey::facts::PlanBasis;
use crate::target::copy::ColumnEncoder;
use crate::value::{Reading, Zone};
use std::collections::BTreeMap;

/// Columns with the value that is read of each, and the type that is preferred for it.
pub(crate) type Preferred = Vec<(String, SelectedColumn, ColumnType)>;

/// Whether the preferred types hold every value of these columns; one pass over the rows that pass the filter, which ends
/// where none of them does.
pub(crate) fn find_held(
    reader: &Reader,
    table: &str,
    filter: Option<&str>,
    columns: Preferred,
) -> Result<BTreeMap<String, bool>, ExecuteError> {
    let encoder = |(_, _, first): &(String, SelectedColumn, ColumnType)| {
        ColumnEncoder::new(first, Reading::Stored, &Zone::UTC).ok()
    };
    let mut encoders = columns.iter().map(encoder).collect::<Vec<_>>();
    let selection = Selection {
        table: table.to_owned(),
        columns: columns.iter().map(|(_, selected, _)| selected.clone()).collect(),
        filter: RowFilter::of(filter),
        row_identity: RowIdentity::None,
        range: KeyRange::ALL,
    };
    let mut scratch = Vec::new();
    let outcome = reader.for_each_row(&selection, |row| {
        for (position, encoder) in encoders.iter_mut().enumerate() {
            scratch.clear();
            if encoder.as_ref().is_some_and(|encoder| encoder.encode(row.cell(position), &mut scratch).is_err()) {
                *encoder = None;
            }
        }
        if encoders.iter().all(Option::is_none) { Err(()) } else { Ok(()) }
    });
    if let Err(ReadFailure::Source(error)) = outcome {
        return Err(error.into());
    }
    Ok(columns.into_iter().zip(encoders).map(|((name, ..), encoder)| (name, encoder.is_some())).collect())
}

/// A note for each column whose values the preferred type does not hold.
pub(crate) fn not_held(basis: &PlanBasis<'_>, contents: &RowFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The type of the application's own column is decided, whatever the values are.
    if basis.spec.target.tables == TablesMode::Existing {
        return findings;
    }
    for table in mapping::selected(basis.spec, basis.catalog) {
        for (column, _, first) in mapping::preferred(basis.spec, basis.catalog.engine, table) {
            let is_kept = contents.kept_type(&table.name, &column.name).is_some();
            let is_held = contents.is_held(&table.name, &column.name);
            if is_kept || is_held && mapping::holds_default(basis.catalog.engine, column) {
                continue;
            }
            let declared = crate::catalog::DeclaredType::parse(&column.declared_type);
            let Declared::Preferred(_, otherwise) = dialect::of(basis.catalog.engine).declared(&declared) else {
                continue;
            };
            let cause = if is_held { "the default" } else { "not every value" };
            let is = if is_held { "is no" } else { "is a" };
            let message =
                format!("{cause} of this {} {is} {first}; the column becomes {otherwise}", column.declared_type);
            let (table_key, column_key) = (quote_toml_key(&table.name), quote_toml_key(&column.name));
            let suggestion = format!("[tables.{table_key}.columns.{column_key}]\ntype = \"{otherwise}\"");
            let finding = Finding::about(FindingCode::TypeByValues, Severity::Notes, &table.name, message);
            findings.push(finding.in_column(&column.name).suggesting(suggestion));
        }
    }
    findings
}
