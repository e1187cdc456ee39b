//! A MySQL server for one test process: a private one of the programs that `scripts/require-mysql` has found or fetched,
//! or the one that `MYSQL_URL` names, whose user has to be allowed everything.

use crate::support::mysql_server::MysqlServer;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A running server; [`MysqlServer`] has its methods.
pub(crate) struct Mysql(MysqlServer);

impl Deref for Mysql {
    type Target = MysqlServer;

    fn deref(&self) -> &MysqlServer {
        &self.0
    }
}

/// The server of this process, started when first asked for; `None`, and a line on stderr, where no MySQL can be had.
pub(crate) fn mysql() -> Option<&'static Mysql> {
    static SERVER: OnceLock<Option<Mysql>> = OnceLock::new();
    SERVER.get_or_init(|| Mysql::of_environment().or_else(|| Mysql::start(&[]))).as_ref()
}

impl Mysql {
    /// Starts a server that nobody else uses, with settings of its own; `None`, and a line on stderr, where no MySQL can be had.
    pub(crate) fn start(settings: &[&str]) -> Option<Mysql> {
        let programs = programs()?;
        let directory = tempfile::Builder::new().prefix("transship-mysql-").tempdir().unwrap().keep();
        let mut server = vec![programs.join("mysqld").display().to_string(), "--no-defaults".to_owned()];
        if nix::unistd::geteuid().is_root() {
            // The programs may lie where nobody else can read them.
            server.push("--user=root".to_owned());
        }
        let copied =
            Command::new("cp").arg("-R").arg(programs.join("data")).arg(directory.join("data")).status().unwrap();
        assert!(copied.success());
        let all =
            [&["--mysqlx=OFF", "--secure-file-priv=NULL", "--gtid-mode=ON", "--enforce-gtid-consistency=ON"], settings]
                .concat();
        Some(Mysql(MysqlServer::start(directory, &server, &programs.join("mysql"), &all)))
    }

    fn of_environment() -> Option<Mysql> {
        let text = std::env::var("MYSQL_URL").ok().filter(|url| !url.is_empty())?;
        let malformed = "MYSQL_URL is mysql://USER:PASSWORD@HOST:PORT, with nothing in it that is percent-encoded";
        let (user, address) = text.strip_prefix("mysql://").and_then(|rest| rest.split_once('@')).expect(malformed);
        let (user, password) = user.split_once(':').expect(malformed);
        let (host, port) = address.trim_end_matches('/').split_once(':').expect(malformed);
        let client = vec![
            "mariadb".into(),
            "--no-defaults".into(),
            format!("--user={user}").into(),
            format!("--password={password}").into(),
            format!("--host={host}").into(),
            format!("--port={port}").into(),
        ];
        let port = port.parse().expect(malformed);
        Some(Mysql(MysqlServer::of_others(client, text.trim_end_matches('/').to_owned(), port)))
    }
}

/// The folder of `mysqld`, `mysql` and a fresh data directory, looked for once.
fn programs() -> Option<&'static Path> {
    static PROGRAMS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = PROGRAMS.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/require-mysql");
        let ran = Command::new(script).stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
        let folder = String::from_utf8_lossy(&ran.stdout).trim().to_owned();
        if folder.is_empty() {
            eprintln!("no MySQL can be had: what is special to it is NOT TESTED; name a server in MYSQL_URL");
        }
        (!folder.is_empty()).then(|| PathBuf::from(folder))
    });
    found.as_deref()
}
