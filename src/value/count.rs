//! Numbers for people.

/// `31,720`: a number with separators between thousands.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `1 table`, `31,720 tables`
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", count(number)) }
}

/// `1 row`, `31,720 rows`
#[must_use]
pub fn counted_rows(number: u64) -> String {
    counted(number, "row", "rows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_and_one_is_one() {
        let words = [0, 1, 2, 999, 1_000, 346_666, 1_234_567].map(counted_rows);
        assert_eq!(words, ["0 rows", "1 row", "2 rows", "999 rows", "1,000 rows", "346,666 rows", "1,234,567 rows"]);
        assert_eq!(counted(12_000, "copy", "copies"), "12,000 copies");
    }
}
