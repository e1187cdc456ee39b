//! State of a private server, read without starting anything.

use std::path::{Path, PathBuf};

use super::installation::Installation;
use super::layout::ClusterLayout;
use super::password::ROLE;
use super::postmaster::{Postmaster, ServerPhase};
use super::privileges::ServerUser;
use super::server::endpoint;
use super::socket::SocketDirectory;
use super::{EmbeddedError, Endpoint, Machine, cluster, password, settings};

/// A private cluster, running or not.
#[derive(Debug, Clone)]
pub struct EmbeddedState {
    /// The cluster's data directory.
    pub data_directory: PathBuf,
    /// Its endpoint; `None` if it does not run.
    pub running: Option<Endpoint>,
    /// A shell command that starts the server by hand. A server started so is used but never stopped by transship;
    /// the same command with `stop` for `start` stops it.
    pub start_command: String,
    password_file: PathBuf,
    socket_directory: PathBuf,
    port: u16,
}

impl EmbeddedState {
    /// A shell command that opens `database` in psql, right for as long as the server runs; before it is started it
    /// names the last port, which the next start takes again if it is free.
    #[must_use]
    pub fn psql_command(&self, database: &str) -> String {
        format!(
            "PGPASSFILE={} psql -h {} -p {} -U {ROLE} -d {}",
            quote_path(&self.password_file),
            quote_path(&self.socket_directory),
            self.port,
            quote(database)
        )
    }
}

/// Reads the state of the private cluster of `spec_directory` without starting or making anything; `None` if there is
/// none.
///
/// # Errors
/// The directory cannot be read, belongs to another user, or the password file is damaged.
pub fn inspect(spec_directory: &Path) -> Result<Option<EmbeddedState>, EmbeddedError> {
    inspect_on(&Machine::this_one(), spec_directory)
}

pub(super) fn inspect_on(machine: &Machine, spec_directory: &Path) -> Result<Option<EmbeddedState>, EmbeddedError> {
    let Some(layout) = ClusterLayout::existing(spec_directory, &machine.shelter)? else { return Ok(None) };
    let Some(major) = cluster::major(&layout)? else { return Ok(None) };
    let data_directory = layout.data_directory();
    let password = password::read(&layout)?;
    let running = Postmaster::read(&data_directory)?
        .filter(|postmaster| postmaster.is_alive() && postmaster.phase == ServerPhase::Ready && postmaster.answers())
        .map(|postmaster| endpoint(&layout, &postmaster, password));
    let socket = SocketDirectory::of(&layout);
    let (socket_directory, port) = match &running {
        Some(endpoint) => (endpoint.socket_directory.clone(), endpoint.port),
        None => (socket.path().to_path_buf(), settings::last_port(&layout)?.unwrap_or(5432)),
    };
    Ok(Some(EmbeddedState {
        start_command: start_command(machine, &layout, &socket, major)?,
        password_file: layout.password_file(),
        data_directory,
        running,
        socket_directory,
        port,
    }))
}

fn start_command(
    machine: &Machine,
    layout: &ClusterLayout,
    socket: &SocketDirectory,
    major: u32,
) -> Result<String, EmbeddedError> {
    let data_directory = layout.data_directory();
    let user = ServerUser::of_cluster(&data_directory)?;
    // To look is allowed on a machine without PostgreSQL; then the name alone has to do.
    let program = Installation::find_all(&machine.programs, &user)
        .and_then(|installations| Installation::choose(&installations, Some(major), &data_directory))
        .map_or_else(|_| PathBuf::from("pg_ctl"), |installation| installation.program("pg_ctl"));
    // Relative paths, because pg_ctl hands them to a shell of its own without quoting what is special there; and from
    // that directory, because pg_ctl gives up in one that its user cannot enter, such as root's own.
    let mut command = format!("(cd {} && ", quote_path(layout.home()));
    if socket.is_short() {
        // It is removed when the server stops, and /tmp is emptied now and then.
        let owner = if user.is_foreign() { format!("-o {} ", quote(user.name())) } else { String::new() };
        command += &format!("install -d -m 700 {owner}{} && ", quote_path(socket.path()));
    }
    if user.is_foreign() {
        let switch = if cfg!(target_os = "linux") { "runuser -u" } else { "sudo -u" };
        command += &format!("{switch} {} -- ", quote(user.name()));
    }
    let data = data_directory.file_name().map(Path::new).unwrap_or(&data_directory);
    command += &format!("{} -D {} -l server.log -w start)", quote_path(&program), quote_path(data));
    Ok(command)
}

fn quote_path(path: &Path) -> String {
    quote(&path.to_string_lossy())
}

/// Quotes a word for the shell, if it needs it.
fn quote(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::super::state::quote;

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(quote("/usr/bin/pg_ctl"), "/usr/bin/pg_ctl");
        for word in ["", "a b", "it's", "$HOME `id` \"x\"", "semi;colon", "back\\slash", "new\nline", "*"] {
            let output =
                std::process::Command::new("sh").arg("-c").arg(format!("printf %s {}", quote(word))).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), word);
        }
    }
}
