//! The spec's checks: queries of the target, some of them of both sides.

mod answer;
mod question;
mod rows;
mod source;
mod value;

use crate::name::Schemas;
use crate::plan::{Asks, Plan, PlannedCheck, TableMapping};
use crate::proof::asking::TextAsker;
use crate::run::{CheckResult, ExecuteError, FailingRow, Stop, lend, until_stopped};
use crate::source::{Reader, SourceError};
use crate::spec::Expected;
use crate::target::{QueryCursor, Server, Session, TargetError, TextRow};
use crate::value::Zone;
use crate::value::sum::ExactSum;
use answer::CheckAnswer;
pub(crate) use value::decimal as canonical_decimal;
use value::{AnswerValue, ColumnReading};

/// Context of every check.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    /// Gives each check a session of its own.
    pub server: &'a Server,
    /// Holds the checks and the tables that they are about.
    pub plan: &'a Plan,
    /// Schemas in which the spec's SQL finds unqualified tables.
    pub schemas: &'a Schemas,
    /// Time zone of timestamps without one.
    pub zone: &'a Zone,
    /// Most wrong rows that are named for each check.
    pub rows: usize,
    /// Whether values may be shown beside keys.
    pub show_values: bool,
    /// Interrupts the reading of the source.
    pub stop: &'a Stop,
}

/// Outcome of a check's query.
struct CheckOutcome {
    passed: bool,
    expected: String,
    actual: String,
    failing: Option<u64>,
    rows: Vec<FailingRow>,
}

impl CheckOutcome {
    fn new(passed: bool, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self { passed, expected: expected.into(), actual: actual.into(), failing: None, rows: Vec::new() }
    }

    fn error(expected: &str, message: &str) -> Self {
        Self::new(false, expected, format!("an error: {message}"))
    }
}

impl CheckContext<'_> {
    /// Asker of the target's input functions, if their answers decide which rows of the table are rejected; `None`
    /// otherwise.
    async fn asking(&self, mapping: &TableMapping) -> Result<Option<(TextAsker, Schemas)>, ExecuteError> {
        if !source::is_asked_about(mapping) {
            return Ok(None);
        }
        Ok(Some((TextAsker::of(self.server.connect().await?), self.schemas.clone())))
    }

    /// Runs one check of the plan. The reader is lent to a thread meanwhile, and is lost with it.
    ///
    /// # Errors A side cannot be queried at all. A query that a side refuses is a wrong answer, not an error.
    pub async fn ask(&self, name: &str, reader: &mut Option<Reader>) -> Result<CheckResult, ExecuteError> {
        let check = self.plan.checks.get(name).ok_or_else(|| ExecuteError::Task(format!("no check {name}")))?;
        // A session of its own: a lock or a setting that a query leaves behind must not affect the next one, or a
        // worker.
        let session = &self.server.connect().await?;
        let answered = match until_stopped(session, self.stop, self.answer(name, check, session, reader)).await {
            Ok(answered) => answered,
            // A query that one side refuses has no right answer; the other checks are run all the same.
            Err(ExecuteError::Target(TargetError::Statement {
                message,
                private,
                code: Some(_),
                transient: false,
                ..
            })) => {
                let private = private.words().filter(|_| self.show_values);
                CheckOutcome::error("an answer", private.unwrap_or(&message))
            }
            Err(ExecuteError::Source(SourceError::Query { message, .. })) => {
                CheckOutcome::error("an answer of the source", &message)
            }
            Err(error) => return Err(error),
        };
        let CheckOutcome { passed, expected, actual, failing, rows } = answered;
        Ok(CheckResult { name: name.to_owned(), passed, expected, actual, severity: check.severity, failing, rows })
    }

    async fn answer(
        &self,
        name: &str,
        check: &PlannedCheck,
        session: &Session,
        reader: &mut Option<Reader>,
    ) -> Result<CheckOutcome, ExecuteError> {
        let doing = format!("the check \"{name}\"");
        if let Asks::NoRows(key_columns) = check.asks {
            return self.no_rows(&doing, &check.sql, key_columns, session).await;
        }
        if let Asks::Value(expected) = &check.asks {
            return Ok(self.value(&doing, &check.sql, expected, session).await?);
        }
        let TargetAnswer { answer: actual, first, .. } = self.target_answer(&doing, &check.sql, session).await?;
        let number = first.unwrap_or_default();
        let rows = number.parse::<u64>().ok();
        Ok(match &check.asks {
            Asks::SourceAnswer { sql, in_order } => {
                let asked = self.source_answer(sql, reader).await?;
                CheckOutcome::new(
                    asked.is(&actual, *in_order),
                    asked.words_beside(&actual),
                    actual.words_beside(&asked),
                )
            }
            Asks::Bounds { min, max } => {
                let is_within = |rows: u64| min.is_none_or(|min| rows >= min) && max.is_none_or(|max| rows <= max);
                CheckOutcome::new(rows.is_some_and(is_within), check.asks.to_string(), number_of_rows(rows))
            }
            Asks::SourceRows(table) => {
                let mapping = self.mapping(table)?;
                let expected = source::rows(reader, mapping, self.zone, self.asking(mapping).await?, self.stop).await?;
                // The target may have rows of its own if the spec permits it.
                let is_right = |rows: u64| if mapping.keeps_rows { rows >= expected } else { rows == expected };
                let at_least = if mapping.keeps_rows { "at least " } else { "" };
                CheckOutcome::new(
                    rows.is_some_and(is_right),
                    format!("{at_least}{}", counted(expected)),
                    number_of_rows(rows),
                )
            }
            Asks::SourceSum { table, column } => {
                let mapping = self.mapping(table)?;
                let asking = self.asking(mapping).await?;
                let expected = source::sum(reader, mapping, column, self.zone, asking, self.stop).await?;
                let mut actual = ExactSum::default();
                let is_number = actual.add_text(&number);
                let (expected, actual) = (expected.to_string(), actual.to_string());
                CheckOutcome::new(is_number && expected == actual, expected, actual)
            }
            Asks::NoRows(_) | Asks::Value(_) => return Err(ExecuteError::Task(format!("{doing} was asked already"))),
        })
    }

    fn mapping(&self, table: &str) -> Result<&crate::plan::TableMapping, ExecuteError> {
        let mapping = self.plan.tables.iter().find(|mapping| mapping.source == table);
        mapping.ok_or_else(|| ExecuteError::Task(format!("no table {table}")))
    }

    /// Whether the target answers with one value, which is the expected one.
    async fn value(
        &self,
        doing: &str,
        sql: &str,
        expected: &Expected,
        session: &Session,
    ) -> Result<CheckOutcome, TargetError> {
        let TargetAnswer { answer, first, columns } = self.target_answer(doing, sql, session).await?;
        let printed = first.as_deref();
        let is_it = match (expected, columns.as_slice()) {
            (Expected::Quoted(expected), [_]) | (Expected::Plain(expected), [ColumnReading::Boolean]) => {
                printed == Some(expected)
            }
            (
                Expected::Plain(expected),
                [column @ (ColumnReading::Decimal | ColumnReading::Real | ColumnReading::Double)],
            ) => column.value(printed) == AnswerValue::number(expected),
            _ => false,
        };
        let passed = is_it && answer.rows == 1;
        let mut words = answer.words_beside(&CheckAnswer::default());
        if !passed && answer.rows == 1 && printed == Some(&expected.to_string()) {
            words.push_str(" (text; quote the expected value)");
        }
        Ok(CheckOutcome::new(passed, expected.to_string(), words))
    }

    /// Reads the source's answer.
    async fn source_answer(&self, sql: &str, reader: &mut Option<Reader>) -> Result<CheckAnswer, ExecuteError> {
        let sql = sql.to_owned();
        lend(reader, move |reader| {
            let mut answer = CheckAnswer::default();
            reader.query_rows(&sql, |row, columns| {
                let words = || (0..columns).map(|at| row.cell(at).printed()).collect::<Vec<_>>().join(", ");
                answer.add((0..columns).map(|at| AnswerValue::of_source(row, at)), words);
            })?;
            Ok::<_, SourceError>(answer)
        })
        .await
    }

    async fn target_answer(&self, doing: &str, sql: &str, session: &Session) -> Result<TargetAnswer, TargetError> {
        let hear = async |cursor: QueryCursor<'_>| {
            let (mut answer, mut first) = (CheckAnswer::default(), None);
            let columns = cursor.read_column_types().await?.iter().map(ColumnReading::of).collect::<Vec<_>>();
            let visit = |row: &TextRow| {
                if answer.rows == 0 {
                    first = row.try_get(0).ok().flatten().map(str::to_owned);
                }
                let values = columns.iter().enumerate().map(|(at, column)| column.value(row.get(at)));
                let words = || (0..row.len()).map(|at| row.get(at).unwrap_or("NULL")).collect::<Vec<_>>().join(", ");
                answer.add(values, words);
            };
            cursor.for_each(visit).await?;
            Ok(TargetAnswer { answer, first, columns })
        };
        self.question(doing, sql, session, hear).await
    }
}

/// The target's answer.
struct TargetAnswer {
    answer: CheckAnswer,
    /// First value of the first row, as PostgreSQL prints it.
    first: Option<String>,
    /// Interpretation of the columns.
    columns: Vec<ColumnReading>,
}

/// Answer of a template that counts rows, in words.
fn number_of_rows(rows: Option<u64>) -> String {
    rows.map_or_else(|| "an answer that is no number of rows".to_owned(), counted)
}

fn counted(rows: u64) -> String {
    format!("{rows} {}", if rows == 1 { "row" } else { "rows" })
}
