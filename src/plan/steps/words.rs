//! Indexes over words: `search` gives a table a tsvector column with a GIN index in their place.

use super::Maker;
use crate::catalog::{Index, Table};
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::finding::{Finding, Severity};
use crate::plan::mapping::TableMapping;
use crate::plan::omitted::{OmissionReason, OmittedPlace};

impl Maker<'_> {
    /// Reports an index over words; false if `search` cannot take its place.
    pub(super) fn index_of_words(
        &mut self,
        mapping: &TableMapping,
        table: &Table,
        index: &Index,
        place: &OmittedPlace,
    ) -> bool {
        if mapping.search.is_some() {
            self.omit("index", place.clone(), OmissionReason::known("`search` has an index in its place"));
            return true;
        }
        let columns = index.columns.iter().filter_map(|key| key.column.clone()).collect::<Vec<_>>();
        let is_text = |name: &String| {
            let column = mapping.columns.iter().find(|column| column.source == *name);
            column.is_some_and(|column| column.generated.is_none() && column.column_type.is_text())
        };
        if columns.is_empty() || !columns.iter().all(is_text) {
            return false;
        }
        let reason = OmissionReason::from("it is a full-text index; `search` gives the table one in PostgreSQL");
        self.omit("index", place.clone(), reason.reported_by("full_text_index"));
        let list = columns.iter().map(|column| quote_toml_text(column)).collect::<Vec<_>>().join(", ");
        let message =
            format!("{} is a full-text index over it; PostgreSQL has a tsvector column with a GIN index", index.name);
        let lines =
            format!("[tables.{}]\nsearch = {{ columns = [{list}], config = \"simple\" }}", quote_toml_key(&table.name));
        let finding = Finding::about("full_text_index", Severity::Warns, &table.name, message);
        self.made.findings.push(finding.suggesting(lines));
        true
    }
}
