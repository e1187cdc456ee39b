//! The statements of a rollback, and the proof, in one transaction.

use super::{Rollback, Undo};
use crate::execute::failpoint::reach;
use crate::execute::{ExecuteError, Stop};
use crate::name::quote_identifier;
use crate::plan::StepKind;
use crate::target::fingerprint::{Difference, Fingerprint};
use crate::target::{Session, TargetError};

/// What a statement speaks of is not there: undefined table, object, schema, column, function (PostgreSQL documentation,
/// appendix A).
const GONE: [&str; 5] = ["42P01", "42704", "3F000", "42703", "42883"];

/// Other objects depend on it (`dependent_objects_still_exist`).
const DEPENDENTS: &str = "2BP01";

/// Takes everything back that can be in a transaction, forgets it in the ledger, and compares the structure: the steps
/// whose objects were gone already, and what is otherwise than before the first run.
pub(super) async fn all(rollback: &Rollback, stop: &Stop) -> Result<(Vec<String>, Difference), ExecuteError> {
    let session = &rollback.session;
    session.execute("BEGIN", "beginning a transaction").await?;
    let done = take_back(rollback, stop).await;
    let done = match done {
        Ok(done) => {
            reach("rollback_before_commit");
            session.execute("COMMIT", "committing the rollback").await.map(|()| done).map_err(Into::into)
        }
        Err(error) => Err(error),
    };
    if done.is_err()
        && let Err(rollback) = session.execute("ROLLBACK", "rolling back").await
    {
        tracing::debug!(%rollback, "the transaction ended with its connection");
    }
    reach("rollback_committed");
    done
}

async fn take_back(rollback: &Rollback, stop: &Stop) -> Result<(Vec<String>, Difference), ExecuteError> {
    let (session, before) = (&rollback.session, &rollback.origin.fingerprint);
    let stands = Fingerprint::take(session).await?;
    until_stopped(session, rollback.application.lock(session), stop).await?;
    let (mut gone, mut statements) = (Vec::new(), 0);
    for undo in rollback.undoes.iter().filter(|undo| undo.transaction) {
        for statement in &undo.statements {
            session.execute("SAVEPOINT undo", "setting a savepoint").await?;
            set_path(rollback, undo, "LOCAL ").await?;
            match cancellable(session, statement, stop).await {
                Ok(()) => session.execute("RELEASE undo", "releasing a savepoint").await?,
                Err(ExecuteError::Target(TargetError::Statement { code: Some(code), .. }))
                    if GONE.contains(&code.as_str()) =>
                {
                    session.execute("ROLLBACK TO undo; RELEASE undo", "going back to a savepoint").await?;
                    gone.push(undo.step.clone());
                }
                Err(error) => return Err(explained(error, &undo.step)),
            }
            statements += 1;
        }
    }
    session.execute("SET LOCAL search_path = pg_catalog", "setting the search path").await?;
    let removed = until_stopped(session, rollback.application.remove(session), stop).await;
    removed.map_err(|error| explained(error, "the load"))?;
    let forgotten = rollback.ledger.forget(session, statements).await;
    forgotten.map_err(|error| explained(error.into(), "the schema transship"))?;
    let now = Fingerprint::take(session).await?;
    let lost = before.lost(&stands, &now);
    if !lost.is_empty() {
        return Err(ExecuteError::TooMuch { objects: lost });
    }
    gone.dedup();
    Ok((gone, before.difference(&now)))
}

/// Takes one step back outside of any transaction, and forgets it.
pub(super) async fn alone(rollback: &Rollback, undo: &Undo, stop: &Stop) -> Result<(), ExecuteError> {
    let session = &rollback.session;
    set_path(rollback, undo, "").await?;
    for statement in &undo.statements {
        match cancellable(session, statement, stop).await {
            Err(ExecuteError::Target(TargetError::Statement { code: Some(code), .. }))
                if GONE.contains(&code.as_str()) => {}
            done => done.map_err(|error| explained(error, &undo.step))?,
        }
    }
    session.execute("SET search_path = pg_catalog", "setting the search path").await?;
    Ok(rollback.ledger.forget_step(session, &undo.step).await?)
}

/// The user's statements find the migrated tables by their bare names, as the steps did.
async fn set_path(rollback: &Rollback, undo: &Undo, scope: &str) -> Result<(), TargetError> {
    let own = undo.step.split(':').next() == Some(StepKind::Step.word());
    let path =
        if own { format!("{}, public", quote_identifier(&rollback.origin.schema)) } else { "pg_catalog".to_owned() };
    rollback.session.execute(&format!("SET {scope}search_path = {path}"), "setting the search path").await
}

/// Runs a statement; a wish to stop cancels it in the server.
async fn cancellable(session: &Session, statement: &str, stop: &Stop) -> Result<(), ExecuteError> {
    let running = async { Ok(session.run(statement).await?) };
    until_stopped(session, running, stop).await
}

/// Does something; a wish to stop cancels its statement in the server.
async fn until_stopped(
    session: &Session,
    running: impl Future<Output = Result<(), ExecuteError>>,
    stop: &Stop,
) -> Result<(), ExecuteError> {
    tokio::pin!(running);
    tokio::select! {
        done = &mut running => done,
        () = stop.thrown() => {
            session.cancel().await;
            let ended = running.await;
            tracing::debug!(?ended, "cancelled");
            Err(ExecuteError::Interrupted)
        }
    }
}

/// PostgreSQL names what depends on an object, and then recommends CASCADE, which is the user's to decide.
fn explained(error: ExecuteError, step: &str) -> ExecuteError {
    match error {
        ExecuteError::Target(TargetError::Statement { message, code: Some(code), .. }) if code == DEPENDENTS => {
            let message = message.split("; Use DROP").next().unwrap_or_default().replace('\n', ", ");
            ExecuteError::Dependents { step: step.to_owned(), message }
        }
        error => error.in_step(step),
    }
}
