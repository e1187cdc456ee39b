//! What is known of a column's values under the type that the spec of today gives it.

use super::document::{ColumnFacts, Rehearsal, Stored};
use super::question::{becomes, is_temporal, type_words};
use crate::catalog::ColumnType;
use crate::execute::rehearse::Misfit;
use crate::plan::ColumnMapping;
use crate::value::{BadValue, Reading};

/// How far the facts reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Every value fits.
    Fits,
    /// These do not.
    Misfits(Misfit),
    /// Nobody has looked.
    Unknown,
}

/// What the facts say about a column as it is mapped now. `same_zone`: the source's time zone is the one of the facts.
pub(super) fn verdict(column: &ColumnMapping, facts: &ColumnFacts, same_zone: bool) -> Verdict {
    let is_readable = column.source_sql == facts.source_sql && (same_zone || !is_temporal(&column.column_type));
    if !is_readable {
        return Verdict::Unknown;
    }
    let words = becomes(column);
    match facts.rehearsed.as_ref().filter(|rehearsed| rehearsed.becomes == words) {
        Some(rehearsed) => as_rehearsed(column, rehearsed, facts.stored.null),
        None if facts.values() == 0 || holds(column, facts) => with_nulls(column, facts.stored.null),
        None => Verdict::Unknown,
    }
}

/// Whether it is known that every value that is not NULL fits.
fn holds(column: &ColumnMapping, facts: &ColumnFacts) -> bool {
    let listed = |column_type: &ColumnType| {
        let words = type_words(column_type, column.reading);
        facts.holds.split(", ").any(|held| held == words)
    };
    let Stored { integer, real, blob, .. } = facts.stored;
    match &column.column_type {
        _ if !column.labels.is_empty() => false,
        ColumnType::Text | ColumnType::Citext | ColumnType::Varchar(None) if column.reading == Reading::Literal => true,
        ColumnType::Citext | ColumnType::Varchar(None) => listed(&ColumnType::Text),
        // The length of numbers as text is not known.
        ColumnType::Varchar(Some(limit)) => {
            integer + real + blob == 0
                && listed(&ColumnType::Text)
                && column.reading == Reading::Stored
                && facts.longest_characters.is_none_or(|longest| longest <= u64::from(*limit))
        }
        column_type => listed(column_type),
    }
}

/// The type is the same; whether it takes NULL may not be.
fn as_rehearsed(column: &ColumnMapping, rehearsed: &Rehearsal, nulls: u64) -> Verdict {
    let known = || rehearsed.misfit.clone().map_or(Verdict::Fits, Verdict::Misfits);
    if nulls == 0 || column.not_null == rehearsed.not_null {
        return known();
    }
    match (&rehearsed.misfit, column.not_null) {
        (None, _) => with_nulls(column, nulls),
        // Nothing but NULL was in the way.
        (Some(misfit), false) if misfit.count == nulls => Verdict::Fits,
        (Some(_), _) => Verdict::Unknown,
    }
}

/// All values fit; what becomes of NULL?
fn with_nulls(column: &ColumnMapping, nulls: u64) -> Verdict {
    if nulls == 0 || !column.not_null {
        return Verdict::Fits;
    }
    let reasons = BadValue::NullInNotNull.to_string();
    Verdict::Misfits(Misfit { count: nulls, reasons, ..Misfit::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(holds: &[&str], null: u64, misfit: Option<u64>) -> ColumnFacts {
        let misfit = misfit.map(|count| Misfit { count, ..Misfit::default() });
        ColumnFacts {
            stored: Stored { null, text: 3, ..Stored::default() },
            longest_characters: Some(7),
            holds: holds.join(", "),
            rehearsed: Some(Rehearsal { becomes: "date".to_owned(), not_null: misfit.is_some(), misfit }),
            ..ColumnFacts::default()
        }
    }

    fn column(column_type: &str, not_null: bool) -> ColumnMapping {
        ColumnMapping { column_type: column_type.parse().unwrap(), not_null, ..ColumnMapping::default() }
    }

    #[test]
    fn what_was_looked_at_is_known_and_nothing_else() {
        let known = |column: &ColumnMapping, facts: &ColumnFacts| match verdict(column, facts, true) {
            Verdict::Fits => Some(0),
            Verdict::Misfits(misfit) => Some(misfit.count),
            Verdict::Unknown => None,
        };
        assert_eq!(
            known(&ColumnMapping { reading: Reading::Literal, ..column("text", false) }, &facts(&[], 0, None)),
            Some(0)
        );
        let clean = facts(&["date", "text", "timestamptz from unix_s"], 2, None);
        assert_eq!(known(&column("date", false), &clean), Some(0));
        assert_eq!(known(&column("date", true), &clean), Some(2), "the NULLs");
        assert_eq!(known(&column("text", false), &clean), Some(0));
        assert_eq!(known(&column("varchar(7)", false), &clean), Some(0));
        assert_eq!(known(&column("varchar(6)", false), &clean), None);
        assert_eq!(known(&column("uuid", false), &clean), None);
        let seconds = ColumnMapping { reading: Reading::UnixS, ..column("timestamptz", false) };
        assert_eq!(known(&seconds, &clean), Some(0));
        assert_eq!(verdict(&seconds, &clean, false), Verdict::Unknown, "another time zone");
        let computed = ColumnMapping { source_sql: Some("1".to_owned()), ..column("text", false) };
        assert_eq!(known(&computed, &clean), None);
        let nulls = facts(&[], 2, Some(2));
        assert_eq!(known(&column("date", true), &nulls), Some(2));
        assert_eq!(known(&column("date", false), &nulls), Some(0));
        let more = facts(&[], 2, Some(3));
        assert_eq!(known(&column("date", false), &more), None);
    }
}
