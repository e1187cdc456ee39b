//! Chart of the steps' times: a bar for every step, and the critical chain of steps that the end waited for.

use super::{Evidence, RunEvidence, StepEvidence};
use crate::report::layout::counted;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Steps beyond which one bar is drawn for each kind, and only the longest steps have bars of their own.
const STEPS: usize = 150;

/// Most bars of steps beside those of the kinds.
const LONGEST: usize = 60;

/// Percent of the width that a label needs on a small screen.
const LABEL: f64 = 45.0;

/// A chart. Places are in percent of its width, heights in the units of one row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct TimeChart {
    /// Milliseconds of the command before the first step, in which both sides were read.
    pub(super) before: u64,
    pub(super) bars: Vec<ChartBar>,
    pub(super) ticks: Vec<Tick>,
    /// Bar for each kind of step, from the beginning of the first to the end of the last; empty unless there are too
    /// many steps for bars of their own.
    pub(super) kinds: Vec<ChartBar>,
    /// The steps of the chain, in its order.
    pub(super) chain: Vec<String>,
}

/// Row of the chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(super) struct ChartBar {
    pub(super) label: String,
    pub(super) kind: &'static str,
    pub(super) state: &'static str,
    pub(super) milliseconds: u64,
    pub(super) left: f64,
    pub(super) width: f64,
    /// Position of the label: behind the bar, before it if there is more room, inside if there is none.
    pub(super) label_at: &'static str,
    /// Whether the bar represents all steps of a kind.
    pub(super) is_kind: bool,
    /// Whether the bar belongs to the chain.
    pub(super) is_chain: bool,
    /// Lines of the chain that end at this row, begin at it, or pass it.
    pub(super) from_above: Option<f64>,
    pub(super) to_below: Option<f64>,
    pub(super) passing: Option<f64>,
    /// Rows that this row waits for.
    pub(super) after: Vec<usize>,
    #[serde(skip)]
    started: u64,
    #[serde(skip)]
    step: Option<usize>,
}

/// Mark on the time axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// Step with its times in milliseconds since the command began.
struct Timed<'a> {
    step: &'a StepEvidence,
    start: u64,
    end: u64,
}

impl TimeChart {
    /// Chart of the steps that ran in this command; `None` if none did.
    pub(super) fn of(evidence: &Evidence) -> Option<Self> {
        Self::of_steps(&evidence.steps, |step| step.offset, evidence.milliseconds)
    }

    /// Chart of the steps that an earlier run has done; `None` if none of them is left.
    pub(super) fn of_run(evidence: &Evidence, run: &RunEvidence) -> Option<Self> {
        let began = run.started_at.parse::<Timestamp>().ok()?;
        let offset = |step: &StepEvidence| {
            let started = step.started_at.as_deref()?.parse::<Timestamp>().ok()?;
            let is_of_it = step.run == Some(run.run) && step.offset.is_none();
            is_of_it.then(|| u64::try_from(started.as_millisecond() - began.as_millisecond()).unwrap_or(0))
        };
        Self::of_steps(&evidence.steps, offset, run.milliseconds.unwrap_or(0))
    }

    fn of_steps(steps: &[StepEvidence], offset: impl Fn(&StepEvidence) -> Option<u64>, end: u64) -> Option<Self> {
        let end = end.max(1);
        let timed = steps.iter().filter_map(|step| {
            let start = offset(step)?;
            // An interrupted step ran until the end.
            Some(Timed { step, start, end: start + step.milliseconds.unwrap_or(end.saturating_sub(start)) })
        });
        let mut timed = timed.collect::<Vec<_>>();
        let before = timed.iter().map(|timed| timed.start).min()?;
        // The axis begins with the first step.
        timed.iter_mut().for_each(|timed| (timed.start, timed.end) = (timed.start - before, timed.end - before));
        let chain = chain(&timed);
        let is_folded = timed.len() > STEPS;
        let mut bars = bars(&timed, &chain);
        if is_folded {
            bars.sort_by_key(|bar| std::cmp::Reverse((bar.is_chain, bar.milliseconds)));
            bars.truncate(LONGEST.max(chain.len()));
        }
        bars.sort_by(|one, two| (one.started, &one.label).cmp(&(two.started, &two.label)));
        let mut kinds = if is_folded { kinds(&timed) } else { Vec::new() };
        let whole = timed.iter().map(|timed| timed.end).max().unwrap_or(1).max(1);
        bars.iter_mut().chain(&mut kinds).for_each(|bar| bar.place(whole));
        connect(&mut bars, &timed, &chain);
        let chain = chain.iter().map(|at| timed[*at].step.id.clone()).collect();
        Some(Self { before, bars, kinds, ticks: ticks(whole), chain })
    }
}

impl ChartBar {
    fn place(&mut self, whole: u64) {
        self.left = percent(self.started, whole);
        self.width = percent(self.milliseconds, whole).min(100.0 - self.left);
        let behind = 100.0 - self.left - self.width;
        self.label_at = match self.left.max(behind) {
            room if room < LABEL => "inside",
            room if room > behind => "before",
            _ => "behind",
        };
    }
}

/// Bars of the steps.
fn bars(timed: &[Timed<'_>], chain: &[usize]) -> Vec<ChartBar> {
    let chain = chain.iter().copied().collect::<BTreeSet<_>>();
    let bar = |(at, Timed { step, start, end }): (usize, &Timed<'_>)| ChartBar {
        label: step.id.clone(),
        kind: step.kind,
        state: step.state.words(),
        started: *start,
        milliseconds: end - start,
        is_chain: chain.contains(&at),
        step: Some(at),
        ..ChartBar::default()
    };
    timed.iter().enumerate().map(bar).collect()
}

/// Bars of the kinds of steps, in the order in which they began.
fn kinds(timed: &[Timed<'_>]) -> Vec<ChartBar> {
    let mut kinds: BTreeMap<&'static str, (u64, u64, usize)> = BTreeMap::new();
    for Timed { step, start, end } in timed {
        let (first, last, number) = kinds.entry(step.kind).or_insert((*start, *end, 0));
        *first = (*first).min(*start);
        *last = (*last).max(*end);
        *number += 1;
    }
    let bar = |(kind, (started, last, number)): (&'static str, (u64, u64, usize))| ChartBar {
        label: format!("{kind}: {}", counted(number as u64, "step", "steps")),
        kind,
        state: super::StepOutcome::Done.words(),
        is_kind: true,
        started,
        milliseconds: last - started,
        ..ChartBar::default()
    };
    let mut bars = kinds.into_iter().map(bar).collect::<Vec<_>>();
    bars.sort_by_key(|bar| (bar.started, bar.label.clone()));
    bars
}

/// The steps that the end waited for: backwards from the last, always to the one that ended last of those waited for.
fn chain(timed: &[Timed<'_>]) -> Vec<usize> {
    let at = timed.iter().enumerate().map(|(at, timed)| (timed.step.id.as_str(), at)).collect::<BTreeMap<_, _>>();
    let mut next = (0..timed.len()).max_by_key(|at| timed[*at].end);
    let mut chain = Vec::new();
    while let Some(last) = next.filter(|_| chain.len() < timed.len()) {
        chain.push(last);
        let before = timed[last].step.after.iter().filter_map(|id| at.get(id.as_str()).copied());
        next = before.max_by_key(|at| timed[*at].end);
    }
    chain.reverse();
    // A single step waits for nothing.
    if chain.len() > 1 { chain } else { Vec::new() }
}

/// Draws the chain from row to row, and sets the rows that each row waits for.
fn connect(bars: &mut [ChartBar], timed: &[Timed<'_>], chain: &[usize]) {
    let row = bars.iter().enumerate().filter_map(|(row, bar)| Some((bar.step?, row))).collect::<BTreeMap<_, _>>();
    let by_id = row.iter().map(|(step, row)| (timed[*step].step.id.as_str(), *row)).collect::<BTreeMap<_, _>>();
    for (step, own) in &row {
        let after = timed[*step].step.after.iter().filter_map(|id| by_id.get(id.as_str()).copied());
        bars[*own].after = after.collect();
    }
    for pair in chain.windows(2) {
        let (Some(&from), Some(&to)) = (row.get(&pair[0]), row.get(&pair[1])) else { continue };
        let x = bars[from].left + bars[from].width;
        if from < to {
            bars[from].to_below = Some(x);
            bars[to].from_above = Some(x);
            bars[from + 1..to].iter_mut().for_each(|bar| bar.passing = Some(x));
        }
    }
}

/// Marks at round times, three to five of them.
fn ticks(whole: u64) -> Vec<Tick> {
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    let step = steps.take(45).find(|step| whole / step <= 5).unwrap_or(whole);
    let label = |at: u64| {
        let seconds = at / 1000;
        match (step < 1000, step < 60_000) {
            (true, _) if step >= 100 => format!("{seconds}.{} s", at % 1000 / 100),
            (true, _) if step >= 10 => format!("{seconds}.{:02} s", at % 1000 / 10),
            (true, _) => format!("{seconds}.{:03} s", at % 1000),
            (false, true) => format!("{seconds} s"),
            (false, false) => format!("{}:{:02} min", seconds / 60, seconds % 60),
        }
    };
    (1..=whole / step).map(|number| Tick { at: percent(number * step, whole), label: label(number * step) }).collect()
}

/// Two digits behind the point are a tenth of a pixel.
fn percent(part: u64, whole: u64) -> f64 {
    let hundredths = u32::try_from(u128::from(part) * 10_000 / u128::from(whole.max(1))).unwrap_or(10_000);
    f64::from(hundredths) / 100.0
}

#[cfg(test)]
mod tests {
    use super::super::{StepEvidence, StepOutcome};
    use super::*;

    fn step(id: &str, after: &[&str]) -> StepEvidence {
        StepEvidence {
            id: id.to_owned(),
            kind: "copy",
            run: None,
            table: None,
            after: after.iter().map(|id| (*id).to_owned()).collect(),
            state: StepOutcome::Done,
            started_at: None,
            finished_at: None,
            offset: None,
            milliseconds: None,
            rows: None,
            bytes: None,
            error: None,
        }
    }

    #[test]
    fn the_end_waited_for_the_slowest_of_those_before() {
        let steps = [step("a", &[]), step("b", &["a"]), step("c", &["a"]), step("d", &["b", "c"]), step("e", &["a"])];
        let times = [(0, 10), (10, 20), (10, 40), (40, 50), (10, 45)];
        let timed = steps.iter().zip(times).map(|(step, (start, end))| Timed { step, start, end }).collect::<Vec<_>>();
        let chain = chain(&timed);
        assert_eq!(chain, [0, 2, 3]);
        let mut bars = bars(&timed, &chain);
        bars.iter_mut().for_each(|bar| bar.place(50));
        connect(&mut bars, &timed, &chain);
        assert_eq!((bars[3].left, bars[3].width, &bars[3].after), (80.0, 20.0, &vec![1, 2]));
        assert_eq!((bars[0].to_below, bars[1].passing, bars[2].from_above), (Some(20.0), Some(20.0), Some(20.0)));
        assert_eq!((bars[4].is_chain, bars[0].label_at, bars[2].label_at), (false, "behind", "inside"));
    }

    #[test]
    fn the_axis_has_round_numbers() {
        let labels = |whole| ticks(whole).into_iter().map(|tick| tick.label).collect::<Vec<_>>();
        assert_eq!(labels(7), ["0.002 s", "0.004 s", "0.006 s"]);
        assert_eq!(labels(1500), ["0.5 s", "1.0 s", "1.5 s"]);
        assert_eq!(labels(250_000), ["50 s", "100 s", "150 s", "200 s", "250 s"]);
        assert_eq!(labels(700_000), ["3:20 min", "6:40 min", "10:00 min"]);
    }
}
