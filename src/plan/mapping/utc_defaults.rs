//! Columns that the source fills in UTC, although its other times are of another zone: a default that writes the clock of UTC,
//! in a source whose `timezone` is another. Rows with the default would be read as local times, hours off.

use super::MappingDraft;
use super::selection::{column_spec, rule_for};
use crate::catalog::{ColumnType, DeclaredType};
use crate::name::quote_toml_key;
use crate::plan::Inputs;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::value::{Reading, Zone};

/// Stable name of these findings.
pub const DEFAULT_IN_UTC: FindingCode = FindingCode::DefaultInUtc;

impl MappingDraft {
    /// Reports columns of instants whose default is in UTC and about whose zone the spec says nothing.
    pub(super) fn utc_defaults(&mut self, inputs: Inputs<'_>) {
        let source = Zone::from(inputs.spec.source.timezone.clone());
        if source == Zone::UTC {
            return;
        }
        let mut findings = Vec::new();
        for mapping in &self.tables {
            let Some(table) = inputs.catalog.table(&mapping.source) else { continue };
            for column in &mapping.columns {
                let says = column_spec(inputs.spec, &table.name, &column.source).cloned().unwrap_or_default();
                let says = says.or(rule_for(inputs.spec, &DeclaredType::parse(&column.declared_type)));
                let is_read_as_local = matches!(column.column_type, ColumnType::Timestamptz(_))
                    && matches!(column.reading, Reading::Stored | Reading::Iso)
                    && column.source_sql.is_none()
                    && !column.is_utc
                    && says.timezone.is_none();
                let default = table.column(&column.source).and_then(|column| column.default.as_deref());
                let Some(default) = default.filter(|text| is_read_as_local && mapping.dialect().writes_utc(text))
                else {
                    continue;
                };
                let words = format!("read as local times of {source} (source.timezone), which is hours off");
                let message = format!("the default `{default}` writes the time of UTC, and its values are {words}");
                let (table_key, column_key) = (quote_toml_key(&table.name), quote_toml_key(&column.source));
                let suggestion = format!(
                    "# if the application writes the column in the zone of the others: timezone = \"{source}\"\n\
                     [tables.{table_key}.columns.{column_key}]\ntimezone = \"UTC\""
                );
                let cause = Cause::new(
                    ["default writes", "defaults write"],
                    format!("the time of UTC, and their values are {words}"),
                );
                let finding = Finding::about(DEFAULT_IN_UTC, Severity::Warns, &table.name, message).because(cause);
                findings.push(finding.in_column(&column.source).suggesting(suggestion));
            }
        }
        self.findings.extend(findings);
    }
}
