//! Parameters, drawn from the rows of a query of the source.

use crate::run::ExecuteError;
use crate::source::{BoundValue, Reader, SourceOrigin};

/// Beginning of the random numbers: the same rows are drawn in every run.
const SEED: u64 = 0x7472_616e_7373_6869;

/// The parameters of a question.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawn {
    /// Number of rows that the query gives.
    pub(super) rows: u64,
    /// Number of values in each.
    pub(super) columns: usize,
    /// The columns of tables that these values are, unaltered.
    pub(super) origins: Vec<Option<SourceOrigin>>,
    /// The drawn ones, by their number among the rows, counted from one.
    pub(super) parameters: Vec<DrawnParameters>,
}

/// The values of the parameters for one question.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct DrawnParameters {
    /// Number of the row, counted from one; `None` for a question without parameters.
    pub(super) row: Option<u64>,
    pub(super) values: Vec<BoundValue>,
}

impl Drawn {
    /// The one way to ask a question without parameters.
    pub(super) fn nothing() -> Self {
        Self { parameters: vec![DrawnParameters::default()], ..Self::default() }
    }
}

/// Draws at most `most` rows of a query, all with the same chance (Vitter's algorithm R).
///
/// # Errors
/// The source refuses the query.
pub(super) fn draw(reader: &Reader, sql: &str, most: usize) -> Result<Drawn, ExecuteError> {
    let mut drawn = Drawn { origins: reader.origins(sql)?, ..Drawn::default() };
    let mut state = SEED;
    reader.prepare(sql)?.ask(&[], |row, columns| {
        drawn.rows += 1;
        drawn.columns = columns;
        let place = match drawn.parameters.len() < most {
            true => Some(drawn.parameters.len()),
            false => usize::try_from(random(&mut state) % drawn.rows).ok().filter(|place| *place < most),
        };
        if let Some(place) = place {
            let values = (0..columns).map(|position| BoundValue::of(row, position)).collect();
            let parameters = DrawnParameters { row: Some(drawn.rows), values };
            match drawn.parameters.get_mut(place) {
                Some(earlier) => *earlier = parameters,
                None => drawn.parameters.push(parameters),
            }
        }
        true
    })?;
    Ok(drawn)
}

/// The next number of SplitMix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_evenly_and_the_same_every_time() {
        let numbers = || {
            let mut state = SEED;
            (0..10_000).map(|_| random(&mut state) % 10).collect::<Vec<_>>()
        };
        let drawn = numbers();
        for digit in 0..10 {
            let often = drawn.iter().filter(|number| **number == digit).count();
            assert!((900..1100).contains(&often), "{digit} {often} times");
        }
        assert_eq!(numbers(), drawn);
    }
}
