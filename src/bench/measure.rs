//! Times of many answers: a histogram for each side, made of slices in which the sides take turns.

use super::outcome::SideTimes;
use crate::run::ExecuteError;
use hdrhistogram::Histogram;
use std::time::Duration;

/// Longest time that a histogram tells apart, in nanoseconds; what is longer counts as this.
const LONGEST: u64 = 3_600_000_000_000;

/// Significant digits of the times.
const DIGITS: u8 = 3;

/// Failures after which a client gives up: it would do nothing but fail.
const MOST_ERRORS: u64 = 50;

/// Times of some clients of one side.
#[derive(Debug, Clone)]
pub(super) struct Times {
    histogram: Histogram<u64>,
    errors: u64,
    error: Option<String>,
    /// Longest time, and the place of its parameters among those drawn.
    pub(super) slowest: Option<(Duration, usize)>,
}

/// Times of one side with one number of clients, in one or more slices.
#[derive(Debug, Clone)]
pub(super) struct Slices {
    times: Times,
    clients: usize,
    elapsed: Duration,
}

impl Times {
    /// # Errors
    /// None in practice: the bounds are right.
    pub(super) fn new() -> Result<Self, ExecuteError> {
        let histogram = Histogram::new_with_bounds(1, LONGEST, DIGITS).map_err(broken)?;
        Ok(Self { histogram, errors: 0, error: None, slowest: None })
    }

    /// Notes an answer.
    pub(super) fn note(&mut self, time: Duration, place: usize) {
        self.histogram.saturating_record(u64::try_from(time.as_nanos()).unwrap_or(LONGEST).max(1));
        if self.slowest.is_none_or(|(longest, _)| time > longest) {
            self.slowest = Some((time, place));
        }
    }

    /// Notes a failure; returns whether it is worth going on.
    pub(super) fn fail(&mut self, message: String) -> bool {
        self.errors += 1;
        self.error.get_or_insert(message);
        self.errors < MOST_ERRORS
    }

    /// Adds the times of other clients, or of another slice.
    ///
    /// # Errors
    /// None in practice: all histograms have the same bounds.
    pub(super) fn add(&mut self, other: Self) -> Result<(), ExecuteError> {
        self.histogram.add(&other.histogram).map_err(broken)?;
        self.errors += other.errors;
        self.error = self.error.take().or(other.error);
        if let Some((time, place)) = other.slowest
            && self.slowest.is_none_or(|(longest, _)| time > longest)
        {
            self.slowest = Some((time, place));
        }
        Ok(())
    }
}

impl Slices {
    /// # Errors
    /// None in practice.
    pub(super) fn new() -> Result<Self, ExecuteError> {
        Ok(Self { times: Times::new()?, clients: 0, elapsed: Duration::ZERO })
    }

    /// Adds a slice of so many clients, which took so long.
    ///
    /// # Errors
    /// None in practice.
    pub(super) fn add(&mut self, times: Times, clients: usize, elapsed: Duration) -> Result<(), ExecuteError> {
        self.clients = if self.elapsed.is_zero() { clients } else { self.clients.min(clients) };
        self.elapsed += elapsed;
        self.times.add(times)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.elapsed.is_zero()
    }

    pub(super) fn slowest(&self) -> Option<(Duration, usize)> {
        self.times.slowest
    }

    /// The times in figures. `refused` is the reason for which fewer clients came than were asked for, if they did.
    pub(super) fn figures(&self, asked_for: usize, refused: Option<&String>) -> SideTimes {
        let histogram = &self.times.histogram;
        let seconds = self.elapsed.as_secs_f64();
        let at = |quantile: f64| milliseconds(histogram.value_at_quantile(quantile).min(histogram.max()));
        #[expect(clippy::cast_precision_loss, reason = "a rate, of few digits")]
        let per_second = if seconds > 0.0 { histogram.len() as f64 / seconds } else { 0.0 };
        SideTimes {
            clients: self.clients,
            refused: refused.filter(|_| self.clients < asked_for).cloned(),
            seconds: rounded(seconds),
            queries: histogram.len(),
            errors: self.times.errors,
            error: self.times.error.clone(),
            per_second: rounded(per_second),
            p50_ms: at(0.5),
            p95_ms: at(0.95),
            p99_ms: at(0.99),
            max_ms: milliseconds(histogram.max()),
        }
    }
}

/// Nanoseconds as milliseconds, to the microsecond.
pub(super) fn milliseconds(nanoseconds: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an hour in nanoseconds is exact")]
    rounded(nanoseconds as f64 / 1e6)
}

/// A number to three digits behind the point.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

fn broken(error: impl std::fmt::Display) -> ExecuteError {
    ExecuteError::Task(format!("the histogram of the times: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_all_slices() {
        let mut slices = Slices::new().unwrap();
        for slice in 0..2_u64 {
            let mut times = Times::new().unwrap();
            (1..=50).for_each(|number| times.note(Duration::from_millis(50 * slice + number), 7));
            assert!(times.fail(format!("failure {slice}")));
            slices.add(times, 4, Duration::from_secs(1)).unwrap();
        }
        let figures = slices.figures(4, None);
        assert_eq!((figures.queries, figures.errors, figures.clients), (100, 2, 4));
        assert_eq!(figures.error.as_deref(), Some("failure 0"));
        assert!((figures.per_second - 50.0).abs() < 1e-9);
        for (figure, expected) in [(figures.p50_ms, 50.0), (figures.p95_ms, 95.0), (figures.max_ms, 100.0)] {
            assert!((figure - expected).abs() < 0.2, "{figure} is not {expected}");
        }
        assert_eq!(slices.slowest(), Some((Duration::from_millis(100), 7)));
        assert_eq!(slices.figures(8, Some(&"none left".to_owned())).refused.as_deref(), Some("none left"));
    }
}
