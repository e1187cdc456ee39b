//! The keeper: a process between transship and its private server that ends the server when no process uses it.
//!
//! A transship process that is killed (`kill -9`, out of memory) can stop nothing. The keeper is the server's parent,
//! in a process group of its own, and checks `users.lock`, which the kernel releases for every process that ends,
//! in whatever way. It holds both lock files open, so that it is right about a directory that was moved or removed as
//! well.
//!
//! The keeper is this same program, run with [`WORD`] as its first argument. A program that embeds the library and does
//! not call [`keep_if_asked`] has no keeper; what it leaves when it is killed is joined and stopped by the next run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::EmbeddedError;
use super::layout::ClusterLayout;
use super::locks::Locks;
use super::privileges::ServerUser;
use super::process::server_command;
use super::socket::SocketDirectory;

/// The first argument that makes a keeper of the program.
const WORD: &str = "__keep-embedded-server";

/// Interval of the keeper's checks whether the server has ended.
const PERIOD: Duration = Duration::from_millis(20);

/// Number of these periods between two checks of the locks: half a second.
const PERIODS_PER_LOOK: u32 = 25;

/// The program that can be run as keeper.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Belongs at the beginning of a program's `main`: if the program was started as a keeper, it is one until the server
/// ends, and `main` returns the server's exit code. Everywhere else `None`, and the private servers that this program
/// starts have a keeper from now on.
///
/// # Errors
/// The server cannot be started, or the lock files cannot be opened.
#[must_use]
pub fn keep_if_asked() -> Option<Result<u8, EmbeddedError>> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|word| word == WORD) {
        return Some(keep(&arguments.collect::<Vec<_>>()));
    }
    // The link leads to this very program even after its file was replaced.
    let itself = PathBuf::from("/proc/self/exe");
    let program = if itself.exists() { Some(itself) } else { std::env::current_exe().ok() };
    if let Some(program) = program {
        PROGRAM.get_or_init(|| program);
    }
    None
}

/// The program to run as keeper; `None` if there is none.
pub(super) fn program() -> Option<PathBuf> {
    PROGRAM.get().cloned()
}

/// The command that keeps the server of `layout`; its standard input and output become the server's.
pub(super) fn command(keeper: &Path, layout: &ClusterLayout, postgres: &Path) -> Command {
    let mut command = Command::new(keeper);
    command.arg(WORD).arg(layout.home()).arg(layout.data_directory()).arg(postgres).current_dir("/");
    command
}

fn keep(arguments: &[OsString]) -> Result<u8, EmbeddedError> {
    let [home, data, postgres] = arguments else { return Ok(2) };
    let layout = ClusterLayout::of(Path::new(home), Path::new(data));
    let user = ServerUser::of_cluster(&layout.data_directory())?;
    // Before the server runs: whoever started us holds the start lock, so these are the files that it uses.
    let locks = Locks::open(&layout)?;
    let mut server = server_command(&layout, Path::new(postgres), &user)
        .stdin(Stdio::inherit())
        .spawn()
        .map_err(|cause| EmbeddedError::Program { program: postgres.into(), cause })?;
    watch(&mut server, &locks, &layout)
}

fn watch(server: &mut Child, locks: &Locks, layout: &ClusterLayout) -> Result<u8, EmbeddedError> {
    let status = |status: ExitStatus| status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    loop {
        for _ in 0..PERIODS_PER_LOOK {
            if let Some(ended) = wait(server.try_wait(), layout)? {
                return Ok(status(ended));
            }
            thread::sleep(PERIOD);
        }
        // Held until the server is gone, so that the next one begins after it.
        let Some(_alone) = locks.take_if_unused()? else { continue };
        if let Some(ended) = wait(server.try_wait(), layout)? {
            return Ok(status(ended));
        }
        // A child that was not waited for keeps its number: this is the server and nobody else.
        if let Ok(process) = i32::try_from(server.id())
            && let Err(errno) = kill(Pid::from_raw(process), Signal::SIGINT)
        {
            return Err(EmbeddedError::file("signal the server of", &layout.data_directory())(errno.into()));
        }
        let ended = wait(server.wait(), layout)?;
        SocketDirectory::of(layout).clear();
        return Ok(status(ended));
    }
}

fn wait<T>(waited: std::io::Result<T>, layout: &ClusterLayout) -> Result<T, EmbeddedError> {
    waited.map_err(EmbeddedError::file("wait for the server of", &layout.data_directory()))
}
