//! SQLite's collations by name (<https://www.sqlite.org/datatype3.html#collating_sequences>).

use crate::catalog::{Equality, Folding};

/// How texts are compared by the collation of this name, which SQLite takes in any case.
#[must_use]
pub fn equality(collation: &str) -> Equality {
    let folded = |folding| Equality::Folded { folding, collation: collation.to_owned() };
    match collation.to_ascii_uppercase().as_str() {
        "BINARY" => Equality::Bytes,
        "NOCASE" => folded(Folding::AsciiCase),
        "RTRIM" => folded(Folding::TrailingSpaces),
        _ => Equality::Other { collation: collation.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collation_keeps_the_name_that_it_was_given() {
        let read = |name| (equality(name).folding(), equality(name).collation().map(str::to_owned));
        assert_eq!(read("Binary"), (None, None));
        assert_eq!(read("nocase"), (Some(Folding::AsciiCase), Some("nocase".to_owned())));
        assert_eq!(read("RTRIM"), (Some(Folding::TrailingSpaces), Some("RTRIM".to_owned())));
        assert_eq!(read("german"), (None, Some("german".to_owned())));
        assert!(!equality("german").is_bytes());
    }
}
