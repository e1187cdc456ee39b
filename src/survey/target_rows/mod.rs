//! Rows that the application's tables hold already, against those of the source: which are the same, which differ, and which
//! keys meet. The rows go into a temporary table of the target, and PostgreSQL compares them there, as its own indexes would;
//! all of it is rolled back.

mod collisions;
mod false_parents;
mod inquiry;
mod merged;
pub(super) mod not_copied_again;
mod questions;
mod referenced;
mod rules;
mod target_contents;
mod truncated_parents;
mod unfilled_parents;
mod words;

use crate::catalog::remedy;
use crate::plan::merge_sql::{MergeSql, STAGED};
use crate::plan::{Cause, ColumnMapping, Finding, FindingCode, Plan, Severity, TableMapping};
use crate::rows::staging::{RowsToStage, stage};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::spec::Spec;
use crate::target::existing::{UniqueIndex, read_unique_indexes};
use crate::target::grants::{read_missing_temporary, read_missing_update};
use crate::target::sqlstate::leaves_rows_unknown;
use crate::target::{Ledger, Session, TargetError};
use inquiry::{IDS, TargetInquiry};
pub(crate) use questions::TargetRowQuestions;
pub(crate) use target_contents::{Changed, TargetContents};

impl TargetInquiry<'_> {
    /// The findings of a question; if PostgreSQL refuses it, a finding for each of these tables that the effect of a
    /// run on their rows is not known. PostgreSQL's message may hold a value of a row.
    fn or_open<'m>(
        &self,
        found: Result<Vec<Finding>, ExecuteError>,
        tables: impl IntoIterator<Item = &'m TableMapping>,
        what: &str,
    ) -> Result<Vec<Finding>, ExecuteError> {
        let (code, message) = match found {
            Err(ExecuteError::Target(TargetError::Statement {
                code: Some(code), transient: false, message, ..
            })) if leaves_rows_unknown(&code) => (code, message),
            other => return other,
        };
        let reason = if self.shows_values { message } else { format!("with SQLSTATE {code}") };
        let finding = |mapping: &TableMapping| {
            let message = format!("{what} is not known: PostgreSQL refuses the query, {reason}");
            Finding::about(FindingCode::NotInspected, Severity::Blocks, &mapping.source, message)
                .suggesting("run `transship plan --show-values` for PostgreSQL's message; plan again after a lock")
        };
        Ok(tables.into_iter().map(finding).collect())
    }

    async fn at(
        &self,
        mapping: &TableMapping,
        (plan, held): (&Plan, &TargetContents),
        is_settled: bool,
        reader: &mut Option<Reader>,
    ) -> Result<Vec<Finding>, ExecuteError> {
        // The mapping has a finding about rows to be brought together with a column that PostgreSQL reads itself.
        if mapping.is_staged() && mapping.columns.iter().any(ColumnMapping::is_judged) {
            return Ok(Vec::new());
        }
        let schemas = &self.spec.target.schemas;
        if !held.rows.contains_key(&mapping.target) {
            return self.keys_alone(mapping, held, reader).await;
        }
        let unique = read_unique_indexes(self.session, schemas.place(&mapping.target)).await?;
        let is_filled =
            |name: &String| mapping.columns.iter().any(|column| column.target == *name && !column.is_judged());
        // The value of a column that no row brings is PostgreSQL's to make; one that PostgreSQL reads itself is not encoded here.
        let (unique, beside) = unique.into_iter().partition::<Vec<_>, _>(|index| index.reads.iter().all(is_filled));
        let mut findings = beside.iter().filter_map(|index| self.not_asked(mapping, index)).collect::<Vec<_>>();
        if mapping.merges.is_none() && unique.is_empty() {
            return Ok(findings);
        }
        let staged = if mapping.is_staged() { mapping.clone() } else { needed(mapping, &unique) };
        let mut sql = MergeSql::of(&staged, schemas, &self.spec.name, IDS);
        let doing = format!("looking at what {} holds already", sql.table);
        self.session.execute(&sql.create(), &doing).await?;
        let ranges = held.ranges(mapping, self.changed);
        let rows = RowsToStage { mapping: &staged, ranges, copy: &sql.copy() };
        stage(self.session, reader, rows, self.zone, self.stop).await?;
        self.session.execute(&format!("ANALYZE {STAGED}"), &doing).await?;
        self.run(sql.translate_references(), &doing).await?;
        if self.changed.contains_key(&mapping.source) {
            // The rows that are there of an earlier run go before they are copied again.
            sql.table = format!("(SELECT * FROM {} WHERE {})", sql.table, self.others);
        }
        if mapping.merges.is_some() {
            findings.extend(merged::find(self, (plan, held), mapping, &sql, is_settled, &doing).await?);
        }
        // Without new ids every row that needs one would meet the key of another.
        if findings.iter().all(|finding| finding.code != merged::ID_TAKEN) {
            let is_loaded = held.is_loaded(&mapping.source);
            findings.extend(collisions::find(self, &staged, &sql, &unique, is_loaded, &doing).await?);
        }
        self.session.execute(&format!("DROP TABLE {STAGED}"), &doing).await?;
        Ok(findings)
    }

    /// The findings about the keys of rows that come into a table which has none.
    async fn keys_alone(
        &self,
        mapping: &TableMapping,
        held: &TargetContents,
        reader: &mut Option<Reader>,
    ) -> Result<Vec<Finding>, ExecuteError> {
        let key = mapping.merges.as_ref().map(|merging| merging.key.as_slice()).unwrap_or_default();
        let narrow = false_parents::narrowed(mapping, |column| key.contains(&column.target));
        let sql = MergeSql::of(&narrow, &self.spec.target.schemas, &self.spec.name, IDS);
        let doing = format!("looking at the keys of rows for {}", sql.table);
        self.session.execute(&sql.create(), &doing).await?;
        let ranges = held.ranges(mapping, self.changed);
        let rows = RowsToStage { mapping: &narrow, ranges, copy: &sql.copy() };
        stage(self.session, reader, rows, self.zone, self.stop).await?;
        let findings = merged::keys(self, &narrow, &sql, &doing).await?;
        self.session.execute(&format!("DROP TABLE {STAGED}"), &doing).await?;
        Ok(findings)
    }

    /// The doubt about a unique index that reads columns which no row of the source fills, or which PostgreSQL reads itself.
    fn not_asked(&self, mapping: &TableMapping, index: &UniqueIndex) -> Option<Finding> {
        let filled = |name: &String| mapping.columns.iter().find(|column| column.target == *name);
        let reason = if index.reads.iter().all(|name| filled(name).is_some()) {
            // With the constraints the first run's rows have been tried against it, beside those that are there.
            if !self.changed.contains_key(&mapping.source) {
                return None;
            }
            "PostgreSQL itself reads these values"
        } else if index.reads.iter().any(|name| filled(name).is_some()) {
            "no source column fills all of it"
        } else {
            // A key of the target's own, such as a number from its sequence, meets nothing.
            return None;
        };
        let words = index.words();
        let message =
            format!("whether rows have the key ({words}) of rows that are there already is not known: {reason}");
        Some(Finding::about(FindingCode::NotInspected, Severity::Warns, &mapping.source, message))
    }
}

/// The mapping with the columns that the unique keys read, those that name a row, and those for which a row is rejected.
fn needed(mapping: &TableMapping, unique: &[UniqueIndex]) -> TableMapping {
    let identity = mapping.row_identity.declared_columns().unwrap_or_default();
    let identity = identity.iter().filter_map(|source| mapping.target_column(source)).collect::<Vec<_>>();
    false_parents::narrowed(mapping, |column| {
        unique.iter().any(|index| index.reads.contains(&column.target)) || identity.contains(&column.target.as_str())
    })
}

/// Makes the temporary mapping of ids, with what the ledger has.
async fn prepare_ids(spec: &Spec, session: &Session) -> Result<(), ExecuteError> {
    let doing = "looking at what the target holds already";
    let create = "CREATE TEMPORARY TABLE transship_ids (migration text, table_name text, source_key text[], \
                  target_key text[], is_new boolean) ON COMMIT DROP";
    session.execute(create, doing).await?;
    let ledger = Ledger::of(&spec.name);
    if ledger.is_known(session).await? && ledger.has_merged(session).await? {
        ledger.copy_merged_ids(session, IDS, doing).await?;
    }
    Ok(())
}

/// The findings about rights that looking and merging take: temporary tables, and writing rows that are there.
async fn missing_rights(
    spec: &Spec,
    session: &Session,
    tables: &[TableMapping],
    first: &str,
) -> Result<Vec<Finding>, ExecuteError> {
    let doing = "reading the rights of the role";
    let lacking = |source: &str, message: String, grant: &str| {
        Finding::about(FindingCode::TargetNotPermitted, Severity::Blocks, source, message).suggesting(remedy([grant]))
    };
    let mut findings = Vec::new();
    for grant in read_missing_temporary(session, doing).await? {
        let message = "the role of `target.url` may not make temporary tables, in which the source's rows are compared with \
                       those that are there already";
        findings.push(lacking(first, message.to_owned(), &grant));
    }
    let overwrites = |mapping: &&TableMapping| {
        mapping.merges.as_ref().is_some_and(|merging| merging.prefer == Some(crate::spec::MergeSide::Source))
    };
    for mapping in tables.iter().filter(overwrites) {
        let name = spec.target.schemas.qualified(&mapping.target);
        for grant in read_missing_update(session, &name, doing).await? {
            let message = format!("the role of `target.url` may not give rows of {name} the source's values");
            let words = "are missing: the role of `target.url` may not give rows of the table the source's values";
            findings.push(lacking(&mapping.source, message, &grant).because(Cause::new(["right", "rights"], words)));
        }
    }
    Ok(findings)
}
