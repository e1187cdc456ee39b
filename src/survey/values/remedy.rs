//! Lines of spec for a column whose values do not fit: a suggestion is tried on every value before it is made.

use crate::catalog::{ColumnType, KeyRange, StoredCounts};
use crate::name::quote_toml_key;
use crate::plan::{ColumnMapping, TableMapping};
use crate::run::ExecuteError;
use crate::source::{ReadFailure, Reader};
use crate::spec::OnBadValue;
use crate::survey::surveyor::Surveyor;
use crate::survey::values::merging::would_merge;
use crate::target::copy::ColumnEncoder;
use crate::value::date_shape::Unit;
use crate::value::{Beyond, Cell, Dropping, Forgetting, Reading, RepeatedTime, Zone};

/// A type and a reading that may hold a column's values.
#[derive(Debug)]
struct Candidate {
    column_type: ColumnType,
    reading: Reading,
    /// The words of the spec that let it forget something of them.
    forgetting: Forgetting,
    encoder: ColumnEncoder,
}

/// Other choices named beside the first.
const OTHERS: usize = 2;

/// A column with the candidates that have held every value so far, the best first.
struct Trial {
    position: usize,
    /// The storage classes of the values.
    stored: StoredCounts,
    candidates: Vec<Candidate>,
}

/// For each of the columns, by position, the line of spec for the type that holds all its values and keeps them apart, where
/// there is one.
pub(crate) fn remedies(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    columns: &[(usize, StoredCounts)],
) -> Result<Vec<Option<String>>, ExecuteError> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let trial = |(position, stored): &(usize, StoredCounts)| {
        let candidates = candidates(&mapping.columns[*position], surveyor.zone);
        Trial { position: *position, stored: *stored, candidates }
    };
    let mut trials = columns.iter().map(trial).collect::<Vec<_>>();
    let mut scratch = Vec::new();
    let outcome = reader.for_each_row(&mapping.selection(KeyRange::ALL), |row| {
        if surveyor.stop.is_thrown() {
            return Err(ExecuteError::Interrupted);
        }
        for trial in &mut trials {
            let cell = row.cell(trial.position);
            trial.candidates.retain(|candidate| {
                scratch.clear();
                is_plausible(candidate.reading, cell) && candidate.encoder.encode(cell, &mut scratch).is_ok()
            });
        }
        Ok(())
    });
    match outcome {
        Ok(_) => {
            trials.iter_mut().try_for_each(|trial| prefer_what_keeps_apart(surveyor, reader, mapping, trial))?;
            Ok(trials.iter().map(choice).collect())
        }
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(error)) => Err(error),
    }
}

/// Puts the candidates that make one value of several behind the others, with the word that allows it.
fn prefer_what_keeps_apart(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    trial: &mut Trial,
) -> Result<(), ExecuteError> {
    let (mut merging, mut keeping) = (Vec::new(), Vec::new());
    let mut candidates = std::mem::take(&mut trial.candidates).into_iter();
    for mut candidate in candidates.by_ref() {
        let conversion = (&candidate.column_type, candidate.reading, &candidate.encoder);
        if !would_merge(surveyor, reader, mapping, trial.position, conversion, trial.stored)? {
            keeping.push(candidate);
            break;
        }
        candidate.forgetting.storage_class = Dropping::Drop;
        merging.push(candidate);
    }
    trial.candidates = keeping.into_iter().chain(candidates).chain(merging).collect();
    Ok(())
}

impl Candidate {
    /// Whether it forgets something, or takes bytes in an order that nobody knows: people have to decide that.
    fn is_decision(&self) -> bool {
        !self.forgetting.is_nothing() || matches!(self.reading, Reading::Uuid | Reading::Guid | Reading::Swapped)
    }

    /// The lines of spec that choose it.
    fn settings(&self, between: &str) -> String {
        let reading = (self.reading != Reading::Stored).then(|| format!("from = \"{}\"", self.reading));
        let words = self.forgetting.words().map(|(key, word)| format!("{key} = \"{word}\""));
        let lines = std::iter::once(format!("type = \"{}\"", self.column_type)).chain(reading).chain(words);
        lines.collect::<Vec<_>>().join(between)
    }
}

/// The candidate that holds every value best, and in a comment others that hold every value too.
fn choice(trial: &Trial) -> Option<String> {
    let (first, others) = trial.candidates.split_first()?;
    // Bytes and literals are there for what text does not hold.
    let is_other = |other: &&Candidate| {
        !other.is_decision()
            && first.column_type != ColumnType::Text
            && other.column_type != first.column_type
            && other.reading != Reading::Literal
    };
    let kept = others.iter().filter(is_other).take(OTHERS);
    let decisions = others.iter().filter(|other| other.is_decision()).take(OTHERS);
    let others = kept.chain(decisions).map(|other| other.settings(", ")).collect::<Vec<_>>();
    let others = if others.is_empty() { String::new() } else { format!("\n# or: {}", others.join("; ")) };
    Some(first.settings("\n") + &others)
}

/// The lines of spec that decide about a column with values that do not fit: first what loses nothing.
pub(crate) fn alternatives(mapping: &TableMapping, position: usize, remedy: Option<String>) -> Option<String> {
    let column = &mapping.columns[position];
    let (table, key) = (quote_toml_key(&mapping.source), quote_toml_key(&column.source));
    // A header of its own for each column: several suggestions can be pasted one after the other.
    let header = format!("[tables.{table}.columns.{key}]");
    let words = if column.not_null { "\"reject\"" } else { "\"reject\" or \"null\"" };
    match (column.treatment(), remedy) {
        (OnBadValue::Stop, Some(remedy)) => Some(format!("{header}\n{remedy}\n# or: on_bad_value = {words}")),
        // A column that takes NULL holds what a NOT NULL one of any type does not; the application's own is what it is.
        (OnBadValue::Stop, None) if column.not_null && column.target_type.is_none() => {
            Some(format!("{header}\nnot_null = false\n# or: on_bad_value = {words}"))
        }
        (OnBadValue::Stop, None) => Some(format!("{header}\non_bad_value = \"reject\"\n# or: skip = true")),
        (OnBadValue::Null | OnBadValue::Reject, Some(remedy)) => {
            Some(format!("# keeps every value:\n{header}\n{remedy}"))
        }
        (OnBadValue::Null | OnBadValue::Reject, None) => None,
    }
}

/// Types that could hold the values of a column that was meant to be of this type, the nearest in meaning first. The last
/// resorts lose nothing: the bytes of text and blobs alike, and SQL literals, which hold everything.
fn candidates(column: &ColumnMapping, zone: &Zone) -> Vec<Candidate> {
    use ColumnType::{Bytea, Date, DoublePrecision, Json, Numeric, Text, Timestamp, Timestamptz};
    let column_type = &column.column_type;
    let counts = [Reading::UnixS, Reading::UnixMs, Reading::Julian];
    let counted = |column_type: &ColumnType| counts.map(|reading| (column_type.clone(), reading)).to_vec();
    let mut choices = match column_type {
        Date => [counted(&Date), vec![(Timestamp(None), Reading::Stored)], counted(&Timestamptz(None))].concat(),
        Timestamp(_) | Timestamptz(_) => {
            let wider = if matches!(column_type, Timestamp(_)) { Timestamp(None) } else { Timestamptz(None) };
            // Of local times what is written is kept without a zone, of instants the instant with one.
            let local = [(Timestamptz(None), Reading::Stored), (Timestamp(None), Reading::Stored)];
            let instant = [(Timestamptz(None), column.reading)];
            [vec![(wider, Reading::Stored)], counted(column_type), instant.to_vec(), local.to_vec()].concat()
        }
        ColumnType::Time(_) => vec![(ColumnType::Time(None), Reading::Stored), (Timestamp(None), Reading::Stored)],
        ColumnType::Boolean | ColumnType::SmallInt | ColumnType::Integer => vec![(ColumnType::BigInt, Reading::Stored)],
        ColumnType::Jsonb => vec![(Json, Reading::Stored), (ColumnType::Jsonb, Reading::Json), (Json, Reading::Json)],
        Bytea => vec![(Bytea, Reading::Utf8)],
        ColumnType::Uuid => vec![(Bytea, Reading::Stored)],
        ColumnType::Interval => vec![(ColumnType::Interval, Reading::Microseconds)],
        text if column.reading == Reading::DoubleUtf8 => vec![(text.clone(), Reading::MixedUtf8)],
        _ => Vec::new(),
    };
    if column_type.is_number() || *column_type == ColumnType::Boolean {
        choices.extend([(Numeric(None), Reading::Stored), (DoublePrecision, Reading::Stored)]);
    }
    choices.extend([(Text, Reading::Stored), (Text, Reading::Utf8), (Bytea, Reading::Stored), (Bytea, Reading::Utf8)]);
    choices.push((Text, Reading::Literal));
    if !column.labels.is_empty() {
        // Text would have a CHECK on the labels.
        choices = vec![(ColumnType::Varchar(None), Reading::Stored)];
    }
    let kept = choices.into_iter().map(|(column_type, reading)| (column_type, reading, Forgetting::default()));
    let mut choices = kept.chain(decisions(column)).collect::<Vec<_>>();
    // The application has decided on the type; an enum takes its labels alone.
    choices.retain(|(choice, ..)| column.target_type.is_none() || (choice == column_type && column.labels.is_empty()));
    let compile = |(column_type, reading, forgetting): (ColumnType, Reading, Forgetting)| {
        let encoder = ColumnEncoder::forgetting(&column_type, reading, &column.zone(zone), forgetting).ok()?;
        let encoder = if column.not_null { encoder.not_null() } else { encoder };
        Some(Candidate { column_type, reading, forgetting, encoder })
    };
    choices.into_iter().filter_map(compile).collect()
}

/// The column's own type once something is decided: one word, then two, beside what the spec says already.
fn decisions(column: &ColumnMapping) -> Vec<(ColumnType, Reading, Forgetting)> {
    let nothing = Forgetting::default();
    let zeros = Forgetting { leading_zeros: Dropping::Drop, ..nothing };
    let spaces = Forgetting { trailing_spaces: Dropping::Drop, ..nothing };
    let fractions = [Beyond::Truncate, Beyond::Round].map(|fraction| Forgetting { fraction, ..nothing });
    let times = [RepeatedTime::Later, RepeatedTime::Earlier];
    let times = times.map(|repeated_time| Forgetting { repeated_time, ..nothing });
    let words = [[zeros, spaces], fractions, times].concat();
    let both = times.map(|time| fractions[0].or(time));
    let keys = column.column_type.forgetting_keys();
    let has_meaning = |forgetting: &Forgetting| forgetting.only(keys) == *forgetting;
    let words = words.into_iter().chain(both).filter(has_meaning);
    let mut decisions =
        words.map(|word| (column.column_type.clone(), column.reading, word.or(column.forgetting))).collect::<Vec<_>>();
    if column.column_type == ColumnType::Uuid {
        decisions.extend([Reading::Uuid, Reading::Guid].map(|reading| (ColumnType::Uuid, reading, nothing)));
    }
    decisions
}

/// Whether a number can be a date in this century or the last: seconds taken for milliseconds would all be in 1970.
fn is_plausible(reading: Reading, cell: Cell<'_>) -> bool {
    let number = match cell {
        #[expect(clippy::cast_precision_loss, reason = "only the magnitude matters")]
        Cell::Integer(integer) => integer as f64,
        Cell::Real(real) => real,
        _ => return true,
    };
    match reading {
        Reading::UnixS => number == 0.0 || Unit::of(number) == Unit::Seconds,
        Reading::UnixMs => number == 0.0 || Unit::of(number) == Unit::Milliseconds,
        Reading::Julian => Unit::of(number) == Unit::JulianDays,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_milliseconds_and_days_are_told_apart() {
        let plausible = |cell| {
            let readings = [Reading::UnixS, Reading::UnixMs, Reading::Julian];
            readings.into_iter().filter(|reading| is_plausible(*reading, cell)).collect::<Vec<_>>()
        };
        assert_eq!(plausible(Cell::Integer(1_700_000_000)), [Reading::UnixS]);
        assert_eq!(plausible(Cell::Integer(1_700_000_000_000)), [Reading::UnixMs]);
        assert_eq!(plausible(Cell::Real(2_460_000.5)), [Reading::Julian]);
    }
}
