//! The time that the rehearsal expects, against the time that there is.

use crate::rehearse::{Phase, Record, RecordError, Span};
use crate::spec::Spec;
use std::time::Duration;

/// The expected time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expectation {
    /// Seconds; `None` without a rehearsal for this target.
    pub span: Option<Span>,
    /// The time that the spec gives.
    pub window: Option<Duration>,
}

/// Whether there is time enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is.
    Enough,
    /// There is, unless it goes badly.
    Tight,
    /// There is not.
    TooShort,
    /// Nothing was rehearsed, or the spec gives no time.
    Unknown,
}

impl Expectation {
    /// Reads the record of the rehearsal. Where an earlier run has loaded the rows, what is left is to look at both sides and to
    /// compare them; what has changed since comes on top, up to all of it.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn of(spec: &Spec, is_applied: bool) -> Result<Self, RecordError> {
        let place = spec.target.connection.redacted();
        let record = Record::read(spec)?.filter(|record| record.target == place);
        let estimate = record.and_then(|record| record.estimate);
        let span = estimate.map(|estimate| {
            let of = |phase: Phase| estimate.phases.iter().find(|(other, _)| *other == phase).map(|(_, span)| *span);
            match (is_applied, of(Phase::Survey), of(Phase::Verify)) {
                (true, Some(look), Some(verify)) => Span {
                    low: look.low + verify.low,
                    likely: look.likely + verify.likely,
                    high: estimate.whole.high.max(look.high + verify.high),
                },
                _ => estimate.whole,
            }
        });
        Ok(Self { span, window: spec.cutover.window })
    }

    /// Whether there is time enough.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.span, self.window.map(|window| window.as_secs_f64())) {
            (Some(span), Some(window)) if span.likely > window => Verdict::TooShort,
            (Some(span), Some(window)) if span.high > window => Verdict::Tight,
            (Some(_), Some(_)) => Verdict::Enough,
            _ => Verdict::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_held_against_the_range() {
        let span = Some(Span { low: 20.0, likely: 30.0, high: 50.0 });
        let verdict =
            |span, window: Option<u64>| Expectation { span, window: window.map(Duration::from_secs) }.verdict();
        assert_eq!(verdict(span, Some(60)), Verdict::Enough);
        assert_eq!(verdict(span, Some(40)), Verdict::Tight);
        assert_eq!(verdict(span, Some(29)), Verdict::TooShort);
        assert_eq!([verdict(None, Some(60)), verdict(span, None)], [Verdict::Unknown; 2]);
    }
}
