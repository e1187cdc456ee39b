//! The transactions of a rollback, and the proof in the last of them.

use super::inventory::Inventory;
use super::parts::{limit, parts};
use super::{OnChanges, Rollback, Undo};
use crate::plan::StepKind;
use crate::run::failpoint::reach;
use crate::run::{ExecuteError, Stop, until_stopped};
use crate::target::fingerprint::{Fingerprint, FingerprintDifference};
use crate::target::sqlstate::{DEPENDENT_OBJECTS, MISSING_OBJECTS};
use crate::target::{SearchPath, Session, TargetError, TransactionScope};
use std::ops::Range;

/// The outcome of one part.
#[derive(Debug, Default)]
struct PartOutcome {
    /// Steps whose objects were already missing.
    gone: Vec<String>,
    statements: usize,
    /// Difference from the structure before the first run; read by the last part.
    difference: FingerprintDifference,
}

/// Undoes everything, deletes it from the ledger, and compares the structure. Returns the steps whose objects were
/// already missing, and the difference from the structure before the first run.
pub(super) async fn all(
    rollback: &Rollback,
    stop: &Stop,
) -> Result<(Vec<String>, FingerprintDifference), ExecuteError> {
    let mut done = 0;
    let taken_back = parts_of(rollback, stop, &mut done).await;
    taken_back.map_err(|error| if done == 0 { error } else { error.after_steps(done) })
}

async fn parts_of(
    rollback: &Rollback,
    stop: &Stop,
    done: &mut usize,
) -> Result<(Vec<String>, FingerprintDifference), ExecuteError> {
    overtake(rollback).await?;
    let stands = Fingerprint::take(&rollback.session).await?;
    for undo in rollback.inventory.undoes.iter().filter(|undo| !undo.transaction && !undo.statements.is_empty()) {
        alone(rollback, undo, stop).await?;
        *done += 1;
    }
    let parts = parts(&rollback.inventory.weights, limit(&rollback.session).await?);
    let (mut all, count) = (PartOutcome::default(), parts.len());
    for (number, range) in parts.into_iter().enumerate() {
        let steps = range.len();
        let is_last = number + 1 == count;
        let before = is_last.then_some(&stands);
        let part = transaction(rollback, take_back(rollback, range, before, all.statements, stop)).await?;
        all.gone.extend(part.gone);
        all.statements += part.statements;
        all.difference = part.difference;
        *done += steps;
    }
    all.gone.sort();
    all.gone.dedup();
    Ok((all.gone, all.difference))
}

/// Closes a run that was left open, so that it cannot write any more, and makes sure that it has written nothing since
/// this rollback was prepared. From then on only this session writes, which holds the lock.
async fn overtake(rollback: &Rollback) -> Result<(), TargetError> {
    let (session, ledger) = (&rollback.session, &rollback.ledger);
    ledger.take_over(session).await?;
    let overtaken = async {
        ledger.close_running(session).await?;
        if ledger.mark(session).await? == rollback.mark { Ok(()) } else { Err(ledger.moved()) }
    };
    session.transaction(TransactionScope::committed("closing a run that was left open"), overtaken).await
}

/// Runs the work in one transaction, which is committed or rolled back as a whole.
async fn transaction<T>(
    rollback: &Rollback,
    work: impl Future<Output = Result<T, ExecuteError>>,
) -> Result<T, ExecuteError> {
    let done = async {
        let done = work.await?;
        reach("rollback_before_commit");
        Ok(done)
    };
    let ended = rollback.session.transaction(TransactionScope::committed("committing the rollback"), done).await;
    reach("rollback_committed");
    ended
}

/// Undoes some of the steps. The last part gets the structure before the first run, and does the work of the end as
/// well.
async fn take_back(
    rollback: &Rollback,
    range: Range<usize>,
    stands: Option<&Fingerprint>,
    statements: usize,
    stop: &Stop,
) -> Result<PartOutcome, ExecuteError> {
    let (session, origin) = (&rollback.session, &rollback.origin.fingerprint);
    let way = rollback.way.get(range).unwrap_or_default();
    if stands.is_some() {
        until_stopped(session, stop, rollback.application.lock(session)).await?;
    }
    // Taken again, under locks: others may have made changes while the user was asked.
    let inventory =
        until_stopped(session, stop, rollback.facts.inventory(session, way, Some(&rollback.inventory.kept))).await?;
    let mut part = PartOutcome { gone: inventory.gone.clone(), ..PartOutcome::default() };
    for undo in inventory.undoes.iter().filter(|undo| undo.transaction) {
        run(rollback, &inventory, undo, &mut part, stop).await?;
    }
    session.set_search_path(SearchPath::CATALOG.in_transaction()).await?;
    if let Some(stands) = stands {
        let removed = until_stopped(session, stop, rollback.application.remove(session)).await;
        removed.map_err(|error| of_undo(error, "the load"))?;
        let forgotten = rollback.ledger.forget(session, statements + part.statements).await;
        forgotten.map_err(|error| of_undo(error.into(), "the schema transship"))?;
        // The last part restores the tables that were set aside.
        let now = Fingerprint::take(session).await?;
        let lost = origin.lost(stands, &now);
        if !lost.is_empty() {
            return Err(ExecuteError::TooMuch { objects: lost });
        }
        part.difference = origin.difference(&now);
    } else {
        let steps = inventory.undoes.iter().map(|undo| undo.step.as_str()).collect::<Vec<_>>();
        let tables = way.iter().filter_map(|row| row.name_of(StepKind::Table)).collect::<Vec<_>>();
        rollback.ledger.forget_steps(session, &steps, &tables).await?;
    }
    Ok(part)
}

/// Runs the statements of one undo.
async fn run(
    rollback: &Rollback,
    inventory: &Inventory,
    undo: &Undo,
    part: &mut PartOutcome,
    stop: &Stop,
) -> Result<(), ExecuteError> {
    let session = &rollback.session;
    for statement in &undo.statements {
        let may_stay = |code: &str| {
            let depends = code == DEPENDENT_OBJECTS && rollback.facts.on_changes == OnChanges::Keep;
            MISSING_OBJECTS.contains(&code) || depends
        };
        let undone = async {
            let path = search_path(inventory, undo);
            session.set_search_path(SearchPath::of(path.as_deref()).in_transaction()).await?;
            cancellable(session, statement, stop).await
        };
        match session.savepoint(undone).await? {
            Ok(()) => {}
            Err(ExecuteError::Target(TargetError::Statement { code: Some(code), .. })) if may_stay(&code) => {
                if code != DEPENDENT_OBJECTS {
                    part.gone.push(undo.step.clone());
                }
            }
            Err(error) => return Err(of_undo(error, &undo.step)),
        }
        part.statements += 1;
    }
    Ok(())
}

/// Undoes one step outside of any transaction, and deletes it from the ledger.
async fn alone(rollback: &Rollback, undo: &Undo, stop: &Stop) -> Result<(), ExecuteError> {
    let session = &rollback.session;
    let path = search_path(&rollback.inventory, undo);
    session.set_search_path(SearchPath::of(path.as_deref())).await?;
    for statement in &undo.statements {
        match cancellable(session, statement, stop).await {
            Err(ExecuteError::Target(TargetError::Statement { code: Some(code), .. }))
                if MISSING_OBJECTS.contains(&code.as_str()) => {}
            done => done.map_err(|error| of_undo(error, &undo.step))?,
        }
    }
    session.set_search_path(SearchPath::CATALOG).await?;
    Ok(rollback.ledger.forget_step(session, &undo.step).await?)
}

/// The user's statements find the migrated tables by their bare names, as the steps did.
fn search_path(inventory: &Inventory, undo: &Undo) -> Option<String> {
    let schemas = inventory.schemas.as_ref().filter(|_| undo.is_own)?;
    Some(format!("{}, public", schemas.search_path()))
}

/// Runs a statement; an interruption cancels it in the server.
async fn cancellable(session: &Session, statement: &str, stop: &Stop) -> Result<(), ExecuteError> {
    let running = async { Ok(session.run(statement).await?) };
    until_stopped(session, stop, running).await
}

/// The error of a statement that undoes a step.
fn of_undo(error: ExecuteError, step: &str) -> ExecuteError {
    error.of_dependents(step).in_step(step)
}
