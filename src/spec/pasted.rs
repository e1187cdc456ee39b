//! Lines that are to be pasted behind a spec.

use super::Spec;

impl Spec {
    /// Whether the file stays TOML with these lines behind its own: no table of theirs is there already, or written inline.
    #[must_use]
    pub fn takes_pasted(&self, lines: &str) -> bool {
        let text = std::fs::read_to_string(&self.path);
        text.is_ok_and(|text| format!("{text}\n{lines}\n").parse::<toml::Table>().is_ok())
    }
}
