//! A private MariaDB server for one test process.

use crate::support::mysql_server::MysqlServer;
use crate::support::server::Owner;
use std::ops::Deref;
use std::path::Path;
use std::sync::OnceLock;

/// A running server; [`MysqlServer`] has its methods.
pub(crate) struct MariaDb(MysqlServer);

impl Deref for MariaDb {
    type Target = MysqlServer;

    fn deref(&self) -> &MysqlServer {
        &self.0
    }
}

/// The server of this process, started when first asked for.
pub(crate) fn mariadb() -> &'static MariaDb {
    static SERVER: OnceLock<MariaDb> = OnceLock::new();
    SERVER.get_or_init(|| MariaDb::start(&[]))
}

impl MariaDb {
    /// Starts a server that nobody else uses, with settings of its own.
    pub(crate) fn start(settings: &[&str]) -> MariaDb {
        let owner = Owner::find();
        let directory = tempfile::Builder::new().prefix("transship-mariadb-").tempdir().unwrap().keep();
        owner.own(&directory);
        let made = owner
            .command(Path::new("mariadb-install-db"))
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={}", directory.join("data").display()))
            .arg(format!("--tmpdir={}", directory.display()))
            .current_dir(&directory)
            .output()
            .expect("no MariaDB server on this machine: apt-get install mariadb-server");
        assert!(made.status.success(), "mariadb-install-db: {}", String::from_utf8_lossy(&made.stderr));
        let mut server = vec!["mariadbd".into(), "--no-defaults".into()];
        if let Some(user) = owner.name() {
            // Beside the server, the shell that watches it removes its files.
            server.push(format!("--user={user}"));
        }
        MariaDb(MysqlServer::start(directory, &server, Path::new("mariadb"), settings))
    }
}
