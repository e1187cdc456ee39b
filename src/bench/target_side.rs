//! The target's clients: each a session as the application has it, which only reads, in a task of its own.

use super::draw::DrawnParameters;
use super::measure::Times;
use super::source_side::too_slow;
use crate::run::{ExecuteError, Stop};
use crate::spec::Spec;
use crate::target::sqlstate::QUERY_CANCELED;
use crate::target::{Server, Session, TargetError, TargetQuery, TransactionScope, WrittenValue};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// Work of a session, for PostgreSQL's messages.
const DOING: &str = "asking a question of the bench";

/// Open sessions, for as many clients as came.
#[derive(Debug)]
pub(super) struct TargetClients {
    sessions: Vec<(Session, Option<TargetQuery>)>,
    /// Reason for which no more came.
    pub(super) refused: Option<String>,
}

/// A question as every client asks it.
#[derive(Debug, Clone)]
pub(super) struct TargetQuestion {
    pub(super) sql: Arc<str>,
    pub(super) parameters: Arc<[Vec<WrittenValue>]>,
    pub(super) timeout: Duration,
}

impl TargetClients {
    /// Opens at most `most` sessions.
    ///
    /// # Errors
    /// Not even one can be opened.
    pub(super) async fn open(
        spec: &Spec,
        server: &Server,
        most: usize,
        timeout: Duration,
        stop: &Stop,
    ) -> Result<Self, ExecuteError> {
        let mut clients = Self { sessions: Vec::new(), refused: None };
        while clients.sessions.len() < most {
            match stop.or_end(application_session(spec, server, timeout)).await {
                Ok(session) => clients.sessions.push((session, None)),
                Err(ExecuteError::Interrupted) => return Err(ExecuteError::Interrupted),
                Err(error) if clients.sessions.is_empty() => return Err(error),
                Err(error) => {
                    clients.refused = Some(error.to_string());
                    break;
                }
            }
        }
        Ok(clients)
    }

    /// Lets so many clients ask for a time; returns their times, their number, and the time they took. A question is prepared
    /// once by each client.
    ///
    /// # Errors
    /// A task fails, or none of the clients can ask.
    pub(super) async fn ask(
        &mut self,
        clients: usize,
        asked: &TargetQuestion,
        duration: Duration,
        stop: &Stop,
    ) -> Result<(Times, usize, Duration), ExecuteError> {
        let clients = clients.min(self.sessions.len());
        let rest = self.sessions.split_off(clients);
        let barrier = Arc::new(Barrier::new(clients.max(1)));
        let mut running = JoinSet::new();
        for (number, (session, question)) in std::mem::replace(&mut self.sessions, rest).into_iter().enumerate() {
            let (asked, barrier, stop) = (asked.clone(), Arc::clone(&barrier), stop.clone());
            let first = number * asked.parameters.len() / clients.max(1);
            running.spawn(async move {
                let question = match question {
                    Some(question) => Ok(question),
                    None => session.prepare_question(&asked.sql, DOING).await,
                };
                // All clients begin together; one that failed to prepare has reached the barrier too.
                barrier.wait().await;
                let question = question?;
                let (times, took) = one_client(&session, &question, &asked, first, duration, &stop).await?;
                Ok::<_, ExecuteError>((session, question, times, took))
            });
        }
        let (mut all, mut elapsed) = (Times::new()?, Duration::ZERO);
        while let Some(joined) = running.join_next().await {
            let (session, question, times, took) = joined??;
            all.add(times)?;
            elapsed = elapsed.max(took);
            if session.is_closed() {
                self.refused = Some("a connection to the target was lost".to_owned());
            } else {
                self.sessions.push((session, Some(question)));
            }
        }
        if self.sessions.is_empty() {
            return Err(ExecuteError::Task("every connection to the target was lost".to_owned()));
        }
        Ok((all, clients, elapsed))
    }

    /// Forgets the prepared questions.
    pub(super) fn forget(&mut self) {
        self.sessions.iter_mut().for_each(|(_, question)| *question = None);
    }
}

/// Opens a session as the application has it.
///
/// # Errors
/// No connection, or a setting of the spec is refused.
pub(super) async fn application_session(
    spec: &Spec,
    server: &Server,
    timeout: Duration,
) -> Result<Session, TargetError> {
    let session = server.connect().await?;
    session.become_application(&spec.target.schemas.search_path(), &spec.target.settings, timeout).await?;
    Ok(session)
}

/// Does `work` in a transaction that only reads and is rolled back: some functions write all the same (`lo_create` before PostgreSQL 16).
pub(super) async fn rolled_back<T>(
    session: &Session,
    work: impl Future<Output = Result<T, TargetError>>,
) -> Result<T, TargetError> {
    session.transaction(TransactionScope::reading(DOING).beginning(DOING), work).await
}

/// One client's questions, in a transaction that only reads and is rolled back; a failure ends it, and the next one begins. The
/// first is asked however late the transaction has begun: a client without an answer has measured nothing.
async fn one_client(
    session: &Session,
    question: &TargetQuery,
    asked: &TargetQuestion,
    first: usize,
    duration: Duration,
    stop: &Stop,
) -> Result<(Times, Duration), ExecuteError> {
    let mut times = Times::new()?;
    let beginning = Instant::now();
    let mut place = first;
    let goes_on =
        |place: usize| (place == first || beginning.elapsed() < duration) && !stop.is_thrown() && !session.is_closed();
    while goes_on(place) {
        let batch = async {
            while goes_on(place) {
                let Some(values) = asked.parameters.get(place % asked.parameters.len().max(1)) else { break };
                let start = Instant::now();
                let answer = stop.or_end(answered(session, question, values)).await;
                if answer.is_ok() {
                    times.note(start.elapsed(), place % asked.parameters.len());
                }
                place += 1;
                if matches!(answer, Err(ExecuteError::Interrupted)) {
                    // Nothing else can be asked, not even to roll back, before the answer has ended.
                    session.cancel().await;
                }
                answer?;
            }
            Ok::<_, ExecuteError>(())
        };
        match session.transaction(TransactionScope::reading(DOING).beginning(DOING), batch).await {
            // The time is over, or there is nothing to ask with.
            Ok(()) | Err(ExecuteError::Interrupted) => break,
            Err(ExecuteError::Target(TargetError::Statement { code: Some(code), .. })) if code == QUERY_CANCELED => {
                if !times.fail(too_slow(asked.timeout)) {
                    break;
                }
            }
            Err(error) => {
                if !times.fail(error.to_string()) {
                    break;
                }
            }
        }
    }
    Ok((times, beginning.elapsed()))
}

/// Asks, and reads every row of the answer.
pub(super) async fn answered(
    session: &Session,
    question: &TargetQuery,
    values: &[WrittenValue],
) -> Result<(), TargetError> {
    let mut rows = session.ask(question, values, DOING).await?;
    while rows.next().await?.is_some() {}
    Ok(())
}

/// The parameters in PostgreSQL's text.
pub(super) fn written(
    form: &super::meaning::ParameterForm,
    parameters: &[DrawnParameters],
) -> Arc<[Vec<WrittenValue>]> {
    parameters.iter().map(|parameters| form.written(&parameters.values)).collect()
}
