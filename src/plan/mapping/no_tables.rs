//! A migration without a table: a wrong path names an empty file, and a pattern may leave out everything.

use super::MappingDraft;
use crate::catalog::Catalog;
use crate::plan::finding::{Finding, FindingCode, Severity};

/// Stable name of this finding.
pub const NO_TABLES: FindingCode = FindingCode::NoTables;

impl MappingDraft {
    /// Reports that no table is migrated, unless something else blocks: rows of virtual tables that stand nowhere else do.
    pub(super) fn no_tables(&mut self, catalog: &Catalog) {
        if !self.tables.is_empty() || self.findings.iter().any(|finding| finding.severity == Severity::Blocks) {
            return;
        }
        let (message, advice) = match catalog.tables.len() {
            0 => (
                "the source has no table: no row is migrated".to_owned(),
                "make sure that `source.url` names the database that is meant (a program that opens a wrong path makes an empty \
                 file there)",
            ),
            1 => (
                "the only table of the source is not migrated".to_owned(),
                "check `include`, `exclude` and `skip`, if there is one to migrate",
            ),
            tables => {
                let message = format!("none of the {tables} tables of the source is migrated");
                (message, "check `include`, `exclude` and `skip`")
            }
        };
        self.findings.push(Finding::general(NO_TABLES, Severity::Warns, message).suggesting(advice));
    }
}
