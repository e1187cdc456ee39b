//! PostgreSQL's verdicts on the values of columns that its own input functions read, asked before the rows are encoded.
//!
//! Rows are read in threads that may block, and a session is asked by a task that may not: a question goes through a
//! channel from one to the other.

use crate::catalog::{KeyRange, Selection};
use crate::name::Schemas;
use crate::plan::{ColumnMapping, Plan, Step, StepKind, StepState, TableMapping};
use crate::run::{ExecuteError, Stop};
use crate::source::{ReadFailure, Reader};
use crate::target::{
    InputAnswer, InputQuestion, RowTrial, SearchPath, Session, TargetError, TransactionScope, UnmetDemand,
};
use crate::value::judged::write_document;
use crate::value::{Cell, Reading};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use tokio::sync::{mpsc, oneshot};
use xxhash_rust::xxh3::xxh3_128;

/// Documents and bytes of one question.
const DOCUMENTS: usize = 2_000;
const BYTES: usize = 1 << 20;

/// Most hashes of documents that are remembered so that none is asked about twice.
const REMEMBERED: usize = 200_000;

/// Questions that wait for the session.
const QUEUE: usize = 2;

/// Settings for a question: nothing waits for others' locks.
const LIMITS: &str = "SET LOCAL lock_timeout = '2s'; SET LOCAL synchronous_commit = off";

/// Where a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuestionScope {
    /// In a transaction of its own, which is rolled back.
    Apart,
    /// Under a savepoint of the transaction in progress, which is rolled back to.
    Within,
}

/// A question to the session.
#[derive(Debug)]
pub(crate) enum InputRequest {
    /// Whether these are values of a type.
    Values(InputQuestion, oneshot::Sender<Result<InputAnswer, TargetError>>),
    /// Whether the rows that come meet what a table demands.
    Rows(RowTrial, mpsc::Receiver<Vec<u8>>, oneshot::Sender<Result<Vec<UnmetDemand>, TargetError>>),
}

/// Questions that wait to be answered.
pub(crate) type InputRequests = mpsc::Receiver<InputRequest>;

/// Asks a session, from a thread that may block.
#[derive(Debug, Clone)]
pub(crate) struct InputAsker(mpsc::Sender<InputRequest>);

/// A trial of rows that is in progress.
#[derive(Debug)]
pub(crate) struct TrialInProgress {
    rows: mpsc::Sender<Vec<u8>>,
    unmet: oneshot::Receiver<Result<Vec<UnmetDemand>, TargetError>>,
}

/// Makes the two ends of a channel of questions.
pub(crate) fn channel() -> (InputAsker, InputRequests) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (InputAsker(sender), receiver)
}

/// Answers questions until every sender is dropped.
pub(crate) async fn answer(session: &Session, mut questions: InputRequests, asked: QuestionScope) {
    while let Some(request) = questions.recv().await {
        let scope = TransactionScope::discarded("ending a question").with(LIMITS);
        // The thread that has asked may have been stopped meanwhile.
        match request {
            InputRequest::Values(question, reply) => drop(reply.send(match asked {
                QuestionScope::Apart => session.transaction(scope, session.judge_input(&question)).await,
                QuestionScope::Within => within(session, &question).await,
            })),
            InputRequest::Rows(trial, rows, reply) => {
                drop(reply.send(session.transaction(scope, tried(session, &trial, rows)).await));
            }
        }
    }
}

/// Copies rows as they come, and asks about all of them.
async fn tried(
    session: &Session,
    trial: &RowTrial,
    mut rows: mpsc::Receiver<Vec<u8>>,
) -> Result<Vec<UnmetDemand>, TargetError> {
    let mut copy = session.begin_trial(trial).await?;
    while copy.is_open() {
        let Some(buffer) = rows.recv().await else { break };
        copy.send(buffer).await;
    }
    drop(rows);
    copy.finish().await?;
    session.end_trial(trial).await
}

/// Asks under a savepoint that is rolled back to, whatever the answer is.
async fn within(session: &Session, question: &InputQuestion) -> Result<InputAnswer, TargetError> {
    let done = session.savepoint(async { Err::<(), _>(session.judge_input(question).await) }).await?;
    match done {
        Err(answer) => answer,
        Ok(()) => Ok(Ok(Vec::new())),
    }
}

impl InputAsker {
    fn ask(&self, question: InputQuestion) -> Result<InputAnswer, ExecuteError> {
        let (reply, answer) = oneshot::channel();
        let gone = || ExecuteError::Interrupted;
        self.0.blocking_send(InputRequest::Values(question, reply)).map_err(|_| gone())?;
        Ok(answer.blocking_recv().map_err(|_| gone())??)
    }

    /// Begins a trial of rows.
    pub(crate) fn try_rows(&self, trial: RowTrial) -> Result<TrialInProgress, ExecuteError> {
        let ((rows, coming), (reply, unmet)) = (mpsc::channel(QUEUE), oneshot::channel());
        self.0.blocking_send(InputRequest::Rows(trial, coming, reply)).map_err(|_| ExecuteError::Interrupted)?;
        Ok(TrialInProgress { rows, unmet })
    }
}

impl TrialInProgress {
    /// Gives encoded rows to the trial; false if it takes no more.
    pub(crate) fn send(&self, rows: Vec<u8>) -> bool {
        self.rows.blocking_send(rows).is_ok()
    }

    /// Ends the trial. The inner result is the reason for which it could not be done.
    pub(crate) fn end(self) -> Result<Result<Vec<UnmetDemand>, String>, ExecuteError> {
        let Self { rows, unmet } = self;
        drop(rows);
        match unmet.blocking_recv().map_err(|_| ExecuteError::Interrupted)? {
            Ok(unmet) => Ok(Ok(unmet)),
            Err(TargetError::Statement { message, code: Some(_), transient: false, .. }) => Ok(Err(message)),
            Err(error) => Err(error.into()),
        }
    }
}

/// Needs of a migration's types before they can be asked about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Preparation {
    /// The schemas in which types are found.
    pub(crate) search_path: Option<String>,
    /// Statements of the plan that make schemas, extensions and types.
    pub(crate) statements: Vec<String>,
}

/// The questions about one table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judging<'a> {
    pub(crate) mapping: &'a TableMapping,
    pub(crate) asker: &'a InputAsker,
    pub(crate) preparation: &'a Preparation,
}

/// Columns that could not be asked about, by position, with the reason.
pub(crate) type NotJudged = BTreeMap<usize, String>;

/// The columns whose values PostgreSQL would have to judge, with the reason that the target was not contacted.
pub(crate) fn not_asked(mapping: &TableMapping) -> NotJudged {
    let columns = mapping.columns.iter().enumerate().filter(|(_, column)| column.is_judged());
    columns.map(|(at, _)| (at, "the target was not contacted".to_owned())).collect()
}

impl Preparation {
    /// Needs of a table's types, by the steps of its plan that are still to be done.
    pub(crate) fn of(plan: &Plan, mapping: &TableMapping, schemas: &Schemas) -> Self {
        let extensions = mapping.columns.iter().filter_map(|column| column.column_type.extension());
        let extensions = extensions.collect::<BTreeSet<_>>();
        let is_needed = |step: &&Step| match step.kind() {
            StepKind::Schema | StepKind::Type => true,
            StepKind::Extension => extensions.contains(step.id.name.as_str()),
            _ => false,
        };
        // A step's statements are parsed for its transactions: only of the few that are needed.
        let needed = plan.steps.iter().filter(|step| step.state == StepState::Pending).filter(is_needed);
        let statements = needed.filter(|step| !step.ends_transaction()).map(|step| {
            let path = step.search_path(schemas);
            format!("{};\n{}", SearchPath::of(path.as_deref()).in_transaction().statement(), step.sql)
        });
        Self { search_path: Some(format!("{}, public", schemas.search_path())), statements: statements.collect() }
    }

    /// The same once the steps are done.
    pub(crate) fn of_made(self) -> Self {
        Self { statements: Vec::new(), ..self }
    }
}

impl Judging<'_> {
    /// Asks about the values in a range, so that the verdicts of the columns are known.
    pub(crate) fn judge(self, reader: &Reader, range: &KeyRange, stop: &Stop) -> Result<NotJudged, ExecuteError> {
        let columns = self.mapping.columns.iter().enumerate().filter(|(_, column)| column.is_judged());
        let mut columns = columns.map(|(at, column)| ColumnQueue::of(at, column)).collect::<Vec<_>>();
        if columns.is_empty() {
            return Ok(NotJudged::new());
        }
        let whole = self.mapping.selection(range.clone());
        let selected = columns.iter().filter_map(|column| whole.columns.get(column.position).cloned()).collect();
        let selection = Selection { columns: selected, ..whole };
        let outcome = reader.for_each_row(&selection, |row| {
            if stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
            for (at, column) in columns.iter_mut().enumerate() {
                column.take(row.cell(at));
                if column.is_full() {
                    column.ask(self)?;
                }
            }
            Ok(())
        });
        match outcome {
            Ok(_) => {}
            Err(ReadFailure::Source(error)) => return Err(error.into()),
            Err(ReadFailure::Caller(error)) => return Err(error),
        }
        for column in &mut columns {
            column.ask(self)?;
        }
        Ok(columns.into_iter().filter_map(|column| Some((column.position, column.refused?))).collect())
    }
}

/// Documents of one column that wait to be asked about.
struct ColumnQueue<'a> {
    position: usize,
    column: &'a ColumnMapping,
    documents: Vec<String>,
    bytes: usize,
    asked: HashSet<u128>,
    refused: Option<String>,
    scratch: Vec<u8>,
}

impl<'a> ColumnQueue<'a> {
    fn of(position: usize, column: &'a ColumnMapping) -> Self {
        let (documents, asked, scratch) = (Vec::new(), HashSet::new(), Vec::new());
        Self { position, column, documents, bytes: 0, asked, refused: None, scratch }
    }

    fn take(&mut self, cell: Cell<'_>) {
        if self.refused.is_some() || cell == Cell::Null {
            return;
        }
        self.scratch.clear();
        let blobs = self.column.reading == Reading::Utf8;
        if write_document(cell, blobs, &mut self.scratch).is_err() {
            // The encoder refuses it by itself.
            return;
        }
        if self.asked.len() >= REMEMBERED {
            self.asked.clear();
        }
        if !self.asked.insert(xxh3_128(&self.scratch)) {
            return;
        }
        let document = String::from_utf8_lossy(&self.scratch).into_owned();
        self.bytes += document.len();
        self.documents.push(document);
    }

    fn is_full(&self) -> bool {
        self.documents.len() >= DOCUMENTS || self.bytes >= BYTES
    }

    fn ask(&mut self, judging: Judging<'_>) -> Result<(), ExecuteError> {
        if self.documents.is_empty() || self.refused.is_some() {
            return Ok(());
        }
        let documents = std::mem::take(&mut self.documents);
        self.bytes = 0;
        let question = InputQuestion {
            type_name: self.column.sql_type(),
            search_path: judging.preparation.search_path.clone(),
            preparation: judging.preparation.statements.clone(),
            documents: documents.clone(),
        };
        match judging.asker.ask(question)? {
            Ok(verdicts) => {
                for (document, bad) in documents.iter().zip(verdicts) {
                    if let Some(bad) = bad {
                        self.column.verdicts.refuse(document.as_bytes(), bad);
                    }
                }
            }
            Err(reason) => self.refused = Some(reason),
        }
        Ok(())
    }
}
