//! A terminal of 100 by 40 for the program, and what stands on its screen in the end.

use nix::pty::{Winsize, openpty};
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::process::{Command, ExitStatus, Stdio};

/// Columns and rows.
const SIZE: (u16, u16) = (100, 40);

/// What the program wrote, and the screen that it left.
pub(crate) struct Screen {
    pub(crate) code: Option<i32>,
    /// Everything, with its control sequences.
    pub(crate) written: String,
    /// Lines that are not empty, without the spaces behind them.
    pub(crate) lines: Vec<String>,
}

/// Runs a command on the terminal; each answer is typed as soon as its question is there.
pub(crate) fn on_terminal(command: &mut Command, answers: &[(&str, &str)]) -> Screen {
    let size = Winsize { ws_col: SIZE.0, ws_row: SIZE.1, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).unwrap();
    let stream = || Stdio::from(terminal.slave.try_clone().unwrap());
    command.env("TERM", "xterm-256color").stdin(stream()).stdout(stream()).stderr(stream());
    let mut child = command.spawn().unwrap();
    // The command keeps what it was given; the reading ends when nobody has the terminal any more.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    drop(terminal.slave);
    let mut master = File::from(terminal.master);
    let (mut written, mut buffer, mut answers) = (Vec::new(), [0; 4096], answers.iter());
    let mut next = answers.next();
    // Linux ends the reading with an error.
    while let Ok(count @ 1..) = master.read(&mut buffer) {
        written.extend_from_slice(&buffer[..count]);
        if let Some((question, answer)) = next
            && String::from_utf8_lossy(&written).contains(question)
        {
            master.write_all(format!("{answer}\n").as_bytes()).unwrap();
            next = answers.next();
        }
    }
    let code = child.wait().as_ref().ok().and_then(ExitStatus::code);
    let cells = |count| NonZero::new(count).unwrap();
    let mut parser = vt100::Parser::new(cells(SIZE.1), cells(SIZE.0), 0);
    parser.process(&written);
    let contents = parser.screen().contents();
    let lines = contents.lines().map(|line| line.trim_end().to_owned());
    let lines = lines.filter(|line| !line.is_empty()).collect();
    Screen { code, written: String::from_utf8_lossy(&written).into_owned(), lines }
}
