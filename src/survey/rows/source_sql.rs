//! The spec's own expressions over the source's tables: the source is asked whether it takes them, and whether each row has a
//! value of its own.

use crate::catalog::Catalog;
use crate::dialect;
use crate::plan::{Finding, FindingCode, Severity, mapping};
use crate::source::{Reader, SourceError};
use crate::spec::Spec;

/// The findings' code.
pub const SOURCE_SQL_REFUSED: FindingCode = FindingCode::SourceSqlRefused;

/// A finding for each `where` and `source_sql` of a selected table that the source refuses. Without tables the check of the spec
/// has seen only the SQL itself.
pub(crate) fn find(spec: &Spec, catalog: &Catalog, reader: &Reader) -> Result<Vec<Finding>, SourceError> {
    let (mut findings, system) = (Vec::new(), dialect::of(catalog.engine).system());
    for table in mapping::selected(spec, catalog) {
        let mut ask = |key: &str, column: Option<&str>, sql: &str| {
            let Some(refusal) = reader.refused_expression(&table.name, sql)? else { return Ok(()) };
            let message = format!("{system} cannot compute `{key}` for each row by itself: {refusal}");
            let finding = Finding::about(SOURCE_SQL_REFUSED, Severity::Blocks, &table.name, message);
            let finding = finding.suggesting(format!("correct `{key}` in the spec; then the values are read"));
            findings.push(match column {
                Some(column) => finding.in_column(column),
                None => finding,
            });
            Ok(())
        };
        if let Some(filter) = mapping::filter(spec, &table.name) {
            ask("where", None, filter)?;
        }
        for column in &table.columns {
            if let Some(sql) = mapping::source_sql(spec, &table.name, &column.name) {
                ask("source_sql", Some(&column.name), sql)?;
            }
        }
    }
    Ok(findings)
}
