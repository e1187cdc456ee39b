//! Columns of integers that are times by their name or default, and by every value: `init` offers the reading, and decides
//! nothing, for a number is what the source declares.

use super::remedy::time_counted_by_all;
use crate::catalog::{Catalog, ColumnProfile, ColumnType, StoredNumber, TableProfile};
use crate::dialect;
use crate::plan::{ColumnMapping, Plan, TableMapping};
use crate::run::{ExecuteError, Stop};
use crate::source::Reader;
use crate::spec::starter::OfferedReading;
use crate::value::{Reading, Zone};

/// Words in the name of a column of times.
const ANYWHERE: [&str; 16] = [
    "born",
    "birth",
    "birthday",
    "created",
    "date",
    "datetime",
    "deleted",
    "dob",
    "epoch",
    "expires",
    "expiry",
    "modified",
    "published",
    "seen",
    "timestamp",
    "updated",
];
/// Words at the end of such a name.
const AT_END: [&str; 7] = ["at", "on", "since", "time", "ts", "until", "when"];
/// Words that end like a date and are none.
const NO_DATES: [&str; 4] = ["candidate", "mandate", "update", "validate"];

/// Table of the plan with the positions of its columns that may be times.
#[derive(Debug)]
pub(crate) struct CandidateTimes {
    mapping: TableMapping,
    positions: Vec<usize>,
}

/// The columns that may be times: plain integers, by name or default times, and by the profile nothing else.
pub(crate) fn asked(plan: &Plan, catalog: &Catalog, profiles: &[TableProfile]) -> Vec<CandidateTimes> {
    let of_table = |mapping: &TableMapping| {
        let table = catalog.table(&mapping.source)?;
        let profile = profiles.iter().find(|profile| profile.table == mapping.source)?;
        let is_referencing = |name: &String| table.foreign_keys.iter().any(|key| key.columns.contains(name));
        let is_asked = |column: &&(usize, &ColumnMapping)| {
            let (position, column) = **column;
            let default = table.column(&column.source).and_then(|column| column.default.as_deref());
            column.column_type.is_integer()
                && column.reading == Reading::Stored
                && column.source_sql.is_none()
                && column.target_type.is_none()
                && !column.identity
                && !is_referencing(&column.source)
                && (is_named_for_times(&column.source)
                    || default.is_some_and(|text| dialect::of(catalog.engine).counts_time(text)))
                && profile.columns.get(position).is_some_and(holds_large_integers)
        };
        let columns = mapping.columns.iter().enumerate().collect::<Vec<_>>();
        let positions = columns.iter().filter(is_asked).map(|(position, _)| *position).collect::<Vec<_>>();
        (!positions.is_empty()).then(|| CandidateTimes { mapping: mapping.clone(), positions })
    };
    plan.tables.iter().filter_map(of_table).collect()
}

/// Integers alone, of which the largest can be a time in this century or the last.
fn holds_large_integers(profile: &ColumnProfile) -> bool {
    let stored = profile.stored;
    let largest = match profile.maximum {
        Some(StoredNumber::Integer(largest)) => largest,
        _ => 0,
    };
    stored.integer > 0 && stored.real + stored.text + stored.blob == 0 && largest >= 10_000_000
}

/// Whether a name is one of a time: `created_at`, `updatedAt`, `EventDate`.
fn is_named_for_times(name: &str) -> bool {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if (letter.is_uppercase() && was_lower) || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    let is_date = |word: &str| word.ends_with("date") && !NO_DATES.contains(&word);
    words.iter().any(|word| ANYWHERE.contains(&word.as_str()) || is_date(word))
        || words.last().is_some_and(|last| AT_END.contains(&last.as_str()))
}

/// The readings that every value of these columns supports.
pub(crate) fn find(
    asked: &[CandidateTimes],
    reader: &Reader,
    zone: &Zone,
    stop: &Stop,
) -> Result<Vec<OfferedReading>, ExecuteError> {
    let mut offered = Vec::new();
    for CandidateTimes { mapping, positions } in asked {
        let readings = time_counted_by_all(reader, mapping, positions, zone, stop)?;
        for (position, reading) in positions.iter().zip(readings) {
            let Some((reading, is_shortened)) = reading else { continue };
            let fraction = if is_shortened { ", fraction = \"truncate\"" } else { "" };
            let column_type =
                if reading == Reading::Yyyymmdd { ColumnType::Date } else { ColumnType::Timestamptz(None) };
            let column = &mapping.columns[*position];
            offered.push(OfferedReading {
                table: mapping.source.clone(),
                column: column.source.clone(),
                line: format!("{{ type = \"{column_type}\", from = \"{reading}\"{fraction} }}"),
                why: format!(
                    "integers that all look like {}; by default they become {}",
                    unit(reading),
                    column.column_type
                ),
            });
        }
    }
    Ok(offered)
}

/// The unit in words.
fn unit(reading: Reading) -> &'static str {
    match reading {
        Reading::UnixS => "seconds since 1970",
        Reading::UnixMs => "milliseconds since 1970",
        Reading::UnixUs => "microseconds since 1970",
        Reading::UnixNs => "nanoseconds since 1970",
        Reading::DotnetTicks => "ticks of .NET",
        _ => "days in eight digits",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_times() {
        for name in [
            "created_at",
            "createdAt",
            "updated",
            "EventDate",
            "start_time",
            "last_update_date",
            "ts",
            "TIMESTAMP",
            "birthdate",
            "born",
            "last_seen",
            "valid_until",
            "postedOn",
        ] {
            assert!(is_named_for_times(name), "{name}");
        }
        for name in ["id", "cat", "timer", "format", "version", "update_count", "candidate_id", "season", "location"] {
            assert!(!is_named_for_times(name), "{name}");
        }
    }
}
