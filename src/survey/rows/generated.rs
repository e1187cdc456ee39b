//! Generated columns whose values are not what their expressions give: cut where they were stored. PostgreSQL would
//! compute them again, into others, or refuse the row.

use crate::catalog::{Catalog, Table};
use crate::name::quote_toml_key;
use crate::plan::{Cause, Finding, FindingCode, Plan, Severity, TableMapping};
use crate::run::ExecuteError;
use crate::source::{Reader, SourceError};
use crate::spec::{Spec, TablesMode};
use crate::survey::rows::matching;
use crate::survey::surveyor::Surveyor;

/// A generated column that PostgreSQL computes by the translation of its expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GeneratedColumn {
    /// Its name in the source.
    pub(crate) name: String,
    /// Its expression, in the source's own SQL.
    pub(crate) expression: String,
    /// Holds for rows with another value, in the source's own SQL.
    pub(crate) differs: String,
}

/// The generated columns of a table whose values may be others than PostgreSQL will compute.
pub(crate) fn in_doubt(spec: &Spec, mapping: &TableMapping, table: &Table) -> Vec<GeneratedColumn> {
    let translated = mapping.translated_columns(spec, table).into_iter();
    let of = |(column, expression): (&str, &str)| {
        let mapped = mapping.columns.iter().find(|mapped| mapped.source == column)?;
        let differs = mapping.dialect().differs_from_expression(column, expression, &mapped.column_type)?;
        Some(GeneratedColumn { name: column.to_owned(), expression: expression.to_owned(), differs })
    };
    translated.filter_map(of).collect()
}

/// A finding if rows of the table have another value in the column than its expression gives.
pub(crate) fn find_otherwise(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    column: &GeneratedColumn,
) -> Result<Option<Finding>, ExecuteError> {
    let GeneratedColumn { name, expression, differs } = column;
    let counts = match reader.count_matching(&mapping.source, mapping.filter.as_deref(), std::slice::from_ref(differs))
    {
        Ok(counts) => counts,
        // The server computes an expression for a new row in one way, and for a query in another, stricter one.
        Err(SourceError::Query { message, .. }) => {
            let message = format!("whether its values are what its expression gives could not be asked: {message}");
            let finding = Finding::about(FindingCode::GeneratedNotAsked, Severity::Warns, &mapping.source, message);
            return Ok(Some(finding.in_column(name).suggesting(kept(mapping, name, "to be sure"))));
        }
        Err(error) => return Err(error.into()),
    };
    let count = counts.first().copied().unwrap_or(0);
    if count == 0 {
        return Ok(None);
    }
    let found = matching(surveyor, reader, mapping, differs)?;
    let rows = crate::value::counted(count, "row has", "rows have");
    let message = format!(
        "{rows} another value in this generated column than its expression gives now ({}): PostgreSQL would compute it again",
        expression.trim()
    );
    let finding = Finding::about(FindingCode::GeneratedValueDiffers, Severity::Blocks, &mapping.source, message)
        .in_column(name)
        .suggesting(kept(mapping, name, "keeps every value; PostgreSQL computes none for new rows"));
    let words = "another value in a generated column than its expression gives now: PostgreSQL would compute it again";
    let cause =
        Cause { detail: Some(format!(" ({})", expression.trim())), ..Cause::new(["row has", "rows have"], words) };
    let finding = finding.because(cause);
    Ok(Some(Finding { count, examples: found.examples, ..finding }))
}

/// A warning for each such column, where the values were not looked at.
pub(crate) fn not_looked_at(plan: &Plan, catalog: &Catalog, spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mapping in plan.to_be_copied().filter(|mapping| mapping.size.rows > 0) {
        // The application's own expressions are not those of the source.
        let table = catalog.table(&mapping.source).filter(|_| spec.target.tables != TablesMode::Existing);
        let Some(table) = table else { continue };
        for GeneratedColumn { name, .. } in in_doubt(spec, mapping, table) {
            let message = "the values were not read (--no-profile), so it is not known whether they are what the \
                           column's expression gives now";
            let finding =
                Finding::about(FindingCode::NotInspected, Severity::Warns, &mapping.source, message).in_column(&name);
            findings.push(finding.suggesting(kept(
                mapping,
                &name,
                "plan without --no-profile to know, or copy the values",
            )));
        }
    }
    findings
}

/// The lines of spec that copy the values into a plain column.
fn kept(mapping: &TableMapping, column: &str, advice: &str) -> String {
    let (table, column) = (quote_toml_key(&mapping.source), quote_toml_key(column));
    format!("# {advice}:\n[tables.{table}.columns.{column}]\ngenerated = false")
}
