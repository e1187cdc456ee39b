//! "Did you mean": the known word nearest to a written one.

/// The nearest of the known words, where one is near enough to be meant.
pub(super) fn closest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Nothing that we know is that long, and the distance costs the product of both lengths.
    if written.len() > 100 {
        return None;
    }
    let folded = fold(written);
    known
        .into_iter()
        .map(|word| (strsim::osa_distance(&folded, &fold(word)), word))
        .filter(|(distance, word)| *distance <= (word.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// A hint that names the nearest word, and all of them.
pub(crate) fn hint_of_known(written: &str, known: &[&str], all: &str) -> String {
    let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match closest(written, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`? {all} {list}"),
        None => format!("{all} {list}"),
    }
}

/// Case and the choice between `-`, `_` and a space are no difference to a reader.
fn fold(word: &str) -> String {
    word.trim().to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_near_and_nothing_else() {
        let known = ["include", "exclude", "url", "on_bad_value"];
        assert_eq!(closest("exlude", known), Some("exclude"));
        assert_eq!(closest("On-Bad-Value", known), Some("on_bad_value"));
        assert_eq!(closest("ulr", known), Some("url"));
        assert_eq!(closest("password", known), None);
        assert_eq!(closest("x", ["after", "sql"]), None);
        assert_eq!(closest(&"x".repeat(1_000_000), known), None);
    }
}
