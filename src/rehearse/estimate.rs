//! From a rehearsal's times to an estimate for the target.
//!
//! Each phase is measured in the rehearsal. What the same measure (`target::Probe`) says of both servers is what is different
//! on the target: a longer way for every statement, another speed of taking rows, another speed of building indexes. The range
//! is that of the measure's attempts, and wider where less is known.

use super::times::RunPhase;
use crate::target::Probe;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Round trips that a step takes beside its own statement: a transaction, its claim, its row in the ledger.
const TRIPS_OF_STEP: f64 = 6.0;

/// Round trips of a survey and of a verification, and those for each table.
const TRIPS_OF_LOOK: f64 = 40.0;
const TRIPS_OF_TABLE: f64 = 4.0;

/// The part by which the same work takes less or more time when it is done once more on a machine that does other things too.
const LESS: f64 = 0.85;
const MORE: f64 = 1.25;

/// The same for rows that were not rehearsed: what was done with a sample stands for them.
const LESS_SAMPLED: f64 = 0.6;
const MORE_SAMPLED: f64 = 1.7;

/// Seconds of a part of the rows up to which most of the time is not the rows': the share that grows with them is half at this.
const SHORT: f64 = 2.0;

/// A time that is not known exactly, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// It takes no less, most likely.
    pub low: f64,
    /// The best guess.
    pub likely: f64,
    /// It takes no more, most likely.
    pub high: f64,
}

/// Work of one phase in the rehearsal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PhaseMeasure {
    pub(super) phase: RunPhase,
    /// Time, in seconds.
    pub(super) seconds: f64,
    /// The part of it that does not grow with the rows.
    pub(super) fixed: f64,
    /// Steps, or chunks of copies.
    pub(super) steps: u64,
    /// Tables.
    pub(super) tables: u64,
    /// Bytes that were sent or read.
    pub(super) bytes: u64,
    /// How many times more rows the real run has.
    pub(super) growth: f64,
}

/// The estimate of a whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The phases in their order.
    pub phases: Vec<(RunPhase, Span)>,
    /// `apply`: all phases but the last.
    pub apply: Span,
    /// `apply` and `verify`.
    pub whole: Span,
}

impl Span {
    fn times(self, low: f64, high: f64) -> Self {
        Self { low: self.low * low, likely: self.likely, high: self.high * high }
    }

    fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, likely: self.likely + other.likely, high: self.high + other.high }
    }

    /// Whether a time lies in it.
    #[must_use]
    pub fn holds(&self, seconds: f64) -> bool {
        (self.low..=self.high).contains(&seconds)
    }
}

impl Estimate {
    /// Estimates a run from its rehearsal. `here` is the measure of the server that it was rehearsed on, `there` the target's;
    /// `None` for a target of the same kind on the same machine.
    pub(super) fn of(measured: &[PhaseMeasure], here: &Probe, there: Option<&Probe>, jobs: usize) -> Self {
        // The server's own attempts differ too, and say nothing of another one of its kind.
        let steady = |probe: &Probe| Probe {
            bytes_per_second: vec![middle(&probe.bytes_per_second)],
            indexed_rows_per_second: vec![middle(&probe.indexed_rows_per_second)],
            ..probe.clone()
        };
        let same = steady(here);
        let (here, there) = there.map_or((&same, &same), |there| (here, there));
        let phases = measured.iter().map(|one| (one.phase, phase(one, here, there, jobs))).collect::<Vec<_>>();
        let zero = Span { low: 0.0, likely: 0.0, high: 0.0 };
        let sum = |is_wanted: &dyn Fn(RunPhase) -> bool| {
            phases.iter().filter(|(phase, _)| is_wanted(*phase)).fold(zero, |sum, (_, span)| sum.plus(*span))
        };
        Self { apply: sum(&|phase| phase != RunPhase::Verify), whole: sum(&|_| true), phases }
    }
}

fn phase(measured: &PhaseMeasure, here: &Probe, there: &Probe, jobs: usize) -> Span {
    let jobs = float(jobs.max(1) as u64);
    let fixed = measured.fixed.clamp(0.0, measured.seconds);
    let (is_sampled, part) = (measured.growth > 1.0, measured.seconds - fixed);
    let growing = if is_sampled { part / (part + SHORT) } else { 1.0 };
    let seconds = fixed + part * (1.0 + (measured.growth - 1.0) * growing);
    let looks = matches!(measured.phase, RunPhase::Survey | RunPhase::Verify);
    let trips = float(measured.steps) * TRIPS_OF_STEP / jobs
        + if looks { TRIPS_OF_LOOK + float(measured.tables) * TRIPS_OF_TABLE } else { 0.0 };
    let way = trips * (there.round_trip - here.round_trip).max(0.0);
    let work = match measured.phase {
        // Rows are read and converted while others are sent: what takes longer there may hide behind that, or come on top of it.
        RunPhase::Copies | RunPhase::Verify => {
            let bytes = float(measured.bytes) * measured.growth / jobs;
            let (slow, usual, fast) = ratios(&here.bytes_per_second, &there.bytes_per_second);
            let sending = |probe: &Probe| bytes / middle(&probe.bytes_per_second).max(1.0);
            let longer = if differ(&here.bytes_per_second, &there.bytes_per_second) {
                sending(there) - sending(here)
            } else {
                0.0
            };
            let likely = (seconds + longer).max(sending(there)).max(seconds * 0.5);
            let (low, high) = (seconds * fast.min(1.0), seconds * slow.max(1.0));
            // The speed of one way of a link says little of the other.
            let usual = if measured.phase == RunPhase::Verify { likely.min(seconds * usual.max(1.0)) } else { likely };
            Span { low: low.max(sending(there)).min(usual), likely: usual, high: high.max(usual) }
        }
        RunPhase::Indexes | RunPhase::ForeignKeys => {
            let (slow, usual, fast) = ratios(&here.indexed_rows_per_second, &there.indexed_rows_per_second);
            Span { low: seconds * fast, likely: seconds * usual, high: seconds * slow }
        }
        RunPhase::Survey | RunPhase::Structure | RunPhase::Rest => {
            Span { low: seconds, likely: seconds, high: seconds }
        }
    };
    let way = Span { low: way, likely: way, high: way };
    let span = work.plus(way);
    if !is_sampled {
        return span.times(LESS, MORE);
    }
    // All of it may grow, or nothing.
    let (none, all) = (measured.seconds, fixed + part * measured.growth);
    let Span { low, likely, high } = span.times(LESS_SAMPLED, MORE_SAMPLED);
    Span { low: low.min(none * LESS), likely, high: high.max(all * MORE) }
}

/// Whether the attempts on two servers say that they differ: the best of one is worse than the worst of the other. Attempts on one
/// server differ by half on a machine that does other things, and their middles say nothing then.
fn differ(here: &[f64], there: &[f64]) -> bool {
    let least = |rates: &[f64]| rates.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |rates: &[f64]| rates.iter().copied().fold(0.0, f64::max);
    most(here) < least(there) || most(there) < least(here)
}

/// How many times longer the same work takes there: at the most, usually and at the least.
fn ratios(here: &[f64], there: &[f64]) -> (f64, f64, f64) {
    let least = |rates: &[f64]| rates.iter().copied().fold(f64::INFINITY, f64::min).max(1.0);
    let most = |rates: &[f64]| rates.iter().copied().fold(1.0, f64::max);
    let usual = if differ(here, there) { middle(here) / middle(there).max(1.0) } else { 1.0 };
    (most(here) / least(there), usual, least(here) / most(there))
}

fn middle(rates: &[f64]) -> f64 {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(1.0)
}

pub(super) fn float(number: u64) -> f64 {
    Duration::from_secs(number).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(round_trip: f64, speed: f64) -> Probe {
        let around = |middle: f64| vec![middle * 0.9, middle, middle * 1.1];
        let (bytes_per_second, indexed_rows_per_second) = (around(speed * 1e8), around(speed * 1e5));
        Probe { round_trip, bytes_per_second, indexed_rows_per_second, is_temporary: false }
    }

    fn measured(phase: RunPhase, seconds: f64) -> PhaseMeasure {
        PhaseMeasure { phase, seconds, fixed: 0.0, steps: 10, tables: 10, bytes: 100_000_000, growth: 1.0 }
    }

    fn likely(phase: RunPhase, there: &Probe) -> f64 {
        let estimate = Estimate::of(&[measured(phase, 10.0)], &probe(0.0, 1.0), Some(there), 1);
        let span = estimate.whole;
        assert!(span.low <= span.likely && span.likely <= span.high, "{phase:?} {span:?}");
        span.likely
    }

    #[test]
    fn the_same_server_takes_the_same_time() {
        for phase in RunPhase::ALL {
            assert!((likely(phase, &probe(0.0, 1.0)) - 10.0).abs() < 1e-9, "{phase:?}");
        }
        let estimate = Estimate::of(
            &[measured(RunPhase::Copies, 4.0), measured(RunPhase::Verify, 2.0)],
            &probe(0.0, 1.0),
            None,
            2,
        );
        assert!((estimate.apply.likely - 4.0).abs() < 1e-9 && (estimate.whole.likely - 6.0).abs() < 1e-9);
        assert!(estimate.whole.holds(6.0) && !estimate.whole.holds(60.0));
    }

    #[test]
    fn attempts_that_overlap_say_that_both_are_alike() {
        let of = |speeds: [f64; 3]| Probe {
            indexed_rows_per_second: speeds.map(|speed| speed * 1e5).to_vec(),
            ..probe(0.0, 1.0)
        };
        let indexes = |there: [f64; 3]| {
            let measured = [measured(RunPhase::Indexes, 10.0)];
            Estimate::of(&measured, &of([1.0, 1.4, 1.5]), Some(&of(there)), 1).whole
        };
        let alike = indexes([0.6, 0.9, 1.1]);
        assert!((alike.likely - 10.0).abs() < 1e-9 && alike.high > 20.0, "{alike:?}");
        assert!(indexes([0.6, 0.7, 0.9]).likely > 19.0);
    }

    #[test]
    fn a_slower_server_and_a_longer_way_take_longer() {
        assert!(likely(RunPhase::Indexes, &probe(0.0, 0.5)) > 19.0);
        // A second more for the bytes, which may hide.
        let copies = likely(RunPhase::Copies, &probe(0.0, 0.5));
        assert!((copies - 11.0).abs() < 0.1, "{copies}");
        // A link that cannot take the bytes faster.
        assert!(likely(RunPhase::Copies, &probe(0.0, 0.01)) > 99.0);
        assert!(likely(RunPhase::Structure, &probe(0.1, 1.0)) > 15.0);
    }

    #[test]
    fn a_sample_is_less_certain() {
        let one = |growth| {
            let measured = PhaseMeasure { growth, ..measured(RunPhase::Copies, 1_000.0) };
            Estimate::of(&[measured], &probe(0.0, 1.0), None, 1).whole
        };
        let (whole, sample) = (one(1.0), one(20.0));
        assert!((19_900.0..20_000.0).contains(&sample.likely), "{sample:?}");
        assert!(sample.high / sample.likely > whole.high / whole.likely);
        // A moment says little of how long many rows take.
        let measured = PhaseMeasure { growth: 20.0, fixed: 0.5, bytes: 1_000, ..measured(RunPhase::Copies, 1.0) };
        let short = Estimate::of(&[measured], &probe(0.0, 1.0), None, 1).whole;
        assert!(short.low < 1.0 && short.likely < 5.0 && short.high > 10.0, "{short:?}");
    }
}
