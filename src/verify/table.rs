//! Comparison of one table.
//!
//! Every row of both sides falls into a bucket by the hash of its key; a bucket keeps the number of its rows and the
//! sum of their hashes. If all buckets are equal, so are the tables (the sums are 128 bits wide), at the price of one
//! pass over each side and memory that does not grow with the data. Only the rows of unequal buckets are read again, in
//! groups that fit into memory, to count missing, extra and different rows, and a last time to show examples.

use super::options::VerifyOptions;
use super::outcome::{DifferenceKind, RowDifference, TableResult};
use super::shared::{ShareableVisitor, Spare};
use super::unequal::{KeyTallies, TallyBuckets, UnequalKeys};
use crate::catalog::KeyRange;
use crate::name::Schemas;
use crate::plan::TableMapping;
use crate::proof::asking::TextAsker;
use crate::proof::first_keys::FirstKeys;
use crate::proof::form::{KeptRow, RowForm, RowHash, RowScratch, SideRow, same, words};
use crate::proof::side::{ComparedTable, SourceTally, Visitor, first_keys};
use crate::run::{ExecuteError, Stop, lend, until_stopped};
use crate::source::{Reader, SourceError};
use crate::target::ledger::RejectedTally;
use crate::target::{Session, TargetError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Comparison of one table: the mapping, the form of its rows, and the session's schema.
#[derive(Debug, Clone)]
pub(super) struct TableComparison {
    pub(super) mapping: Arc<TableMapping>,
    pub(super) form: Arc<RowForm>,
    pub(super) schemas: Schemas,
    /// Whether the target has the table.
    pub(super) exists: bool,
    /// Reason for which the source's rows cannot be read as the spec says.
    pub(super) refused: Option<String>,
    /// Tally of the table's rejected rows in the ledger.
    pub(super) ledger: RejectedTally,
    /// Rows that the target had already, by the ledger, if rows of both sides are brought together.
    pub(super) merged: Option<u64>,
    /// The migration, whose ledger maps ids.
    pub(super) migration: String,
    pub(super) options: VerifyOptions,
    /// Asks what the target makes of values that PostgreSQL reads.
    pub(super) asker: Option<TextAsker>,
    /// Parts of the table that a sample compares; `None` if the table is compared whole.
    pub(super) slices: Option<Arc<[KeyRange]>>,
    pub(super) stop: Stop,
    /// Spare readers that help with the source.
    pub(super) spare: Arc<Spare>,
}

/// Last pass: the rows of some keys.
#[derive(Clone)]
struct ExampleRows {
    form: Arc<RowForm>,
    keys: Arc<BTreeMap<u128, DifferenceKind>>,
    show_values: bool,
    rows: BTreeMap<u128, KeptRow>,
}

impl Visitor for ExampleRows {
    fn visit(&mut self, hash: RowHash, row: SideRow<'_, '_>, scratch: &mut RowScratch) {
        if self.keys.contains_key(&hash.key) {
            self.rows.insert(hash.key, self.form.keep(row, self.show_values, scratch));
        }
    }
}

impl ShareableVisitor for ExampleRows {
    fn append(&mut self, other: Self) {
        self.rows.extend(other.rows);
    }
}

impl TableComparison {
    /// The table as the proof reads it.
    pub(super) fn compared(&self) -> ComparedTable<'_> {
        ComparedTable { mapping: &self.mapping, form: &self.form, stop: &self.stop }
    }

    /// Compares the table and returns the reader.
    pub(super) async fn run(
        mut self,
        session: &Session,
        reader: Reader,
    ) -> (Option<Reader>, Result<TableResult, ExecuteError>) {
        let mut reader = Some(reader);
        if let Err(error) = self.follow_ids(session).await {
            return (reader, Err(error));
        }
        let result = match self.cut(&mut reader).await {
            Ok(slices) => {
                self.slices = slices;
                until_stopped(session, &self.stop, self.compare(session, &mut reader)).await
            }
            Err(error) => Err(error),
        };
        (reader, result)
    }

    async fn compare(&self, session: &Session, reader: &mut Option<Reader>) -> Result<TableResult, ExecuteError> {
        let mut result = TableResult {
            table: self.mapping.source.clone(),
            extra_allowed: self.mapping.keeps_rows,
            ..TableResult::default()
        };
        if !self.exists {
            result.problem = Some(format!("the target has no table {}", self.schemas.shown(&self.mapping.target)));
        }
        result.already_there_rows = self.merged.unwrap_or(0);
        if let Some(refused) = &self.refused {
            result.source_rows = self.count_all(reader).await?;
            result.problem = Some(refused.clone());
            return Ok(result);
        }
        let both = self.pass(session, reader, TallyBuckets::default(), TallyBuckets::default()).await;
        let ((tally, source), (target_rows, target)) = match both {
            Ok(both) => both,
            // PostgreSQL's refusal concerns this table; the others are compared all the same.
            Err(ExecuteError::Target(TargetError::Statement { message, code: Some(_), transient: false, .. })) => {
                session.leave_snapshot().await?;
                session.hold_snapshot().await?;
                result.source_rows = self.count_all(reader).await?;
                result.problem = Some(message);
                return Ok(result);
            }
            // The spec's SQL has changed the number of the source's rows.
            Err(ExecuteError::Source(error @ SourceError::OtherRows { .. })) => {
                result.source_rows = self.count_all(reader).await?;
                result.problem = Some(error.to_string());
                return Ok(result);
            }
            Err(error) => return Err(error),
        };
        result.source_digest = Some(source.digest());
        result.target_digest = self.exists.then(|| target.digest());
        (result.nulled_values, result.shortened_values) = (tally.nulled, tally.shortened);
        result.keys.rejected = tally.rejected_keys.into_words();
        result.keys.nulled = tally.nulled_keys.into_words();
        result.keys.shortened = tally.shortened_keys.into_words();
        let matched = tally.loaded + tally.rejected.rows;
        if self.slices.is_some() {
            result.sampled_rows = Some(matched);
            self.count_in_full(session, reader, &mut result).await?;
        } else {
            result.target_rows = target_rows;
            result.rejected_rows = tally.rejected.rows;
            if self.ledger != tally.rejected && result.problem.is_none() {
                result.problem = Some(self.other_rejected_rows(tally.rejected));
            }
            result.source_rows = matched;
            if self.mapping.has_source_sql() {
                self.count_without_sql(reader, matched, &mut result).await?;
            } else {
                self.as_counted(reader.as_ref(), matched, &mut result);
            }
        }
        self.find_differences(session, reader, (&source, &target), &mut result).await?;
        Ok(result)
    }

    /// Message for rejected rows in the ledger that differ from the source's.
    fn other_rejected_rows(&self, source: RejectedTally) -> String {
        let ledger = self.ledger;
        if ledger.rows == source.rows {
            return format!("the {ledger} in the ledger are not those of the source");
        }
        let rows =
            |tally: RejectedTally| if tally.rows == 0 { "no rejected rows".to_owned() } else { tally.to_string() };
        format!("the ledger holds {}; the source has {}", rows(ledger), rows(source))
    }

    /// Counts the rows of unequal buckets that differ, and shows some of them.
    async fn find_differences(
        &self,
        session: &Session,
        reader: &mut Option<Reader>,
        (source, target): (&TallyBuckets, &TallyBuckets),
        result: &mut TableResult,
    ) -> Result<(), ExecuteError> {
        let mut unequal = UnequalKeys {
            stays: self.staying(session).await?,
            has_key: self.form.has_key(),
            most: self.options.examples,
            examples: BTreeMap::new(),
        };
        for group in source.unequal_groups(target) {
            let buckets = Arc::new(group);
            let visitor = || KeyTallies::of(Arc::clone(&buckets));
            let ((_, source), (_, target)) = self.pass(session, reader, visitor(), visitor()).await?;
            unequal.note_all(&source, &target, result);
        }
        if !unequal.examples.is_empty() {
            let shown = self.show(session, reader, unequal.examples).await?;
            let (stay, differ) = shown.into_iter().partition::<Vec<_>, _>(|shown| shown.kind == DifferenceKind::Stays);
            result.keys.target_preferred = stay.into_iter().map(|row| row.key).collect();
            result.examples = differ;
        }
        Ok(())
    }

    /// Fetches the rows of some keys from both sides and names their differences.
    async fn show(
        &self,
        session: &Session,
        reader: &mut Option<Reader>,
        examples: BTreeMap<u128, DifferenceKind>,
    ) -> Result<Vec<RowDifference>, ExecuteError> {
        let keys = Arc::new(examples);
        let show_values = self.options.show_values;
        let visitor = || ExampleRows {
            form: Arc::clone(&self.form),
            keys: Arc::clone(&keys),
            show_values,
            rows: BTreeMap::new(),
        };
        let ((_, source), (_, target)) = self.pass(session, reader, visitor(), visitor()).await?;
        let mut differences = Vec::new();
        for (key, &kind) in keys.iter() {
            let (source, target) = (source.rows.get(key), target.rows.get(key));
            let Some(row) = source.or(target) else { continue };
            let unfit = source.and_then(|row| row.iter().find_map(|value| value.unfit));
            let key = self.form.key_words(row);
            let reason = unfit.map(|unfit| unfit.to_string());
            let whole = RowDifference { key, column: None, source: None, target: None, kind, reason };
            let (Some(source), Some(target), DifferenceKind::Different) = (source, target, kind) else {
                differences.push(whole);
                continue;
            };
            let unlike = (0..self.form.columns()).filter(|at| !same(source, target, *at));
            differences.extend(unlike.map(|at| {
                let value = |row| show_values.then(|| words(row, at));
                let column = Some(self.form.name(at).to_owned());
                let reason = source[at].unfit.map(|unfit| unfit.to_string());
                RowDifference { column, source: value(source), target: value(target), reason, ..whole.clone() }
            }));
        }
        differences.sort_by(|one, two| (&one.key, &one.column).cmp(&(&two.key, &two.column)));
        Ok(differences)
    }

    /// Reads both sides at the same time.
    async fn pass<V: ShareableVisitor>(
        &self,
        session: &Session,
        reader: &mut Option<Reader>,
        source: V,
        mut target: V,
    ) -> Result<((SourceTally, V), (u64, V)), ExecuteError> {
        if let Some(slices) = &self.slices {
            return self.pass_slices(session, reader, slices, source, target).await;
        }
        let target_side = async {
            if !self.exists {
                return Ok(0);
            }
            self.compared().read_target(session, &self.schemas, None, &mut target).await
        };
        let (source, target_rows) = tokio::join!(self.read_whole_source(reader, source), target_side);
        Ok((source?, (target_rows?, target)))
    }

    /// Counts the source's rows, and those that the filter leaves behind, each by a query of its own and without the
    /// spec's expressions: the rows read with them are checked against these numbers.
    pub(super) async fn count_without_sql(
        &self,
        reader: &mut Option<Reader>,
        read: u64,
        result: &mut TableResult,
    ) -> Result<(), ExecuteError> {
        result.source_rows = self.count_all(reader).await?;
        if let Some(left) = self.mapping.selection(KeyRange::ALL).left_behind() {
            let mapping = Arc::clone(&self.mapping);
            let counted = lend(reader, move |reader| {
                let rows = reader.count_rows(&left)?;
                let keys = if rows > 0 { first_keys(reader, &mapping, &left)? } else { FirstKeys::default() };
                Ok::<_, ExecuteError>((rows, keys))
            });
            let (rows, keys) = counted.await?;
            result.filtered_rows = rows;
            result.keys.filtered = keys.into_words();
        }
        let expected = result.source_rows.saturating_sub(result.filtered_rows);
        if read != expected && result.problem.is_none() {
            let message = "the spec's SQL changes the number of rows";
            result.problem = Some(format!("{message}: {read} were read, and `where` selects {expected}"));
        }
        Ok(())
    }

    /// Holds the rows that were read against the source's own count of the table, in the same state.
    fn as_counted(&self, reader: Option<&Reader>, read: u64, result: &mut TableResult) {
        let counted = self.mapping.size.rows;
        if let Some(Err(error)) = reader.map(|reader| reader.must_be_as_counted(&self.mapping.source, read, counted)) {
            result.source_rows = counted;
            result.problem.get_or_insert(error.to_string());
        }
    }

    /// The asker for values that PostgreSQL itself reads into the table's columns; `None` if the target does not have
    /// the table.
    pub(super) fn asking(&self) -> Option<(&TextAsker, &Schemas)> {
        self.asker.as_ref().filter(|_| self.exists).map(|asker| (asker, &self.schemas))
    }

    /// Counts the source's rows without the filter.
    pub(super) async fn count_all(&self, reader: &mut Option<Reader>) -> Result<u64, ExecuteError> {
        let selection = self.mapping.selection(KeyRange::ALL).unfiltered();
        lend(reader, move |reader| reader.count_rows(&selection)).await
    }
}
