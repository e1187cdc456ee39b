//! The states that the ledger keeps of runs and steps, parsed where they are read.

use super::unreadable;
use crate::target::TargetError;
use serde::Serialize;
use std::fmt;

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Begun, and neither ended nor known to be lost.
    Running,
    /// Everything was done.
    Done,
    /// An error ended it, or a check got a wrong answer.
    Failed,
    /// The user interrupted it, or its process is gone.
    Interrupted,
    /// No run: a rollback that left parts of the ledger.
    RolledBack,
}

impl RunState {
    const ALL: [Self; 5] = [Self::Running, Self::Done, Self::Failed, Self::Interrupted, Self::RolledBack];

    /// Its word in the ledger and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::RolledBack => "rolled_back",
        }
    }

    /// Whether the run has not come to its end, so that the next one continues it.
    #[must_use]
    pub const fn is_unfinished(self) -> bool {
        matches!(self, Self::Running | Self::Failed | Self::Interrupted)
    }

    /// State by its word in the ledger.
    ///
    /// # Errors
    /// No run has such a state.
    pub(super) fn of_word(word: &str) -> Result<Self, TargetError> {
        let found = Self::ALL.into_iter().find(|state| state.word() == word);
        found.ok_or_else(|| unreadable(&format!("no run has the state \"{word}\"")))
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// Outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepEnd {
    /// It was done.
    Done,
    /// A check got a wrong answer.
    Failed,
}

impl StepEnd {
    const ALL: [Self; 2] = [Self::Done, Self::Failed];

    pub(super) const fn of(passed: bool) -> Self {
        if passed { Self::Done } else { Self::Failed }
    }

    /// Outcome by its word in the ledger.
    ///
    /// # Errors
    /// No step ends so.
    pub(super) fn of_word(word: &str) -> Result<Self, TargetError> {
        let found = Self::ALL.into_iter().find(|end| end.word() == word);
        found.ok_or_else(|| unreadable(&format!("no step ends as \"{word}\"")))
    }

    /// Its word in the ledger.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::MergeSide;
    use std::path::Path;

    #[test]
    fn a_word_in_the_ledger_is_the_word_in_json() {
        for state in RunState::ALL {
            assert_eq!(RunState::of_word(state.word()).unwrap(), state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.word());
            // PostgreSQL refuses every other word.
            assert!(include_str!("schema.sql").contains(&format!("'{state}'")), "{state}");
        }
        for end in StepEnd::ALL {
            assert_eq!(StepEnd::of_word(end.word()).unwrap(), end);
            assert_eq!(serde_json::to_value(end).unwrap(), end.word());
        }
        assert!(RunState::of_word("gone").is_err() && StepEnd::of_word("running").is_err());
    }

    /// The literals that SQL compares a column with or gives it: behind `=`, `<>` and `IN`, and as its default.
    fn literals<'a>(column: &str, text: &'a str) -> Vec<&'a str> {
        let mut found = Vec::new();
        let words = text.match_indices(column).filter(|(at, word)| {
            let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
            !text[..*at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
        });
        for (at, word) in words {
            let rest = text[at + word.len()..].trim_start();
            let signs = ["=", "<>", "text NOT NULL DEFAULT", "IN ("];
            let Some(rest) = signs.iter().find_map(|sign| rest.strip_prefix(sign)) else { continue };
            let literals = rest.trim_start().split(',').map_while(|literal| literal.trim_start().strip_prefix('\''));
            for literal in literals.filter_map(|literal| literal.split_once('\'')) {
                found.push(literal.0);
                if !literal.1.is_empty() {
                    break;
                }
            }
        }
        // A place of a format has a word of an enum.
        found.retain(|word| !word.starts_with('{'));
        found
    }

    /// The literals of the values of an INSERT whose columns have a state.
    fn inserted(text: &str) -> Vec<&str> {
        let inserts = text.split("INSERT INTO transship.").skip(1).filter_map(|insert| {
            let (columns, rest) = insert.split_once(')')?;
            let at = columns.split_once('(')?.1.split(',').position(|column| column.trim() == "state")?;
            let values = rest.trim_start_matches([' ', '\\', '\n']).strip_prefix("VALUES (")?;
            Some(values.split(',').nth(at)?.trim().strip_prefix('\'')?.split_once('\'')?.0)
        });
        inserts.collect()
    }

    #[test]
    fn every_word_in_the_ledgers_sql_is_one_of_its_enum() {
        fn walk(directory: &Path, read: &mut Vec<(String, String)>) {
            for path in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    walk(&path, read);
                } else {
                    read.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        let mut read = Vec::new();
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/target/ledger"), &mut read);
        let (mut seen, mut wrong) = (0, Vec::new());
        for (path, text) in &read {
            let text = text.split("#[cfg(test)]").next().unwrap();
            let words = literals("state", text).into_iter().chain(inserted(text)).collect::<Vec<_>>();
            seen += words.len();
            // A step's words are a run's as well.
            let known = MergeSide::ALL.map(|(word, _)| word);
            wrong.extend(words.into_iter().filter(|word| RunState::of_word(word).is_err()).map(|word| (path, word)));
            wrong.extend(
                literals("prefers", text).into_iter().filter(|word| !known.contains(word)).map(|word| (path, word)),
            );
            // The kinds of steps are parameters.
            wrong.extend(literals("kind", text).into_iter().map(|word| (path, word)));
        }
        assert!(wrong.is_empty(), "{wrong:?}");
        // The number of literals, so that the reading of them does not find nothing for ever.
        assert!(seen > 20, "{seen}");
        assert_eq!(literals("state", "a.state <> 'x' AND state IN ('y', 'z') AND estate = 'no'"), ["x", "y", "z"]);
        assert_eq!(inserted("INSERT INTO transship.run (id, state) \\\n VALUES ($1, 'w')"), ["w"]);
    }
}
