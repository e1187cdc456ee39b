//! Patterns of the spec: for tables, and for declared types.

use globset::{GlobBuilder, GlobMatcher};
use std::fmt;

/// `include` and `exclude`: globs over the source's table names.
///
/// `*` matches any text, `?` one byte, `[ab]` one of these, `{one,two}` either; ASCII case makes no difference, as it makes
/// none to SQLite. A backslash takes the next character literally.
#[derive(Clone, Default)]
pub struct NamePatterns {
    include: Option<Vec<GlobMatcher>>,
    exclude: Vec<GlobMatcher>,
}

impl NamePatterns {
    /// Patterns from their compiled parts; no `include` at all selects every table.
    pub(super) fn new(include: Option<Vec<GlobMatcher>>, exclude: Vec<GlobMatcher>) -> Self {
        Self { include, exclude }
    }

    /// The globs of `include` and `exclude`, as written.
    #[must_use]
    pub fn globs(&self) -> (Option<Vec<&str>>, Vec<&str>) {
        (
            self.include.as_ref().map(|globs| globs.iter().map(|glob| glob.glob().glob()).collect()),
            self.exclude.iter().map(|glob| glob.glob().glob()).collect(),
        )
    }

    /// The globs of `include` and of `exclude` that match none of these names, as written.
    #[must_use]
    pub fn idle(&self, names: &[&str]) -> (Vec<&str>, Vec<&str>) {
        let is_idle = |glob: &&GlobMatcher| !names.iter().any(|name| glob.is_match(name));
        let include = self.include.iter().flatten().filter(is_idle);
        let exclude = self.exclude.iter().filter(is_idle);
        (include.map(|glob| glob.glob().glob()).collect(), exclude.map(|glob| glob.glob().glob()).collect())
    }

    /// The same patterns, without tables of a name that has no letter of a pattern in it.
    #[must_use]
    pub fn excluding(mut self, name: &str) -> Self {
        if let Ok(name) = glob(name) {
            self.exclude.push(name);
        }
        self
    }

    /// Whether a table of this name is to be migrated.
    #[must_use]
    pub fn selects(&self, table: &str) -> bool {
        let included = self.include.as_ref().is_none_or(|globs| globs.iter().any(|glob| glob.is_match(table)));
        included && !self.exclude.iter().any(|glob| glob.is_match(table))
    }
}

impl fmt::Debug for NamePatterns {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = |globs: &[GlobMatcher]| globs.iter().map(|glob| glob.glob().to_string()).collect::<Vec<_>>();
        formatter
            .debug_struct("NamePatterns")
            .field("include", &self.include.as_deref().map(written))
            .field("exclude", &written(&self.exclude))
            .finish()
    }
}

/// Compiles one glob; the reason if it is malformed.
pub(super) fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    GlobBuilder::new(pattern)
        .case_insensitive(true)
        .literal_separator(false)
        .backslash_escape(true)
        .empty_alternates(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names_of_any_characters() {
        let globs = |patterns: &[&str]| patterns.iter().map(|pattern| glob(pattern).unwrap()).collect::<Vec<_>>();
        let patterns = NamePatterns::new(Some(globs(&["doc*", "*.b/c", "{one,two}"])), globs(&["*_FTS_*"]));
        for (table, selected) in [
            ("documents", true),
            ("DOCUMENTS", true),
            ("documents_fts_data", false),
            ("my documents", false),
            ("a.b/c", true),
            ("x\ny/.b/c", true),
            ("two", true),
        ] {
            assert_eq!(patterns.selects(table), selected, "{table}");
        }
        assert!(NamePatterns::default().selects("anything/.at all"));
        assert!(NamePatterns::new(None, globs(&["a"])).selects("b"));
        assert!(glob("a[").is_err());
    }
}
