//! Support of a column's numbers for the unit in which they may count a time: one value alone does not tell seconds from
//! milliseconds near 1970, all values of the column do.

use crate::value::date_shape::{Unit, is_written};
use crate::value::{Cell, Reading};
use std::ops::Range;

/// Word of a value for or against a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueSupport {
    Implausible,
    /// Nothing: NULL, and 0 and -1, which stand for no time as often as for 1970.
    Neutral,
    /// A time in the months around 1970, which a number of fewer digits counts: other values have to speak for the unit.
    Near1970,
    /// A time by the unit, and a date and time in digits as well, `YYYYMMDDhhmm`: so are few counts, and all of such dates.
    Written,
    Supported,
}

/// Days in eight digits, of the last century and this one.
const EIGHT_DIGITS: Range<f64> = 19_000_101.0..21_001_232.0;

/// .NET's ticks of these two centuries, which would be nanoseconds of 1990.
const TICKS: Range<f64> = 5.9e17..6.7e17;

impl ValueSupport {
    /// Whether a number can be a date in this century or the last: seconds taken for milliseconds would all be in 1970.
    pub(super) fn of_time(reading: Reading, cell: Cell<'_>) -> Self {
        let supported = |is_so: bool| if is_so { ValueSupport::Supported } else { ValueSupport::Implausible };
        let number = match cell {
            Cell::Null => return ValueSupport::Neutral,
            #[expect(clippy::cast_precision_loss, reason = "only the magnitude matters")]
            Cell::Integer(integer) => integer as f64,
            Cell::Real(real) => real,
            // A count in digits is judged as the number is.
            Cell::Text(text) if is_counted(reading) || reading == Reading::Yyyymmdd => match number_in(text) {
                Some(number) => number,
                None => return ValueSupport::Implausible,
            },
            _ => return ValueSupport::Supported,
        };
        match reading {
            Reading::UnixS | Reading::UnixMs | Reading::UnixUs | Reading::UnixNs if number == 0.0 || number == -1.0 => {
                ValueSupport::Neutral
            }
            _ if EIGHT_DIGITS.contains(&number) => supported(reading == Reading::Yyyymmdd || !is_counted(reading)),
            Reading::UnixS => counted(number, 1.0, Unit::of(number) == Unit::Seconds),
            Reading::UnixMs => counted(number, 1e3, Unit::of(number) == Unit::Milliseconds),
            Reading::UnixUs => counted(number, 1e6, Unit::of(number) == Unit::Microseconds),
            Reading::UnixNs => counted(number, 1e9, (6.7e17..7.3e18).contains(&number)),
            Reading::DotnetTicks => supported(TICKS.contains(&number)),
            Reading::Julian => supported(Unit::of(number) == Unit::JulianDays),
            Reading::Yyyymmdd => ValueSupport::Implausible,
            // From 1954 to 2099.
            Reading::Excel => supported((20_000.0..73_051.0).contains(&number)),
            _ => ValueSupport::Supported,
        }
    }
}

/// The number that a text is.
fn number_in(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text.trim_ascii()).ok()?.parse().ok()
}

/// Whether a reading counts from an epoch, or by the calendar.
fn is_counted(reading: Reading) -> bool {
    matches!(
        reading,
        Reading::UnixS
            | Reading::UnixMs
            | Reading::UnixUs
            | Reading::UnixNs
            | Reading::DotnetTicks
            | Reading::Julian
            | Reading::Excel
    )
}

/// Standing of a number of a unit of which so many make a second. Below the unit's own magnitude it is a time near 1970: to
/// the quarter of an hour if it is one at all: small numbers mean something else, and those of a coarser unit are hardly ever
/// such a multiple.
fn counted(number: f64, a_second: f64, is_own: bool) -> ValueSupport {
    let seconds = number / a_second;
    let is_near = seconds.abs() < 1e7 && seconds % 900.0 == 0.0;
    match (is_own, is_near) {
        (true, _) if [10, 12, 16].into_iter().any(|digits| is_written(number, digits)) => ValueSupport::Written,
        (true, _) => ValueSupport::Supported,
        (false, true) => ValueSupport::Near1970,
        (false, false) => ValueSupport::Implausible,
    }
}

/// Values of a column that speak for a reading, and those that only do not speak against it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Support {
    own: u64,
    near_1970: u64,
    /// Times of its own that are written dates as well.
    written: u64,
}

impl Support {
    /// Takes in a value; `false` if it cannot be.
    pub(super) fn add(&mut self, standing: ValueSupport) -> bool {
        match standing {
            ValueSupport::Implausible => return false,
            ValueSupport::Neutral => {}
            ValueSupport::Near1970 => self.near_1970 += 1,
            ValueSupport::Written => {
                self.own += 1;
                self.written += 1;
            }
            ValueSupport::Supported => self.own += 1,
        }
        true
    }

    /// Whether the reading is the column's: most values are times of these centuries by it, and no dates in digits.
    pub(super) fn is_enough(self) -> bool {
        self.own > 0 && self.near_1970 <= self.own && self.written <= self.own / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The units that all of these numbers support.
    fn units(numbers: &[i64]) -> Vec<Reading> {
        let all = [Reading::UnixS, Reading::UnixMs, Reading::UnixUs, Reading::UnixNs, Reading::Yyyymmdd];
        let holds = |reading: &Reading| {
            let mut support = Support::default();
            numbers.iter().all(|number| support.add(ValueSupport::of_time(*reading, Cell::Integer(*number))))
                && support.is_enough()
        };
        all.into_iter().filter(holds).collect()
    }

    #[test]
    fn days_near_1970_are_told_by_the_other_values() {
        let (born_1970, born_1969) = (41 * 86_400_i64, -(3 * 86_400_i64));
        assert_eq!(units(&[1_700_000_000, born_1970, born_1969, 946_684_800]), [Reading::UnixS]);
        for (unit, factor) in [(Reading::UnixMs, 1_000), (Reading::UnixUs, 1_000_000), (Reading::UnixNs, 1_000_000_000)]
        {
            let numbers = [1_700_000_000, born_1970, born_1969, 946_684_800].map(|seconds| seconds * factor);
            assert_eq!(units(&numbers), [unit]);
        }
    }

    #[test]
    fn dates_in_digits_are_no_counts() {
        for written in [
            [20_230_101_000_000, 20_240_229_235_959],
            [202_301_010_000, 202_402_292_359],
            [2_023_010_100, 2_024_022_923],
            [2_023_010_123_595_999, 2_024_022_900_000_000],
        ] {
            assert_eq!(units(&written), []);
            let texts = written.map(|number: i64| number.to_string());
            let standing =
                |reading: Reading, text: &String| ValueSupport::of_time(reading, Cell::Text(text.as_bytes()));
            for reading in [Reading::UnixS, Reading::UnixMs, Reading::UnixUs, Reading::UnixNs, Reading::DotnetTicks] {
                let mut support = Support::default();
                let is_so = texts.iter().all(|text| support.add(standing(reading, text))) && support.is_enough();
                assert!(!is_so, "{reading} {texts:?}");
            }
        }
        // One expiry of 2034 among others has digits that could be a date.
        assert_eq!(units(&[2_023_010_100, 1_999_999_999, 2_099_999_123]), [Reading::UnixS]);
        assert_eq!(ValueSupport::of_time(Reading::UnixS, Cell::Text(b"1700000000")), ValueSupport::Supported);
    }

    #[test]
    fn two_units_in_a_column_are_none() {
        assert_eq!(units(&[1_700_000_100, 1_700_000_000_000, 1_700_000_000_001]), []);
        assert_eq!(units(&[1_700_000_100, 1_700_000_000, 1_700_000_000_001]), []);
        assert_eq!(units(&[5, 12, 1_700_000_000]), [], "small numbers are something else");
        assert_eq!(units(&[20_240_105, 20_231_231]), [Reading::Yyyymmdd]);
        assert_eq!(units(&[0, -1]), []);
        assert_eq!(units(&[86_400, 1_700_000_000_000 / 1_000, 86_400, 86_400]), [], "most are in 1970");
    }
}
