//! The source's clients: each a connection of its own in a thread of its own, in a transaction that only reads.

use super::draw::DrawnParameters;
use super::measure::Times;
use crate::run::{ExecuteError, Stop, lend};
use crate::source::{Interrupter, Reader, Snapshot, SourceError};
use crate::spec::Spec;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Interval in which the time of questions is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Open connections, for as many clients as came.
#[derive(Debug)]
pub(super) struct SourceClients {
    readers: Vec<Reader>,
    /// Reason for which no more came.
    pub(super) refused: Option<String>,
}

/// A question as every client asks it.
#[derive(Debug, Clone)]
pub(super) struct SourceQuestion {
    pub(super) sql: Arc<str>,
    pub(super) parameters: Arc<[DrawnParameters]>,
    /// Time after which an answer is no longer waited for.
    pub(super) timeout: Duration,
}

impl SourceClients {
    /// Opens at most `most` connections, each in a state of its own.
    ///
    /// # Errors
    /// Not even one can be opened.
    pub(super) async fn open(spec: &Spec, most: usize, stop: &Stop) -> Result<Self, ExecuteError> {
        let (connection, stop) = (spec.source.connection.clone(), stop.clone());
        let opened = tokio::task::spawn_blocking(move || {
            let mut clients = Self { readers: Vec::new(), refused: None };
            while clients.readers.len() < most && !stop.is_thrown() {
                // One reader needs no other to agree with, and so no lock.
                match Snapshot::open(&connection, 1, None, &|_| false) {
                    Ok(snapshot) => clients.readers.extend(snapshot.into_readers().into_iter().take(1)),
                    Err(error) if clients.readers.is_empty() => return Err(error),
                    Err(error) => {
                        clients.refused = Some(error.to_string());
                        break;
                    }
                }
            }
            stop.interrupts(clients.readers.iter().map(Reader::interrupter));
            Ok(clients)
        });
        Ok(opened.await??)
    }

    /// Lets so many clients ask for a time; returns their times, their number, and the time they took.
    ///
    /// # Errors
    /// A thread fails, or none of the clients can ask.
    pub(super) async fn ask(
        &mut self,
        clients: usize,
        asked: &SourceQuestion,
        duration: Duration,
        stop: &Stop,
    ) -> Result<(Times, usize, Duration), ExecuteError> {
        let clients = clients.min(self.readers.len());
        let rest = self.readers.split_off(clients);
        let barrier = Arc::new(Barrier::new(clients.max(1)));
        let (mut running, mut watched) = (JoinSet::new(), Vec::new());
        for (number, reader) in std::mem::replace(&mut self.readers, rest).into_iter().enumerate() {
            let count = Arc::new(AtomicU64::new(0));
            watched.push((reader.interrupter(), Arc::clone(&count)));
            let client = SourceClient {
                asked: asked.clone(),
                first: number * asked.parameters.len() / clients.max(1),
                barrier: Arc::clone(&barrier),
                duration,
                count,
                stop: stop.clone(),
            };
            running.spawn_blocking(move || {
                let times = client.ask(&reader);
                (reader, times)
            });
        }
        let watch = tokio::spawn(watch(watched, asked.timeout));
        let (mut all, mut elapsed) = (Times::new()?, Duration::ZERO);
        while let Some(joined) = running.join_next().await {
            let (reader, asked) = joined?;
            self.readers.push(reader);
            let (times, took) = asked?;
            all.add(times)?;
            elapsed = elapsed.max(took);
        }
        watch.abort();
        Ok((all, clients, elapsed))
    }
}

/// Interrupts questions that take too long. Each client counts: an odd number while it waits for an answer.
async fn watch(watched: Vec<(Interrupter, Arc<AtomicU64>)>, timeout: Duration) {
    let watched = Arc::new(watched);
    let mut seen = watched.iter().map(|(_, count)| (count.load(Ordering::Relaxed), Instant::now())).collect::<Vec<_>>();
    loop {
        tokio::time::sleep(GLANCE).await;
        let mut late = Vec::new();
        for (client, ((_, count), (known, since))) in watched.iter().zip(&mut seen).enumerate() {
            let count = count.load(Ordering::Relaxed);
            if count != *known {
                (*known, *since) = (count, Instant::now());
            } else if count % 2 == 1 && since.elapsed() > timeout {
                late.push(client);
            }
        }
        if late.is_empty() {
            continue;
        }
        let watched = Arc::clone(&watched);
        // An interrupt of a server opens a connection, which may block.
        let interrupted = tokio::task::spawn_blocking(move || {
            late.iter().filter_map(|client| watched.get(*client)).for_each(|(one, _)| one.interrupt());
        });
        if interrupted.await.is_err() {
            return;
        }
    }
}

/// Words for a question that was not waited for.
pub(super) fn too_slow(timeout: Duration) -> String {
    format!("it takes longer than {} s, the limit that `--timeout` sets", timeout.as_secs_f64())
}

/// One client among others.
struct SourceClient {
    asked: SourceQuestion,
    /// Place of the first parameters with which it asks.
    first: usize,
    /// Holds it back until all are ready.
    barrier: Arc<Barrier>,
    duration: Duration,
    /// Number of questions and answers.
    count: Arc<AtomicU64>,
    stop: Stop,
}

impl SourceClient {
    /// Asks until the time is over, and once at least.
    fn ask(&self, reader: &Reader) -> Result<(Times, Duration), ExecuteError> {
        let Self { asked, count, stop, .. } = self;
        let mut times = Times::new()?;
        let prepared = reader.prepare(&asked.sql);
        // All clients begin together; one that failed to prepare has reached the barrier too.
        self.barrier.wait();
        let mut question = prepared?;
        let beginning = Instant::now();
        let mut place = self.first;
        while (place == self.first || beginning.elapsed() < self.duration) && !stop.is_thrown() {
            let Some(parameters) = asked.parameters.get(place % asked.parameters.len().max(1)) else { break };
            let start = Instant::now();
            count.fetch_add(1, Ordering::Relaxed);
            let answer = question.ask(&parameters.values, |_, _| true);
            count.fetch_add(1, Ordering::Relaxed);
            match answer {
                Ok(()) => times.note(start.elapsed(), place % asked.parameters.len()),
                Err(_) if stop.is_thrown() => break,
                Err(SourceError::Interrupted { .. }) => {
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
            place += 1;
        }
        Ok((times, beginning.elapsed()))
    }
}

/// Asks the source for something within a time. The reader is lent to a thread meanwhile. The inner result is the reason for
/// which it does not answer.
///
/// # Errors
/// The source fails, or the bench was interrupted.
pub(super) async fn within<T: Send + 'static>(
    reader: &mut Option<Reader>,
    timeout: Duration,
    stop: &Stop,
    ask: impl FnOnce(&Reader) -> Result<T, ExecuteError> + Send + 'static,
) -> Result<Result<T, String>, ExecuteError> {
    // Odd: the question is asked.
    let watched = reader.iter().map(|reader| (reader.interrupter(), Arc::new(AtomicU64::new(1)))).collect();
    let watch = tokio::spawn(watch(watched, timeout));
    let asked = lend(reader, ask).await;
    watch.abort();
    match asked {
        Ok(answer) => Ok(Ok(answer)),
        Err(_) if stop.is_thrown() => Err(ExecuteError::Interrupted),
        Err(ExecuteError::Interrupted) => Ok(Err(too_slow(timeout))),
        Err(ExecuteError::Source(SourceError::Query { message, .. })) => Ok(Err(message)),
        Err(error) => Err(error),
    }
}
