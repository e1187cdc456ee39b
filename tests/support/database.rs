//! A database of one test.

use crate::support::server::{Server, server};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// Rows of values as text, NULL as the word.
pub(crate) type Rows = Vec<Vec<String>>;

/// A new database of the process's server.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) url: String,
}

impl Database {
    /// Makes an empty database.
    pub(crate) fn create() -> Database {
        Database::create_on(server())
    }

    /// Makes an empty database on a server of one's own. Its locale knows the case of letters beyond ASCII.
    pub(crate) fn create_on(server: &Server) -> Database {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        ask(&server.url("postgres"), &format!("CREATE DATABASE {name} TEMPLATE template0 LOCALE 'C.UTF-8'"));
        let url = server.url(&name);
        Database { name, url }
    }

    /// Runs SQL and gives the rows of all its statements.
    pub(crate) fn ask(&self, sql: &str) -> Rows {
        ask(&self.url, sql)
    }

    /// The only value of the only row.
    pub(crate) fn value(&self, sql: &str) -> String {
        match self.ask(sql).as_slice() {
            [row] if row.len() == 1 => row[0].clone(),
            rows => panic!("{sql} gives {rows:?}"),
        }
    }

    /// Waits until nobody else is connected: the server notices the end of a killed client only when it next writes to it,
    /// and holds its locks until then.
    pub(crate) fn wait_until_alone(&self) {
        let others = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        let patience = Instant::now() + Duration::from_secs(120);
        while self.value(others) != "0" {
            assert!(Instant::now() < patience, "sessions of a killed run are still there");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The schemas that are not PostgreSQL's own.
    pub(crate) fn schemas(&self) -> Vec<String> {
        let sql = "SELECT nspname FROM pg_namespace
            WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public') ORDER BY 1";
        self.ask(sql).into_iter().flatten().collect()
    }
}

fn ask(url: &str, sql: &str) -> Rows {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        let messages = client.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        drop(client);
        driver.await.unwrap().unwrap();
        let text = |value: Option<&str>| value.unwrap_or("NULL").to_owned();
        let rows = messages.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| text(row.get(at))).collect()),
            _ => None,
        });
        rows.collect()
    })
}
