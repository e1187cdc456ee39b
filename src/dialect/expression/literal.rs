//! Literals: their use, and the strings that are values of PostgreSQL's types.

use super::kind::ValueKind;
use super::spelled::Spelled;
use super::sql::Sql;
use crate::name::quote_literal;
use crate::value::forgetting::Fraction;
use crate::value::{Zone, identifier, json, temporal};
use std::borrow::Cow;

/// The use that a literal is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// None: the literal keeps its own kind.
    Natural,
    /// Stored in a column of this kind: it is written as the migration converts a stored value.
    Stored(ValueKind),
    /// Compared with a value of this kind, to which the source converts it.
    Compared(ValueKind),
    /// An alternative to values of this kind: in another form, but never converted.
    Alike(ValueKind),
}

impl Wanted {
    /// The kind of the value beside it.
    pub(crate) fn kind(self) -> Option<ValueKind> {
        match self {
            Wanted::Natural => None,
            Wanted::Stored(kind) | Wanted::Compared(kind) | Wanted::Alike(kind) => Some(kind),
        }
    }

    /// Whether the source converts it.
    pub(crate) fn converts(self) -> bool {
        matches!(self, Wanted::Stored(_) | Wanted::Compared(_))
    }
}

/// A string as a date, a time, a UUID or a document; `None` if it is none, or `kind` is none of these. `zone` is the
/// zone of a time without one in the source.
pub(crate) fn of_string(words: &str, kind: ValueKind, zone: &Zone, wanted: Wanted) -> Option<Sql> {
    let bytes = words.as_bytes();
    let is_value = match kind {
        ValueKind::Date => temporal::date(bytes).is_ok() && (!matches!(wanted, Wanted::Alike(_)) || bytes.len() == 10),
        ValueKind::Time => temporal::time(bytes, Fraction::exactly(6)).is_ok(),
        // As shown text, a date alone differs from midnight.
        ValueKind::Timestamp | ValueKind::Timestamptz if matches!(wanted, Wanted::Alike(_)) && !words.contains(':') => {
            false
        }
        ValueKind::Timestamp => temporal::timestamp(bytes, zone, Fraction::exactly(6)).is_ok(),
        ValueKind::Timestamptz => {
            let (here, there) = (
                temporal::timestamptz(bytes, zone, Fraction::exactly(6)),
                temporal::timestamptz(bytes, &Zone::UTC, Fraction::exactly(6)),
            );
            // Without an offset it is a time of the source's time zone, which PostgreSQL takes by name.
            if here.is_ok() && here != there {
                let sql = Sql::new(quote_literal(&with_era(&format!("{} {zone}", words.trim()))), kind);
                return Some(Sql { spelled: Spelled::of_text(words), ..sql });
            }
            here.is_ok()
        }
        // As shown text, capitals differ.
        ValueKind::Uuid => {
            identifier::uuid_from_text(bytes).is_ok()
                && (!matches!(wanted, Wanted::Alike(_)) || !bytes.iter().any(u8::is_ascii_uppercase))
        }
        ValueKind::Json => json::check(bytes).is_ok(),
        ValueKind::Jsonb => json::check_binary(bytes).is_ok(),
        _ => false,
    };
    let is_dated = matches!(kind, ValueKind::Date | ValueKind::Timestamp | ValueKind::Timestamptz);
    let written = if is_dated { with_era(words) } else { Cow::Borrowed(words) };
    is_value.then(|| Sql { spelled: Spelled::of_text(words), ..Sql::new(quote_literal(&written), kind) })
}

/// A date in PostgreSQL's words: the year 0000 is 1 BC there, and none is called 0.
pub(crate) fn with_era(date: &str) -> Cow<'_, str> {
    match date.trim().strip_prefix("0000-") {
        Some(rest) => format!("0001-{rest} BC").into(),
        None => date.into(),
    }
}

/// A time zone as AT TIME ZONE accepts it: a quoted offset would be one of POSIX, with the opposite sign.
pub(crate) fn zone_sql(zone: &Zone) -> String {
    let name = zone.to_string();
    let word = if name.starts_with(['+', '-']) { "INTERVAL " } else { "" };
    format!("{word}{}", quote_literal(&name))
}
