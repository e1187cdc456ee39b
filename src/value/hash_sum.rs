//! Digest of rows whatever their order: the wrapping sum of their hashes.

use std::fmt;

/// Sum of 128-bit hashes modulo 2^128. A row that is there twice counts twice, which an exclusive or would not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HashSum(u128);

impl HashSum {
    /// Adds the hash of one row.
    pub fn add(&mut self, hash: u128) {
        self.0 = self.0.wrapping_add(hash);
    }

    /// Adds the sum of other rows.
    pub fn append(&mut self, other: Self) {
        self.add(other.0);
    }
}

/// The form in which the ledger keeps it: 32 hexadecimal digits.
impl fmt::Display for HashSum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(hashes: &[u128]) -> HashSum {
        let mut sum = HashSum::default();
        hashes.iter().for_each(|hash| sum.add(*hash));
        sum
    }

    #[test]
    fn the_order_does_not_count_and_the_number_does() {
        assert_eq!(sum(&[1, u128::MAX, 7]), sum(&[7, 1, u128::MAX]));
        assert_ne!(sum(&[5, 5]), sum(&[]));
        assert_ne!(sum(&[5, 5]), sum(&[5]));
    }

    #[test]
    fn sums_of_parts_are_the_sum_of_all() {
        let mut first = sum(&[u128::MAX, 3]);
        first.append(sum(&[9]));
        assert_eq!(first, sum(&[9, 3, u128::MAX]));
        assert_eq!(first.to_string(), "0000000000000000000000000000000b");
    }
}
