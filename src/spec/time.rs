//! Spans of time, as the spec and the command line write them.

use jiff::{Span, SpanRelativeTo};
use std::time::Duration;

/// A time such as `500ms`, `10s` or `7d 1h` that is longer than nothing, in which a day has 24 hours; `None` if the text is
/// none.
#[must_use]
pub fn parse_time(text: &str) -> Option<Duration> {
    let span = text.parse::<Span>();
    let time = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    match time.map(Duration::try_from) {
        Ok(Ok(time)) if !time.is_zero() => Some(time),
        _ => None,
    }
}
