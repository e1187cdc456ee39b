//! Knowledge of a column's values under the type that the spec of today gives it.

use crate::catalog::ColumnType;
use crate::plan::ColumnMapping;
use crate::survey::facts::inspection::{ColumnFacts, Stored, TypeTrial};
use crate::survey::facts::words::{becomes, is_temporal, type_words};
use crate::survey::values::misfits::Misfit;
use crate::value::{BadValue, Reading};

/// How the values of a column fit its type, as far as the facts say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnFit {
    /// Every value fits.
    Fits,
    /// The values that do not fit.
    Misfits(Misfit),
    /// At least this number of values does not fit.
    AtLeast(u64),
    /// Not known from the facts.
    Unknown,
}

/// Knowledge of the values that are not NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KnownValues {
    Fit,
    /// One does not, or more.
    DoNotFit,
    Unknown,
}

/// Verdict of the facts on a column as it is mapped now. `same_zone`: the zone of its times is the one of the facts.
pub(crate) fn verdict(column: &ColumnMapping, facts: &ColumnFacts, same_zone: bool) -> ColumnFit {
    if column.source_sql != facts.source_sql {
        return ColumnFit::Unknown;
    }
    let nulls = if column.not_null { facts.stored.null } else { 0 };
    let words = becomes(column);
    let is_readable = same_zone || !is_temporal(&column.column_type);
    match facts.tried.as_ref().filter(|tried| is_readable && tried.becomes == words) {
        Some(tried) => as_tried(column, tried, facts.stored.null),
        None if facts.values() == 0 => with_nulls(nulls),
        None => match values(column, facts, same_zone) {
            KnownValues::Fit => with_nulls(nulls),
            KnownValues::DoNotFit => at_least(nulls + 1),
            KnownValues::Unknown => at_least(nulls),
        },
    }
}

/// Knowledge of the values that are not NULL, of which there are some, from the types that hold all of them. A type
/// that was tried and does not hold all of them holds none the better for a length or a precision.
fn values(column: &ColumnMapping, facts: &ColumnFacts, same_zone: bool) -> KnownValues {
    // A label is a text as it is stored, and which texts there are is not known.
    let (tried, reading) = if column.labels.is_empty() {
        (without_limit(&column.column_type), column.reading)
    } else {
        (ColumnType::Text, Reading::Stored)
    };
    let literal = reading == Reading::Literal && tried == ColumnType::Text;
    let words = type_words(&tried, reading);
    let is_held = literal || facts.holds.split(", ").any(|held| held == words);
    let Stored { integer, real, blob, .. } = facts.stored;
    match &column.column_type {
        // `transship inspect` does not try these types on values that are not meant for them.
        column_type if column_type.is_special() => KnownValues::Unknown,
        ColumnType::Judged(_) => KnownValues::Unknown,
        ColumnType::Text | ColumnType::Citext | ColumnType::Varchar(_)
            if reading == Reading::DoubleUtf8 || reading == Reading::MixedUtf8 =>
        {
            recoded(column, facts)
        }
        _ if !is_held && !reading.is_plain() && !reading.is_tried() => KnownValues::Unknown,
        _ if !is_held && !is_decided(column, facts, &words, same_zone) => KnownValues::DoNotFit,
        _ if !is_held || !column.labels.is_empty() => KnownValues::Unknown,
        // The instant of a local time depends on the zone.
        column_type if !same_zone && is_temporal(column_type) => KnownValues::Unknown,
        // The length of numbers as text is not known.
        ColumnType::Varchar(Some(limit)) if integer + real + blob == 0 && column.reading.is_plain() => {
            match facts.longest_characters {
                Some(longest) if longest > u64::from(*limit) => KnownValues::DoNotFit,
                _ => KnownValues::Fit,
            }
        }
        ColumnType::Citext | ColumnType::Varchar(None) | ColumnType::TextArray => KnownValues::Fit,
        column_type if tried == *column_type => KnownValues::Fit,
        _ => KnownValues::Unknown,
    }
}

/// Knowledge of text that was encoded twice, as far as it was counted. Undoing that makes no text longer.
fn recoded(column: &ColumnMapping, facts: &ColumnFacts) -> KnownValues {
    let Stored { integer, real, blob, .. } = facts.stored;
    let ColumnFacts { encoded_once, encoded_twice, .. } = *facts;
    let limit = if let ColumnType::Varchar(limit) = column.column_type { limit.map(u64::from) } else { None };
    let is_short = limit.is_none_or(|limit| facts.longest_characters.is_some_and(|longest| longest <= limit));
    match column.reading {
        _ if integer + real + blob > 0 => KnownValues::DoNotFit,
        _ if encoded_once + encoded_twice == 0 || !is_short || !is_held(facts, &ColumnType::Text) => {
            KnownValues::Unknown
        }
        Reading::DoubleUtf8 if encoded_once > 0 => KnownValues::DoNotFit,
        _ => KnownValues::Fit,
    }
}

/// Whether a type, to which no word of the spec belongs, holds every value.
pub(crate) fn is_held(facts: &ColumnFacts, column_type: &ColumnType) -> bool {
    let words = type_words(&without_limit(column_type), Reading::Stored);
    facts.values() == 0 || facts.holds.split(", ").any(|held| held == words)
}

/// The lines of spec for the nearest type that holds every value and keeps them apart, as far as the facts know it.
pub(crate) fn remedy(column: &ColumnMapping, facts: &ColumnFacts, same_zone: bool) -> Option<String> {
    use ColumnType::{BigInt, Date, DoublePrecision, Json, Numeric, Text, Timestamp, Timestamptz};
    if column.reading != Reading::Stored || column.target_type.is_some() || !column.labels.is_empty() {
        return None;
    }
    let wider = match &column.column_type {
        ColumnType::Boolean | ColumnType::SmallInt | ColumnType::Integer => {
            vec![BigInt, Numeric(None), DoublePrecision]
        }
        number if number.is_number() => vec![Numeric(None), DoublePrecision],
        Date | Timestamp(_) => vec![Timestamp(None)],
        ColumnType::Time(_) => vec![ColumnType::Time(None)],
        Timestamptz(_) => vec![Timestamptz(None)],
        ColumnType::Jsonb => vec![Json],
        _ => Vec::new(),
    };
    let Stored { null, integer, real, text, blob } = facts.stored;
    // Values of several storage classes may be the same text.
    let is_of_one = [integer, real, text, blob].iter().filter(|count| **count > 0).count() == 1;
    let holds = |one: &ColumnType| {
        *one != column.column_type && (same_zone || !is_temporal(one)) && facts.values() > 0 && is_held(facts, one)
    };
    let kept = wider.into_iter().chain(is_of_one.then_some(Text)).find(holds)?;
    let takes_null = if column.not_null && null > 0 { "\nnot_null = false" } else { "" };
    Some(format!("type = \"{kept}\"{takes_null}"))
}

/// Whether the spec decides everything that the tried type needs to hold all values of the column: the type was tried without any
/// permission to forget. In another zone than that of the trial, what depends on the zone counts as decided.
fn is_decided(column: &ColumnMapping, facts: &ColumnFacts, tried: &str, same_zone: bool) -> bool {
    let types = || facts.holds_once_decided.split(", ").filter_map(|held| held.split_once(" with "));
    let Some((_, keys)) = types().find(|(words, _)| *words == tried) else { return false };
    let is_said = |key: &str| column.forgetting.words().any(|(said, _)| said == key);
    keys.split(" and ").all(|key| is_said(key) || !same_zone && matches!(key, "timezone" | "repeated_time"))
}

/// The type that was tried on the values: it takes all that this one takes.
fn without_limit(column_type: &ColumnType) -> ColumnType {
    match column_type {
        ColumnType::Citext | ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::TextArray => ColumnType::Text,
        ColumnType::Numeric(_) => ColumnType::Numeric(None),
        ColumnType::Time(_) => ColumnType::Time(None),
        ColumnType::Timestamp(_) => ColumnType::Timestamp(None),
        ColumnType::Timestamptz(_) => ColumnType::Timestamptz(None),
        column_type => column_type.clone(),
    }
}

/// The type is the same; whether it takes NULL may not be.
fn as_tried(column: &ColumnMapping, tried: &TypeTrial, nulls: u64) -> ColumnFit {
    let misfits = tried.misfit.as_ref().map_or(0, Misfit::all);
    match &tried.misfit {
        Some(misfit) if nulls == 0 || column.not_null == tried.not_null => ColumnFit::Misfits(misfit.clone()),
        None => with_nulls(if column.not_null { nulls } else { 0 }),
        Some(_) if column.not_null => at_least(misfits + nulls),
        // Nothing but NULL was in the way.
        Some(_) if misfits <= nulls => ColumnFit::Fits,
        Some(_) => at_least(misfits - nulls),
    }
}

/// All values fit, and these NULLs do not.
fn with_nulls(nulls: u64) -> ColumnFit {
    if nulls == 0 {
        return ColumnFit::Fits;
    }
    let reasons = [(BadValue::NullInNotNull.to_string(), nulls)].into();
    ColumnFit::Misfits(Misfit { count: nulls, reasons, ..Misfit::default() })
}

fn at_least(count: u64) -> ColumnFit {
    if count == 0 { ColumnFit::Unknown } else { ColumnFit::AtLeast(count) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Dropping, Forgetting, FractionTreatment};

    fn facts(holds: &[&str], null: u64, misfit: Option<u64>) -> ColumnFacts {
        let misfit = misfit.map(|count| Misfit { count, ..Misfit::default() });
        ColumnFacts {
            stored: Stored { null, text: 3, ..Stored::default() },
            longest_characters: Some(7),
            holds: holds.join(", "),
            tried: Some(TypeTrial { becomes: "date".to_owned(), not_null: misfit.is_some(), misfit }),
            ..ColumnFacts::default()
        }
    }

    fn column(column_type: &str, not_null: bool) -> ColumnMapping {
        ColumnMapping { column_type: column_type.parse().unwrap(), not_null, ..ColumnMapping::default() }
    }

    #[test]
    fn what_was_looked_at_is_known_and_nothing_else() {
        let known = |column: &ColumnMapping, facts: &ColumnFacts| match verdict(column, facts, true) {
            ColumnFit::Fits => Some(0),
            ColumnFit::Misfits(misfit) => Some(misfit.count),
            ColumnFit::AtLeast(count) => Some(100 + count),
            ColumnFit::Unknown => None,
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
        assert_eq!(known(&column("varchar(6)", false), &clean), Some(101), "the longest has 7");
        assert_eq!(known(&column("char(7)", false), &clean), None, "it may end in spaces");
        assert_eq!(known(&column("uuid", false), &clean), Some(101), "it was tried and does not hold them");
        assert_eq!(known(&column("uuid", true), &clean), Some(103), "nor the NULLs");
        let with_a_word = ColumnMapping {
            forgetting: Forgetting { leading_zeros: Dropping::Drop, ..Forgetting::default() },
            ..column("bigint", false)
        };
        assert_eq!(known(&with_a_word, &clean), Some(101), "no word makes them numbers");
        let with_zeros =
            ColumnFacts { holds_once_decided: "numeric with x, bigint with leading_zeros".to_owned(), ..clean.clone() };
        assert_eq!(known(&with_a_word, &with_zeros), None, "the word was not tried");
        assert_eq!(known(&column("bigint", false), &with_zeros), Some(101), "without the word");
        let twice =
            |keys: &str| ColumnFacts { holds_once_decided: format!("timestamptz with {keys}"), ..clean.clone() };
        let truncated = ColumnMapping {
            forgetting: Forgetting { fraction: FractionTreatment::Truncate, ..Forgetting::default() },
            ..column("timestamptz(0)", false)
        };
        assert_eq!(known(&truncated, &twice("fraction")), None);
        assert_eq!(known(&truncated, &twice("fraction and repeated_time")), Some(101), "one word of two");
        assert_eq!(verdict(&truncated, &twice("fraction and repeated_time"), false), ColumnFit::Unknown);
        assert_eq!(verdict(&truncated, &clean, false), ColumnFit::AtLeast(1), "no times in any zone");
        let seconds = ColumnMapping { reading: Reading::UnixS, ..column("timestamptz", false) };
        assert_eq!(known(&seconds, &clean), Some(0));
        assert_eq!(verdict(&seconds, &clean, false), ColumnFit::Unknown, "another time zone");
        let computed = ColumnMapping { source_sql: Some("1".to_owned()), ..column("text", false) };
        assert_eq!(known(&computed, &clean), None);
        let nulls = facts(&[], 2, Some(2));
        assert_eq!(known(&column("date", true), &nulls), Some(2));
        assert_eq!(known(&column("date", false), &nulls), Some(0));
        let more = facts(&[], 2, Some(3));
        assert_eq!(known(&column("date", false), &more), Some(101));
        assert_eq!(known(&column("date", true), &facts(&["date"], 2, None)), Some(2));
    }
}
