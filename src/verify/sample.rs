//! Part of the rows that a quick comparison reads.

use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A part of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    parts_per_million: u32,
}

impl Sample {
    /// The part, in millionths.
    #[must_use]
    pub fn parts_per_million(self) -> u32 {
        self.parts_per_million
    }

    /// Number of rows in the sample of a table, at least one.
    #[must_use]
    pub fn of(self, rows: u64) -> u64 {
        let part = u128::from(rows) * u128::from(self.parts_per_million);
        u64::try_from(part.div_ceil(1_000_000)).unwrap_or(u64::MAX).max(1)
    }
}

/// Error for a text that is not a part of the rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sample is a percentage above 0% and up to 100%, with at most four decimal places: 1% or 0.5%")]
pub struct NotASample;

impl FromStr for Sample {
    type Err = NotASample;

    fn from_str(text: &str) -> Result<Self, NotASample> {
        let number = text.trim().strip_suffix('%').ok_or(NotASample)?.trim_end();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || fraction.len() > 4 || !is_number(whole) || !is_number(fraction) {
            return Err(NotASample);
        }
        // A percent is ten thousand parts of a million.
        let parts_per_million = format!("{whole}{fraction:0<4}").parse::<u32>().map_err(|_| NotASample)?;
        if (1..=1_000_000).contains(&parts_per_million) { Ok(Self { parts_per_million }) } else { Err(NotASample) }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.parts_per_million / 10_000, self.parts_per_million % 10_000);
        if fraction == 0 {
            return write!(formatter, "{whole}%");
        }
        write!(formatter, "{whole}.{}%", format!("{fraction:04}").trim_end_matches('0'))
    }
}

impl Serialize for Sample {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_and_printed() {
        for text in ["1%", "0.5%", "100%", "0.0001%", "12.25%"] {
            assert_eq!(text.parse::<Sample>().unwrap().to_string(), text);
        }
        let part = |text: &str, rows| text.parse::<Sample>().unwrap().of(rows);
        assert_eq!([part("1%", 1_000), part("0.5%", 1), part("100%", u64::MAX)], [10, 1, u64::MAX]);
        assert_eq!("05.50 %".parse::<Sample>().unwrap().to_string(), "5.5%");
        for text in ["", "%", "1", "0%", "100.1%", "0.00001%", "-1%", "1e1%", "1.%%", ".5%"] {
            assert_eq!(text.parse::<Sample>(), Err(NotASample), "{text}");
        }
    }
}
