//! One pass over a table: the values that its columns store, and every type that would hold all of them.

use crate::catalog::{ColumnType, KeyRange, TableProfile};
use crate::plan::{ColumnMapping, TableMapping};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::survey::facts::inspection::{ColumnFacts, Zones};
use crate::survey::facts::words::type_words;
use crate::survey::rows::for_each;
use crate::survey::surveyor::Surveyor;
use crate::survey::values::profile::Profiler;
use crate::survey::values::spellings::Spellings;
use crate::target::copy::ColumnEncoder;
use crate::value::{Cell, DateShape, Reading, Spelling, Zone};
use std::collections::BTreeSet;

/// A type and a reading that have held every value so far, or may hold them once more is decided.
struct TypeCandidate {
    words: String,
    encoder: ColumnEncoder,
    /// The keys of the spec that decide about values which it did not hold.
    undecided: BTreeSet<&'static str>,
    /// Whether this is the type that reads times with their zone.
    is_timestamptz: bool,
}

/// One column.
struct ColumnTrial {
    candidates: Vec<TypeCandidate>,
    /// Times that say their zone and times that do not, counted while all values are times.
    zones: Zones,
}

/// Looks at the rows of a table that the spec selects: of each column of the mapping what is stored, and what holds it. The
/// profile has values, which the facts do not.
pub(crate) fn read_columns(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
) -> Result<(TableProfile, Vec<ColumnFacts>), ExecuteError> {
    let mut profiler = Profiler::new(mapping);
    let trial = |column: &ColumnMapping| ColumnTrial {
        candidates: candidates(&column.zone(surveyor.zone)),
        zones: Zones::default(),
    };
    let mut trials = mapping.columns.iter().map(trial).collect::<Vec<_>>();
    let mut spellings = mapping.columns.iter().map(|_| Spellings::default()).collect::<Vec<_>>();
    let mut scratch = Vec::new();
    for_each(surveyor, reader, &mapping.selection(KeyRange::ALL), |row| {
        for (position, trial) in trials.iter_mut().enumerate() {
            let cell = row.cell(position);
            profiler.count(position, cell);
            spellings[position].add(cell);
            trial.add(cell, &mut scratch);
        }
        profiler.end_row();
    })?;
    let shapes = (0..trials.len()).map(|position| profiler.shapes(position)).collect::<Vec<_>>();
    let profile = profiler.finish();
    let columns = profile.columns.iter().cloned().zip(trials).zip(shapes).zip(spellings).zip(&mapping.columns);
    let facts = columns.map(|((((profile, trial), shapes), spellings), column)| {
        let spellings = spellings.finish();
        let is_told =
            |spelling: &Spelling| matches!(spelling, Spelling::Moment(_) | Spelling::NoDay | Spelling::Uuid { .. });
        let facts = ColumnFacts::of_profile(profile);
        let count = |says: bool| {
            shapes.iter().filter(|(shape, _)| shape.says_zone() == Some(says)).map(|(_, count)| count).sum::<u64>()
        };
        let (holds, undecided) =
            trial.candidates.into_iter().partition::<Vec<_>, _>(|candidate| candidate.undecided.is_empty());
        let all_are_times = holds.iter().any(|candidate| candidate.is_timestamptz);
        let zones = if shapes.is_empty() { trial.zones } else { Zones { said: count(true), unsaid: count(false) } };
        let has_values = facts.values() > 0;
        let holds = holds.into_iter().filter(|_| has_values).map(|candidate| candidate.words);
        let undecided = undecided.iter().map(TypeCandidate::words_once_decided);
        let zone = column.zone(surveyor.zone).to_string();
        ColumnFacts {
            source_sql: column.source_sql.clone(),
            timezone: (zone != surveyor.zone.to_string()).then_some(zone),
            spellings: if spellings.iter().any(is_told) { spellings } else { BTreeSet::new() },
            zones: ((all_are_times || !shapes.is_empty()) && zones != Zones::default()).then_some(zones),
            holds: holds.collect::<Vec<_>>().join(", "),
            holds_once_decided: undecided.collect::<Vec<_>>().join(", "),
            ..facts
        }
    });
    let facts = facts.collect();
    Ok((profile, facts))
}

impl TypeCandidate {
    /// `bigint with leading_zeros`
    fn words_once_decided(&self) -> String {
        let keys = self.undecided.iter().copied().collect::<Vec<_>>();
        format!("{} with {}", self.words, keys.join(" and "))
    }
}

impl ColumnTrial {
    fn add(&mut self, cell: Cell<'_>, scratch: &mut Vec<u8>) {
        // NULL is in every type, and whether the column takes it is another question.
        if cell == Cell::Null {
            return;
        }
        let mut is_time = false;
        self.candidates.retain_mut(|candidate| {
            scratch.clear();
            match candidate.encoder.encode(cell, scratch) {
                Ok(()) => is_time |= candidate.is_timestamptz && candidate.undecided.is_empty(),
                Err(bad) => {
                    let Some(key) = bad.decided_by() else { return false };
                    candidate.undecided.insert(key);
                }
            }
            true
        });
        if is_time && let Some(says) = DateShape::of(cell).and_then(|seen| seen.shape.says_zone()) {
            *(if says { &mut self.zones.said } else { &mut self.zones.unsaid }) += 1;
        }
    }
}

/// Every type that a spec may ask for without saying a length or a precision, and with every way to read what is stored.
fn candidates(zone: &Zone) -> Vec<TypeCandidate> {
    let types = ColumnType::NAMES.iter().filter_map(|name| name.parse::<ColumnType>().ok());
    // Whether varchar(n) holds the values follows from text and their length; the padding of char(n) is nobody's wish.
    let follows = |column_type: &ColumnType| {
        matches!(column_type, ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::Citext | ColumnType::TextArray)
    };
    let types = types.filter(move |column_type| !follows(column_type));
    let readings = Reading::ALL.iter().map(|(_, reading)| *reading).filter(|reading| reading.is_tried());
    let readings = std::iter::once(Reading::Stored).chain(readings).collect::<Vec<_>>();
    let compile = |(column_type, reading): (ColumnType, Reading)| {
        let encoder = ColumnEncoder::new(&column_type, reading, zone).ok()?;
        let is_timestamptz = column_type == ColumnType::Timestamptz(None) && reading == Reading::Stored;
        let words = type_words(&column_type, reading);
        Some(TypeCandidate { words, encoder, undecided: BTreeSet::new(), is_timestamptz })
    };
    let pairs = types.flat_map(|column_type| readings.iter().map(move |reading| (column_type.clone(), *reading)));
    pairs.filter_map(compile).collect()
}
