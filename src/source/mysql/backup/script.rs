//! Statements of a dump, run by the server's own program.

use super::pour;
use super::tool::Tool;
use crate::connection::MysqlSource;
use crate::source::SourceError;
use crate::source::copying::CopyWatch;
use std::io::Read;
use std::path::PathBuf;

/// Has the server's program run the statements of a dump; returns those about events, if they are to come `later`.
pub(in crate::source::mysql) fn run_script(
    script: impl Read + Send + 'static,
    server: &MysqlSource,
    later: bool,
    watch: &CopyWatch<'_>,
) -> Result<Vec<u8>, SourceError> {
    let broken = |cause: std::io::Error| SourceError::NotCopied {
        copy: PathBuf::from(server.redacted()),
        cause: cause.to_string(),
    };
    let tool = Tool::find(&["mysql", "mariadb"], None, server)?;
    let (reader, writer) = std::io::pipe().map_err(broken)?;
    let mut command = tool.command();
    command.args(["--default-character-set=utf8mb4", "--binary-mode"]).stdin(reader);
    if !server.database.is_empty() {
        command.arg("--").arg(&server.database);
    }
    let pouring = std::thread::spawn(move || pour::pour(script, writer, later));
    let ran = tool.run(&mut command, watch);
    // The other end of the pipe: without it the thread ends with the program.
    drop(command);
    let poured = pouring.join();
    ran?;
    poured.map_err(|_| broken(std::io::Error::other("a thread has ended")))?.map_err(broken)
}
