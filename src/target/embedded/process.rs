//! The server's process: found, started, waited for, stopped. The caller holds the start lock.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};

use super::installation::Installation;
use super::layout::Layout;
use super::postmaster::{MARK, Phase, Postmaster};
use super::privileges::ServerUser;
use super::socket::SocketDirectory;
use super::{EmbeddedError, log, settings};

/// How long a start may take; long, because it may have to recover from a crash first.
const START_PATIENCE: Duration = Duration::from_secs(300);
/// How long a stop may take: it writes a checkpoint.
const STOP_PATIENCE: Duration = Duration::from_secs(120);
/// How often a start is tried again when somebody else took the port in between.
const PORT_ATTEMPTS: u32 = 5;
/// How long the processes of a killed server may take to notice that it is gone.
const LEFTOVER_PATIENCE: Duration = Duration::from_secs(60);

/// The server that runs already, once it is ready; `None` when none does, and nothing is in the way of starting one.
pub(super) fn join(layout: &Layout) -> Result<Option<Postmaster>, EmbeddedError> {
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
            Some(postmaster) if postmaster.phase == Phase::Ready && postmaster.answers() => {
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
    layout: &Layout,
    installation: &Installation,
    user: &ServerUser,
) -> Result<Postmaster, EmbeddedError> {
    let socket = SocketDirectory::of(layout);
    socket.prepare(user)?;
    socket.remove_stale()?;
    let begin = Instant::now();
    let mut port_attempts = 0;
    loop {
        let port = settings::free_port(settings::last_port(layout)?)?;
        settings::write(layout, socket.path(), port)?;
        let (log_file, log_begin) = log::open(layout, user)?;
        let mut child = spawn(layout, installation, user, log_file)?;
        let Some(status) = wait_until_ready(layout, &mut child, log_begin)? else {
            return Postmaster::read(&layout.data_directory())?.ok_or_else(|| not_ready(layout, log_begin));
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
    layout: &Layout,
    installation: &Installation,
    user: &ServerUser,
    log_file: File,
) -> Result<Child, EmbeddedError> {
    let program = installation.program("postgres");
    let error_log = log_file.try_clone().map_err(EmbeddedError::file("open", &layout.log_file()))?;
    user.command(&program)
        .arg("-D")
        .arg(layout.data_directory())
        .args(["-c", MARK])
        .stdout(log_file)
        .stderr(error_log)
        // Ctrl-C at the terminal is for us: we end our work first and then the server.
        .process_group(0)
        .spawn()
        .map_err(|cause| EmbeddedError::Program { program, cause })
}

/// `None` when the server is ready, its status when it ended instead.
fn wait_until_ready(layout: &Layout, child: &mut Child, log_begin: u64) -> Result<Option<ExitStatus>, EmbeddedError> {
    let begin = Instant::now();
    loop {
        let waited =
            child.try_wait().map_err(EmbeddedError::file("wait for the server of", &layout.data_directory()))?;
        if waited.is_some() {
            return Ok(waited);
        }
        if let Some(postmaster) = Postmaster::read(&layout.data_directory())?
            && u32::try_from(postmaster.pid.as_raw()) == Ok(child.id())
            && postmaster.phase == Phase::Ready
            && postmaster.answers()
        {
            tracing::info!(port = postmaster.port, "started the private PostgreSQL server");
            return Ok(None);
        }
        if begin.elapsed() > START_PATIENCE {
            return Err(not_ready(layout, log_begin));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Stops the server and waits for its end.
pub(super) fn shut_down(layout: &Layout, postmaster: &Postmaster) -> Result<(), EmbeddedError> {
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
    SocketDirectory::of(layout).clear();
    tracing::info!("stopped the private PostgreSQL server");
    Ok(())
}

fn not_ready(layout: &Layout, log_begin: u64) -> EmbeddedError {
    EmbeddedError::NotReady {
        data_directory: layout.data_directory(),
        seconds: START_PATIENCE.as_secs(),
        log_file: layout.log_file(),
        log_tail: log::since(layout, log_begin),
    }
}
