//! A name among others that may be written in another case.

/// The one of these that has exactly this name; otherwise the only one that has it without regard to ASCII case. The engines
/// compare names so, but for those that can have `Cased` beside `cased`.
#[must_use]
pub fn named<T>(all: impl IntoIterator<Item = T>, name_of: impl Fn(&T) -> &str, name: &str) -> Option<T> {
    let mut alike = None;
    let mut are_several = false;
    for one in all {
        if name_of(&one) == name {
            return Some(one);
        }
        if name_of(&one).eq_ignore_ascii_case(name) {
            are_several |= alike.is_some();
            alike = Some(one);
        }
    }
    alike.filter(|_| !are_several)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_name_is_found_exactly_or_by_the_only_other_case() {
        let find = |all: &[&'static str], name| named(all.iter().copied(), |one| one, name);
        assert_eq!(find(&["Cased", "cased", "other"], "cased"), Some("cased"));
        assert_eq!(find(&["Cased", "cased"], "CASED"), None);
        assert_eq!(find(&["Cased", "other"], "CASED"), Some("Cased"));
        assert_eq!(find(&["Cased"], "unknown"), None);
    }
}
