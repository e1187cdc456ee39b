//! The new place compared with the target, as `verify` does it, and what the numbers of rows say then.

use super::error::BackError;
use super::left_behind::of_computed;
use super::outcome::TableBack;
use super::run::Order;
use super::table::Staged;
use crate::catalog::KeyRange;
use crate::plan::{Finding, FindingCode, Plan, Severity, TableMapping};
use crate::run::{Event, Events, Stop, lend};
use crate::spec::Spec;
use crate::survey::{Depth, Survey, survey};
use crate::target::{Server, Session};
use crate::verify::{DifferenceKind, TableResult, Verification, Verifier, VerifyOptions};
use std::collections::BTreeMap;
use tokio::sync::mpsc::unbounded_channel;

/// The two sides of the comparison: the new place, and the target in the state in which its rows were read.
pub(super) struct NewPlaceComparison<'a> {
    /// The spec with the new place as its source.
    pub(super) copied: &'a Spec,
    pub(super) server: &'a Server,
    pub(super) asking: &'a Session,
    /// The state of the target, which another session has exported.
    pub(super) snapshot: &'a str,
    pub(super) order: &'a Order,
    pub(super) stop: &'a Stop,
    pub(super) events: &'a Events,
}

/// The result of the comparison.
pub(super) struct Compared {
    pub(super) verification: Verification,
    /// Rows of each table that `where` leaves behind now.
    left: BTreeMap<String, u64>,
}

impl NewPlaceComparison<'_> {
    /// Compares the new place with the target with the mapping that was applied, but without `where`: a row that came to be left
    /// behind by it is in the target all the same.
    pub(super) async fn run(&self, plan: &Plan, staged: &[Staged]) -> Result<Compared, BackError> {
        let (survey, left) = self.survey_unfiltered(plan).await?;
        let tables = survey.plan.tables.iter().map(|mapping| mapping.source.clone()).collect::<Vec<_>>();
        if tables.is_empty() {
            return Ok(Compared { verification: empty(), left });
        }
        // Tables that are compared without their filter have their answer only afterwards.
        let (sender, mut told) = unbounded_channel();
        let heard = if left.is_empty() { None } else { Some(Events::new(sender)) };
        let verifier = Verifier {
            spec: self.copied,
            server: self.server,
            options: VerifyOptions {
                examples: self.order.examples,
                show_values: self.order.show_values,
                sample: None,
                tables,
            },
            snapshot: Some(self.snapshot),
            stop: self.stop,
            events: heard.as_ref().unwrap_or(self.events),
        };
        let mut verification = verifier.verify(survey).await?;
        for result in verification.tables.iter_mut().filter(|result| left.contains_key(&result.table)) {
            without_filter(result, staged);
        }
        while let Ok(heard) = told.try_recv() {
            self.events.tell(match heard.event {
                Event::TableVerified { table, rows, equal } => {
                    let result = verification.tables.iter().find(|result| result.table == table);
                    let equal = result.map_or(equal, TableResult::is_equal);
                    Event::TableVerified { table, rows, equal }
                }
                other => other,
            });
        }
        verification.equal = verification.tables.iter().all(TableResult::is_equal);
        Ok(Compared { verification, left })
    }

    /// Surveys the new place for the plan that was applied, without its filters; and the number of rows that each of these leaves
    /// behind.
    async fn survey_unfiltered(&self, plan: &Plan) -> Result<(Survey, BTreeMap<String, u64>), BackError> {
        let mut survey = survey(self.copied, Some(self.asking), 2, Depth::AtStructure, self.stop, self.events).await?;
        let fresh = std::mem::replace(&mut survey.plan, plan.clone()).tables;
        let mut left = BTreeMap::new();
        for mapping in &mut survey.plan.tables {
            // The contents decide types that nobody has said: those of the migration hold. The numbers are those of now.
            if let Some(fresh) = fresh.iter().find(|fresh| fresh.source == mapping.source) {
                mapping.size = fresh.size;
                mapping.chunks.clone_from(&fresh.chunks);
            }
            // All rows of the target go back, those that it held before, too.
            mapping.keeps_rows = false;
            if let Some(behind) = mapping.selection(KeyRange::ALL).left_behind() {
                let mut reader = survey.readers.pop();
                let count = lend(&mut reader, move |reader| reader.count_rows(&behind)).await?;
                survey.readers.extend(reader);
                left.insert(mapping.source.clone(), count);
                mapping.filter = None;
            }
        }
        Ok((survey, left))
    }
}

impl Compared {
    /// Counts the rows that go back although `where` leaves such rows behind. The tables are those that were `staged`.
    pub(super) fn count_filtered(&self, tables: &mut [TableBack], staged: &[Staged]) {
        for (rows, staged) in tables.iter_mut().zip(staged) {
            rows.filtered = self.left.get(&rows.table).map_or(0, |left| left.saturating_sub(staged.left));
        }
    }

    /// Findings about rows that a later copy would treat otherwise, and about values that the source computes otherwise.
    pub(super) fn findings(&self, survey: &Survey, tables: &[TableBack], staged: &[Staged]) -> Vec<Finding> {
        let mapping_of = |table: &str| survey.plan.tables.iter().find(|mapping| mapping.source == table);
        let noted = tables.iter().filter_map(|rows| Some(of_rows(mapping_of(&rows.table)?, rows)));
        let mut findings = noted.flatten().collect::<Vec<_>>();
        for result in self.verification.tables.iter().filter(|result| !result.is_equal()) {
            let staged = staged.iter().find(|staged| staged.rows.table == result.table);
            if let (Some(mapping), Some(staged), Some(table)) =
                (mapping_of(&result.table), staged, survey.catalog.table(&result.table))
            {
                findings.extend(of_computed(result, mapping, &staged.places, table));
            }
        }
        findings
    }
}

/// Findings about rows that go back although no copy has brought them, or would bring them again.
fn of_rows(mapping: &TableMapping, rows: &TableBack) -> Vec<Finding> {
    let note = |code, count, message: &str| Finding {
        count,
        ..Finding::about(code, Severity::Notes, &mapping.source, message)
    };
    let mut findings = Vec::new();
    if mapping.keeps_rows && rows.added > 0 {
        let message = "the source does not have these rows, and they are added to it: nothing tells those that came since from those that the target held before (`existing_rows = \"keep\"`)";
        findings.push(note(FindingCode::RowsOfTargetKept, rows.added, message));
    }
    if rows.filtered > 0 {
        let message = "`where` leaves such rows of the source behind, but the target has them now: they go back all the same, and `apply` of the new file would not read them";
        findings.push(note(FindingCode::RowsBeyondFilter, rows.filtered, message));
    }
    findings
}

/// Counts the rows that were always left behind by `where` as such, in a table that was compared without it.
fn without_filter(result: &mut TableResult, staged: &[Staged]) {
    let kept = staged.iter().find(|staged| staged.rows.table == result.table).map_or(0, |staged| staged.rows.kept);
    let filtered = kept.saturating_sub(result.rejected_rows);
    if result.missing == filtered {
        (result.missing, result.filtered_rows) = (0, filtered);
        result.examples.retain(|example| example.kind != DifferenceKind::Missing);
        if result.extra == 0 && result.different == 0 {
            // Row by row, all others are those of the target.
            result.source_digest.clone_from(&result.target_digest);
        }
    }
}

/// The comparison of a migration without a table.
fn empty() -> Verification {
    Verification {
        equal: true,
        sample: None,
        pending: 0,
        tables_left_out: 0,
        not_compared: Vec::new(),
        tables: Vec::new(),
        checks: Vec::new(),
        views: Vec::new(),
        structure: Vec::new(),
        sequences: Vec::new(),
        judged_by_postgresql: Vec::new(),
    }
}
