//! Checks what a spec says of tables and rows that the application has made.

use super::Checker;
use crate::spec::existing_rows::{ExistingRows, MergeSide, MergeSpec};
use crate::spec::model::{SchemaVersion, TablesMode, TargetSpec};
use crate::spec::problem::{Problem, code};
use crate::spec::raw::RawMerge;
use crate::spec::read::Text;

impl Checker<'_> {
    /// `existing_rows`, which applies to existing tables only.
    pub(super) fn existing_rows(&self, text: Option<&Text>, mode: Option<TablesMode>) -> Option<ExistingRows> {
        self.word_about_existing("existing_rows", text?, mode, &ExistingRows::ALL)
    }

    /// `schema_version`, which applies to existing tables only.
    pub(super) fn schema_version(&self, text: Option<&Text>, mode: Option<TablesMode>) -> Option<SchemaVersion> {
        self.word_about_existing("schema_version", text?, mode, &SchemaVersion::ALL)
    }

    /// A word that is about tables which the application has made.
    fn word_about_existing<T: Copy>(
        &self,
        key: &str,
        text: &Text,
        mode: Option<TablesMode>,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let value = self.expanded(text)?;
        let chosen = self.word(key, &value, words);
        if mode.is_some_and(|mode| mode != TablesMode::Existing) {
            let message = format!("`{key}` is about tables that the application has made");
            let problem = Problem::new(code::CONTRADICTION, value.span, message).label("there are none");
            self.problems.report(problem.hint("remove it, or write tables = \"existing\" in [target]"));
        }
        chosen
    }

    /// `merge`, which says nothing where `existing_rows` is another word; `own` is the table's.
    pub(super) fn merge(
        &self,
        raw: &RawMerge,
        own: Option<ExistingRows>,
        target: Option<&TargetSpec>,
    ) -> Option<MergeSpec> {
        let choice = own.or(target.map(|target| target.existing_rows));
        if choice.is_some_and(|choice| choice != ExistingRows::Merge) {
            let message = "`merge` is about rows of both sides that are brought together";
            let problem = Problem::new(code::CONTRADICTION, raw.place.clone(), message).label("they are not");
            self.problems.report(problem.hint("write existing_rows = \"merge\" beside it, or remove it"));
        }
        let key = self.distinct("merge.key", raw.key.as_ref(), false);
        if let Some(given) = raw.key.as_ref().filter(|given| given.get_ref().is_empty()) {
            let problem = Problem::new(code::BAD_VALUE, given.span(), "`merge.key` names no column").label("empty");
            self.problems.report(problem.hint("name the columns, or remove it: then the primary key counts"));
        }
        let prefer = raw.prefer.as_ref();
        let prefer = prefer.and_then(|prefer| self.word("merge.prefer", &self.plain(prefer)?, &MergeSide::ALL));
        Some(MergeSpec { key, prefer })
    }
}
