//! The time that the rehearsal expects, against the time that there is.

use crate::rehearse::{Estimate, Record, RecordError, RunPhase, Span};
use crate::spec::Spec;
use serde::Serialize;
use std::time::Duration;

/// The expected time.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Seconds; `None` without a rehearsal for this target.
    pub span: Option<Span>,
    /// The rehearsal that they come from.
    pub rehearsal: Option<Rehearsed>,
    /// The time that the spec gives.
    pub window: Option<Duration>,
}

/// The rehearsal behind an expectation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rehearsed {
    /// The moment of its end.
    pub at: String,
    /// The part of the rows that was taken, without foreign keys and checks; `None` for all.
    pub sample: Option<String>,
    /// The source that was read, if it is another than the spec's now.
    pub other_source: Option<String>,
}

impl Rehearsed {
    /// Whether it has done all the work that the cut-over does.
    fn is_whole(&self) -> bool {
        self.sample.is_none() && self.other_source.is_none()
    }
}

/// Whether there is time enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowVerdict {
    /// The window is long enough.
    Enough,
    /// The window is longer than the likely time and shorter than the longest, or only a part of the work was
    /// rehearsed.
    Tight,
    /// The window is shorter than the likely time.
    TooShort,
    /// Nothing was rehearsed, or the spec gives no time.
    Unknown,
}

impl Expectation {
    /// Reads the record of the rehearsal.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn of(spec: &Spec, is_applied: bool) -> Result<Self, RecordError> {
        let place = spec.target.connection.redacted();
        let record = Record::read(spec)?.filter(|record| record.target == place);
        let source = spec.source.connection.identity();
        let known = record.and_then(|record| {
            let span = record.estimate.map(|all| if is_applied { left_to_do(&all) } else { all.whole })?;
            let other_source = record.source.filter(|rehearsed| *rehearsed != source);
            Some((span, Rehearsed { at: record.rehearsed_at, sample: record.sample, other_source }))
        });
        let (span, rehearsal) = known.unzip();
        Ok(Self { span, rehearsal, window: spec.cutover.window })
    }

    /// Whether there is time enough.
    #[must_use]
    pub fn verdict(&self) -> WindowVerdict {
        match (self.span, self.window.map(|window| window.as_secs_f64())) {
            (Some(span), Some(window)) if span.likely > window => WindowVerdict::TooShort,
            (Some(span), Some(window)) if span.high > window => WindowVerdict::Tight,
            (Some(_), Some(_)) if !self.rehearsal.as_ref().is_none_or(Rehearsed::is_whole) => WindowVerdict::Tight,
            (Some(_), Some(_)) => WindowVerdict::Enough,
            _ => WindowVerdict::Unknown,
        }
    }
}

/// The time that is left where an earlier run has loaded the rows: to look at both sides, to read all rows again for what has changed,
/// which takes about as long as to copy them, to set sequences and ask the checks, and to compare. What has changed comes on top, up to
/// all of it with its indexes.
fn left_to_do(estimate: &Estimate) -> Span {
    let parts = [RunPhase::Survey, RunPhase::Copies, RunPhase::Rest, RunPhase::Verify];
    let spans = || estimate.phases.iter().filter(|(phase, _)| parts.contains(phase)).map(|(_, span)| span);
    Span {
        low: spans().map(|span| span.low).sum(),
        likely: spans().map(|span| span.likely).sum(),
        high: spans().map(|span| span.high).sum::<f64>().max(estimate.whole.high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_loaded_is_read_again_and_not_indexed_again() {
        let span = |likely: f64| Span { low: likely - 1.0, likely, high: likely + 5.0 };
        let phases = RunPhase::ALL
            .into_iter()
            .zip([8.0, 2.0, 20.0, 50.0, 10.0, 4.0, 16.0])
            .map(|(phase, time)| (phase, span(time)));
        let estimate = Estimate { phases: phases.collect(), apply: span(94.0), whole: span(110.0) };
        assert_eq!(left_to_do(&estimate), Span { low: 44.0, likely: 48.0, high: 115.0 });
    }

    #[test]
    fn the_window_is_held_against_the_range() {
        let span = Some(Span { low: 20.0, likely: 30.0, high: 50.0 });
        let verdict_of = |span, window: Option<u64>, rehearsal| {
            Expectation { span, rehearsal, window: window.map(Duration::from_secs) }.verdict()
        };
        let verdict = |span, window| verdict_of(span, window, None);
        assert_eq!(verdict(span, Some(60)), WindowVerdict::Enough);
        assert_eq!(verdict(span, Some(40)), WindowVerdict::Tight);
        assert_eq!(verdict(span, Some(29)), WindowVerdict::TooShort);
        assert_eq!([verdict(None, Some(60)), verdict(span, None)], [WindowVerdict::Unknown; 2]);
        // Less work was rehearsed than there is.
        let all = Rehearsed { at: String::new(), sample: None, other_source: None };
        assert_eq!(verdict_of(span, Some(60), Some(all.clone())), WindowVerdict::Enough);
        let sample = Rehearsed { sample: Some("5%".to_owned()), ..all.clone() };
        let other = Rehearsed { other_source: Some("sqlite:small.db".to_owned()), ..all };
        for less in [sample, other] {
            assert_eq!(verdict_of(span, Some(60), Some(less.clone())), WindowVerdict::Tight);
            assert_eq!(verdict_of(span, Some(29), Some(less)), WindowVerdict::TooShort);
        }
    }
}
