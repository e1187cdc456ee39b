//! The server's process: found, started, waited for, stopped. The caller holds the start lock.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};

use super::installation::Installation;
use super::layout::ClusterLayout;
use super::locks::server_lock;
use super::postmaster::{MARK, Postmaster, ServerPhase};
use super::privileges::ServerUser;
use super::socket::SocketDirectory;
use super::{EmbeddedError, cluster, keeper, log, settings};

/// Time limit of a start; long, because it may have to recover from a crash first.
const START_PATIENCE: Duration = Duration::from_secs(300);
/// Time limit of a stop, which writes a checkpoint.
const STOP_PATIENCE: Duration = Duration::from_secs(120);
/// Number of retries of a start when another process took the port in between.
const PORT_ATTEMPTS: u32 = 5;
/// Wait for the keeper of a stopped server, or for a program that the server ran.
const KEEPER_PATIENCE: Duration = Duration::from_secs(5);
/// Time that the processes of a killed server may take to notice that it is gone.
const LEFTOVER_PATIENCE: Duration = Duration::from_secs(60);

/// The running server, once it is ready; `None` if none runs and one can be started.
pub(super) fn join(layout: &ClusterLayout) -> Result<Option<Postmaster>, EmbeddedError> {
    let data = layout.data_directory();
    let begin = Instant::now();
    loop {
        match Postmaster::read(&data)? {
            None => return Ok(None),
            Some(postmaster) if !postmaster.is_alive() => {
                // The server removes a stale file itself, except where its number was given to another process of the
                // same user; then it would believe that one to be a server and refuse.
                if postmaster.process_exists() {
                    let stale = data.join("postmaster.pid");
                    tracing::info!(file = %stale.display(), "removing what a server left that did not end properly");
                    fs::remove_file(&stale).map_err(EmbeddedError::file("remove", &stale))?;
                }
                return Ok(None);
            }
            Some(postmaster) if postmaster.phase == ServerPhase::Ready && postmaster.answers() => {
                tracing::info!(port = postmaster.port, "joining the private PostgreSQL server that runs already");
                return Ok(Some(postmaster));
            }
            // It starts or stops; either will be over.
            Some(_) if begin.elapsed() > START_PATIENCE => return Err(not_ready(layout, 0)),
            Some(_) => thread::sleep(Duration::from_millis(25)),
        }
    }
}

/// Starts the server and waits until it is ready.
pub(super) fn launch(
    layout: &ClusterLayout,
    installation: &Installation,
    user: &ServerUser,
    keeper: Option<&Path>,
) -> Result<(Postmaster, Child), EmbeddedError> {
    let socket = SocketDirectory::of(layout);
    socket.prepare(user)?;
    socket.remove_stale()?;
    let begin = Instant::now();
    let mut port_attempts = 0;
    loop {
        let port = settings::free_port(settings::last_port(layout)?)?;
        settings::write(layout, socket.path(), port)?;
        let (log_file, log_begin) = log::open(layout, user)?;
        let mut child = spawn(layout, installation, user, keeper, log_file)?;
        let status = match wait_until_ready(layout, &mut child, log_begin)? {
            Started::Ready(postmaster) => return Ok((postmaster, child)),
            Started::Ended(status) => status,
        };
        let log_tail = log::since(layout, log_begin);
        // Others pick free ports too.
        port_attempts += 1;
        if port_attempts < PORT_ATTEMPTS && !settings::is_free(port) {
            tracing::debug!(port, "the port was taken in between");
            continue;
        }
        // The processes of a server that was killed go on for a moment, or until their query is done. (Messages are
        // in English: the cluster's locale is C.)
        if begin.elapsed() < LEFTOVER_PATIENCE && log_tail.contains("pre-existing shared memory block") {
            tracing::info!("waiting for the processes of a server that was killed");
            thread::sleep(Duration::from_secs(1));
            continue;
        }
        return Err(EmbeddedError::StartFailed {
            data_directory: layout.data_directory(),
            status: status.to_string(),
            log_file: layout.log_file(),
            log_tail,
        });
    }
}

fn spawn(
    layout: &ClusterLayout,
    installation: &Installation,
    user: &ServerUser,
    keeper: Option<&Path>,
    log_file: File,
) -> Result<Child, EmbeddedError> {
    let program = installation.program("postgres");
    let error_log = log_file.try_clone().map_err(EmbeddedError::file("open", &layout.log_file()))?;
    let mut command = match keeper {
        Some(keeper) => keeper::command(keeper, layout, &program),
        None => server_command(layout, &program, user),
    };
    command
        // Read by nobody; inherited, with its lock, by every process of the server.
        .stdin(server_lock(&layout.server_lock(), LEFTOVER_PATIENCE)?)
        .stdout(log_file)
        .stderr(error_log)
        // Ctrl-C at the terminal is for us: we end our work first and then the server.
        .process_group(0)
        .spawn()
        .map_err(|cause| EmbeddedError::Program { program: keeper.unwrap_or(&program).to_path_buf(), cause })
}

/// The command that runs the server, without its streams.
pub(super) fn server_command(layout: &ClusterLayout, postgres: &Path, user: &ServerUser) -> Command {
    let data = layout.data_directory();
    let mut command = user.command(postgres);
    let itself = Path::new("/proc/self/cwd");
    if itself.exists() && cluster::is_movable(&data) {
        // PostgreSQL changes into its directory, yet writes `pg_control` by an absolute path. Under this one it is
        // always the directory that the server runs in, wherever that was moved, and whatever lies in its old place
        // now. In the environment, so that `pg_ctl restart` does not take it over.
        command.current_dir(&data).env("PGDATA", itself);
    } else {
        command.arg("-D").arg(&data);
    }
    command.args(["-c", MARK]);
    command
}

/// Outcome of a start.
enum Started {
    Ready(Postmaster),
    /// The server has ended instead.
    Ended(ExitStatus),
}

fn wait_until_ready(layout: &ClusterLayout, child: &mut Child, log_begin: u64) -> Result<Started, EmbeddedError> {
    let begin = Instant::now();
    loop {
        let waited =
            child.try_wait().map_err(EmbeddedError::file("wait for the server of", &layout.data_directory()))?;
        if let Some(status) = waited {
            return Ok(Started::Ended(status));
        }
        // No server ran before, and nobody else may start one.
        if let Some(postmaster) = Postmaster::read(&layout.data_directory())?
            && postmaster.phase == ServerPhase::Ready
            && postmaster.is_alive()
            && postmaster.answers()
        {
            tracing::info!(port = postmaster.port, "started the private PostgreSQL server");
            return Ok(Started::Ready(postmaster));
        }
        if begin.elapsed() > START_PATIENCE {
            return Err(not_ready(layout, log_begin));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Stops the server and waits for its end.
pub(super) fn shut_down(layout: &ClusterLayout, postmaster: &Postmaster) -> Result<(), EmbeddedError> {
    if let Err(errno) = kill(postmaster.pid, Signal::SIGINT) {
        return Err(EmbeddedError::file("signal the server of", &layout.data_directory())(errno.into()));
    }
    let begin = Instant::now();
    while !postmaster.has_ended() {
        if begin.elapsed() > STOP_PATIENCE {
            return Err(EmbeddedError::NotStopped {
                data_directory: layout.data_directory(),
                process: postmaster.pid.as_raw(),
                seconds: STOP_PATIENCE.as_secs(),
                log_file: layout.log_file(),
            });
        }
        thread::sleep(Duration::from_millis(10));
    }
    // Its keeper ends after it.
    drop(server_lock(&layout.server_lock(), KEEPER_PATIENCE)?);
    SocketDirectory::of(layout).clear();
    tracing::info!("stopped the private PostgreSQL server");
    Ok(())
}

fn not_ready(layout: &ClusterLayout, log_begin: u64) -> EmbeddedError {
    EmbeddedError::NotReady {
        data_directory: layout.data_directory(),
        seconds: START_PATIENCE.as_secs(),
        log_file: layout.log_file(),
        log_tail: log::since(layout, log_begin),
    }
}
