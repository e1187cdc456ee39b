//! A rehearsal's measure: the record or the report of `rehearse`, or the evidence that `apply --report FILE.json` has written.

use super::error::KitError;
use crate::value::count;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// Longest estimate that is one: a hundred years. A file that says more is damaged, or of elsewhere.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

/// Time and size of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RehearsalMeasure {
    /// Seconds of the run, rounded up.
    seconds: u64,
    /// Rows that it loaded, with separators.
    rows: String,
    /// Seconds to plan a cut-over for, a minute at least: the upper end of the estimate for the target, or twice the measured time.
    window: u64,
}

impl RehearsalMeasure {
    /// Reads evidence of `apply` for the migration of this name.
    ///
    /// # Errors
    /// It is no such evidence, or the run did not end well or loaded nothing.
    pub fn parse(text: &str, migration: &str) -> Result<Self, KitError> {
        let wrong = |message: String| KitError::NotMeasured { message };
        let evidence =
            serde_json::from_str::<Value>(text).map_err(|error| wrong(format!("this is not JSON: {error}")))?;
        let is_rehearsal = evidence["command"] == "rehearse";
        if !(is_rehearsal || evidence["command"] == "apply") || !evidence["milliseconds"].is_u64() {
            return Err(wrong("this is neither of `transship rehearse` nor evidence of `transship apply`".to_owned()));
        }
        if evidence["migration"] != migration {
            let other = evidence["migration"].as_str().unwrap_or_default();
            return Err(wrong(format!("this is the evidence of another migration, {other:?}")));
        }
        if evidence["outcome"] != "done" {
            let outcome = evidence["outcome"].as_str().unwrap_or_default();
            return Err(wrong(format!("that run is no measure: its outcome is {outcome:?}")));
        }
        let milliseconds = evidence["milliseconds"].as_u64().unwrap_or_default();
        if is_rehearsal {
            let estimate = &evidence["estimate"]["whole"];
            let rows = evidence["rows"].as_u64().unwrap_or_default();
            let of = |key: &str| {
                let Some(time) = estimate[key].as_f64() else { return Ok(None) };
                match Duration::try_from_secs_f64(time) {
                    Ok(time) if time <= LONGEST => Ok(Some(time.as_secs() + 1)),
                    _ => Err(wrong(format!("its estimate is no time: {key} = {time}"))),
                }
            };
            let seconds = of("likely")?.unwrap_or_else(|| milliseconds.div_ceil(1000).max(1));
            let window = of("high")?.unwrap_or(seconds * 2).max(60);
            return Ok(Self { seconds, rows: count(rows), window });
        }
        let tables = evidence["tables"].as_array().map(Vec::as_slice).unwrap_or_default();
        let rows = tables.iter().filter_map(|table| table["rows"]["loaded"].as_u64()).sum::<u64>();
        let seconds = milliseconds.div_ceil(1000).max(1);
        Ok(Self { seconds, rows: count(rows), window: (seconds * 2).max(60) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_that_is_no_time_is_no_measure() {
        let measured = |high: &str| {
            let record = format!(
                r#"{{"command": "rehearse", "migration": "shop", "outcome": "done", "milliseconds": 1500, "rows": 12000,
                    "estimate": {{"whole": {{"likely": 70.2, "high": {high}}}}}}}"#
            );
            RehearsalMeasure::parse(&record, "shop")
        };
        let good = measured("100.5").unwrap();
        assert_eq!((good.seconds, good.window, good.rows.as_str()), (71, 101, "12,000"));
        for high in ["1e300", "1e19", "-5", "4e9"] {
            assert!(matches!(measured(high), Err(KitError::NotMeasured { .. })), "{high}");
        }
    }
}
