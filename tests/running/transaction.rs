//! Transactions as scopes, on a real server: what stays of their work, and what the session may be asked afterwards.

use crate::support::database::Database;
use std::future::pending;
use std::path::Path;
use transship::connection::parse_target_url;
use transship::target::{Server, Session, TargetError, TransactionScope};

const DOING: &str = "testing";

/// Has work done with a session on a database with an empty table `kept`.
fn with_session(work: impl AsyncFnOnce(&Session) -> Result<(), TargetError>) {
    let database = Database::create();
    database.ask("CREATE TABLE public.kept (id integer PRIMARY KEY)");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let connection = parse_target_url(&database.url, Path::new(".")).unwrap();
        let server = Server::open(&connection, &database.name).await.unwrap();
        let session = server.connect().await.unwrap();
        work(&session).await.unwrap();
    });
}

async fn keep(session: &Session, id: i32) -> Result<(), TargetError> {
    session.execute(&format!("INSERT INTO public.kept VALUES ({id})"), DOING).await
}

/// The rows that the session sees now.
async fn kept(session: &Session) -> Result<Vec<i32>, TargetError> {
    let rows = session.query("SELECT id FROM public.kept ORDER BY id", &[], DOING).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn code(done: Result<(), TargetError>) -> Option<String> {
    match done {
        Err(TargetError::Statement { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_scope_commits_or_rolls_back_as_it_says() {
    with_session(async |session| {
        session.transaction(TransactionScope::committed(DOING), keep(session, 1)).await?;
        session.transaction(TransactionScope::discarded(DOING), keep(session, 2)).await?;
        let failing = async {
            keep(session, 3).await?;
            keep(session, 1).await
        };
        assert_eq!(
            code(session.transaction(TransactionScope::committed(DOING), failing).await).as_deref(),
            Some("23505")
        );
        let writing = session.transaction(TransactionScope::reading(DOING), keep(session, 4)).await;
        assert_eq!(code(writing).as_deref(), Some("25006"));
        assert_eq!(kept(session).await?, [1]);
        assert_eq!(session.transaction_number().await?, None);
        Ok(())
    });
}

#[test]
fn a_savepoint_keeps_the_transaction_usable() {
    with_session(async |session| {
        let work = async {
            keep(session, 1).await?;
            let failing = async {
                keep(session, 2).await?;
                keep(session, 1).await
            };
            assert_eq!(code(session.savepoint(failing).await?).as_deref(), Some("23505"));
            // One inside of another, of the same name.
            let nested = async {
                keep(session, 3).await?;
                session.savepoint(keep(session, 3)).await?.unwrap_err();
                keep(session, 4).await
            };
            session.savepoint(nested).await?
        };
        session.transaction(TransactionScope::committed(DOING), work).await?;
        assert_eq!(kept(session).await?, [1, 3, 4]);
        Ok(())
    });
}

/// A future that is dropped half way cannot wait for a ROLLBACK, and what is asked next must not run in its transaction.
#[test]
fn work_that_is_given_up_leaves_no_transaction_open() {
    with_session(async |session| {
        let (told, written) = tokio::sync::oneshot::channel();
        let work = async {
            keep(session, 1).await?;
            told.send(session.transaction_number().await?).unwrap();
            pending::<Result<(), TargetError>>().await
        };
        let number = tokio::select! {
            _ = session.transaction(TransactionScope::committed(DOING), work) => panic!("it never ends"),
            number = written => number.unwrap(),
        };
        assert!(number.is_some());
        assert_eq!(session.transaction_number().await?, None);
        assert_eq!(kept(session).await?, [0; 0]);
        session.transaction(TransactionScope::committed(DOING), keep(session, 2)).await?;
        assert_eq!(kept(session).await?, [2]);
        Ok(())
    });
}
