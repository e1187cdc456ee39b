//! One table on its way back.

use super::arrival::{Arrivals, Arriving};
use super::error::BackError;
use super::left_behind::{has_expression, without_reading};
use super::outcome::{ArrivalDoubts, TableBack};
use super::rows::{BucketGroup, ColumnPositions, Gathered, RowBuckets, Seen, UnmatchedRows, unequal};
use super::spelling::Speller;
use crate::catalog::{KeyRange, Table};
use crate::name::Schemas;
use crate::plan::{ColumnMapping, Finding, TableMapping};
use crate::proof::form::RowForm;
use crate::proof::meaning::time_zone;
use crate::proof::side::{ComparedTable, SourceTally};
use crate::run::{ExecuteError, Stop, lend, until_stopped};
use crate::source::rewrite::{Rewriter, RewrittenTable};
use crate::source::{Reader, SourceError};
use crate::target::Session;
use crate::value::Zone;
use std::sync::Arc;

/// The sides, and what all tables have in common.
pub(super) struct Sides<'a> {
    pub(super) session: &'a Session,
    pub(super) schemas: &'a Schemas,
    pub(super) zone: &'a Zone,
    pub(super) stop: &'a Stop,
}

/// A table whose rows were staged.
pub(super) struct Staged {
    pub(super) rows: TableBack,
    /// Number in the rewriter.
    pub(super) number: usize,
    pub(super) form: Arc<RowForm>,
    pub(super) places: ColumnPositions,
    /// Rows of the basis that `where` leaves behind.
    pub(super) left: u64,
}

impl Sides<'_> {
    /// Finds the rows of a table that came, went or changed, and stages them; a finding where they cannot be read back.
    pub(super) async fn stage(
        &self,
        mapping: &TableMapping,
        table: &Table,
        reader: &mut Option<Reader>,
        rewriter: &mut Rewriter,
        doubts: &mut ArrivalDoubts,
    ) -> Result<Result<Staged, Finding>, BackError> {
        let form = Arc::new(RowForm::of(mapping, &mapping.primary_key(table), self.zone)?);
        let zone = time_zone(&self.zone.to_string());
        let zone = zone.ok_or_else(|| ExecuteError::Task(format!("the time zone {} is not known", self.zone)))?;
        let spellers =
            Arc::new(mapping.columns.iter().map(|column| Speller::of(mapping, column, &zone)).collect::<Vec<_>>());
        let rewritten = rewritten(mapping, table);
        let places = ColumnPositions::of(mapping, &rewritten.stored);
        let is_given = |column: &String| rewritten.given.contains(column);
        let skipped = rewritten.stored.iter().filter(|column| !is_given(column)).cloned().collect();
        let stored = rewritten.stored.len();
        let number = match rewriter.begin(rewritten) {
            Err(SourceError::Query { message, .. }) if has_expression(mapping) => {
                return Ok(Err(without_reading(mapping, Some(&message))));
            }
            begun => begun?,
        };
        let read = ReadTable { mapping: Arc::new(mapping.clone()), form: Arc::clone(&form), stop: self.stop.clone() };
        let FirstPass { seen, arrived, tally, left } = self.first_pass(&read, &spellers, reader).await?;
        let rows =
            TableBack { table: mapping.source.clone(), kept: tally.rejected.rows + left, ..TableBack::default() };
        let groups = unequal(&seen.buckets, &arrived);
        let mut arriving = Arriving {
            mapping,
            target: self.schemas.qualified(&mapping.target),
            form: Arc::clone(&form),
            places: places.clone(),
            stored,
            table: number,
            spellers,
            habits: seen.habits,
            skipped,
            rewriter,
            rows,
            doubts,
        };
        for group in groups {
            let mut unmet = read.gather(&group, reader).await?;
            let mut arrivals = Arrivals { table: &mut arriving, group, unmet: &mut unmet, failure: None };
            let compared = read.compared();
            let arrived = compared.read_target(self.session, self.schemas, None, &mut arrivals);
            until_stopped(self.session, self.stop, arrived).await?;
            if let Some(failure) = arrivals.failure.take() {
                return Err(failure.into());
            }
            arriving.remove(unmet)?;
        }
        let mut rows = arriving.rows;
        rows.unchanged = tally.loaded.saturating_sub(rows.changed + rows.removed);
        Ok(Ok(Staged { rows, number, form, places, left }))
    }

    /// Reads both sides for the first time.
    async fn first_pass(
        &self,
        table: &ReadTable,
        spellers: &Arc<Vec<Speller>>,
        reader: &mut Option<Reader>,
    ) -> Result<FirstPass, BackError> {
        let (mut seen, mut arrived) = (Seen::new(Arc::clone(spellers)), RowBuckets::default());
        let owned = table.clone();
        let source = lend(reader, move |reader| {
            let tally = owned.compared().read_source(reader, KeyRange::ALL, None, &mut seen)?;
            let left = match owned.mapping.selection(KeyRange::ALL).left_behind() {
                Some(left) => reader.count_rows(&left)?,
                None => 0,
            };
            Ok::<_, ExecuteError>((seen, tally, left))
        });
        let compared = table.compared();
        let target = compared.read_target(self.session, self.schemas, None, &mut arrived);
        let (source, target) = tokio::join!(source, until_stopped(self.session, self.stop, target));
        let ((seen, tally, left), _) = (source?, target?);
        Ok(FirstPass { seen, arrived, tally, left })
    }
}

/// A table as every pass reads it.
#[derive(Clone)]
struct ReadTable {
    mapping: Arc<TableMapping>,
    form: Arc<RowForm>,
    stop: Stop,
}

impl ReadTable {
    fn compared(&self) -> ComparedTable<'_> {
        ComparedTable { mapping: &self.mapping, form: &self.form, stop: &self.stop }
    }

    /// The rows of the basis in a group of buckets.
    async fn gather(&self, group: &BucketGroup, reader: &mut Option<Reader>) -> Result<UnmatchedRows, ExecuteError> {
        let (owned, mut gathered) = (self.clone(), Gathered { group: Arc::clone(group), rows: UnmatchedRows::new() });
        lend(reader, move |reader| {
            owned.compared().read_source(reader, KeyRange::ALL, None, &mut gathered)?;
            Ok::<_, ExecuteError>(gathered.rows)
        })
        .await
    }
}

/// Result of reading both sides for the first time.
struct FirstPass {
    seen: Seen,
    arrived: RowBuckets,
    tally: SourceTally,
    /// Rows of the basis that `where` leaves behind.
    left: u64,
}

/// The table as it is written.
fn rewritten(mapping: &TableMapping, table: &Table) -> RewrittenTable {
    let stored = table.columns.iter().filter(|column| column.generated.is_none());
    let stored = stored.map(|column| column.name.clone()).collect::<Vec<_>>();
    let is_stored = |column: &&ColumnMapping| stored.iter().any(|name| name.eq_ignore_ascii_case(&column.source));
    let mapped = mapping.columns.iter().filter(is_stored).collect::<Vec<_>>();
    let is_mapped = |name: &&String| mapped.iter().any(|column| column.source.eq_ignore_ascii_case(name));
    let given = stored.iter().filter(is_mapped).cloned().collect();
    RewrittenTable {
        table: mapping.source.clone(),
        identity: mapping.row_identity.clone(),
        given,
        read: mapped.iter().map(|column| column.selected()).collect(),
        stored,
    }
}
