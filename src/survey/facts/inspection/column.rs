//! Facts of one column, without a value of it.

use crate::catalog::{ColumnProfile, StoredCounts, StoredNumber};
use crate::survey::values::misfits::Misfit;
use crate::value::Spelling;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Facts of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnFacts {
    /// The spec's expression that was read in place of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_sql: Option<String>,
    /// The zone of its times without one, if it is not the source's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timezone: Option<String>,
    pub(crate) stored: Stored,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) longest_characters: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) longest_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) longest_blob: Option<u64>,
    /// The numbers of the column are below this power of two, whatever their sign; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) numbers_below_power: Option<u16>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) dates: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) fractions_beyond_microseconds: u64,
    /// Texts that look as if they were encoded in UTF-8 twice, and others with characters beyond ASCII, where that was counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) encoded_twice: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) encoded_once: u64,
    /// How its values are spelled, where some are dates, times or UUIDs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) spellings: BTreeSet<Spelling>,
    /// How many times say their zone, where the column holds times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zones: Option<Zones>,
    /// The types, with what `from` says, that hold every value of the column, with commas between them. Empty where nothing
    /// but NULL is stored.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) holds: String,
    /// Types that hold every value once more is decided, each with the keys of the spec that decide it: `bigint with
    /// leading_zeros`. A type in neither list does not hold every value, whatever is decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) holds_once_decided: String,
    /// Trial of the type that the spec gave the column; absent if the table could not be tried.
    #[serde(rename = "rehearsed", default, skip_serializing_if = "Option::is_none")]
    pub(crate) tried: Option<TypeTrial>,
}

/// Number of values of each storage class in a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Stored {
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) null: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) integer: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) real: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) text: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) blob: u64,
}

/// A column's values, tried with one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypeTrial {
    /// The type, with what `from` says.
    #[serde(rename = "as")]
    pub(crate) becomes: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) not_null: bool,
    /// The values that do not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) misfit: Option<Misfit>,
}

/// Times that say their zone and times that do not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Zones {
    pub(crate) said: u64,
    pub(crate) unsaid: u64,
}

impl From<StoredCounts> for Stored {
    fn from(StoredCounts { null, integer, real, text, blob }: StoredCounts) -> Self {
        Self { null, integer, real, text, blob }
    }
}

impl From<Stored> for StoredCounts {
    fn from(Stored { null, integer, real, text, blob }: Stored) -> Self {
        Self { null, integer, real, text, blob }
    }
}

impl ColumnFacts {
    /// The profile, in which no value stands.
    pub(crate) fn profile(&self, column: &str) -> ColumnProfile {
        ColumnProfile {
            column: column.to_owned(),
            stored: self.stored.into(),
            minimum: None,
            maximum: None,
            longest_characters: self.longest_characters,
            longest_bytes: self.longest_bytes,
            longest_blob: self.longest_blob,
            dates: self.dates.clone(),
            fractions_beyond_microseconds: self.fractions_beyond_microseconds,
            encoded_twice: self.encoded_twice,
            encoded_once: self.encoded_once,
        }
    }

    /// The facts that a profile has, without its values.
    pub(crate) fn of_profile(profile: ColumnProfile) -> Self {
        let ColumnProfile {
            column: _,
            stored,
            minimum,
            maximum,
            longest_characters,
            longest_bytes,
            longest_blob,
            dates,
            fractions_beyond_microseconds,
            encoded_twice,
            encoded_once,
        } = profile;
        Self {
            stored: stored.into(),
            longest_characters,
            longest_bytes,
            longest_blob,
            numbers_below_power: minimum.into_iter().chain(maximum).map(power_above).max(),
            dates,
            fractions_beyond_microseconds,
            encoded_twice,
            encoded_once,
            ..Self::default()
        }
    }

    /// How the values are spelled; nothing where that was not written down.
    pub(crate) fn spelled(&self) -> Option<BTreeSet<Spelling>> {
        let Stored { null: _, integer, real, text, blob } = self.stored;
        let is_written = !self.spellings.is_empty();
        let others = [(integer + real, Spelling::Number), (blob, Spelling::Blob)];
        let others = others.into_iter().filter(|(count, _)| *count > 0).map(|(_, spelling)| spelling);
        if is_written { Some(self.spellings.clone()) } else { (text == 0).then(|| others.collect()) }
    }

    /// Bounds of all numbers in the column.
    pub(crate) fn extent(&self) -> (f64, f64) {
        let most = self.numbers_below_power.map_or(0.0, |power| 2_f64.powi(i32::from(power)));
        (-most, most)
    }

    /// Number of values in the column that are not NULL.
    pub(crate) fn values(&self) -> u64 {
        let Stored { null: _, integer, real, text, blob } = self.stored;
        integer + real + text + blob
    }
}

/// Exponent of the first power of two above a number's magnitude: it bounds arithmetic without revealing the value. For
/// the largest doubles and infinity it is a power that no double reaches.
fn power_above(number: StoredNumber) -> u16 {
    const MOST: u16 = 1024;
    let magnitude = number.magnitude().abs();
    (0..MOST).find(|power| magnitude < 2_f64.powi(i32::from(*power))).unwrap_or(MOST)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
