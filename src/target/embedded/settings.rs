//! The server's settings, in a file of our own that the cluster's postgresql.conf includes.
//!
//! In a file and not on the command line, so that a user who starts the server by hand gets the same server, and so
//! that clusters of an older transship get a newer one's settings.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use super::EmbeddedError;
use super::files::{read_if_present, write_file};
use super::layout::ClusterLayout;

/// Settings of a private server on a developer's machine. `fsync` stays on: it is the user's data.
///
/// The server has no replicas, so `wal_level = minimal` lets index builds go without write-ahead log.
const FIXED: &str = "\
# Written by transship at each start; changes made here are lost. Put yours into data/postgresql.conf, below the include.
max_connections = 50
shared_buffers = '128MB'
maintenance_work_mem = '256MB'
max_wal_size = '4GB'
checkpoint_timeout = '15min'
wal_level = minimal
max_wal_senders = 0
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = off
log_destination = 'stderr'
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0700
";

/// Writes the settings file for the next start.
pub(super) fn write(layout: &ClusterLayout, socket_directory: &Path, port: u16) -> Result<(), EmbeddedError> {
    // A quote is doubled; what else would need care never gets here, see `socket`.
    let socket_directory = socket_directory.to_string_lossy().replace('\'', "''");
    let content = format!("{FIXED}port = {port}\nunix_socket_directories = '\"{socket_directory}\"'\n");
    // Nothing secret in it, and the server's user has to read it.
    write_file(&layout.settings_file(), content.as_bytes(), 0o644)
}

/// The port of the last start.
pub(super) fn last_port(layout: &ClusterLayout) -> Result<Option<u16>, EmbeddedError> {
    let Some(content) = read_if_present(&layout.settings_file())? else { return Ok(None) };
    let content = String::from_utf8_lossy(&content);
    Ok(content.lines().find_map(|line| line.strip_prefix("port = ")?.parse().ok()))
}

/// The given port if it is free, so that what users noted down stays right; else one that the system picks.
pub(super) fn free_port(preferred: Option<u16>) -> Result<u16, EmbeddedError> {
    if let Some(port) = preferred.filter(|port| is_free(*port)) {
        return Ok(port);
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(EmbeddedError::file("find a free port on", Path::new("127.0.0.1")))
}

/// Whether nobody listens on this loopback port now.
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
