//! Full-text indexes: `search` gives a table a tsvector column with a GIN index in their place.

use super::StepMaker;
use crate::catalog::{Index, IndexPurpose, Table};
use crate::name::quote_toml_key;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::mapping::{TableMapping, finds, full_text_words, search_line, table_spec};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace};

impl StepMaker<'_> {
    /// Reports a full-text index; false if `search` cannot take its place.
    pub(super) fn index_of_words(
        &mut self,
        mapping: &TableMapping,
        table: &Table,
        index: &Index,
        place: &OmittedPlace,
    ) -> bool {
        let by_spec = table_spec(self.inputs.spec, &table.name);
        let given = by_spec.and_then(|by_spec| by_spec.search.as_ref());
        let is_text = |name: &String| {
            let column = mapping.columns.iter().find(|column| column.source == *name);
            column.is_some_and(|column| column.generated.is_none() && column.column_type.is_text())
        };
        let columns =
            |index: &Index| -> Vec<String> { index.columns.iter().filter_map(|key| key.column.clone()).collect() };
        if finds(given, &columns(index)) {
            self.omit(OmittedObject::Index, place.clone(), OmissionReason::known("`search` has an index in its place"));
            return true;
        }
        let is_for_search = |index: &&Index| {
            let columns = columns(index);
            let decided = |name: &String| name.eq_ignore_ascii_case(&index.name);
            index.purpose == IndexPurpose::Words
                && !columns.is_empty()
                && columns.iter().all(is_text)
                && !by_spec.is_some_and(|by_spec| by_spec.indexes.keys().any(decided))
                && !finds(given, &columns)
        };
        if !is_for_search(&index) {
            return false;
        }
        let reason = OmissionReason::from("it is a full-text index; `search` gives the table one in PostgreSQL");
        self.omit(OmittedObject::Index, place.clone(), reason.reported_by(FindingCode::FullTextIndex));
        // A table has one `search`, for all of its full-text indexes.
        let indexes = table.indexes.iter().filter(is_for_search).collect::<Vec<_>>();
        if indexes.first().is_some_and(|first| first.name != index.name) {
            return true;
        }
        let all = indexes.iter().flat_map(|index| columns(index)).collect();
        let names = indexes.iter().map(|index| index.name.as_str()).collect::<Vec<_>>();
        let message = full_text_words(&names);
        let lines = format!("[tables.{}]\n{}", quote_toml_key(&table.name), search_line(given, all, "simple"));
        let finding = Finding::about(FindingCode::FullTextIndex, Severity::Warns, &table.name, message);
        self.made.findings.push(finding.suggesting(lines));
        true
    }
}
