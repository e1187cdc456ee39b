//! Named ways in which a test makes the encoder wrong, to see that the proof finds each (`make mutations`).
//!
//! Only the cargo feature `mutations` has this file, and no release has it. `TRANSSHIP_MUTATION=NAME` spoils every
//! field that the named mutation is about, after it was encoded: what is sent is well formed, and another value.

use super::column::{Encoding, Temporal};
use super::numeric;
use crate::value::calendar::{MICROSECONDS_PER_DAY as DAY, MICROSECONDS_PER_SECOND as SECOND, date_from_days};
use crate::value::forgetting::Fraction;
use crate::value::{Cell, Zone, temporal};
use serde_json::{Map, Number, Value};
use std::sync::LazyLock;

/// Every mutation. `tests/mutations` says in which column it shows.
pub const MUTATIONS: [&str; 60] = [
    "address_without_network",
    "array_turned_round",
    "array_without_last",
    "base64_undecoded",
    "boolean_turned",
    "bytes_cut",
    "bytes_turned_round",
    "case_changed",
    "century_lost",
    "char_cut",
    "date_day_off",
    "day_and_month_swapped",
    "day_as_24_hours",
    "decimal_comma_moved",
    "double_last_bit",
    "double_through_single",
    "empty_text_as_null",
    "excel_without_its_leap_day",
    "fold_taken_otherwise",
    "fraction_cut",
    "fraction_of_second_cut",
    "fraction_rounded",
    "hex_undecoded",
    "infinity_as_nan",
    "integer_in_32_bits",
    "integer_off_by_one",
    "interval_sign_lost",
    "json_key_lost",
    "json_key_renamed",
    "json_null_lost",
    "json_number_rounded",
    "json_number_as_text",
    "json_rewritten",
    "julian_half_day_off",
    "label_shifted",
    "leap_day_lost",
    "literal_quote_lost",
    "local_day_off",
    "microsecond_lost",
    "midnight_wrapped",
    "milliseconds_as_seconds",
    "number_rounded_up",
    "nanoseconds_as_microseconds",
    "negative_zero_lost",
    "null_as_zero",
    "null_as_empty_text",
    "null_for_value",
    "offset_dropped",
    "offset_turned",
    "real_last_bit",
    "scale_dropped",
    "sign_lost",
    "text_cut",
    "text_normalized",
    "text_padded",
    "text_trimmed",
    "ticks_since_1970",
    "uuid_bytes_swapped",
    "year_before_first_shifted",
    "zone_ignored",
];

static CHOSEN: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("TRANSSHIP_MUTATION").ok());

/// Spoils the field that begins at `start`, if the chosen mutation is about it.
pub(super) fn spoil(kind: &Encoding, cell: Cell<'_>, start: usize, out: &mut Vec<u8>) {
    let Some(mutation) = CHOSEN.as_deref() else { return };
    let is_null = out[start..] == super::NULL;
    let field = if is_null { None } else { out.get(start + 4..) };
    let Some(spoiled) = spoiled(mutation, kind, cell, field) else { return };
    out.truncate(start);
    match spoiled {
        None => out.extend_from_slice(&super::NULL),
        Some(field) => {
            out.extend_from_slice(&u32::try_from(field.len()).unwrap_or(0).to_be_bytes());
            out.extend_from_slice(&field);
        }
    }
}

/// The field in its place; `None` if the mutation is not about it.
fn spoiled(mutation: &str, kind: &Encoding, cell: Cell<'_>, field: Option<&[u8]>) -> Option<Option<Vec<u8>>> {
    let Some(field) = field else {
        return Some(Some(match (mutation, kind) {
            ("null_as_zero", Encoding::Integer) => vec![0; 4],
            ("null_as_empty_text", Encoding::Text { .. }) => Vec::new(),
            _ => return None,
        }));
    };
    let other = match (mutation, kind) {
        ("null_for_value", Encoding::Integer) => return Some(None),
        ("empty_text_as_null", Encoding::Text { .. }) if field.is_empty() => return Some(None),
        (_, Encoding::Numeric(modifier, _)) => return numeric_spoiled(mutation, field, *modifier).map(Some),
        (_, Encoding::Text { .. } | Encoding::Literal(_)) => {
            text_spoiled(mutation, std::str::from_utf8(field).ok()?)?.into()
        }
        (_, Encoding::Json { binary, .. }) => json_spoiled(mutation, *binary, field)?,
        (_, Encoding::Timestamptz(temporal)) => instant_spoiled(mutation, temporal, cell, number(field)?)?,
        ("boolean_turned", Encoding::Boolean) => vec![1 - field[0]],
        ("sign_lost", Encoding::Integer) => {
            i32::from_be_bytes(field.try_into().ok()?).saturating_abs().to_be_bytes().into()
        }
        ("integer_off_by_one", Encoding::SmallInt) => {
            (i16::from_be_bytes(field.try_into().ok()?) ^ 1).to_be_bytes().into()
        }
        ("integer_in_32_bits", Encoding::BigInt) => (number(field)? << 32 >> 32).to_be_bytes().into(),
        ("real_last_bit", Encoding::Real(_)) => [&field[..3], &[field[3] ^ 1]].concat(),
        ("bytes_cut", Encoding::Bytea(_)) => field[..field.len().saturating_sub(1)].to_vec(),
        ("bytes_turned_round", Encoding::Bytea(_)) => field.iter().rev().copied().collect(),
        ("hex_undecoded", Encoding::Bytea(super::column::TextAsBytes::Hex))
        | ("base64_undecoded", Encoding::Bytea(super::column::TextAsBytes::Base64)) => match cell {
            Cell::Text(text) => text.to_vec(),
            _ => return None,
        },
        ("uuid_bytes_swapped", Encoding::Uuid(_)) => {
            [[field[3], field[2], field[1], field[0]].as_slice(), &field[4..]].concat()
        }
        ("address_without_network", Encoding::Inet) => [&[field[0], 32], &field[2..]].concat(),
        ("label_shifted", Encoding::Label { labels, .. }) => {
            let at = labels.iter().position(|label| **label == *field)?;
            labels.get((at + 1) % labels.len())?.to_vec()
        }
        ("interval_sign_lost", Encoding::Interval { .. }) => {
            [&number(&field[..8])?.abs().to_be_bytes(), &field[8..]].concat()
        }
        ("day_as_24_hours", Encoding::Interval { .. }) => {
            let days = i32::from_be_bytes(field[8..12].try_into().ok()?);
            [&(number(&field[..8])? + i64::from(days) * DAY).to_be_bytes()[..], &[0; 4], &field[12..]].concat()
        }
        ("midnight_wrapped", Encoding::Time(..)) => (number(field)? % DAY).to_be_bytes().into(),
        ("local_day_off", Encoding::Timestamp(..)) => (number(field)? + DAY).to_be_bytes().into(),
        ("fraction_of_second_cut", Encoding::Timestamp(..)) => (number(field)? / SECOND * SECOND).to_be_bytes().into(),
        ("day_and_month_swapped", Encoding::Date(temporal)) => {
            let digits = temporal.count == Some(crate::value::instant::CountedUnit::CalendarDigits);
            let (year, month, day) = date_from_days(i32::from_be_bytes(field.try_into().ok()?));
            let narrow = |number: i64| i32::try_from(number).ok();
            let swapped = crate::value::calendar::days_from_date(narrow(year)?, narrow(day)?, narrow(month)?);
            swapped.filter(|_| digits)?.to_be_bytes().into()
        }
        (_, Encoding::Date(_)) => {
            date_spoiled(mutation, i32::from_be_bytes(field.try_into().ok()?))?.to_be_bytes().into()
        }
        (_, Encoding::DoublePrecision) => {
            double_spoiled(mutation, f64::from_be_bytes(field.try_into().ok()?))?.to_be_bytes().into()
        }
        _ => return None,
    };
    Some(Some(other))
}

fn number(field: &[u8]) -> Option<i64> {
    field.try_into().ok().map(i64::from_be_bytes)
}

fn date_spoiled(mutation: &str, days: i32) -> Option<i32> {
    let (year, month, day) = date_from_days(days);
    match mutation {
        "date_day_off" => Some(days - 1),
        "leap_day_lost" if (month, day) == (2, 29) => Some(days + 1),
        // 400 years are 146,097 days, a century 36,524.
        "century_lost" if year > 1900 => Some(days - 36_525),
        "year_before_first_shifted" if year <= 0 => Some(days + 366),
        _ => None,
    }
}

fn double_spoiled(mutation: &str, number: f64) -> Option<f64> {
    #[expect(clippy::cast_possible_truncation, reason = "the digits are to be lost")]
    match mutation {
        "double_last_bit" => Some(f64::from_bits(number.to_bits() ^ 1)).filter(|_| number.is_normal()),
        "double_through_single" => Some(f64::from(number as f32)),
        "infinity_as_nan" if number.is_infinite() => Some(f64::NAN),
        "negative_zero_lost" if number == 0.0 => Some(0.0),
        _ => None,
    }
}

fn instant_spoiled(mutation: &str, temporal: &Temporal, cell: Cell<'_>, instant: i64) -> Option<Vec<u8>> {
    let text = if let Cell::Text(text) = cell { Some(text) } else { None };
    let offset = text.and_then(|text| text.iter().rposition(|byte| *byte == b'+'));
    let other = match mutation {
        "zone_ignored" if offset.is_none() => temporal::timestamptz(text?, &Zone::UTC, Fraction::exactly(6)).ok()?,
        "offset_dropped" => temporal::timestamptz(&text?[..offset?], &Zone::UTC, Fraction::exactly(6)).ok()?,
        "offset_turned" => {
            let turned = [&text?[..offset?], b"-", &text?[offset? + 1..]].concat();
            temporal::timestamptz(&turned, &temporal.zone, Fraction::exactly(6)).ok()?
        }
        // Of the two instants with this local time, the earlier.
        "fold_taken_otherwise" if temporal.zone.local(instant - 3600 * SECOND).is_err() => instant - 3600 * SECOND,
        "microsecond_lost" if instant % 1000 != 0 => instant / 1000 * 1000,
        "milliseconds_as_seconds" if temporal.count == Some(crate::value::instant::CountedUnit::Milliseconds) => {
            instant / 1000
        }
        "julian_half_day_off" if temporal.count == Some(crate::value::instant::CountedUnit::JulianDays) => {
            instant + DAY / 2
        }
        "nanoseconds_as_microseconds" if temporal.count == Some(crate::value::instant::CountedUnit::Nanoseconds) => {
            instant * 10 % (1000 * 365 * DAY)
        }
        "ticks_since_1970" if temporal.count == Some(crate::value::instant::CountedUnit::Ticks) => {
            instant + 719_162 * DAY
        }
        "excel_without_its_leap_day" if temporal.count == Some(crate::value::instant::CountedUnit::ExcelDays) => {
            instant + DAY
        }
        _ => return None,
    };
    Some(other.to_be_bytes().into())
}

fn numeric_spoiled(mutation: &str, field: &[u8], modifier: numeric::Modifier) -> Option<Vec<u8>> {
    let text = numeric::NumericField::parse(field)?.text();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let other = match mutation {
        "sign_lost" => text.trim_start_matches('-').to_owned(),
        "fraction_cut" => whole.to_owned(),
        // As if `fraction` said round where it says truncate.
        "number_rounded_up" if text == "1.25" => "1.26".to_owned(),
        "fraction_rounded" => format!("{:.1}", text.parse::<f64>().ok()?),
        "decimal_comma_moved" if !fraction.is_empty() => format!("{whole}{}.{}", &fraction[..1], &fraction[1..]),
        "scale_dropped" if modifier.is_none() && !fraction.is_empty() => text.trim_end_matches('0').to_owned(),
        _ => return None,
    };
    let mut out = Vec::new();
    numeric::from_text(other.as_bytes(), modifier, &mut out).ok()?;
    Some(out)
}

fn text_spoiled(mutation: &str, text: &str) -> Option<String> {
    Some(match mutation {
        "text_cut" => text.char_indices().next_back().map_or("", |(last, _)| &text[..last]).to_owned(),
        "char_cut" => text.get(1..)?.to_owned(),
        "text_trimmed" => text.trim_end().to_owned(),
        "text_padded" => format!("{text} "),
        "case_changed" => text.to_lowercase(),
        // The same to the eye: an umlaut as a letter and a mark.
        "text_normalized" => text.replace('ö', "o\u{308}"),
        "literal_quote_lost" => text.replace("''", "'"),
        _ => return None,
    })
}

fn json_spoiled(mutation: &str, binary: bool, field: &[u8]) -> Option<Vec<u8>> {
    let text = if binary { field.strip_prefix(&[1])? } else { field };
    let mut value = serde_json::from_slice::<Value>(text).ok()?;
    match mutation {
        "json_rewritten" if !binary => {}
        _ if !binary => return None,
        "json_key_lost" => {
            let members = value.as_object_mut()?;
            let first = members.keys().next()?.clone();
            members.remove(&first);
        }
        "json_key_renamed" => {
            let members = std::mem::take(value.as_object_mut()?);
            let renamed = members.into_iter().map(|(key, value)| (key.to_uppercase(), value));
            value = Value::Object(renamed.collect::<Map<_, _>>());
        }
        "json_null_lost" => value.as_object_mut()?.retain(|_, value| !value.is_null()),
        "json_number_rounded" => numbers(&mut value, &|number| {
            let rounded = number.as_f64().map(|number| format!("{number:.0}"));
            rounded.and_then(|text| text.parse().ok()).map_or(Value::Null, Value::Number)
        }),
        "json_number_as_text" => numbers(&mut value, &|number| Value::String(number.to_string())),
        "array_turned_round" => arrays(&mut value, &|elements| elements.reverse()),
        "array_without_last" => arrays(&mut value, &|elements| {
            elements.pop();
        }),
        _ => return None,
    }
    let mut out = if binary { vec![1] } else { Vec::new() };
    out.extend(serde_json::to_vec(&value).ok()?);
    Some(out)
}

fn numbers(value: &mut Value, change: &impl Fn(&Number) -> Value) {
    match value {
        Value::Number(number) => *value = change(number),
        Value::Array(elements) => elements.iter_mut().for_each(|element| numbers(element, change)),
        Value::Object(members) => members.values_mut().for_each(|member| numbers(member, change)),
        _ => {}
    }
}

fn arrays(value: &mut Value, change: &impl Fn(&mut Vec<Value>)) {
    match value {
        Value::Array(elements) => change(elements),
        Value::Object(members) => members.values_mut().for_each(|member| arrays(member, change)),
        _ => {}
    }
}
