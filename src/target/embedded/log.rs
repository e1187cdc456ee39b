//! The server's log.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;

use super::EmbeddedError;
use super::layout::ClusterLayout;
use super::privileges::ServerUser;

/// A log longer than this is begun again at the next start.
const LONGEST_LOG: u64 = 10 * 1024 * 1024;

/// Opens the log for appending, and returns the offset at which this start's part begins.
pub(super) fn open(layout: &ClusterLayout, user: &ServerUser) -> Result<(File, u64), EmbeddedError> {
    let path = layout.log_file();
    let open_file = || {
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LONGEST_LOG) {
            fs::rename(&path, path.with_extension("log.old"))?;
        }
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
        let length = file.metadata()?.len();
        std::io::Result::Ok((file, length))
    };
    let opened = open_file().map_err(EmbeddedError::file("open", &path))?;
    // We hand the open file to the server, but pg_ctl by hand opens it as the server's user.
    user.take_over(&path)?;
    Ok(opened)
}

/// Log lines since `begin`, as many as an error message bears.
pub(super) fn since(layout: &ClusterLayout, begin: u64) -> String {
    let read = || {
        let mut file = File::open(layout.log_file())?;
        file.seek(SeekFrom::Start(begin))?;
        let mut bytes = Vec::new();
        file.take(LONGEST_LOG).read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    };
    match read() {
        Ok(bytes) => last_lines(&String::from_utf8_lossy(&bytes)),
        Err(error) => format!("(it cannot be read: {error})"),
    }
}

/// The end of a text, for an error message.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
