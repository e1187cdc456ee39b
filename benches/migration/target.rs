//! The target: one database of the private server, created for every run.

use crate::support::server::Server;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

/// The name of the database that every contender fills.
const DATABASE: &str = "bench";

/// The server's database for the benchmark.
pub(crate) struct Target {
    server_url: String,
    pub(crate) url: String,
    pub(crate) runtime: Runtime,
}

impl Target {
    pub(crate) fn new(server: &Server) -> Target {
        Target { server_url: server.url("postgres"), url: server.url(DATABASE), runtime: Runtime::new().unwrap() }
    }

    /// An empty database; everything of the run before is on disk, so that its writing disturbs nobody.
    pub(crate) fn fresh(&self) {
        self.runtime.block_on(async {
            let client = connect(&self.server_url).await;
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")).await.unwrap();
            client.batch_execute(&format!("CREATE DATABASE {DATABASE} TEMPLATE template0")).await.unwrap();
            client.batch_execute("CHECKPOINT").await.unwrap();
        });
    }

    /// Runs SQL.
    pub(crate) fn execute(&self, sql: &str) {
        self.runtime.block_on(async {
            let client = connect(&self.url).await;
            client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        });
    }

    /// The version of the server.
    pub(crate) fn version(&self) -> String {
        self.runtime.block_on(async {
            let client = connect(&self.server_url).await;
            client.query_one("SHOW server_version", &[]).await.unwrap().get(0)
        })
    }
}

/// A connection of its own.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
