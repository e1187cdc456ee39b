//! A table as it was when a run made an object over it: by the facts about its values that the run had.

use super::TableMapping;
use crate::dialect::expression::Untranslatable;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::{Inputs, StepId, ValueFacts};

/// Warning about an object that stands, and that the values of today would leave behind.
pub(in crate::plan) const STAYS_AS_MADE: FindingCode = FindingCode::StaysAsMade;

/// The step that made an object, and the finding that counts if the object still stands so.
pub(in crate::plan) type Standing = (StepId, Finding);

impl TableMapping {
    /// The mapping by the facts with which a run has done a step; `None` if it is not done, or the facts are those of today.
    pub(in crate::plan) fn as_made(&self, inputs: Inputs<'_>, step: &StepId) -> Option<Self> {
        self.by(inputs.target.made_by.of(step)?)
    }

    /// The mapping by these facts; `None` if they are those of today, as far as they are about its columns.
    pub(in crate::plan) fn by(&self, facts: &ValueFacts) -> Option<Self> {
        let known = facts.spellings.get(&self.source)?;
        let is_other = |(at, column): (usize, &super::ColumnMapping)| {
            let known = known.get(&column.source)?;
            (column.spellings.as_ref() != Some(known)).then_some((at, known))
        };
        let others = self.columns.iter().enumerate().filter_map(is_other).collect::<Vec<_>>();
        let mut made = (!others.is_empty()).then(|| self.clone())?;
        for (at, known) in others {
            made.columns[at].spellings = Some(known.clone());
        }
        Some(made)
    }

    /// Spellings that its columns have and those of the mapping of a run had not, in words: `at (YYYY-MM-DD)`.
    fn come_since(&self, made: &Self) -> Vec<(&str, String)> {
        let pairs = self.columns.iter().zip(&made.columns);
        let found = pairs.filter_map(|(column, made)| {
            let (today, earlier) = (column.spellings.as_ref()?, made.spellings.as_ref()?);
            let new = today.difference(earlier).map(ToString::to_string).collect::<Vec<_>>();
            (!new.is_empty()).then(|| (column.source.as_str(), format!("{} ({})", column.source, new.join(", "))))
        });
        found.collect()
    }
}

/// The translation that counts for an object which a run has made: that by the facts of the run, and the objection of today's
/// values to it. An object that has no translation by these facts is planned by those of today.
pub(in crate::plan) fn standing<T>(
    today: Result<T, Untranslatable>,
    made: Option<Result<T, Untranslatable>>,
    is_same: impl Fn(&T, &T) -> bool,
) -> (Result<T, Untranslatable>, Option<String>) {
    let Some(Ok(made)) = made else { return (today, None) };
    match today {
        Ok(today) if is_same(&today, &made) => (Ok(today), None),
        Ok(_) => (Ok(made), Some("another expression would be made".to_owned())),
        Err(reason) => (Ok(made), Some(format!("it would be left behind, for {}", reason.0))),
    }
}

/// The warning about an object over tables, each as it is today and as it was when the object was made; `None` if today's spellings
/// were not read, so that they are no objection.
pub(in crate::plan) fn stays(
    table: &str,
    object: &str,
    reason: &str,
    tables: &[(&TableMapping, &TableMapping)],
) -> Option<Finding> {
    let is_read = |(today, made): &(&TableMapping, &TableMapping)| {
        today
            .columns
            .iter()
            .zip(&made.columns)
            .all(|(today, made)| made.spellings.is_none() || today.spellings.is_some())
    };
    if !tables.iter().all(is_read) {
        return None;
    }
    let come = tables.iter().flat_map(|(today, made)| {
        let is_about = today.source == table;
        let place = move |column: String| if is_about { column } else { format!("{}.{column}", today.source) };
        today.come_since(made).into_iter().map(move |(column, words)| (is_about.then_some(column), place(words)))
    });
    let come = come.collect::<Vec<_>>();
    let words = come.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>().join(", ");
    let since = if words.is_empty() { String::new() } else { format!("; new since then: {words}") };
    let message = format!("{object} stays as an earlier run has made it; by the values there are now {reason}{since}");
    let finding = Finding::about(STAYS_AS_MADE, Severity::Warns, table, message).suggesting(
        "Bring the new values into the form of the others in the source, or accept that the object may treat them otherwise than \
         the source does; `verify` compares what views and computed columns give, and `transship rollback` and another run decide \
         again.",
    );
    Some(match come.as_slice() {
        [(Some(column), _)] => finding.in_column(column),
        _ => finding,
    })
}
