//! Asking a view on both sides.

use super::Comparing;
use super::answer::AnswerRow;
use super::meaning::Meaning;
use crate::name::quote_identifier;
use crate::plan::ViewMapping;
use crate::run::{ExecuteError, lend};
use crate::source::{Reader, Row, SourceError};
use crate::target::{Cursor, Scope, Session, TargetError, TextRow};
use crate::value::Cell;
use jiff::tz::TimeZone;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Rows that are fetched at a time.
const FETCHED: usize = 500;

/// Settings that decide how PostgreSQL prints values.
const SETTINGS: &str = "SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex'; \
                        SET LOCAL extra_float_digits = 1";

/// Between two interruptions of a query that is to end: one that comes before the query begins is without effect.
const AGAIN: Duration = Duration::from_millis(100);

/// The outcome of a question to one side.
pub(super) enum Asked {
    Rows(Vec<AnswerRow>),
    /// More rows than the limit.
    TooMany,
    /// More time than the limit.
    TooSlow,
    /// The side refuses it, in words without a value.
    Failed(String),
}

/// The rows of an answer as far as the limit goes.
pub(super) struct Answer {
    rows: Vec<AnswerRow>,
    limit: u64,
    is_over: bool,
}

impl Answer {
    pub(super) fn new(limit: u64) -> Self {
        Self { rows: Vec::new(), limit, is_over: false }
    }

    /// Takes in a row; whether there is room for more.
    pub(super) fn add(&mut self, row: AnswerRow) -> bool {
        self.is_over = self.rows.len() as u64 >= self.limit;
        if !self.is_over {
            self.rows.push(row);
        }
        !self.is_over
    }

    pub(super) fn asked(self) -> Asked {
        if self.is_over { Asked::TooMany } else { Asked::Rows(self.rows) }
    }
}

/// How the columns of a view are compared.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// Name and meaning of each; no meaning where its values are not compared.
    columns: Vec<(String, Option<Meaning>)>,
    /// The columns that are compared but for their last digits.
    inexact: Vec<bool>,
}

impl Form {
    /// The columns whose values are not compared.
    pub(super) fn left_out(&self) -> Vec<String> {
        self.columns.iter().filter(|(_, meaning)| meaning.is_none()).map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn of_source(&self, row: &Row<'_>, zone: &TimeZone, buffer: &mut Vec<u8>) -> AnswerRow {
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
        AnswerRow::new(buffer, &approximate)
    }

    fn of_target(&self, row: &TextRow, buffer: &mut Vec<u8>) -> AnswerRow {
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
        AnswerRow::new(buffer, &approximate)
    }
}

/// Takes in a number that is compared but for its last digits, and exactly that there is one: NULL is none.
fn approximately(number: f64, buffer: &mut Vec<u8>, approximate: &mut Vec<f64>) {
    buffer.push(b'~');
    approximate.push(number);
}

impl Comparing<'_> {
    fn relation(&self, view: &ViewMapping) -> String {
        format!("{}.{}", quote_identifier(self.schema), quote_identifier(&view.target))
    }

    /// How the view's columns are compared, or what keeps them from it.
    pub(super) async fn form(
        &self,
        view: &ViewMapping,
        session: &Session,
    ) -> Result<Result<Form, String>, ExecuteError> {
        let doing = format!("asking for the columns of {}", view.target);
        let types = match session.column_types(&format!("SELECT * FROM {}", self.relation(view)), &doing).await {
            Ok(types) => types.iter().map(|r#type| Meaning::of(r#type.name())).collect::<Vec<_>>(),
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
        Ok(Ok(Form { columns, inexact: view.columns.iter().map(|column| column.is_inexact).collect() }))
    }

    /// A refusal in words: PostgreSQL's message may hold a value, and is shown where values are.
    fn refused(&self, error: TargetError) -> Result<String, ExecuteError> {
        match error {
            TargetError::Statement { message, code: Some(code), transient: false, .. } => Ok(match self.show_values {
                true => format!("PostgreSQL fails with {code}: {message}"),
                false => format!("PostgreSQL fails with the code {code}; --show-values shows its message"),
            }),
            error => Err(error.into()),
        }
    }

    /// Goes over the target's answer until `visit` has enough.
    async fn each_of_target(
        &self,
        view: &ViewMapping,
        session: &Session,
        mut visit: impl FnMut(&TextRow) -> bool,
    ) -> Result<(), TargetError> {
        let doing = format!("asking the view {}", view.target);
        let sql = format!("SELECT * FROM {}", self.relation(view));
        let asking = async {
            let cursor = Cursor::open(session, &sql, &doing).await?;
            loop {
                let rows = cursor.fetch(FETCHED).await?;
                if rows.is_empty() || !rows.iter().all(&mut visit) {
                    return Ok(());
                }
            }
        };
        session.transaction(Scope::reading(&doing).beginning(&doing).with(SETTINGS), asking).await
    }

    /// Asks the target; a wish to stop and the limit of time cancel the question.
    pub(super) async fn ask_target(
        &self,
        view: &ViewMapping,
        form: &Form,
        session: &Session,
    ) -> Result<Asked, ExecuteError> {
        let (mut rows, mut buffer) = (Answer::new(view.comparison.rows), Vec::new());
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
            Ok(Err(error)) => Ok(Asked::Failed(self.refused(error)?)),
            Err(_elapsed) => {
                session.cancel().await;
                Ok(Asked::TooSlow)
            }
        }
    }

    /// Some of the rows of the target's answer that the source does not have: their place, and their values where these may
    /// be shown.
    pub(super) async fn target_examples(
        &self,
        view: &ViewMapping,
        form: &Form,
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
        // A question that takes too long the second time gives no examples.
        match tokio::time::timeout(Duration::from_secs(view.comparison.seconds), asking).await {
            Ok(asked) => asked?,
            Err(_elapsed) => session.cancel().await,
        }
        Ok(found)
    }

    /// The same of the source's answer.
    pub(super) async fn source_examples(
        &self,
        view: &ViewMapping,
        form: &Form,
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
                    let value = |at: usize| shown(row.cell(at));
                    found.push((format!("row {place}"), show_values.then(|| form.words(value))));
                }
                found.len() < most && place < limit
            })?;
            Ok(found)
        });
        Ok(asked.await?.unwrap_or_default())
    }

    /// Lends the reader for a question; what ends it early is given in place of the answer.
    pub(super) async fn lend<T: Send + 'static>(
        &self,
        view: &ViewMapping,
        reader: &mut Option<Reader>,
        ask: impl FnOnce(&Reader) -> Result<T, SourceError> + Send + 'static,
    ) -> Result<Result<T, Asked>, ExecuteError> {
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
            Err(_) if is_late.load(Ordering::Relaxed) => Ok(Err(Asked::TooSlow)),
            Err(ExecuteError::Source(SourceError::Query { message, .. })) => Ok(Err(Asked::Failed(message))),
            Err(error) => Err(error),
        }
    }
}

/// A value of the source as it is shown.
fn shown(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Integer(integer) => integer.to_string(),
        Cell::Real(real) => real.to_string(),
        Cell::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Cell::Blob(bytes) => format!("\\x{}", hex::encode(bytes)),
    }
}

impl Form {
    /// A row's values with the names of their columns.
    fn words(&self, value: impl Fn(usize) -> String) -> String {
        let pairs = self.columns.iter().enumerate().map(|(at, (name, _))| format!("{name}={}", value(at)));
        pairs.collect::<Vec<_>>().join(", ")
    }
}
