//! Lines of spec for a column whose values do not fit: a suggestion is tried on every value before it is made.

use crate::catalog::{ColumnType, KeyRange, StoredCounts};
use crate::name::quote_toml_key;
use crate::plan::{ColumnMapping, TableMapping};
use crate::run::{ExecuteError, Stop};
use crate::source::{ReadFailure, Reader};
use crate::spec::OnBadValue;
use crate::survey::surveyor::Surveyor;
use crate::survey::values::forgotten_class::would_merge;
use crate::survey::values::unit_support::{Support, ValueSupport};
use crate::target::copy::ColumnEncoder;
use crate::value::{Cell, Dropping, Forgetting, FractionTreatment, Reading, RepeatedTime, Zone};

/// A type and a reading that may hold a column's values.
#[derive(Debug)]
struct RemedyCandidate {
    column_type: ColumnType,
    reading: Reading,
    /// The words of the spec that let it forget something of them.
    forgetting: Forgetting,
    encoder: ColumnEncoder,
    /// The storage classes that it is meant for.
    only: StorageClassFilter,
    /// Values that speak for it.
    support: Support,
}

/// Storage classes of the values that a candidate is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StorageClassFilter {
    Anything,
    /// Integers, and not text that is one.
    Integers,
    /// Reals, and integers beside them.
    Reals,
}

/// Readings of numbers that count from an epoch, the most frequent first.
const COUNTS: [Reading; 8] = [
    Reading::UnixS,
    Reading::UnixMs,
    Reading::UnixUs,
    Reading::UnixNs,
    Reading::DotnetTicks,
    Reading::Julian,
    Reading::Yyyymmdd,
    Reading::Excel,
];

/// Other choices named beside the first.
const OTHERS: usize = 2;

/// A column with the candidates that have held every value so far, the best first.
struct RemedyTrial {
    position: usize,
    /// The storage classes of the values.
    stored: StoredCounts,
    candidates: Vec<RemedyCandidate>,
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
        RemedyTrial { position: *position, stored: *stored, candidates }
    };
    let mut trials = columns.iter().map(trial).collect::<Vec<_>>();
    let mut scratch = Vec::new();
    let outcome = reader.for_each_row(&mapping.selection(KeyRange::ALL), |row| {
        if surveyor.stop.is_thrown() {
            return Err(ExecuteError::Interrupted);
        }
        for trial in &mut trials {
            let cell = row.cell(trial.position);
            trial.candidates.retain_mut(|candidate| {
                scratch.clear();
                let standing = candidate.standing(cell);
                candidate.support.add(standing) && candidate.encoder.encode(cell, &mut scratch).is_ok()
            });
        }
        Ok(())
    });
    match outcome {
        Ok(_) => {
            let needs_support = |candidate: &RemedyCandidate| {
                COUNTS.contains(&candidate.reading) || candidate.only == StorageClassFilter::Reals
            };
            let is_kept = |candidate: &RemedyCandidate| candidate.support.is_enough() || !needs_support(candidate);
            trials.iter_mut().for_each(|trial| trial.candidates.retain(is_kept));
            trials.iter_mut().try_for_each(|trial| prefer_what_keeps_apart(surveyor, reader, mapping, trial))?;
            Ok(trials.iter().map(choice).collect())
        }
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(error)) => Err(error),
    }
}

/// Readings that a column of plain integers can be offered, the most frequent first.
const OFFERED: [Reading; 6] =
    [Reading::UnixS, Reading::UnixMs, Reading::UnixUs, Reading::UnixNs, Reading::DotnetTicks, Reading::Yyyymmdd];

/// For each of the columns, by position, the unit in which the numbers count times of this century or the last, and whether
/// some have digits that PostgreSQL does not keep.
pub(crate) fn time_counted_by_all(
    reader: &Reader,
    mapping: &TableMapping,
    positions: &[usize],
    zone: &Zone,
    stop: &Stop,
) -> Result<Vec<Option<(Reading, bool)>>, ExecuteError> {
    let compile = |reading: &Reading| {
        let column_type = if *reading == Reading::Yyyymmdd { ColumnType::Date } else { ColumnType::Timestamptz(None) };
        // Digits of nanoseconds that are no microseconds are still a time.
        let forgetting = Forgetting { fraction: FractionTreatment::Truncate, ..Forgetting::default() };
        let encoder = ColumnEncoder::forgetting(&column_type, *reading, zone, forgetting).ok()?;
        let (only, reading) = (StorageClassFilter::Integers, *reading);
        Some((RemedyCandidate { column_type, reading, forgetting, encoder, only, support: Support::default() }, false))
    };
    let trial = || OFFERED.iter().filter_map(compile).collect::<Vec<_>>();
    let mut trials = positions.iter().map(|position| (*position, trial())).collect::<Vec<_>>();
    let mut scratch = Vec::new();
    let outcome = reader.for_each_row(&mapping.selection(KeyRange::ALL), |row| {
        if stop.is_thrown() {
            return Err(ExecuteError::Interrupted);
        }
        for (position, candidates) in &mut trials {
            let cell = row.cell(*position);
            candidates.retain_mut(|(candidate, is_shortened)| {
                scratch.clear();
                let is_plausible = candidate.support.add(ValueSupport::of_time(candidate.reading, cell));
                let written = candidate.encoder.encode_noting(cell, &mut scratch);
                *is_shortened |= written == Ok(true);
                is_plausible && written.is_ok()
            });
        }
        Ok(())
    });
    match outcome {
        Ok(_) => {
            let first = |candidates: Vec<(RemedyCandidate, bool)>| {
                let mut candidates = candidates.into_iter();
                let (candidate, is_shortened) = candidates.find(|(candidate, _)| candidate.support.is_enough())?;
                Some((candidate.reading, is_shortened))
            };
            Ok(trials.into_iter().map(|(_, candidates)| first(candidates)).collect())
        }
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(error)) => Err(error),
    }
}

/// Moves candidates that merge different values behind the others, with the key of the spec that allows it.
fn prefer_what_keeps_apart(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    trial: &mut RemedyTrial,
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

impl RemedyCandidate {
    /// Whether it forgets something, or takes bytes in an order that nobody knows: people have to decide that.
    fn is_decision(&self) -> bool {
        !self.forgetting.is_nothing() || matches!(self.reading, Reading::Uuid | Reading::Guid | Reading::Swapped)
    }

    /// The lines of spec that choose it.
    fn settings(&self, between: &str) -> String {
        let reading = (self.reading != Reading::Stored).then(|| format!("from = \"{}\"", self.reading));
        let words = self.forgetting.words().map(|(key, word)| format!("{key} = \"{word}\""));
        // An enum takes its labels alone.
        let own = self.forgetting.letter_case.is_refused().then(|| format!("type = \"{}\"", self.column_type));
        let lines = own.into_iter().chain(reading).chain(words);
        lines.collect::<Vec<_>>().join(between)
    }
}

/// The candidate that holds every value best, and in a comment others that hold every value too.
fn choice(trial: &RemedyTrial) -> Option<String> {
    let (first, others) = trial.candidates.split_first()?;
    // Bytes and literals are there for what text does not hold.
    let is_other = |other: &&RemedyCandidate| {
        !other.is_decision()
            && first.column_type != ColumnType::Text
            && other.column_type != first.column_type
            && other.reading != Reading::Literal
    };
    // Beside a decision the nearest type that needs none is enough.
    let kept = others.iter().filter(is_other).take(if first.is_decision() { 1 } else { OTHERS });
    // No word is needed where the same type holds every value without.
    let is_needed = |other: &RemedyCandidate| {
        let plain = |one: &RemedyCandidate| (&one.column_type, one.reading) == (&other.column_type, other.reading);
        !trial.candidates.iter().any(|one| one.forgetting.is_nothing() && plain(one))
    };
    let is_another = |other: &&RemedyCandidate| {
        other.is_decision()
            && other.settings("") != first.settings("")
            && (other.forgetting.is_nothing() || is_needed(other))
    };
    let decisions = others.iter().filter(is_another);
    // Digits go in another way, and nothing else beside them.
    let is_alike = |other: &&RemedyCandidate| {
        let fraction = first.forgetting.fraction;
        let alike = (&other.column_type, other.reading, Forgetting { fraction, ..other.forgetting });
        fraction == FractionTreatment::Refused || alike == (&first.column_type, first.reading, first.forgetting)
    };
    let decisions = decisions.filter(is_alike).take(OTHERS);
    let others = kept.chain(decisions).map(|other| other.settings(", ")).collect::<Vec<_>>();
    let others = if others.is_empty() { String::new() } else { format!("\n# or: {}", others.join("; ")) };
    Some(first.settings("\n") + &others)
}

/// Words on what `from = "literal"` makes of all values of a column.
const LITERALS: &str = "# makes an SQL literal of every value: each text stands in quotes\n";

/// The lines of spec that decide about a column with values that do not fit: first what loses nothing.
pub(crate) fn alternatives(mapping: &TableMapping, position: usize, remedy: Option<String>) -> Option<String> {
    let column = &mapping.columns[position];
    let (table, key) = (quote_toml_key(&mapping.source), quote_toml_key(&column.source));
    // A header of its own for each column: several suggestions can be pasted one after the other.
    let header = format!("[tables.{table}.columns.{key}]");
    let words = if column.not_null { "\"reject\"" } else { "\"reject\" or \"null\"" };
    let is_literal = |remedy: &String| remedy.lines().any(|line| line == "from = \"literal\"");
    let meaning = if remedy.as_ref().is_some_and(is_literal) { LITERALS } else { "" };
    match (column.treatment(), remedy) {
        (OnBadValue::Stop, Some(remedy)) => Some(format!("{meaning}{header}\n{remedy}\n# or: on_bad_value = {words}")),
        // A column that takes NULL holds what a NOT NULL one of any type does not; the application's own is what it is.
        (OnBadValue::Stop, None) if column.not_null && column.target_type.is_none() => {
            Some(format!("{header}\nnot_null = false\n# or: on_bad_value = {words}"))
        }
        (OnBadValue::Stop, None) if column.target_type.is_some() => Some(format!(
            "{header}\non_bad_value = \"reject\"\n# or: skip = true; or source_sql, with the source's SQL for values that \
             fit; or another type in the application's table"
        )),
        (OnBadValue::Stop, None) => Some(format!("{header}\non_bad_value = \"reject\"\n# or: skip = true")),
        (OnBadValue::Null | OnBadValue::Reject, Some(remedy)) => {
            Some(format!("# keeps every value:\n{meaning}{header}\n{remedy}"))
        }
        (OnBadValue::Null | OnBadValue::Reject, None) => None,
    }
}

/// Types that could hold the values of a column that was meant to be of this type, the nearest in meaning first. The last
/// resorts lose nothing: the bytes of text and blobs alike, and SQL literals, which hold everything.
fn candidates(column: &ColumnMapping, zone: &Zone) -> Vec<RemedyCandidate> {
    use ColumnType::{BigInt, Bytea, Date, DoublePrecision, Json, Numeric, Text, Timestamp, Timestamptz};
    let column_type = &column.column_type;
    let counted = |column_type: &ColumnType| COUNTS.map(|reading| (column_type.clone(), reading)).to_vec();
    let is_time = matches!(column_type, Date | Timestamp(_) | Timestamptz(_) | ColumnType::Time(_));
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
        ColumnType::Boolean | ColumnType::SmallInt | ColumnType::Integer => vec![(BigInt, Reading::Stored)],
        Json => vec![(Json, Reading::Json)],
        ColumnType::Jsonb => vec![(Json, Reading::Stored), (ColumnType::Jsonb, Reading::Json), (Json, Reading::Json)],
        Bytea => vec![(Bytea, Reading::Utf8)],
        ColumnType::Uuid => vec![(Bytea, Reading::Stored)],
        ColumnType::Interval => {
            [Reading::Microseconds, Reading::EpochInterval].map(|reading| (ColumnType::Interval, reading)).to_vec()
        }
        text if column.reading == Reading::DoubleUtf8 => vec![(text.clone(), Reading::MixedUtf8)],
        // The bytes of a text, in its own length.
        ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::Citext => vec![(column_type.clone(), Reading::Utf8)],
        _ => Vec::new(),
    };
    if column_type.is_number() || *column_type == ColumnType::Boolean {
        choices.extend([(Numeric(None), Reading::Stored), (DoublePrecision, Reading::Stored)]);
    }
    if is_time {
        // Numbers that no unit speaks for stay numbers.
        choices.push((BigInt, Reading::Stored));
    }
    let own = choices.len();
    if is_time {
        choices.push((DoublePrecision, Reading::Stored));
    }
    choices.extend([(Text, Reading::Stored), (Text, Reading::Utf8), (Bytea, Reading::Stored), (Bytea, Reading::Utf8)]);
    choices.push((Text, Reading::Literal));
    if !column.labels.is_empty() {
        // Text would have a CHECK on the labels.
        choices = vec![(ColumnType::Varchar(None), Reading::Stored)];
    }
    let plain = |(column_type, reading): (ColumnType, Reading)| (column_type, reading, Forgetting::default());
    let (own, others) = if column.labels.is_empty() { choices.split_at(own) } else { (&choices[..], &[][..]) };
    let without_digits = fractions(column, own);
    let kept = own.iter().cloned().map(plain).chain(without_digits).chain(others.iter().cloned().map(plain));
    let mut choices = kept.chain(decisions(column)).collect::<Vec<_>>();
    // The application has decided on the type, and reads texts and not literals; an enum takes its labels alone.
    choices.retain(|(choice, reading, _)| {
        let is_own = choice == column_type && column.labels.is_empty() && *reading != Reading::Literal;
        column.target_type.is_none() || is_own
    });
    let compile = |(column_type, reading, forgetting): (ColumnType, Reading, Forgetting)| {
        let encoder = ColumnEncoder::forgetting(&column_type, reading, &column.zone(zone), forgetting).ok()?;
        let encoder = if column.not_null { encoder.not_null() } else { encoder };
        let only = match column_type {
            BigInt if is_time => StorageClassFilter::Integers,
            DoublePrecision if is_time => StorageClassFilter::Reals,
            _ => StorageClassFilter::Anything,
        };
        Some(RemedyCandidate { column_type, reading, forgetting, encoder, only, support: Support::default() })
    };
    let label = (!column.labels.is_empty()).then(|| {
        let forgetting = Forgetting { letter_case: Dropping::Drop, ..Forgetting::default() };
        let encoder = ColumnEncoder::of_enum(&column.labels).in_letter_case(Dropping::Drop);
        let encoder = if column.not_null { encoder.not_null() } else { encoder };
        let (column_type, reading) = (column_type.clone(), Reading::Stored);
        RemedyCandidate {
            column_type,
            reading,
            forgetting,
            encoder,
            only: StorageClassFilter::Anything,
            support: Support::default(),
        }
    });
    label.into_iter().chain(choices.into_iter().filter_map(compile)).collect()
}

/// Times without the digits that PostgreSQL does not keep, which go before text and plain numbers: an application that writes
/// nanoseconds wants times back, and what they lose is counted. Days are rounded, as the usual functions round them.
fn fractions(column: &ColumnMapping, choices: &[(ColumnType, Reading)]) -> Vec<(ColumnType, Reading, Forgetting)> {
    let own = (column.column_type.clone(), column.reading);
    let is_time = |(column_type, reading): &&(ColumnType, Reading)| {
        use ColumnType::{Time, Timestamp, Timestamptz};
        matches!(column_type, Time(_) | Timestamp(_) | Timestamptz(_)) && *reading != Reading::Yyyymmdd
    };
    let cut = |(column_type, reading): &(ColumnType, Reading)| {
        let is_day = matches!(reading, Reading::Julian | Reading::Excel);
        let fraction = if is_day { FractionTreatment::Round } else { FractionTreatment::Truncate };
        let cut = Forgetting { fraction, ..Forgetting::default() };
        (column_type.clone(), *reading, cut.or(column.forgetting.only(column_type.forgetting_keys())))
    };
    if own.0 == ColumnType::Date {
        return Vec::new();
    }
    std::iter::once(&own).chain(choices).filter(is_time).map(cut).collect()
}

/// The column's own type once something is decided: one word, then two, beside what the spec says already.
fn decisions(column: &ColumnMapping) -> Vec<(ColumnType, Reading, Forgetting)> {
    let nothing = Forgetting::default();
    let zeros = Forgetting { leading_zeros: Dropping::Drop, ..nothing };
    let spaces = Forgetting { trailing_spaces: Dropping::Drop, ..nothing };
    let fractions =
        [FractionTreatment::Truncate, FractionTreatment::Round].map(|fraction| Forgetting { fraction, ..nothing });
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

impl RemedyCandidate {
    /// Word of a value for or against it.
    fn standing(&self, cell: Cell<'_>) -> ValueSupport {
        match (cell, self.only) {
            (Cell::Null, _) | (Cell::Integer(_), StorageClassFilter::Reals) => ValueSupport::Neutral,
            (Cell::Integer(_), StorageClassFilter::Integers) | (Cell::Real(_), StorageClassFilter::Reals) => {
                ValueSupport::Supported
            }
            (_, StorageClassFilter::Integers | StorageClassFilter::Reals) => ValueSupport::Implausible,
            (_, StorageClassFilter::Anything) => ValueSupport::of_time(self.reading, cell),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_apart() {
        let column = ColumnMapping { column_type: ColumnType::Timestamptz(None), ..ColumnMapping::default() };
        let supported = |cell| {
            let candidates = candidates(&column, &Zone::UTC).into_iter();
            let exact = candidates.filter(|candidate| candidate.forgetting.is_nothing());
            let counted = exact.filter(|candidate| COUNTS.contains(&candidate.reading));
            let supported = counted.filter(|candidate| candidate.standing(cell) == ValueSupport::Supported);
            supported.map(|candidate| candidate.reading).collect::<Vec<_>>()
        };
        assert_eq!(supported(Cell::Integer(1_700_000_000)), [Reading::UnixS]);
        assert_eq!(supported(Cell::Integer(1_700_000_000_000)), [Reading::UnixMs]);
        assert_eq!(supported(Cell::Integer(1_700_000_000_000_000)), [Reading::UnixUs]);
        assert_eq!(supported(Cell::Integer(1_700_000_000_000_000_000)), [Reading::UnixNs]);
        assert_eq!(supported(Cell::Integer(638_000_000_000_000_000)), [Reading::DotnetTicks]);
        assert_eq!(supported(Cell::Real(2_460_000.5)), [Reading::Julian]);
        assert_eq!(supported(Cell::Integer(20_240_105)), [Reading::Yyyymmdd]);
        assert_eq!(supported(Cell::Real(45_296.5)), [Reading::Excel]);
        for nothing in [5, 0, -1, 20_200_825_120_000_000] {
            assert_eq!(supported(Cell::Integer(nothing)), [], "{nothing}");
        }
    }
}
