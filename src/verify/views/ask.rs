//! Queries of a view on both sides.

use super::ViewComparer;
use super::answer::ViewRow;
use super::meaning::Meaning;
use crate::plan::ViewMapping;
use crate::run::{ExecuteError, lend};
use crate::source::{Reader, Row, SourceError};
use crate::target::{QueryCursor, Session, TargetError, TextRow, TransactionScope};
use crate::value::Cell;
use jiff::tz::TimeZone;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Rows of one FETCH.
const FETCHED: usize = 500;

/// Settings that decide how PostgreSQL prints values.
const SETTINGS: &str = "SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex'; \
                        SET LOCAL extra_float_digits = 1";

/// Pause between two interrupts of a query that is to end: an interrupt before the query begins has no effect.
const AGAIN: Duration = Duration::from_millis(100);

/// Outcome of the query of one side.
pub(super) enum QueryOutcome {
    Rows(Vec<ViewRow>),
    /// More rows than the limit.
    TooMany,
    /// More time than the limit.
    TooSlow,
    /// The side refuses the query; the message holds no value.
    Failed(String),
}

/// Rows of an answer, up to the limit.
pub(super) struct AnswerRows {
    rows: Vec<ViewRow>,
    limit: u64,
    is_over: bool,
}

impl AnswerRows {
    pub(super) fn new(limit: u64) -> Self {
        Self { rows: Vec::new(), limit, is_over: false }
    }

    /// Adds a row; returns whether the limit permits more.
    pub(super) fn add(&mut self, row: ViewRow) -> bool {
        self.is_over = self.rows.len() as u64 >= self.limit;
        if !self.is_over {
            self.rows.push(row);
        }
        !self.is_over
    }

    pub(super) fn asked(self) -> QueryOutcome {
        if self.is_over { QueryOutcome::TooMany } else { QueryOutcome::Rows(self.rows) }
    }
}

/// Columns of a view and how they are compared.
#[derive(Debug, Clone)]
pub(super) struct AnswerForm {
    /// Name and meaning of each column; no meaning if its values are not compared.
    columns: Vec<(String, Option<Meaning>)>,
    /// Whether each column is compared approximately.
    inexact: Vec<bool>,
}

impl AnswerForm {
    /// Columns whose values are not compared.
    pub(super) fn left_out(&self) -> Vec<String> {
        self.columns.iter().filter(|(_, meaning)| meaning.is_none()).map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn of_source(&self, row: &Row<'_>, zone: &TimeZone, buffer: &mut Vec<u8>) -> ViewRow {
        buffer.clear();
        let mut approximate = Vec::new();
        for (at, ((_, meaning), inexact)) in self.columns.iter().zip(&self.inexact).enumerate() {
            match (meaning, row.cell(at)) {
                (None, _) => {}
                (Some(_), Cell::Real(real)) if *inexact => approximately(real, buffer, &mut approximate),
                #[expect(clippy::cast_precision_loss, reason = "compared but for the last digits")]
                (Some(_), Cell::Integer(integer)) if *inexact => {
                    approximately(integer as f64, buffer, &mut approximate);
                }
                (Some(meaning), cell) => meaning.of_source(cell, zone, buffer),
            }
        }
        ViewRow::new(buffer, &approximate)
    }

    fn of_target(&self, row: &TextRow, buffer: &mut Vec<u8>) -> ViewRow {
        buffer.clear();
        let mut approximate = Vec::new();
        for (at, ((_, meaning), inexact)) in self.columns.iter().zip(&self.inexact).enumerate() {
            let text = row.get(at);
            match (meaning, text.filter(|_| *inexact).map(str::parse)) {
                (None, _) => {}
                (Some(_), Some(Ok(number))) => approximately(number, buffer, &mut approximate),
                // NULL, and text that is no number, are compared as they are.
                (Some(meaning), _) => meaning.of_target(text, buffer),
            }
        }
        ViewRow::new(buffer, &approximate)
    }
}

/// Adds a number that is compared approximately, and to the exact values only that it is not NULL.
fn approximately(number: f64, buffer: &mut Vec<u8>, approximate: &mut Vec<f64>) {
    buffer.push(b'~');
    approximate.push(number);
}

impl ViewComparer<'_> {
    fn relation(&self, view: &ViewMapping) -> String {
        self.schemas.qualified(&view.target)
    }

    /// Reads the view's columns and how they are compared; the reason in words if they cannot be.
    pub(super) async fn form(
        &self,
        view: &ViewMapping,
        session: &Session,
    ) -> Result<Result<AnswerForm, String>, ExecuteError> {
        let doing = format!("asking for the columns of {}", view.target);
        let types = match session.read_column_types(&format!("SELECT * FROM {}", self.relation(view)), &doing).await {
            Ok(types) => types.iter().map(Meaning::of_type).collect::<Vec<_>>(),
            Err(error) => return self.refused(error).map(Err),
        };
        if types.len() != view.columns.len() {
            let (here, there) = (view.columns.len(), types.len());
            return Ok(Err(format!("it has {here} columns in the source and {there} in the target")));
        }
        let column = |(column, meaning): (&crate::plan::ViewColumn, Option<Meaning>)| {
            (column.name.clone(), meaning.filter(|_| !column.is_converted))
        };
        let columns = view.columns.iter().zip(types).map(column).collect();
        Ok(Ok(AnswerForm { columns, inexact: view.columns.iter().map(|column| column.is_inexact).collect() }))
    }

    /// Message of a refusal. PostgreSQL's own words may hold a value, and are shown only if values are.
    fn refused(&self, error: TargetError) -> Result<String, ExecuteError> {
        match error {
            TargetError::Statement { message, code: Some(code), transient: false, .. } => Ok(match self.show_values {
                true => format!("PostgreSQL fails with {code}: {message}"),
                false => format!("PostgreSQL fails with the code {code}; --show-values shows its message"),
            }),
            error => Err(error.into()),
        }
    }

    /// Visits the rows of the target's answer until `visit` returns false.
    async fn each_of_target(
        &self,
        view: &ViewMapping,
        session: &Session,
        mut visit: impl FnMut(&TextRow) -> bool,
    ) -> Result<(), TargetError> {
        let doing = format!("asking the view {}", view.target);
        let sql = format!("SELECT * FROM {}", self.relation(view));
        let asking = async {
            let cursor = QueryCursor::open(session, &sql, &doing).await?;
            loop {
                let rows = cursor.fetch(FETCHED).await?;
                if rows.is_empty() || !rows.iter().all(&mut visit) {
                    return Ok(());
                }
            }
        };
        session.transaction(TransactionScope::reading(&doing).beginning(&doing).with(SETTINGS), asking).await
    }

    /// Queries the target; an interruption and the time limit cancel the query.
    pub(super) async fn ask_target(
        &self,
        view: &ViewMapping,
        form: &AnswerForm,
        session: &Session,
    ) -> Result<QueryOutcome, ExecuteError> {
        let (mut rows, mut buffer) = (AnswerRows::new(view.comparison.rows), Vec::new());
        let asking = self.each_of_target(view, session, |row| rows.add(form.of_target(row, &mut buffer)));
        let asked = tokio::select! {
            asked = tokio::time::timeout(Duration::from_secs(view.comparison.seconds), asking) => asked,
            () = self.stop.thrown() => {
                session.cancel().await;
                return Err(ExecuteError::Interrupted);
            }
        };
        match asked {
            Ok(Ok(())) => Ok(rows.asked()),
            Ok(Err(error)) => Ok(QueryOutcome::Failed(self.refused(error)?)),
            Err(_elapsed) => {
                session.cancel().await;
                Ok(QueryOutcome::TooSlow)
            }
        }
    }

    /// Examples of rows that only the target's answer has: their position, and their values if these may be shown.
    pub(super) async fn target_examples(
        &self,
        view: &ViewMapping,
        form: &AnswerForm,
        wanted: HashSet<u128>,
        session: &Session,
    ) -> Result<Vec<(String, Option<String>)>, ExecuteError> {
        let (mut found, mut place, mut buffer) = (Vec::new(), 0_u64, Vec::new());
        let asking = self.each_of_target(view, session, |row| {
            place += 1;
            if wanted.contains(&form.of_target(row, &mut buffer).hash) {
                let value = |at: usize| row.get(at).unwrap_or("NULL").to_owned();
                found.push((format!("row {place}"), self.show_values.then(|| form.words(value))));
            }
            found.len() < self.examples && place < view.comparison.rows
        });
        // A query that takes too long the second time gives no examples.
        match tokio::time::timeout(Duration::from_secs(view.comparison.seconds), asking).await {
            Ok(asked) => asked?,
            Err(_elapsed) => session.cancel().await,
        }
        Ok(found)
    }

    /// Examples of rows that only the source's answer has.
    pub(super) async fn source_examples(
        &self,
        view: &ViewMapping,
        form: &AnswerForm,
        wanted: HashSet<u128>,
        reader: &mut Option<Reader>,
    ) -> Result<Vec<(String, Option<String>)>, ExecuteError> {
        let (name, form, zone) = (view.source.clone(), form.clone(), self.zone.clone());
        let (most, limit, show_values) = (self.examples, view.comparison.rows, self.show_values);
        let asked = self.lend(view, reader, move |reader| {
            let (mut found, mut place, mut buffer) = (Vec::new(), 0_u64, Vec::new());
            reader.each_of_view(&name, |row| {
                place += 1;
                if wanted.contains(&form.of_source(row, &zone, &mut buffer).hash) {
                    let value = |at: usize| row.cell(at).printed().into_owned();
                    found.push((format!("row {place}"), show_values.then(|| form.words(value))));
                }
                found.len() < most && place < limit
            })?;
            Ok(found)
        });
        Ok(asked.await?.unwrap_or_default())
    }

    /// Lends the reader for a query. Returns the reason of its early end in place of the answer.
    pub(super) async fn lend<T: Send + 'static>(
        &self,
        view: &ViewMapping,
        reader: &mut Option<Reader>,
        ask: impl FnOnce(&Reader) -> Result<T, SourceError> + Send + 'static,
    ) -> Result<Result<T, QueryOutcome>, ExecuteError> {
        let interrupter = reader.as_ref().map(Reader::interrupter);
        let is_late = Arc::new(AtomicBool::new(false));
        let (late, limit) = (Arc::clone(&is_late), Duration::from_secs(view.comparison.seconds));
        let watch = tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            late.store(true, Ordering::Relaxed);
            loop {
                if let Some(interrupter) = &interrupter {
                    interrupter.interrupt();
                }
                tokio::time::sleep(AGAIN).await;
            }
        });
        let asked = lend(reader, ask).await;
        watch.abort();
        match asked {
            Ok(answer) => Ok(Ok(answer)),
            Err(_) if self.stop.is_thrown() => Err(ExecuteError::Interrupted),
            Err(_) if is_late.load(Ordering::Relaxed) => Ok(Err(QueryOutcome::TooSlow)),
            Err(ExecuteError::Source(SourceError::Query { message, .. })) => Ok(Err(QueryOutcome::Failed(message))),
            Err(error) => Err(error),
        }
    }
}

impl AnswerForm {
    /// Values of a row with the names of their columns.
    fn words(&self, value: impl Fn(usize) -> String) -> String {
        let pairs = self.columns.iter().enumerate().map(|(at, (name, _))| format!("{name}={}", value(at)));
        pairs.collect::<Vec<_>>().join(", ")
    }
}
