//! Answers as rows of text, and when two of them are the same.

/// Rows of an answer that are looked at.
pub(super) const LONGEST: usize = 1000;

/// An answer: rows of values as text.
pub(super) type Answer = Vec<Vec<Option<String>>>;

/// Whether both sides gave the same.
pub(super) fn are_same(expected: &Answer, actual: &Answer) -> bool {
    let row = |one: &Vec<Option<String>>, two: &Vec<Option<String>>| {
        one.len() == two.len() && one.iter().zip(two).all(|(one, two)| is_same(one, two))
    };
    expected.len() == actual.len() && expected.iter().zip(actual).all(|(one, two)| row(one, two))
}

/// Two values as text are the same when they are the same text or the same number: `5` and `5.0`.
fn is_same(one: &Option<String>, two: &Option<String>) -> bool {
    one == two
        || matches!((one, two), (Some(one), Some(two)) if matches!((number(one), number(two)), (Some(one), Some(two)) if one == two))
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// An answer in a few words.
pub(super) fn words(answer: &Answer) -> String {
    let row = |row: &Vec<Option<String>>| {
        row.iter().map(|value| value.as_deref().unwrap_or("NULL").to_owned()).collect::<Vec<_>>().join(", ")
    };
    match answer.as_slice() {
        [] => "no rows".to_owned(),
        [only] => row(only),
        [first, ..] => format!("{} rows, the first: {}", answer.len(), row(first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: &[&[&str]]) -> Answer {
        rows.iter().map(|row| row.iter().map(|value| Some((*value).to_owned())).collect()).collect()
    }

    #[test]
    fn answers_are_compared_by_meaning() {
        assert!(are_same(&answer(&[&["5", "a"]]), &answer(&[&["5.0", "a"]])));
        assert!(!are_same(&answer(&[&["5"]]), &answer(&[&["6"]])));
        assert!(!are_same(&answer(&[&["0"]]), &answer(&[])));
        assert_eq!(words(&answer(&[&["3"], &["4"]])), "2 rows, the first: 3");
    }
}
