//! Exact sums of decimal numbers, independent of their order.

use super::decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt;

/// Decimal digits in a group.
const DIGITS: i32 = 9;
/// Radix of a group.
const RADIX: i128 = 1_000_000_000;

/// A sum without rounding.
#[derive(Debug, Clone, Default)]
pub struct ExactSum {
    /// Coefficient of each power of [`RADIX`], not yet carried over; a group has room for 10^29 numbers.
    groups: BTreeMap<i32, i128>,
    not_a_number: bool,
    positive_infinity: bool,
    negative_infinity: bool,
}

impl ExactSum {
    /// Adds a number.
    pub fn add(&mut self, number: &Decimal<'_>) {
        let sign = if number.is_negative() { -1 } else { 1 };
        let (mut group, mut value) = (0, 0);
        for (exponent, digit) in (i32::MIN..number.point()).rev().zip(number.digits()) {
            let place = exponent.rem_euclid(DIGITS).unsigned_abs();
            if exponent.div_euclid(DIGITS) != group {
                self.put(group, value);
                (group, value) = (exponent.div_euclid(DIGITS), 0);
            }
            value += sign * i128::from(digit) * 10_i128.pow(place);
        }
        self.put(group, value);
    }

    fn put(&mut self, group: i32, value: i128) {
        if value != 0 {
            *self.groups.entry(group).or_default() += value;
        }
    }

    /// Adds a number of floating point by its `digits` significant decimal digits, as PostgreSQL's cast to numeric does.
    pub fn add_float(&mut self, number: f64, digits: usize) {
        if number.is_nan() {
            self.not_a_number = true;
        } else if number.is_infinite() {
            *(if number > 0.0 { &mut self.positive_infinity } else { &mut self.negative_infinity }) = true;
        } else {
            let text = format!("{number:.*e}", digits.saturating_sub(1));
            if let Some(decimal) = Decimal::parse(text.as_bytes()) {
                self.add(&decimal);
            }
        }
    }

    /// Adds a number that PostgreSQL has printed; false if the text is no number.
    pub fn add_text(&mut self, text: &str) -> bool {
        match text {
            "NaN" => self.not_a_number = true,
            "Infinity" => self.positive_infinity = true,
            "-Infinity" => self.negative_infinity = true,
            _ => match Decimal::parse(text.as_bytes()) {
                Some(number) => self.add(&number),
                None => return false,
            },
        }
        true
    }

    /// Groups from the highest to the lowest, each carried over, and the sign.
    fn carried(&self) -> (bool, Vec<(i32, i128)>) {
        let (Some((lowest, _)), Some((highest, _))) = (self.groups.first_key_value(), self.groups.last_key_value())
        else {
            return (false, Vec::new());
        };
        let carry_over = |sign: i128| {
            let (mut carried, mut carry) = (Vec::new(), 0_i128);
            let mut group = *lowest;
            while group <= *highest || (carry != 0 && carry != -1) {
                let value = carry + sign * self.groups.get(&group).copied().unwrap_or(0);
                carried.push((group, value.rem_euclid(RADIX)));
                carry = value.div_euclid(RADIX);
                group += 1;
            }
            (carry, carried)
        };
        let (carry, carried) = carry_over(1);
        let (is_negative, mut carried) = if carry < 0 { (true, carry_over(-1).1) } else { (false, carried) };
        carried.reverse();
        (is_negative, carried)
    }
}

impl fmt::Display for ExactSum {
    /// The sum as PostgreSQL prints a `numeric`, without zeros at the end of its fraction.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.not_a_number || (self.positive_infinity && self.negative_infinity) {
            return formatter.write_str("NaN");
        }
        if self.positive_infinity || self.negative_infinity {
            return formatter.write_str(if self.positive_infinity { "Infinity" } else { "-Infinity" });
        }
        let (is_negative, groups) = self.carried();
        let lowest = groups.last().map_or(0, |(group, _)| (*group).min(0));
        let highest = groups.first().map_or(0, |(group, _)| (*group).max(0));
        let values = groups.into_iter().collect::<BTreeMap<_, _>>();
        let digits = |from: i32, to: i32| {
            let group = |group: i32| format!("{:09}", values.get(&group).copied().unwrap_or(0));
            (to..=from).rev().map(group).collect::<String>()
        };
        let (integer, fraction) = (digits(highest, 0), digits(-1, lowest));
        let (integer, fraction) = (integer.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let integer = if integer.is_empty() { "0" } else { integer };
        let point = if fraction.is_empty() { "" } else { "." };
        write!(formatter, "{}{integer}{point}{fraction}", if is_negative { "-" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(numbers: &[&str]) -> String {
        let mut sum = ExactSum::default();
        assert!(numbers.iter().all(|number| sum.add_text(number)));
        sum.to_string()
    }

    #[test]
    fn nothing_is_rounded() {
        assert_eq!(sum(&[]), "0");
        assert_eq!(sum(&["0.1", "0.2"]), "0.3");
        assert_eq!(sum(&["1e30", "1", "-1e30"]), "1");
        assert_eq!(sum(&["-0.5", "0.25"]), "-0.25");
        assert_eq!(sum(&["999999999", "1"]), "1000000000");
        assert_eq!(sum(&["-999999999", "-1"]), "-1000000000");
        assert_eq!(
            sum(&["1000000000000000000000", "0.000000000000000000001"]),
            "1000000000000000000000.000000000000000000001"
        );
        assert_eq!(sum(&["12.50", "-12.5"]), "0");
        assert_eq!(sum(&["0.00000000123", "1200"]), "1200.00000000123");
        assert_eq!(sum(&["1", "Infinity"]), "Infinity");
        assert_eq!(sum(&["-Infinity", "Infinity"]), "NaN");
        assert!(!ExactSum::default().add_text("abc"));
    }

    #[test]
    fn floats_count_with_their_significant_digits() {
        let mut sum = ExactSum::default();
        for number in [0.1 + 0.2, 1e300, -1e300, f64::MIN_POSITIVE, -f64::MIN_POSITIVE, 100_000_000_000_000.5] {
            sum.add_float(number, 15);
        }
        assert_eq!(sum.to_string(), "100000000000000.3");
    }

    proptest! {
        #[test]
        fn integers_add_up_in_any_order(mut numbers in prop::collection::vec(any::<i64>(), 0..50)) {
            let text = |numbers: &[i64]| sum(&numbers.iter().map(ToString::to_string).collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>());
            let expected = numbers.iter().map(|number| i128::from(*number)).sum::<i128>().to_string();
            prop_assert_eq!(&text(&numbers), &expected);
            numbers.reverse();
            prop_assert_eq!(&text(&numbers), &expected);
        }
    }
}
