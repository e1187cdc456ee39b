//! Patterns of the spec that match nothing in the source: globs of `include` and `exclude`, and lines of `[types]`.

use super::MappingDraft;
use crate::catalog::{Catalog, DeclaredType};
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::spec::Spec;

/// Stable name of these findings.
const CODE: FindingCode = FindingCode::PatternMatchesNothing;

impl MappingDraft {
    /// Reports patterns without a match. A table that `include` was to name is missing from the migration, which is graver
    /// than a line without effect.
    pub(super) fn idle_patterns(&mut self, spec: &Spec, catalog: &Catalog) {
        let tables = catalog.tables.iter().map(|table| table.name.as_str());
        let names = tables.chain(catalog.others.iter().map(|other| other.name.as_str())).collect::<Vec<_>>();
        let (include, exclude) = spec.source.tables.idle(&names);
        let included = include.into_iter().map(|glob| ("include", Severity::Warns, glob));
        let excluded = exclude.into_iter().map(|glob| ("exclude", Severity::Notes, glob));
        for (key, severity, glob) in included.chain(excluded) {
            let message = format!("`{glob}` of `{key}` matches nothing in the source");
            let finding = Finding::general(CODE, severity, message);
            self.findings.push(finding.suggesting_nearest(glob, names.iter().copied()));
        }
        let columns = catalog.tables.iter().flat_map(|table| &table.columns);
        let mut declared = columns.map(|column| DeclaredType::parse(&column.declared_type)).collect::<Vec<_>>();
        declared.sort_by_cached_key(ToString::to_string);
        declared.dedup();
        let words = declared.iter().map(ToString::to_string).collect::<Vec<_>>();
        for rule in &spec.types {
            if declared.iter().all(|declared| rule.declared.matches(declared).is_none()) {
                let written = rule.declared.to_string();
                let message = format!("the line `{written}` of [types] matches no column of the source");
                let finding = Finding::general(CODE, Severity::Notes, message);
                self.findings.push(finding.suggesting_nearest(&written, words.iter().map(String::as_str)));
            }
        }
    }
}
