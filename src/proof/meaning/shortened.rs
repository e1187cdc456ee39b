//! Decimal numbers without the digits that a column does not keep, where the spec lets them go: cut towards zero, or rounded
//! half away from zero (PostgreSQL documentation, section 9.3, `trunc` and `round` of `numeric`).

use super::number::Number;
use crate::value::FractionTreatment;

impl<'a> Number<'a> {
    /// The number that a column of `numeric(p,s)` is given; the same number where nothing has to go. `room` holds its digits.
    pub(super) fn shortened(
        self,
        modifier: Option<(u16, i16)>,
        beyond: FractionTreatment,
        room: &'a mut Vec<u8>,
    ) -> Number<'a> {
        let (Some((_, scale)), Some((digits, exponent))) = (modifier, self.extent()) else { return self };
        let surplus = -exponent - i32::from(scale);
        if beyond == FractionTreatment::Refused || digits == 0 || surplus <= 0 {
            return self;
        }
        room.clear();
        let negative = match self {
            Number::Short { coefficient, .. } => {
                room.extend_from_slice(coefficient.unsigned_abs().to_string().as_bytes());
                coefficient < 0
            }
            Number::Long { negative, digits, .. } => {
                room.extend_from_slice(digits);
                negative
            }
            other => return other,
        };
        let whole = usize::try_from(digits - surplus).ok();
        // The first dropped digit decides; if it is a zero in front of the number, the result is zero.
        let is_up = beyond == FractionTreatment::Round
            && whole.is_some_and(|whole| room.get(whole).is_some_and(|digit| *digit >= b'5'));
        room.truncate(whole.unwrap_or(0));
        if is_up {
            let nines = room.iter().rev().take_while(|digit| **digit == b'9').count();
            let end = room.len() - nines;
            room[end..].fill(b'0');
            match end.checked_sub(1) {
                Some(last) => room[last] += 1,
                None => room.insert(0, b'1'),
            }
        }
        Number::of_digits(negative, room, -i32::from(scale), i32::from(scale).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_go_as_the_spec_says() {
        let kept = |text: &str, scale, beyond| {
            let (mut read, mut room) = (Vec::new(), Vec::new());
            let number = Number::of_text(text.as_bytes(), &mut read).unwrap();
            number.shortened(Some((40, scale)), beyond, &mut room).words()
        };
        for (text, scale, cut, rounded) in [
            ("1.255", 2, "1.25", "1.26"),
            ("-1.255", 2, "-1.25", "-1.26"),
            ("0.004", 2, "0.00", "0.00"),
            ("0.0005", 2, "0.00", "0.00"),
            ("0.005", 2, "0.00", "0.01"),
            ("9.999", 2, "9.99", "10.00"),
            ("1250", -2, "1200", "1300"),
            ("49", -2, "0", "0"),
            ("99999999999999999999999.95", 1, "99999999999999999999999.9", "100000000000000000000000.0"),
            ("123456789012345678901234.56", 1, "123456789012345678901234.5", "123456789012345678901234.6"),
        ] {
            assert_eq!(kept(text, scale, FractionTreatment::Truncate), cut, "{text}");
            assert_eq!(kept(text, scale, FractionTreatment::Round), rounded, "{text}");
        }
        assert_eq!(kept("1.25", 2, FractionTreatment::Round), "1.25");
        assert_eq!(kept("1.255", 2, FractionTreatment::Refused), "1.255");
    }
}
