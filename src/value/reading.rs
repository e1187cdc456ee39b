//! Interpretation of stored values: the spec's `from`.

use serde::Serialize;
use std::fmt;

/// Interpretation of a stored value before it is written in the target's type; the spec's `from = "…"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// As it is stored; for dates that is ISO 8601 text.
    #[default]
    Stored,
    /// ISO 8601 text, said explicitly.
    Iso,
    /// A number of seconds since 1970-01-01 00:00:00 UTC; fractions allowed.
    UnixS,
    /// A number of milliseconds since 1970-01-01 00:00:00 UTC.
    UnixMs,
    /// A number of microseconds since 1970-01-01 00:00:00 UTC.
    UnixUs,
    /// A number of nanoseconds since 1970-01-01 00:00:00 UTC, as Go and Rust count.
    UnixNs,
    /// .NET's `DateTime.Ticks`: tenths of a microsecond since 0001-01-01 00:00:00, taken for UTC.
    DotnetTicks,
    /// A day of a spreadsheet, as Excel counts from 1900 with the day in 1900 that never was; local time.
    Excel,
    /// A day as a number of eight digits, 20240105; local.
    Yyyymmdd,
    /// A Julian day number, as SQLite's `julianday()` gives it.
    Julian,
    /// A number of microseconds, for lengths of time.
    Microseconds,
    /// A date and time that is as far from 1970-01-01 00:00:00 as the length of time, as SQLAlchemy's `Interval` keeps it.
    EpochInterval,
    /// Text that holds bytes as hexadecimal digits.
    Hex,
    /// Text that holds bytes in base64 (standard alphabet, with padding).
    Base64,
    /// Text or a number that is one JSON value, of any storage class.
    Json,
    /// Text and blobs alike, of any storage class: a blob is UTF-8 text, and text is its bytes.
    Utf8,
    /// 16 bytes in the order of a UUID's digits (RFC 9562), or text.
    Uuid,
    /// 16 bytes as .NET's `Guid.ToByteArray` gives them, the first three groups of digits turned round; or text.
    Guid,
    /// 16 bytes with the groups of time turned round, the slowest first (MySQL's `UUID_TO_BIN(uuid, 1)`), or text.
    Swapped,
    /// Text as it is stored, said explicitly: what looks as if it was encoded twice is meant so.
    Text,
    /// Text whose bytes in UTF-8 were taken for Windows-1252 and encoded in UTF-8 once more.
    DoubleUtf8,
    /// Text that was encoded twice, beside text that was encoded once, which stays as it is.
    MixedUtf8,
    /// Any value, written as the SQL literal of SQLite's `quote()`.
    Literal,
}

impl Reading {
    /// Every reading with the word the spec uses for it.
    pub const ALL: [(&'static str, Reading); 22] = [
        ("iso", Reading::Iso),
        ("unix_s", Reading::UnixS),
        ("unix_ms", Reading::UnixMs),
        ("unix_us", Reading::UnixUs),
        ("unix_ns", Reading::UnixNs),
        ("dotnet_ticks", Reading::DotnetTicks),
        ("excel", Reading::Excel),
        ("yyyymmdd", Reading::Yyyymmdd),
        ("julian", Reading::Julian),
        ("microseconds", Reading::Microseconds),
        ("epoch_interval", Reading::EpochInterval),
        ("hex", Reading::Hex),
        ("base64", Reading::Base64),
        ("json", Reading::Json),
        ("utf8", Reading::Utf8),
        ("uuid", Reading::Uuid),
        ("guid", Reading::Guid),
        ("swapped", Reading::Swapped),
        ("text", Reading::Text),
        ("double_utf8", Reading::DoubleUtf8),
        ("mixed_utf8", Reading::MixedUtf8),
        ("literal", Reading::Literal),
    ];
}

impl Reading {
    /// Whether an inspection of a source tries this reading on the values. A literal holds everything; only the spec
    /// can say that bytes are swapped; text that was encoded twice has a question of its own; a plain reading needs no
    /// trial.
    #[must_use]
    pub fn is_tried(self) -> bool {
        !self.is_plain()
            && !matches!(self, Reading::Literal | Reading::Swapped | Reading::DoubleUtf8 | Reading::MixedUtf8)
    }

    /// Whether values are understood as they are stored, said or not.
    #[must_use]
    pub fn is_plain(self) -> bool {
        matches!(self, Reading::Stored | Reading::Iso | Reading::Text)
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Reading::ALL.iter().find(|(_, reading)| reading == self);
        formatter.write_str(word.map_or("stored", |(word, _)| word))
    }
}
