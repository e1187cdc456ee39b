//! Names that follow from the spec's: of variables, of resources.

/// Longest name of a resource, so that suffixes fit into the 63 characters of a DNS label.
const LONGEST: usize = 40;

/// Name for containers, resources and units: small letters, digits and `-`.
pub(super) fn label(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let label = name.chars().map(letter).take(LONGEST).collect::<String>();
    let label = label.trim_matches('-');
    match label.chars().next() {
        None => "migration".to_owned(),
        // The name of a Service begins with a letter (Kubernetes documentation, "RFC 1035 Label Names").
        Some(first) if first.is_ascii_digit() => format!("m-{label}"),
        Some(_) => label.to_owned(),
    }
}

/// Name of an environment variable: capital letters, digits and `_`.
pub(super) fn variable(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    let name = name.chars().map(letter).collect::<String>();
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() { format!("_{name}") } else { name }
}

/// Last part of a path, without characters that a shell or a manifest would have to quote.
pub(super) fn file_name(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or(path);
    let letter = |letter: char| if letter.is_alphanumeric() || "._-".contains(letter) { letter } else { '-' };
    last.chars().map(letter).collect()
}

/// A part of a file's name: the same without characters that a path or a shell would read as something else.
pub(super) fn in_file_name(name: &str) -> String {
    file_name(&name.replace('/', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_fit() {
        assert_eq!(label("My Shop_2"), "my-shop-2");
        assert_eq!(label("2nd"), "m-2nd");
        assert_eq!(label("é"), "migration");
        assert_eq!(variable("my-shop"), "MY_SHOP");
        assert_eq!(variable("2nd"), "_2ND");
        assert_eq!(file_name("a b/c d.db"), "c-d.db");
        assert_eq!(in_file_name("/../../a b"), "-..-..-a-b");
    }
}
