//! Charts of a question by the number of clients: answers in a second and the 95th percentile, one line for each side.

use super::{milliseconds, rate};
use crate::bench::{Measurement, SideTimes};
use serde::Serialize;

/// Size of a chart, and the room around its area, in the units of its drawing.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;

/// Marks of a linear vertical axis.
const MARKS: u32 = 4;

/// Ratio of the highest to the lowest figure from which on an axis is logarithmic: on a linear one a side would lie on the
/// ground.
const FAR: f64 = 12.0;

/// A chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct LatencyChart {
    pub(super) title: &'static str,
    pub(super) is_logarithmic: bool,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    pub(super) marks: Vec<Mark>,
    pub(super) clients: Vec<Mark>,
    pub(super) lines: Vec<Line>,
    /// Height of the budget's line.
    pub(super) budget: Option<f64>,
}

/// Mark on an axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Mark {
    pub(super) at: f64,
    pub(super) label: String,
}

/// One side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Line {
    pub(super) side: &'static str,
    /// The points, as an SVG polyline has them.
    pub(super) path: String,
    pub(super) points: Vec<Point>,
}

/// A measurement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) label: String,
}

/// The charts of a question's measurements; none without any.
pub(super) fn charts(measurements: &[Measurement], p95_ms: Option<f64>) -> Vec<LatencyChart> {
    if measurements.is_empty() {
        return Vec::new();
    }
    let throughput = chart("Answers a second", measurements, |side| side.per_second, rate, None);
    let times = chart("95th percentile", measurements, |side| side.p95_ms, milliseconds, p95_ms);
    vec![throughput, times]
}

fn chart(
    title: &'static str,
    measurements: &[Measurement],
    figure: impl Fn(&SideTimes) -> f64,
    words: impl Fn(f64) -> String,
    budget: Option<f64>,
) -> LatencyChart {
    let figures = measurements.iter().flat_map(|one| [figure(&one.source), figure(&one.target)]).collect::<Vec<_>>();
    let axis = Axis::of(&figures, budget);
    // A budget far above the figures is not drawn: it would press them to the ground.
    let budget = budget.filter(|budget| (0.0..=1.0).contains(&axis.part(*budget)));
    let y = |value: f64| rounded(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * axis.part(value).clamp(0.0, 1.0));
    #[expect(clippy::cast_precision_loss, reason = "a few clients")]
    let x = |place: usize| {
        let parts = (measurements.len() * 2) as f64;
        rounded(LEFT + (WIDTH - LEFT - RIGHT) * (place * 2 + 1) as f64 / parts)
    };
    let line = |side: &'static str, of: fn(&Measurement) -> &SideTimes| {
        let point = |(place, one): (usize, &Measurement)| {
            let value = figure(of(one));
            let clients = format!("{} client{}", one.clients, if one.clients == 1 { "" } else { "s" });
            Point { x: x(place), y: y(value), label: format!("{side}, {clients}: {}", words(value)) }
        };
        let points = measurements.iter().enumerate().map(point).collect::<Vec<_>>();
        let path = points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" ");
        Line { side, path, points }
    };
    LatencyChart {
        title,
        is_logarithmic: axis.is_logarithmic,
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        right: WIDTH - RIGHT,
        bottom: HEIGHT - BOTTOM,
        marks: axis
            .marks()
            .into_iter()
            .map(|value| Mark { at: y(value), label: if value > 0.0 { words(value) } else { "0".to_owned() } })
            .collect(),
        clients: measurements
            .iter()
            .enumerate()
            .map(|(at, one)| Mark { at: x(at), label: one.clients.to_string() })
            .collect(),
        lines: vec![line("source", |one| &one.source), line("target", |one| &one.target)],
        budget: budget.map(y),
    }
}

/// Vertical axis.
struct Axis {
    is_logarithmic: bool,
    bottom: f64,
    top: f64,
}

impl Axis {
    /// Axis that shows all figures, and the budget if it is near them.
    fn of(figures: &[f64], budget: Option<f64>) -> Self {
        let highest = figures.iter().copied().fold(0.0, f64::max);
        let lowest = figures.iter().copied().filter(|figure| *figure > 0.0).fold(f64::INFINITY, f64::min);
        let near = budget.filter(|budget| *budget <= highest * 4.0);
        let (highest, lowest) = (highest.max(near.unwrap_or(0.0)), lowest.min(near.unwrap_or(f64::INFINITY)));
        if lowest.is_finite() && highest / lowest > FAR {
            let (bottom, top) = (10_f64.powf(lowest.log10().floor()), 10_f64.powf(highest.log10().ceil()));
            return Self { is_logarithmic: true, bottom, top };
        }
        Self { is_logarithmic: false, bottom: 0.0, top: round_up(highest) }
    }

    /// Place of a value between the bottom, 0, and the top, 1.
    fn part(&self, value: f64) -> f64 {
        match (self.is_logarithmic, value > 0.0) {
            (true, false) => 0.0,
            (true, true) => (value / self.bottom).log10() / (self.top / self.bottom).log10(),
            (false, _) => value / self.top,
        }
    }

    fn marks(&self) -> Vec<f64> {
        if self.is_logarithmic {
            let tens = std::iter::successors(Some(self.bottom), |value| Some(value * 10.0));
            return tens.take_while(|value| *value <= self.top * 1.5).collect();
        }
        (0..=MARKS).map(|number| self.top * f64::from(number) / f64::from(MARKS)).collect()
    }
}

/// The next number of one digit and zeros, so that the marks are round: 37 becomes 40.
fn round_up(highest: f64) -> f64 {
    if highest <= 0.0 {
        return 1.0;
    }
    let unit = 10_f64.powf(highest.log10().floor());
    let parts = (highest / unit).ceil();
    unit * if parts <= 1.0 {
        1.0
    } else if parts <= 2.0 {
        2.0
    } else if parts <= 4.0 {
        4.0
    } else if parts <= 6.0 {
        6.0
    } else if parts <= 8.0 {
        8.0
    } else {
        10.0
    }
}

fn rounded(place: f64) -> f64 {
    (place * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stand_where_their_figures_are() {
        let side = |per_second| SideTimes { per_second, p95_ms: 1.0, ..SideTimes::default() };
        let one = |clients, source, target| Measurement { clients, source: side(source), target: side(target) };
        let made = charts(&[one(1, 100.0, 50.0), one(8, 200.0, 190.0)], Some(0.5));
        assert_eq!(made.len(), 2);
        let [source, target] = made[0].lines.as_slice() else { panic!("{made:?}") };
        assert_eq!(source.points[1].y, TOP, "the highest point is at the top");
        assert!(target.points[0].y > source.points[0].y && source.points[0].x < source.points[1].x);
        assert_eq!(source.points[0].label, "source, 1 client: 100");
        assert!(made[0].budget.is_none() && made[1].budget.is_some());
        let far = charts(&[one(1, 40_000.0, 230.0)], None);
        assert!(far[0].is_logarithmic && !made[0].is_logarithmic);
        assert_eq!(
            far[0].marks.iter().map(|mark| mark.label.as_str()).collect::<Vec<_>>(),
            ["100", "1,000", "10,000", "100,000"]
        );
        assert!(far[0].lines[1].points[0].y < far[0].bottom, "it does not lie on the ground");
        assert_eq!(charts(&[], None), []);
        assert_eq!([0.037, 1.0, 230.0].map(round_up).map(rounded), [0.0, 1.0, 400.0]);
    }
}
