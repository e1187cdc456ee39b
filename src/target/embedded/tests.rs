//! Against the real server of this machine, as whoever runs the tests.

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, geteuid};
use tempfile::TempDir;

use super::postmaster::Postmaster;
use super::programs::ProgramSearch;
use super::state::inspect_on;
use super::{EmbeddedError, EmbeddedServer, Endpoint, Machine};

/// A machine whose shelter is a temporary directory, and a place for specs that every user can reach.
struct TestMachine {
    machine: Machine,
    directory: TempDir,
}

impl TestMachine {
    fn new() -> TestMachine {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
        let machine = Machine {
            programs: ProgramSearch::of_this_machine(),
            shelter: directory.path().join("shelter"),
            keeper: None,
        };
        TestMachine { machine, directory }
    }

    fn spec_directory(&self, name: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn start(&self, spec_directory: &Path) -> EmbeddedServer {
        EmbeddedServer::start_on(&self.machine, spec_directory).unwrap_or_else(|error| panic!("{error}"))
    }
}

fn psql(endpoint: &Endpoint, host: &Path, sql: &str) -> String {
    let output = Command::new("psql")
        .env("PGPASSFILE", &endpoint.password_file)
        .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-U", &endpoint.user, "-d", "postgres"])
        .arg("-h")
        .arg(host)
        .args(["-p", &endpoint.port.to_string(), "-c", sql])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn over_socket(server: &EmbeddedServer, sql: &str) -> String {
    psql(server.endpoint(), &server.endpoint().socket_directory, sql)
}

fn over_tcp(server: &EmbeddedServer, sql: &str) -> String {
    psql(server.endpoint(), Path::new("127.0.0.1"), sql)
}

fn process_of(server: &EmbeddedServer) -> Pid {
    Postmaster::read(&server.endpoint().data_directory).unwrap().unwrap().pid
}

fn is_gone(process: Pid) -> bool {
    kill(process, None).is_err()
}

/// Ends as a killed transship process does: the kernel releases the lock, the server goes on.
fn abandon(mut server: EmbeddedServer) {
    server.forget_user_lock();
}

#[test]
fn data_survives_a_stop() {
    let ground = TestMachine::new();
    let directory = ground.spec_directory("it's  a spec");
    assert!(inspect_on(&ground.machine, &directory).unwrap().is_none());
    assert!(!directory.join(".transship").exists(), "inspecting makes nothing");

    let server = ground.start(&directory);
    let process = process_of(&server);
    let endpoint = server.endpoint().clone();
    assert_eq!(endpoint.socket_directory, directory.canonicalize().unwrap().join(".transship/socket"));
    over_socket(&server, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('überall')");
    assert_eq!(over_tcp(&server, "SELECT upper(word) FROM kept"), "ÜBERALL");
    over_tcp(&server, "CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin; CREATE EXTENSION \"uuid-ossp\"");
    for (setting, value) in [
        ("fsync", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("timezone", "UTC"),
        ("max_connections", "50"),
        ("password_encryption", "scram-sha-256"),
        ("listen_addresses", "127.0.0.1"),
    ] {
        assert_eq!(over_socket(&server, &format!("SHOW {setting}")), value, "{setting}");
    }
    assert_eq!(
        over_socket(&server, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'"),
        "0"
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&endpoint.password_file), 0o600);
    assert_eq!(mode(&endpoint.socket_directory), 0o700);
    assert_eq!(fs::read_to_string(directory.join(".transship/.gitignore")).unwrap(), "*\n");
    assert!(!directory.join(".transship/initdb.password").exists());

    let state = inspect_on(&ground.machine, &directory).unwrap().unwrap();
    assert_eq!(state.running.as_ref().map(|running| running.port), Some(endpoint.port));
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("{} -X -At -c 'SELECT word FROM kept'", state.psql_command("postgres")))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "überall");

    server.stop().unwrap();
    assert!(is_gone(process));
    assert!(inspect_on(&ground.machine, &directory).unwrap().unwrap().running.is_none());

    let server = ground.start(&directory);
    assert_eq!(server.endpoint().port, endpoint.port, "a free port is kept");
    assert_eq!(over_socket(&server, "SELECT word FROM kept"), "überall");
    let process = process_of(&server);
    drop(server);
    assert!(is_gone(process));
}

#[test]
fn a_taken_port_is_left_to_its_owner() {
    let ground = TestMachine::new();
    let directory = ground.spec_directory("spec");
    let server = ground.start(&directory);
    let port = server.endpoint().port;
    server.stop().unwrap();
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let server = ground.start(&directory);
    assert_ne!(server.endpoint().port, port);
    assert_eq!(over_tcp(&server, "SELECT 1"), "1");
    server.stop().unwrap();
}

#[test]
fn the_last_user_stops_it() {
    let ground = TestMachine::new();
    let directory = ground.spec_directory("spec");
    // At once, into an empty directory: one of them makes the cluster, the others join.
    let servers: Vec<EmbeddedServer> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..3).map(|_| scope.spawn(|| ground.start(&directory))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    let process = process_of(&servers[0]);
    for server in servers {
        assert_eq!(process_of(&server), process);
        assert_eq!(over_socket(&server, "SELECT 1"), "1");
        server.stop().unwrap();
    }
    assert!(is_gone(process));
}

#[test]
fn what_a_killed_process_left_is_joined_and_stopped() {
    let ground = TestMachine::new();
    let directory = ground.spec_directory("spec");
    let server = ground.start(&directory);
    let process = process_of(&server);
    abandon(server);
    assert!(!is_gone(process));
    let server = ground.start(&directory);
    assert_eq!(process_of(&server), process);
    server.stop().unwrap();
    assert!(is_gone(process));
}

#[test]
fn a_killed_server_recovers() {
    let ground = TestMachine::new();
    let directory = ground.spec_directory("spec");
    let server = ground.start(&directory);
    over_socket(&server, "CREATE TABLE kept AS SELECT 1 AS number");
    let process = process_of(&server);
    // A backend that is busy for a moment outlives its postmaster and holds the shared memory.
    let mut busy = Command::new("psql")
        .env("PGPASSFILE", &server.endpoint().password_file)
        .args(["-X", "-q", "-U", "transship", "-d", "postgres", "-h"])
        .arg(&server.endpoint().socket_directory)
        .args(["-p", &server.endpoint().port.to_string(), "-c"])
        .arg("DO $$ BEGIN FOR i IN 1..20000000 LOOP END LOOP; END $$")
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let is_busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO $$%' AND state = 'active'";
    while over_socket(&server, is_busy) == "0" {
        assert!(busy.try_wait().unwrap().is_none(), "it is no longer busy");
    }
    kill(process, Signal::SIGKILL).unwrap();
    abandon(server);
    // Before anybody has waited for the killed process: a zombie with a postmaster.pid.
    let server = ground.start(&directory);
    assert_ne!(process_of(&server), process);
    assert_eq!(over_socket(&server, "SELECT number FROM kept"), "1");
    server.stop().unwrap();
    busy.wait().unwrap();
    let _reaped = waitpid(process, None).unwrap();
}

#[test]
fn a_stale_process_file_of_another_process_does_not_confuse() {
    let ground = TestMachine::new();
    let directory = ground.spec_directory("spec");
    let server = ground.start(&directory);
    let process = process_of(&server);
    // A copy taken while the original runs: its postmaster.pid names a living server of the same user.
    let copy = ground.directory.path().join("copy");
    assert!(Command::new("cp").arg("-a").arg(&directory).arg(&copy).status().unwrap().success());
    assert!(inspect_on(&ground.machine, &copy).unwrap().unwrap().running.is_none());
    let second = ground.start(&copy);
    assert_ne!(process_of(&second), process);
    assert_ne!(second.endpoint().port, server.endpoint().port);
    second.stop().unwrap();
    assert_eq!(over_socket(&server, "SELECT 1"), "1");
    server.stop().unwrap();
}

#[test]
fn a_server_started_by_hand_is_used_and_left_running() {
    let ground = TestMachine::new();
    // Quote and comma in the path: the socket is elsewhere, and everything has to be quoted.
    let directory = ground.spec_directory("it's \"$HOME\", and more");
    ground.start(&directory).stop().unwrap();
    let command = inspect_on(&ground.machine, &directory).unwrap().unwrap().start_command;
    // From where the server's user cannot be, as root's own directory usually is.
    let closed = ground.spec_directory("closed");
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    let by_hand = |command: &str| {
        // Not `output()`: the server keeps the pipe that it inherits.
        let status = Command::new("sh")
            .arg("-c")
            .arg(command)
            .current_dir(&closed)
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{command}");
    };
    by_hand(&command);
    let server = ground.start(&directory);
    let process = process_of(&server);
    assert!(server.endpoint().socket_directory.starts_with("/tmp"));
    assert_eq!(over_socket(&server, "SELECT 1"), "1");
    server.stop().unwrap();
    assert!(!is_gone(process));
    by_hand(&command.replace("-w start", "-w stop"));
    let begin = Instant::now();
    while Path::new(&format!("/proc/{process}/cwd")).exists() && begin.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(10));
    }
    ground.start(&directory).stop().unwrap(); // and clears the socket directory away
}

#[test]
fn a_path_too_long_for_a_socket_works() {
    let ground = TestMachine::new();
    let directory = ground.spec_directory(&format!("{}/{}", "long ".repeat(20), "longer ".repeat(20)));
    let server = ground.start(&directory);
    let socket = server.endpoint().socket_directory.clone();
    assert!(socket.starts_with("/tmp"), "{}", socket.display());
    assert_eq!(over_socket(&server, "SELECT 1"), "1");
    server.stop().unwrap();
    assert!(!socket.exists(), "nothing is left in /tmp");
}

#[test]
fn a_directory_closed_to_the_servers_user_gets_a_shelter() {
    if !geteuid().is_root() {
        return; // Only root runs the server as somebody else.
    }
    let ground = TestMachine::new();
    let closed = ground.spec_directory("closed");
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    let directory = ground.spec_directory("closed/spec");
    let server = ground.start(&directory);
    assert!(server.endpoint().data_directory.starts_with(ground.machine.shelter.canonicalize().unwrap()));
    over_socket(&server, "CREATE TABLE kept AS SELECT 1 AS number");
    server.stop().unwrap();

    // Moved, it keeps its cluster; a copy gets its own.
    let moved = closed.join("moved");
    fs::rename(&directory, &moved).unwrap();
    let server = ground.start(&moved);
    assert_eq!(over_socket(&server, "SELECT number FROM kept"), "1");
    let copy = closed.join("copy");
    assert!(Command::new("cp").arg("-a").arg(&moved).arg(&copy).status().unwrap().success());
    let second = ground.start(&copy);
    assert_ne!(second.endpoint().data_directory, server.endpoint().data_directory);
    second.stop().unwrap();
    server.stop().unwrap();

    fs::write(moved.join(".transship/location"), "/etc").unwrap();
    let error = EmbeddedServer::start_on(&ground.machine, &moved).unwrap_err();
    assert!(matches!(error, EmbeddedError::Location { .. }), "{error}");
}

#[test]
fn an_interrupted_initdb_is_no_cluster() {
    let ground = TestMachine::new();
    let directory = ground.spec_directory("spec");
    let partial = directory.join(".transship/data.partial");
    fs::create_dir_all(&partial).unwrap();
    fs::set_permissions(directory.join(".transship"), Permissions::from_mode(0o755)).unwrap();
    fs::write(partial.join("PG_VERSION"), "15\n").unwrap();
    assert!(inspect_on(&ground.machine, &directory).unwrap().is_none());
    let server = ground.start(&directory);
    assert!(!partial.exists());
    assert_eq!(over_socket(&server, "SELECT 1"), "1");
    server.stop().unwrap();
}

#[test]
fn failures_say_what_to_do() {
    let mut ground = TestMachine::new();
    let directory = ground.spec_directory("spec");
    let server = ground.start(&directory);
    let data = server.endpoint().data_directory.clone();
    server.stop().unwrap();

    // A broken setting: the error carries the log's end.
    let settings = data.join("postgresql.conf");
    let good = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{good}\nno_such_setting = 1\n")).unwrap();
    let error = EmbeddedServer::start_on(&ground.machine, &directory).unwrap_err().to_string();
    assert!(error.contains("no_such_setting"), "{error}");
    fs::write(&settings, good).unwrap();

    fs::write(data.join("PG_VERSION"), "9\n").unwrap();
    let error = EmbeddedServer::start_on(&ground.machine, &directory).unwrap_err().to_string();
    assert!(error.contains("made by PostgreSQL 9"), "{error}");

    if geteuid().is_root() {
        std::os::unix::fs::chown(directory.join(".transship"), Some(65534), None).unwrap();
        let error = EmbeddedServer::start_on(&ground.machine, &directory).unwrap_err();
        assert!(matches!(error, EmbeddedError::OtherOwner { .. }), "{error}");
    }

    ground.machine.programs = ProgramSearch::only_path(ground.directory.path());
    let error = EmbeddedServer::start_on(&ground.machine, &ground.spec_directory("other")).unwrap_err();
    assert!(matches!(error, EmbeddedError::ProgramsNotFound { .. }), "{error}");
    assert!(error.to_string().contains("install"), "{error}");
}
