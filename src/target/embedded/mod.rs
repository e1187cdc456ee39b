//! A private PostgreSQL server for the target `embedded:`, living under `.transship/` next to the spec.
//!
//! ```text
//! .transship/
//!   .gitignore    `*`: nothing in here belongs into version control
//!   location      only when the server's user cannot reach this directory: where the rest of this list is instead
//!   data-…/       the cluster, under a name of its own; `partial-…/` while initdb has not finished
//!   server.conf   port, socket directory and settings, rewritten at each start, included by the cluster's postgresql.conf
//!   pgpass        the password, as libpq reads it from PGPASSFILE
//!   server.log    what the server says
//!   socket/       the unix socket, unless the path is too long for one
//!   start.lock    held alone while a server is looked for, started or stopped
//!   users.lock    held together by every process that uses the server
//!   server.lock   held by the server's own processes
//! ```
//!
//! A server ends with its last user, however that ends: see `keeper`. And while one runs on after its directory was
//! moved or removed, nothing of the next cluster in that place is in its reach: no path that it writes by is used twice
//! (see `layout`), and on Linux it writes by none at all (see `process`).
//!
//! Everything blocks; an async caller wraps it in `spawn_blocking`.

mod cluster;
mod error;
mod files;
mod installation;
mod keeper;
mod layout;
mod locks;
mod log;
mod packages;
mod password;
mod postmaster;
mod privileges;
mod process;
mod programs;
mod server;
mod settings;
mod socket;
mod state;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use secrecy::SecretString;

pub use error::EmbeddedError;
pub use installation::client_program;
pub use keeper::keep_if_asked;
pub(super) use packages::extension_packages;
pub use server::EmbeddedServer;
pub use state::{EmbeddedState, inspect};

/// Endpoint of a running embedded server: address and role.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The directory of the unix socket: libpq's `host`.
    pub socket_directory: PathBuf,
    /// The port, on the socket as well as on 127.0.0.1.
    pub port: u16,
    /// The role to connect as; it is a superuser of this cluster.
    pub user: String,
    /// Password of the role.
    pub password: SecretString,
    /// The cluster's data directory.
    pub data_directory: PathBuf,
    /// A password file in libpq's format, for `PGPASSFILE`.
    pub password_file: PathBuf,
    /// Log of the server.
    pub log_file: PathBuf,
}

/// Directories and programs of this machine; the tests bring their own.
#[derive(Debug, Clone)]
struct Machine {
    programs: programs::ProgramSearch,
    /// Directory of clusters that the server's user could not reach next to their spec.
    shelter: PathBuf,
    /// The program that can be run as a server's keeper.
    keeper: Option<PathBuf>,
}

/// Directory of the clusters whose server's user cannot reach the directory beside the spec.
pub(super) fn shelter() -> PathBuf {
    PathBuf::from("/var/lib/transship")
}

impl Machine {
    fn this_one() -> Machine {
        Machine { programs: programs::ProgramSearch::of_this_machine(), shelter: shelter(), keeper: keeper::program() }
    }
}
