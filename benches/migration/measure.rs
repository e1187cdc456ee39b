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
    /// Its own processor time in seconds, its children's and the servers' not; nothing for what runs inside the server alone.
    pub(crate) processor: Option<f64>,
}

/// What a process has used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Used {
    /// The largest resident set, in bytes.
    pub(crate) peak: u64,
    /// Processor time in seconds.
    pub(crate) processor: f64,
}

impl Measured {
    /// A run of a process.
    pub(crate) fn of(seconds: f64, used: Used) -> Measured {
        Measured { seconds, peak: Some(used.peak), processor: Some(used.processor) }
    }

    /// Both runs, one after the other.
    pub(crate) fn and(self, other: Measured) -> Measured {
        Measured {
            seconds: self.seconds + other.seconds,
            peak: self.peak.max(other.peak),
            processor: self.processor.zip(other.processor).map(|(one, two)| one + two),
        }
    }

    /// A run inside the server alone.
    pub(crate) fn inside(seconds: f64) -> Measured {
        Measured { seconds, peak: None, processor: None }
    }
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
    wait(child).map(|used| Measured::of(began.elapsed().as_secs_f64(), used)).map_err(|code| {
        let mut text = Vec::new();
        said.rewind().and_then(|()| said.read_to_end(&mut text)).unwrap();
        let text = String::from_utf8_lossy(&text);
        let last = text.lines().filter(|line| !line.trim().is_empty()).rev().take(8).collect::<Vec<_>>();
        format!("{code}: {}", last.into_iter().rev().collect::<Vec<_>>().join(" / "))
    })
}

/// Waits for a process to end, and watches its memory and processor time.
pub(crate) fn wait(mut child: Child) -> Result<Used, ExitStatus> {
    let process = format!("/proc/{}", child.id());
    let mut used = Used::default();
    loop {
        used.peak = used.peak.max(high_water(&Path::new(&process).join("status")));
        used.processor = used.processor.max(processor_time(&Path::new(&process).join("stat")));
        if let Some(code) = child.try_wait().unwrap() {
            return if code.success() { Ok(used) } else { Err(code) };
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

/// User and system time of all threads (proc(5), fields 14 and 15 of stat, in hundredths of a second).
fn processor_time(stat: &Path) -> f64 {
    let text = std::fs::read_to_string(stat).unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The one in the middle.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
