//! The answers of both sides to one question, compared for every parameter that was drawn.

use super::compare::{BenchRow, FirstDifference, apart};
use super::draw::DrawnParameters;
use super::meaning::{AnswerColumn, ParameterForm, words};
use super::outcome::{AnswerDifference, AnswerDifferenceKind, BenchResult};
use super::source_side::within;
use super::target_side::rolled_back;
use crate::proof::meaning::Room;
use crate::run::{ExecuteError, Stop};
use crate::source::Reader;
use crate::target::{RawValue, Session, TargetError, TargetQuery, WrittenValue};
use std::sync::Arc;
use std::time::Duration;

/// Most rows of an answer that is compared: a bench is for questions that an application asks often.
const MOST_ROWS: usize = 100_000;

/// The two sides and their forms.
pub(super) struct AnswerComparer<'a> {
    pub(super) sql: Arc<str>,
    pub(super) session: &'a Session,
    pub(super) question: &'a TargetQuery,
    pub(super) columns: Arc<[AnswerColumn]>,
    pub(super) form: &'a ParameterForm,
    pub(super) doing: &'a str,
    pub(super) timeout: Duration,
    pub(super) in_order: bool,
    /// Most differences that are kept.
    pub(super) examples: usize,
    pub(super) show_values: bool,
    pub(super) stop: &'a Stop,
}

/// An answer of one side.
enum SideAnswer {
    Rows(Vec<BenchRow>),
    /// The reason for which there is none that can be compared.
    Refused(String),
}

impl AnswerComparer<'_> {
    /// Asks both sides with every parameter. What was found goes into the result, as far as it came.
    ///
    /// # Errors
    /// A side fails, or the bench was interrupted. A side that refuses the question is a result.
    pub(super) async fn compare(
        &self,
        parameters: &[DrawnParameters],
        reader: &mut Option<Reader>,
        result: &mut BenchResult,
    ) -> Result<(), ExecuteError> {
        for parameters in parameters {
            if self.stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
            let source = match self.source_answer(parameters, reader).await? {
                SideAnswer::Rows(rows) => rows,
                SideAnswer::Refused(reason) => {
                    result.refused = Some(format!("the source does not answer{}: {reason}", with(parameters)));
                    return Ok(());
                }
            };
            let target = match self.target_answer(parameters).await? {
                SideAnswer::Rows(rows) => rows,
                SideAnswer::Refused(reason) => {
                    result.refused = Some(format!("the target does not answer{}: {reason}", with(parameters)));
                    return Ok(());
                }
            };
            result.compared += 1;
            result.rows += source.len() as u64;
            result.most_rows = result.most_rows.max(source.len() as u64);
            let mut apart = apart(source, target, self.in_order);
            // Mapped ids sort otherwise.
            let is_order = matches!(apart, Some(FirstDifference::Order { .. }));
            if is_order && self.columns.iter().any(AnswerColumn::maps_ids) {
                (apart, result.in_order) = (None, false);
                result.order_not_compared = Some("order not compared: the answer has ids that `merge.key` maps");
            }
            if let Some(apart) = apart {
                result.different += 1;
                if result.examples.len() < self.examples {
                    result.examples.push(self.difference(apart, parameters));
                }
            }
        }
        result.equal = Some(result.different == 0);
        Ok(())
    }

    async fn source_answer(
        &self,
        parameters: &DrawnParameters,
        reader: &mut Option<Reader>,
    ) -> Result<SideAnswer, ExecuteError> {
        let (sql, columns, values) = (Arc::clone(&self.sql), Arc::clone(&self.columns), parameters.values.clone());
        let shows = self.show_values;
        let asked = within(reader, self.timeout, self.stop, move |reader| {
            let (mut rows, mut room, mut is_over) = (Vec::new(), Room::default(), false);
            let mut found = columns.len();
            reader.prepare(&sql)?.ask(&values, |row, width| {
                found = width;
                is_over = rows.len() == MOST_ROWS;
                if found != columns.len() || is_over {
                    return false;
                }
                let value = |(at, column): (usize, &AnswerColumn)| column.source(row, at, shows, &mut room);
                let values = columns.iter().enumerate().map(value).collect();
                rows.push(BenchRow { number: rows.len() as u64 + 1, values });
                true
            })?;
            Ok(match (found == columns.len(), is_over) {
                (false, _) => SideAnswer::Refused(format!(
                    "it answers with {found} columns, and the target with {}",
                    columns.len()
                )),
                (_, true) => SideAnswer::Refused(too_many()),
                _ => SideAnswer::Rows(rows),
            })
        });
        Ok(asked.await?.unwrap_or_else(SideAnswer::Refused))
    }

    async fn target_answer(&self, parameters: &DrawnParameters) -> Result<SideAnswer, ExecuteError> {
        let values = self.form.written(&parameters.values);
        match self.stop.or_end(rolled_back(self.session, self.rows(&values))).await {
            Ok(rows) => Ok(rows),
            Err(ExecuteError::Target(error)) => refusal(error, self.show_values).map(SideAnswer::Refused),
            Err(error) => Err(error),
        }
    }

    async fn rows(&self, values: &[WrittenValue]) -> Result<SideAnswer, TargetError> {
        let mut incoming = self.session.ask(self.question, values, self.doing).await?;
        let (mut rows, mut room) = (Vec::new(), Room::default());
        while let Some(row) = incoming.next().await? {
            if rows.len() == MOST_ROWS {
                self.session.cancel().await;
                return Ok(SideAnswer::Refused(too_many()));
            }
            let value = |(at, column): (usize, &AnswerColumn)| {
                // The bytes are taken as they are, whatever their type.
                let field = row.try_get::<_, Option<RawValue<'_>>>(at).ok().flatten();
                column.target(field.map(|RawValue(bytes)| bytes), self.show_values, &mut room)
            };
            let values = self.columns.iter().enumerate().map(value).collect();
            rows.push(BenchRow { number: rows.len() as u64 + 1, values });
        }
        Ok(SideAnswer::Rows(rows))
    }

    fn difference(&self, apart: FirstDifference, parameters: &DrawnParameters) -> AnswerDifference {
        let shown = |row: &BenchRow| {
            let words = row.values.iter().map(|value| value.words.clone()).collect::<Option<Vec<_>>>();
            words.map(|words| words.join(", "))
        };
        let blank = AnswerDifference {
            parameter: parameters.row,
            parameters: (self.show_values && parameters.row.is_some()).then(|| words(&parameters.values)),
            kind: AnswerDifferenceKind::Rows,
            row: None,
            column: None,
            source: None,
            target: None,
        };
        match apart {
            FirstDifference::Rows { source, target, .. } => {
                AnswerDifference { source: Some(source.to_string()), target: Some(target.to_string()), ..blank }
            }
            FirstDifference::Row { row, is_source: true } => AnswerDifference {
                kind: AnswerDifferenceKind::Missing,
                row: Some(row.number),
                source: shown(&row),
                ..blank
            },
            FirstDifference::Row { row, is_source: false } => AnswerDifference {
                kind: AnswerDifferenceKind::Extra,
                row: Some(row.number),
                target: shown(&row),
                ..blank
            },
            FirstDifference::Value { source, target, column } => {
                let word = |row: &BenchRow| row.values.get(column).and_then(|value| value.words.clone());
                AnswerDifference {
                    kind: AnswerDifferenceKind::Different,
                    row: Some(source.number),
                    column: self.columns.get(column).map(|column| column.name.clone()),
                    source: word(&source),
                    target: word(&target),
                    ..blank
                }
            }
            FirstDifference::Order { row } => {
                AnswerDifference { kind: AnswerDifferenceKind::Order, row: Some(row), ..blank }
            }
        }
    }
}

/// The parameters' place, for messages.
fn with(parameters: &DrawnParameters) -> String {
    parameters.row.map(|row| format!(" with row {row} of `parameters`")).unwrap_or_default()
}

fn too_many() -> String {
    format!("it has more than {} rows, and such answers are not compared", crate::value::count(MOST_ROWS as u64))
}

/// PostgreSQL's refusal of a question, in words that may be shown.
///
/// # Errors
/// Every other failure.
pub(super) fn refusal(error: TargetError, show_values: bool) -> Result<String, ExecuteError> {
    match error {
        TargetError::Statement { message, private, code: Some(_), transient: false, .. } => {
            Ok(private.words().filter(|_| show_values).map_or(message, str::to_owned))
        }
        error => Err(error.into()),
    }
}
