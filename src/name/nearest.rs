//! "Did you mean": the known word nearest to a written one, the limit on its distance, and the hint's wording.

/// The nearest of the known words, if one is near enough to be meant: a third of its letters, rounded up, may be wrong,
/// missing or swapped with their neighbour; or all that stands before a point of it is missing. Of two equally near words
/// the alphabetically first one, in whatever order they are given.
#[must_use]
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // No known word is that long, and the distance costs the product of both lengths.
    if written.len() > 100 {
        return None;
    }
    let folded = fold(written);
    known
        .into_iter()
        .map(|word| (word, fold(word)))
        .map(|(word, known)| {
            let is_end = known.strip_suffix(&folded).is_some_and(|begin| begin.ends_with('.'));
            (if is_end { 1 } else { strsim::osa_distance(&folded, &known) }, word)
        })
        .filter(|(distance, word)| *distance <= word.chars().count().div_ceil(3))
        .min()
        .map(|(_, word)| word)
}

/// Wording of a hint that asks whether another word was meant.
#[must_use]
pub fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

/// A hint that names the nearest word if there is one, and all known words behind `all`.
#[must_use]
pub fn hint_of_known(written: &str, known: &[&str], all: &str) -> String {
    let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match nearest(written, known.iter().copied()) {
        Some(word) => format!("{} {all} {list}", did_you_mean(word)),
        None => format!("{all} {list}"),
    }
}

/// Case and the choice between `-`, `_` and a space do not count.
fn fold(word: &str) -> String {
    word.trim().to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_near_and_nothing_else() {
        let known = ["include", "exclude", "url", "on_bad_value"];
        assert_eq!(nearest("exlude", known), Some("exclude"));
        assert_eq!(nearest("On-Bad-Value", known), Some("on_bad_value"));
        assert_eq!(nearest("People", ["shop.orders", "customers.people"]), Some("customers.people"));
        assert_eq!(nearest("ulr", known), Some("url"));
        assert_eq!(nearest("plane", ["plain", "odd"]), Some("plain"));
        assert_eq!(nearest("owner", ["id", "owner_id"]), Some("owner_id"));
        assert_eq!(nearest("password", known), None);
        assert_eq!(nearest("x", ["after", "sql"]), None);
        // Equally near: the order in which they are known decides nothing.
        assert_eq!([nearest("cot", ["cut", "cat"]), nearest("cot", ["cat", "cut"])], [Some("cat"); 2]);
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
    }
}
