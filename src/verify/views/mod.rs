//! Comparison of views: each is queried on both sides, and the answers are compared as multisets.
//!
//! Of an answer 16 bytes a row are kept, and 8 more for each sum of doubles, whose last digits are not compared.
//! Answers that are not compared are reported, and never called equal: an answer beyond the spec's limits, one that
//! reads the clock, one that differs because the spec leaves rows behind.

mod answer;
mod ask;
mod meaning;

use super::outcome::{DifferenceKind, RowDifference, TableResult, ViewResult};
use crate::name::Schemas;
use crate::plan::{TableMapping, ViewMapping};
use crate::run::{ExecuteError, Stop};
use crate::source::Reader;
use crate::target::Server;
use answer::{UnmatchedAnswerRows, apart};
use ask::{AnswerForm, AnswerRows, QueryOutcome};
use jiff::tz::TimeZone;
use std::collections::HashSet;

/// Reason for a view that only PostgreSQL can answer.
const UNANSWERED: &str = "the source does not answer it itself";

/// The two sides and the options by which every view is compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct ViewComparer<'a> {
    /// Gives each view a session of its own.
    pub(super) server: &'a Server,
    /// The target schema.
    pub(super) schemas: &'a Schemas,
    /// The zone of the source's timestamps without one.
    pub(super) zone: &'a TimeZone,
    /// The tables of the plan.
    pub(super) tables: &'a [TableMapping],
    /// The results of comparing these tables.
    pub(super) results: &'a [TableResult],
    /// Most rows that are named if answers differ.
    pub(super) examples: usize,
    /// Whether values may be shown.
    pub(super) show_values: bool,
    /// Cancels both queries.
    pub(super) stop: &'a Stop,
}

impl ViewComparer<'_> {
    /// Compares one view; `exists` if the target has it.
    ///
    /// # Errors A side cannot be queried at all. A query that a side refuses is a result.
    pub(super) async fn compare(
        &self,
        view: &ViewMapping,
        exists: bool,
        reader: &mut Option<Reader>,
    ) -> Result<ViewResult, ExecuteError> {
        let result = ViewResult { view: view.source.clone(), ..ViewResult::default() };
        let uncompared = |reason: String| Ok(ViewResult { reason: Some(reason), ..result.clone() });
        if !view.comparison.compares {
            return uncompared("`compare = false` in the spec".to_owned());
        }
        if !exists {
            let reason = Some(format!("{} does not exist", self.schemas.shown(&view.target)));
            return Ok(ViewResult { equal: Some(false), reason, ..result });
        }
        if let Some(reason) = &view.varies {
            return uncompared(reason.clone());
        }
        if let Some(most) = view.exceeds {
            return uncompared(format!(
                "it comes to more than {most} tables and views when every view that it reads is replaced by its query: \
                 neither side is asked"
            ));
        }
        if view.columns.is_empty() {
            return uncompared(UNANSWERED.to_owned());
        }
        let session = self.server.connect().await?;
        let form = match self.form(view, &session).await? {
            Ok(form) => form,
            Err(problem) => return Ok(ViewResult { equal: Some(false), reason: Some(problem), ..result }),
        };
        let limit = view.comparison.rows;
        let seconds = view.comparison.seconds;
        // PostgreSQL is not queried if the source does not answer: too many joins exceed the limits on both sides, and
        // the source tells first.
        let ours = self.ask_source(view, &form, reader).await?;
        let theirs = match ours {
            QueryOutcome::Failed(_) => QueryOutcome::Rows(Vec::new()),
            _ => self.ask_target(view, &form, &session).await?,
        };
        let (ours, theirs) = match (ours, theirs) {
            (QueryOutcome::Failed(_), _) => return uncompared(UNANSWERED.to_owned()),
            (_, QueryOutcome::Failed(problem)) => {
                return Ok(ViewResult { equal: Some(false), reason: Some(problem), ..result });
            }
            (QueryOutcome::TooMany, _) | (_, QueryOutcome::TooMany) => {
                return uncompared(format!("it has more than {limit} rows, the limit that `compare_rows` sets"));
            }
            (QueryOutcome::TooSlow, _) | (_, QueryOutcome::TooSlow) => {
                return uncompared(format!(
                    "it takes more than {seconds} seconds, the limit that `compare_seconds` sets"
                ));
            }
            (QueryOutcome::Rows(ours), QueryOutcome::Rows(theirs)) => (ours, theirs),
        };
        let (source_rows, target_rows) = (Some(ours.len() as u64), Some(theirs.len() as u64));
        let found = apart(ours, theirs);
        let columns_left_out = form.left_out();
        let result = ViewResult { source_rows, target_rows, columns_left_out, ..result };
        if found == UnmatchedAnswerRows::default() {
            return Ok(ViewResult { equal: Some(true), ..result });
        }
        if let Some(reason) = self.may_differ(view) {
            return Ok(ViewResult { reason: Some(reason), ..result });
        }
        let (missing, extra) = (found.missing.len() as u64, found.extra.len() as u64);
        let mut examples = Vec::new();
        if self.examples > 0 {
            let wanted = |rows: &[answer::ViewRow]| rows.iter().map(|row| row.hash).collect::<HashSet<_>>();
            let missing = self.source_examples(view, &form, wanted(&found.missing), reader).await?;
            let extra = self.target_examples(view, &form, wanted(&found.extra), &session).await?;
            let missing = missing.into_iter().map(|(key, source)| (key, source, None, DifferenceKind::Missing));
            let extra = extra.into_iter().map(|(key, target)| (key, None, target, DifferenceKind::Extra));
            let example =
                |(key, source, target, kind)| RowDifference { key, column: None, source, target, kind, reason: None };
            examples.extend(missing.chain(extra).take(self.examples).map(example));
        }
        Ok(ViewResult { equal: Some(false), missing, extra, examples, ..result })
    }

    /// Reason for which the two answers may differ; `None` if they have to be equal.
    fn may_differ(&self, view: &ViewMapping) -> Option<String> {
        if let Some(reason) = &view.undetermined {
            return Some(format!("its answer is not determined: {reason}"));
        }
        let is_read = |name: &str| view.reads.iter().any(|read| read.eq_ignore_ascii_case(name));
        for result in self.results.iter().filter(|result| is_read(&result.table)) {
            if result.filtered_rows + result.rejected_rows + result.nulled_values + result.kept_rows() > 0 {
                return Some(format!("the rows of {} are not the same on both sides, as the spec says", result.table));
            }
            if result.shortened_values > 0 {
                return Some(format!("values of {} have fewer digits in the target, as the spec says", result.table));
            }
        }
        let has_own_zone = |table: &&TableMapping| {
            is_read(&table.source) && table.columns.iter().any(|column| column.timezone.is_some())
        };
        if let Some(table) = self.tables.iter().find(has_own_zone) {
            return Some(format!("times of {} are read in a zone of their own, as the spec says", table.source));
        }
        let computed = self.tables.iter().find(|table| is_read(&table.source) && table.has_source_sql());
        computed.map(|table| format!("the spec's `source_sql` or `where` changes what is read of {}", table.source))
    }

    /// Queries the source; an interruption and the time limit cancel the query.
    async fn ask_source(
        &self,
        view: &ViewMapping,
        form: &AnswerForm,
        reader: &mut Option<Reader>,
    ) -> Result<QueryOutcome, ExecuteError> {
        let mut rows = AnswerRows::new(view.comparison.rows);
        let (name, reading, zone) = (view.source.clone(), form.clone(), self.zone.clone());
        let asked = self.lend(view, reader, move |reader| {
            let mut buffer = Vec::new();
            reader.each_of_view(&name, |row| rows.add(reading.of_source(row, &zone, &mut buffer)))?;
            Ok(rows)
        });
        Ok(match asked.await? {
            Ok(rows) => rows.asked(),
            Err(asked) => asked,
        })
    }
}
