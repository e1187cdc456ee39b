//! One table: its name in the target, its columns, its chunks.

use super::selection::table_spec;
use super::{MappingDraft, TableMapping};
use crate::catalog::Table;
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::names::{Namespace, RelationNames};
use crate::plan::omitted::{OmittedObject, OmittedPlace};
use crate::plan::{Inputs, chunks};
use crate::spec::TablesMode;
use crate::value::Zone;

impl MappingDraft {
    pub(super) fn table(&mut self, inputs: Inputs<'_>, table: &Table, names: &mut RelationNames<'_>) {
        let (spec, by_spec) = (inputs.spec, table_spec(inputs.spec, &table.name));
        let schemas = &spec.target.schemas;
        let renamed = by_spec.and_then(|by_spec| by_spec.rename.as_deref().map(crate::name::shorten));
        let target = schemas.within(&table.name, |name| renamed.unwrap_or_else(|| spec.target.names.apply(name)));
        if schemas.bare(&target).is_empty() {
            let table_key = quote_toml_key(&table.name);
            self.findings.push(
                Finding::about(FindingCode::EmptyName, Severity::Blocks, &table.name, "PostgreSQL has no empty names")
                    .suggesting(format!("[tables.{table_key}]\nrename = \"_\"")),
            );
        }
        if !names.take(&target) {
            let message = format!("two tables would be called {target} in the target");
            self.findings.push(
                Finding::about(FindingCode::NameCollision, Severity::Blocks, &table.name, message).suggesting(format!(
                    "[tables.{}]\nrename = {}",
                    quote_toml_key(&table.name),
                    quote_toml_text(schemas.bare(&names.take_free(&target)))
                )),
            );
        }
        if table.unread_definition.is_some() {
            self.omit(OmittedObject::Constraints, OmittedPlace::table(&table.name), "its CREATE TABLE statement cannot be taken apart; CHECKs, collations and names of constraints are unknown");
        }
        let mut column_names = Namespace::default();
        let columns = table
            .columns
            .iter()
            .filter_map(|column| self.column(inputs, table, column, &mut column_names))
            .collect::<Vec<_>>();
        if columns.is_empty() {
            self.findings.push(
                Finding::about(
                    FindingCode::NoColumns,
                    Severity::Blocks,
                    &table.name,
                    "no column of it is left to copy",
                )
                .suggesting("keep a column, or write `skip = true` for the table in place of its columns"),
            );
        }
        // PostgreSQL documentation, appendix K.
        if columns.len() > 1600 {
            let message = format!("{} columns; PostgreSQL's limit is 1600", columns.len());
            self.findings.push(
                Finding::about(FindingCode::TooManyColumns, Severity::Blocks, &table.name, message)
                    .suggesting("skip columns, or keep the table out"),
            );
        }
        let mut columns = columns;
        let target = self.fit(inputs, table, target, &mut columns);
        let size = inputs.sizes.get(&table.name).copied().unwrap_or_default();
        self.tables.push(TableMapping {
            source: table.name.clone(),
            target,
            columns,
            filter: super::filter(spec, &table.name).map(str::to_owned),
            partitions: None,
            search: None,
            row_identity: table.row_identity.clone(),
            keeps_rows: spec.target.tables == TablesMode::Existing && spec.existing_rows(&table.name).keeps(),
            merges: None,
            mapped_references: Vec::new(),
            kept_references: Vec::new(),
            stray_references: Vec::new(),
            emptied_references: Vec::new(),
            chunks: chunks::cut(&table.row_identity, &size, inputs.chunk_size, inputs.contents.bounds_of(&table.name)),
            size,
            zone: Zone::from(spec.source.timezone.clone()),
            engine: inputs.catalog.engine,
        });
    }
}
