//! Time and memory of a run.

use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    /// The largest resident set of any process of the contender, in bytes; nothing for what runs inside the server alone.
    pub(crate) peak: Option<u64>,
}

/// Runs a command to its end, which must be a good one.
pub(crate) fn command(command: Command) -> Measured {
    let name = format!("{command:?}");
    attempt(command).unwrap_or_else(|said| panic!("{name} failed: {said}"))
}

/// Runs a command to its end: a peer may fail, and the last that it said is then the reason.
pub(crate) fn attempt(mut command: Command) -> Result<Measured, String> {
    let mut said = tempfile::tempfile().unwrap();
    let (output, errors) = (said.try_clone().unwrap(), said.try_clone().unwrap());
    let began = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn().unwrap();
    wait(child).map(|peak| Measured { seconds: began.elapsed().as_secs_f64(), peak: Some(peak) }).map_err(|code| {
        let mut text = Vec::new();
        said.rewind().and_then(|()| said.read_to_end(&mut text)).unwrap();
        let text = String::from_utf8_lossy(&text);
        let last = text.lines().filter(|line| !line.trim().is_empty()).rev().take(8).collect::<Vec<_>>();
        format!("{code}: {}", last.into_iter().rev().collect::<Vec<_>>().join(" / "))
    })
}

/// Waits for a process to end, and watches its memory.
pub(crate) fn wait(mut child: Child) -> Result<u64, ExitStatus> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        peak = peak.max(high_water(Path::new(&status)));
        if let Some(code) = child.try_wait().unwrap() {
            return if code.success() { Ok(peak) } else { Err(code) };
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The kernel's own record of the largest resident set so far (proc(5), VmHWM); it only grows, so the last look is the
/// peak but for the last few milliseconds.
fn high_water(status: &Path) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|number| number.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// The one in the middle.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
