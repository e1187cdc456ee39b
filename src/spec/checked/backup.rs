//! Checks `[backup]`.

use super::Checker;
use crate::spec::backup::BackupSpec;
use crate::spec::problem::{Problem, code};
use crate::spec::raw::RawBackup;
use crate::spec::read::{Scalar, Text};
use crate::spec::time::parse_time;
use std::time::Duration;
use toml::Spanned;

impl Checker<'_> {
    pub(super) fn backup(&self, raw: Option<&RawBackup>) -> BackupSpec {
        let silent = BackupSpec::silent(self.directory);
        let Some(raw) = raw else { return silent };
        let directory = raw.directory.as_ref().and_then(|directory| self.backup_directory(directory));
        let max_age = raw.max_age.as_ref().and_then(|age| self.time("max_age", age));
        BackupSpec {
            directory: directory.map_or(silent.directory, |directory| self.directory.join(directory)),
            before_apply: raw.before_apply.as_ref().is_some_and(|word| *word.get_ref()),
            max_age: max_age.unwrap_or(silent.max_age),
            keep: raw.keep.as_ref().and_then(|keep| self.number_of_backups(keep)),
        }
    }

    fn backup_directory(&self, text: &Text) -> Option<String> {
        let value = self.expanded(text)?;
        if value.text.trim().is_empty() {
            let problem = Problem::new(code::BAD_VALUE, value.span, "`directory` is empty").label("not a directory");
            return self.report(problem.hint("leave it out for .transship/backups beside the spec"));
        }
        Some(value.text)
    }

    /// A time such as `24h`, in which a day has 24 hours.
    pub(super) fn time(&self, key: &str, text: &Text) -> Option<Duration> {
        let value = self.expanded(text)?;
        match parse_time(&value.text) {
            Some(age) => Some(age),
            None => {
                let message = format!("`{key}` cannot be `{}`", value.shown);
                let problem = Problem::new(code::BAD_VALUE, value.span, message).label("not a time");
                self.report(problem.hint("write a number and a unit: \"90m\", \"24h\", \"7d\""))
            }
        }
    }

    fn number_of_backups(&self, keep: &Spanned<Scalar>) -> Option<usize> {
        if let Scalar::Integer(number) = keep.get_ref()
            && let Ok(number) = number.parse::<usize>()
            && number > 0
        {
            return Some(number);
        }
        let problem = Problem::new(code::BAD_VALUE, keep.span(), "`keep` is the number of backups that stay");
        self.report(problem.label("not such a number").hint("write an integer from 1 on, or leave it out to keep all"))
    }
}
