//! One column: from a source cell to a field of the binary COPY format.

use super::column::{ByteOrder, ColumnEncoder, Encoding, LengthOfTime, Limit, Temporal, TextAsBytes};
use super::list::write_list;
use super::{NULL, label, numeric, shorten};
use crate::value::{
    BadValue, Cell, FractionTreatment, ZeroDates, boolean, calendar, duration, float, forgetting, identifier, integer,
    json, judged, literal, network, spatial, temporal, text, vector,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The version of `jsonb` on the wire, the only one there is (`jsonb_recv`).
const JSONB_VERSION: [u8; 1] = [1];

impl ColumnEncoder {
    /// Appends one field: its length (-1 for NULL) and its bytes.
    ///
    /// # Errors
    /// When the column's type cannot hold the value exactly, or would forget something of it; nothing is appended then.
    #[inline]
    pub fn encode(&self, cell: Cell<'_>, out: &mut Vec<u8>) -> Result<(), BadValue> {
        #[cfg(feature = "mutations")]
        let start = out.len();
        self.write(cell, out)?;
        #[cfg(feature = "mutations")]
        super::mutation::spoil(&self.kind, cell, start, out);
        Ok(())
    }

    #[inline]
    fn write(&self, cell: Cell<'_>, out: &mut Vec<u8>) -> Result<(), BadValue> {
        if self.keeps_leading_zeros
            && let Cell::Text(text) = cell
            && forgetting::has_leading_zeros(text)
        {
            // Text that is no number is refused with a better reason.
            let start = out.len();
            self.write_field(cell, out)?;
            out.truncate(start);
            return Err(BadValue::LeadingZeros);
        }
        match self.write_field(cell, out) {
            Err(bad) if bad.is_zero_date() => self.write_zero_date(bad, out),
            written => written,
        }
    }

    /// Appends what stands in place of a date that no calendar has.
    #[cold]
    fn write_zero_date(&self, bad: BadValue, out: &mut Vec<u8>) -> Result<(), BadValue> {
        let is_date = matches!(self.kind, Encoding::Date(_));
        match self.zero_dates {
            ZeroDates::Null if !self.not_null => out.extend_from_slice(&NULL),
            ZeroDates::Epoch if is_date => fixed((-calendar::DAYS_FROM_UNIX_EPOCH).to_be_bytes(), out),
            ZeroDates::Epoch => fixed((-calendar::MICROSECONDS_FROM_UNIX_EPOCH).to_be_bytes(), out),
            // The least number is `-infinity`: PostgreSQL's src/include/datatype/timestamp.h and utils/date.h.
            ZeroDates::MinusInfinity if is_date => fixed(i32::MIN.to_be_bytes(), out),
            ZeroDates::MinusInfinity => fixed(i64::MIN.to_be_bytes(), out),
            ZeroDates::Refused | ZeroDates::Null => return Err(bad),
        }
        Ok(())
    }

    #[inline]
    fn write_field(&self, cell: Cell<'_>, out: &mut Vec<u8>) -> Result<(), BadValue> {
        match (&self.kind, cell) {
            (_, Cell::Null) if self.not_null => return Err(BadValue::NullInNotNull),
            (_, Cell::Null) => out.extend_from_slice(&NULL),
            (Encoding::BigInt, cell) => fixed(integer::from_cell(cell, "bigint")?.to_be_bytes(), out),
            (Encoding::Integer, cell) => fixed(integer::narrow::<i32>(cell, "integer")?.to_be_bytes(), out),
            (Encoding::SmallInt, cell) => fixed(integer::narrow::<i16>(cell, "smallint")?.to_be_bytes(), out),
            (Encoding::Boolean, cell) => fixed([u8::from(boolean::from_cell(cell)?)], out),
            (Encoding::DoublePrecision, Cell::Real(number)) => fixed(number.to_be_bytes(), out),
            (Encoding::DoublePrecision, Cell::Integer(number)) => {
                fixed(float::double_from_integer(number)?.to_be_bytes(), out);
            }
            (Encoding::DoublePrecision, Cell::Text(text)) => fixed(float::double_from_text(text)?.to_be_bytes(), out),
            (Encoding::Real(beyond), Cell::Real(_) | Cell::Integer(_) | Cell::Text(_)) => {
                fixed(shorten::real(cell, *beyond)?.to_be_bytes(), out);
            }
            (Encoding::Date(temporal), cell) => fixed(temporal.date(cell)?.to_be_bytes(), out),
            (Encoding::Time(temporal), cell) => fixed(temporal.time(cell)?.to_be_bytes(), out),
            (Encoding::Timestamp(temporal), cell) => fixed(temporal.timestamp(cell)?.to_be_bytes(), out),
            (Encoding::Timestamptz(temporal), cell) => fixed(temporal.timestamptz(cell)?.to_be_bytes(), out),
            (Encoding::Uuid(_), Cell::Text(text)) => fixed(identifier::uuid_from_text(text)?, out),
            (Encoding::Uuid(order), Cell::Blob(bytes)) => fixed(order.uuid(bytes)?, out),
            // The spaces at the end of a padded text are left out of it, proven or not.
            (Encoding::Text { limit: Limit::None | Limit::Characters(_), .. }, Cell::Text(bytes)) if self.is_proven => {
                return copied(bytes, out);
            }
            (Encoding::Text { limit, .. }, Cell::Text(bytes))
            | (Encoding::Text { limit, blobs: true }, Cell::Blob(bytes)) => {
                return copied(limit.check(text::checked(bytes)?)?.as_bytes(), out);
            }
            (Encoding::Bytea(_), Cell::Blob(bytes)) | (Encoding::Bytea(TextAsBytes::AsItIs), Cell::Text(bytes)) => {
                return copied(bytes, out);
            }
            (Encoding::Json { binary, .. }, Cell::Text(bytes)) if self.is_proven => {
                return measured(out, |out| {
                    out.extend_from_slice(if *binary { &JSONB_VERSION } else { &[] });
                    out.extend_from_slice(bytes);
                    Ok(())
                });
            }
            (kind, cell) => return measured(out, |out| kind.write(cell, out)),
        }
        Ok(())
    }
}

impl Encoding {
    /// Appends the bytes of a field whose length is known only afterwards.
    #[allow(clippy::too_many_lines, reason = "one match: bytes for each form and cell")]
    fn write(&self, cell: Cell<'_>, out: &mut Vec<u8>) -> Result<(), BadValue> {
        let refused = |wanted| Err(BadValue::Class { found: cell.storage_class(), wanted });
        match (self, cell) {
            (Encoding::Numeric(modifier, beyond), cell @ (Cell::Integer(_) | Cell::Real(_) | Cell::Text(_))) => {
                match numeric::from_cell(cell, *modifier, out) {
                    Err(BadValue::NumericFraction { scale, .. }) if *beyond != FractionTreatment::Refused => {
                        shorten::numeric(cell, scale, *modifier, *beyond, out)
                    }
                    written => written,
                }
            }
            (Encoding::Text { limit, .. }, Cell::Integer(_) | Cell::Real(_)) => {
                let start = out.len();
                write_number(cell, out);
                // The digits are ASCII: one byte each.
                limit.check_length(out.len() - start)
            }
            (Encoding::TwiceEncoded { limit, others }, Cell::Text(bytes)) => {
                let (start, text) = (out.len(), text::checked(bytes)?);
                match text::decode_twice_encoded(text, out) {
                    Err(_) if *others => {
                        out.truncate(start);
                        out.extend_from_slice(bytes);
                    }
                    decoded => decoded?,
                }
                limit.check(text::checked(&out[start..])?).map(drop)
            }
            (Encoding::Literal(limit), cell) => {
                let start = out.len();
                literal::write(cell, out);
                limit.check(text::checked(&out[start..])?).map(drop)
            }
            (Encoding::Json { binary, blobs }, cell) => {
                out.extend_from_slice(if *binary { &JSONB_VERSION } else { &[] });
                let start = out.len();
                match cell {
                    Cell::Integer(_) | Cell::Real(_) => write_number(cell, out),
                    Cell::Text(bytes) => out.extend_from_slice(text::checked(bytes)?.as_bytes()),
                    Cell::Blob(bytes) if *blobs => out.extend_from_slice(text::checked(bytes)?.as_bytes()),
                    Cell::Null | Cell::Blob(_) => return refused(json::JSON),
                }
                // The server would refuse such text too, but with it the whole COPY.
                if !*binary {
                    return json::check(&out[start..]);
                }
                json::check_binary(&out[start..])?;
                if json::has_duplicate_key(&out[start..]) { Err(BadValue::JsonDuplicateKey) } else { Ok(()) }
            }
            (Encoding::Bytea(TextAsBytes::Hex), Cell::Text(text)) => hexadecimal(text, out),
            (Encoding::Bytea(TextAsBytes::Base64), Cell::Text(text)) => {
                STANDARD.decode_vec(text, out).map_err(|_| BadValue::Syntax { wanted: "base64" })
            }
            (Encoding::Text { .. } | Encoding::TwiceEncoded { .. }, _) => refused("text"),
            (Encoding::Bytea(_), _) => refused("bytes"),
            (Encoding::Uuid(_), _) => refused("a uuid"),
            (Encoding::Inet, Cell::Text(text)) => {
                network::write_inet(network::inet_from_text(text)?, out);
                Ok(())
            }
            (Encoding::Interval(LengthOfTime::Microseconds), cell @ Cell::Integer(_)) => {
                out.extend_from_slice(&duration::to_field(duration::from_microseconds(cell)?));
                Ok(())
            }
            (Encoding::Interval(LengthOfTime::Words), Cell::Text(text)) => {
                out.extend_from_slice(&duration::to_field(duration::from_text(text)?));
                Ok(())
            }
            (Encoding::Interval(LengthOfTime::SinceEpoch), Cell::Text(text)) => {
                out.extend_from_slice(&duration::to_field(duration::from_moment(text)?));
                Ok(())
            }
            (Encoding::Judged { blobs, verdicts }, cell) => {
                let start = out.len();
                judged::write_document(cell, *blobs, out)?;
                verdicts.of(&out[start..])
            }
            (Encoding::Label { labels, any_case }, Cell::Text(bytes)) => {
                out.extend_from_slice(label::of_text(labels, bytes, *any_case)?);
                Ok(())
            }
            (Encoding::TextArray, Cell::Text(bytes)) => write_list(text::checked(bytes)?, out),
            (Encoding::RealArray, Cell::Blob(bytes)) => vector::write_reals(bytes, out),
            (Encoding::Vector(elements), Cell::Blob(bytes)) => vector::write_vector(bytes, *elements, out),
            (Encoding::Spatial(becomes), Cell::Blob(bytes)) => spatial::write_ewkb(bytes, *becomes, out),
            (Encoding::RealArray | Encoding::Vector(_), _) => refused(vector::VECTOR),
            (Encoding::Spatial(_), _) => refused(spatial::SPATIAL),
            (Encoding::TextArray, _) => refused("a list of texts"),
            (Encoding::Inet, _) => refused("an address"),
            (Encoding::Interval { .. }, _) => refused("an interval"),
            (Encoding::Label { .. }, _) => refused(label::LABEL),
            _ => refused("a number"),
        }
    }
}

impl ByteOrder {
    fn uuid(self, bytes: &[u8]) -> Result<[u8; 16], BadValue> {
        match self {
            ByteOrder::Unknown => identifier::uuid_from_blob(bytes).and(Err(BadValue::ByteOrder)),
            ByteOrder::Digits => identifier::uuid_from_blob(bytes),
            ByteOrder::Guid => identifier::uuid_from_guid(bytes),
            ByteOrder::Swapped => identifier::uuid_from_swapped(bytes),
        }
    }
}

impl Limit {
    #[inline]
    fn check(self, text: &str) -> Result<&str, BadValue> {
        match self {
            Limit::None => Ok(text),
            Limit::Characters(limit) => text::within(text, limit),
            Limit::Padded(limit, trailing) => text::within_padded(text, limit, trailing),
        }
    }

    fn check_length(self, length: usize) -> Result<(), BadValue> {
        match self {
            Limit::Characters(limit) | Limit::Padded(limit, _) if u32::try_from(length).is_ok_and(|n| n > limit) => {
                Err(BadValue::TooLong { limit, length })
            }
            _ => Ok(()),
        }
    }
}

impl Temporal {
    #[inline]
    fn date(&self, cell: Cell<'_>) -> Result<i32, BadValue> {
        match (self.count, cell) {
            (None, Cell::Text(text)) => temporal::date(text),
            (None, cell) => Err(BadValue::Class { found: cell.storage_class(), wanted: temporal::DATE }),
            (Some(count), cell) => count.date(cell, &self.zone),
        }
    }

    #[inline]
    fn time(&self, cell: Cell<'_>) -> Result<i64, BadValue> {
        match (self.count, cell) {
            (None, Cell::Text(text)) => temporal::time(text, self.fraction),
            (None, cell) => Err(BadValue::Class { found: cell.storage_class(), wanted: temporal::TIME }),
            (Some(count), cell) => count.time(cell, self.fraction),
        }
    }

    #[inline]
    fn timestamp(&self, cell: Cell<'_>) -> Result<i64, BadValue> {
        match (self.count, cell) {
            (None, Cell::Text(text)) => temporal::timestamp(text, &self.zone, self.fraction),
            (None, cell) => Err(BadValue::Class { found: cell.storage_class(), wanted: temporal::TIMESTAMP }),
            (Some(count), cell) => count.timestamp(cell, &self.zone, self.fraction),
        }
    }

    #[inline]
    fn timestamptz(&self, cell: Cell<'_>) -> Result<i64, BadValue> {
        match (self.count, cell) {
            (None, Cell::Text(text)) => temporal::timestamptz(text, &self.zone, self.fraction),
            (None, cell) => Err(BadValue::Class { found: cell.storage_class(), wanted: temporal::TIMESTAMP }),
            (Some(count), cell) => count.timestamptz(cell, &self.zone, self.fraction),
        }
    }
}

/// Appends a field of known length in one go.
#[inline]
fn fixed<const LENGTH: usize>(payload: [u8; LENGTH], out: &mut Vec<u8>) {
    // One piece: the largest payload is a uuid's.
    let mut field = [0_u8; 4 + 16];
    field[..4].copy_from_slice(&u32::try_from(LENGTH).unwrap_or(0).to_be_bytes());
    field[4..4 + LENGTH].copy_from_slice(&payload);
    out.extend_from_slice(&field[..4 + LENGTH]);
}

/// Appends a field from its bytes.
#[inline]
fn copied(payload: &[u8], out: &mut Vec<u8>) -> Result<(), BadValue> {
    let length = length_of(payload.len())?;
    out.reserve(4 + payload.len());
    out.extend_from_slice(&length);
    out.extend_from_slice(payload);
    Ok(())
}

/// Appends a field and writes its length when it is known; on an error nothing is appended.
#[inline]
fn measured(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> Result<(), BadValue>) -> Result<(), BadValue> {
    let start = out.len();
    out.extend_from_slice(&NULL);
    let written = write(out).and_then(|()| length_of(out.len() - start - NULL.len()));
    match written {
        Ok(length) => {
            out[start..start + NULL.len()].copy_from_slice(&length);
            Ok(())
        }
        Err(bad) => {
            out.truncate(start);
            Err(bad)
        }
    }
}

/// The length word of a field; the greatest is that of PostgreSQL's memory chunks, `MaxAllocSize`.
#[inline]
pub(super) fn length_of(bytes: usize) -> Result<[u8; 4], BadValue> {
    match i32::try_from(bytes) {
        Ok(length) if length < 0x3fff_ffff => Ok(length.to_be_bytes()),
        _ => Err(BadValue::TooLarge),
    }
}

/// Appends an integer or a real as text; the same text is a JSON number, but for infinities.
fn write_number(cell: Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Integer(number) => float::write_integer(number, out),
        Cell::Real(number) => float::write_text(number, out),
        Cell::Null | Cell::Text(_) | Cell::Blob(_) => {}
    }
}

/// Hexadecimal digits in any case, with PostgreSQL's `\x` or C's `0x` before them or without.
fn hexadecimal(text: &[u8], out: &mut Vec<u8>) -> Result<(), BadValue> {
    let digits = text.strip_prefix(b"\\x").or(text.strip_prefix(b"0x")).unwrap_or(text);
    let start = out.len();
    out.resize(start + digits.len() / 2, 0);
    hex::decode_to_slice(digits, &mut out[start..]).map_err(|_| BadValue::Syntax { wanted: "hexadecimal digits" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ColumnType;
    use crate::value::{Reading, StorageClass, Zone};

    fn field(column_type: &str, reading: Reading, cell: Cell<'_>) -> Result<Vec<u8>, BadValue> {
        let encoder = ColumnEncoder::new(&column_type.parse().unwrap(), reading, &Zone::UTC).unwrap();
        let mut out = b"before".to_vec();
        let written = encoder.encode(cell, &mut out);
        if written.is_err() {
            assert_eq!(out, b"before");
        } else {
            let mut proven = b"before".to_vec();
            encoder.for_proven_values().encode(cell, &mut proven).unwrap();
            assert_eq!(proven, out, "what is taken is sent alike when it is taken on trust");
        }
        written.map(|()| out.split_off("before".len()))
    }

    fn payload(column_type: &str, reading: Reading, cell: Cell<'_>) -> Vec<u8> {
        let field = field(column_type, reading, cell).unwrap();
        let (length, payload) = field.split_first_chunk().unwrap();
        assert_eq!(usize::try_from(i32::from_be_bytes(*length)), Ok(payload.len()));
        payload.to_vec()
    }

    #[test]
    fn null_is_null_in_every_type() {
        for name in ColumnType::NAMES.into_iter().chain(ColumnType::SPECIAL) {
            assert_eq!(field(name, Reading::Stored, Cell::Null), Ok(NULL.to_vec()), "{name}");
        }
    }

    #[test]
    fn text_columns_take_numbers_and_say_when_they_are_too_long() {
        assert_eq!(payload("text", Reading::Stored, Cell::Integer(-12)), b"-12");
        assert_eq!(payload("text", Reading::Stored, Cell::Real(2.5)), b"2.5");
        assert_eq!(payload("char(5)", Reading::Stored, Cell::Text(b"ab   ")), b"ab");
        assert_eq!(field("char(5)", Reading::Stored, Cell::Text(b"ab ")), Err(BadValue::TrailingSpaces));
        let too_long = BadValue::TooLong { limit: 2, length: 3 };
        assert_eq!(field("varchar(2)", Reading::Stored, Cell::Integer(123)), Err(too_long));
        assert_eq!(field("varchar(2)", Reading::Stored, Cell::Text(b"abc")), Err(too_long));
        let blob = BadValue::Class { found: StorageClass::Blob, wanted: "text" };
        assert_eq!(field("text", Reading::Stored, Cell::Blob(b"abc")), Err(blob));
        assert_eq!(payload("text", Reading::Utf8, Cell::Blob(b"abc")), b"abc");
    }

    #[test]
    fn literals_take_every_value_and_keep_them_apart() {
        let literal = |cell| String::from_utf8(payload("text", Reading::Literal, cell)).unwrap();
        assert_eq!(literal(Cell::Text(b"12")), "'12'");
        assert_eq!(literal(Cell::Integer(12)), "12");
        assert_eq!(literal(Cell::Blob(b"12")), "X'3132'");
        assert!(field("varchar(3)", Reading::Literal, Cell::Text(b"12")).is_err());
    }

    #[test]
    fn an_enum_takes_its_labels_and_nothing_else() {
        let encoder = ColumnEncoder::of_enum(&["sad".to_owned(), "happy".to_owned(), "größer".to_owned()]);
        let mut out = Vec::new();
        for label in ["happy", "größer", "sad"] {
            encoder.encode(Cell::Text(label.as_bytes()), &mut out).unwrap();
        }
        assert_eq!(out.len(), 3 * 4 + "happygrößersad".len());
        assert_eq!(encoder.encode(Cell::Text(b"Happy"), &mut out), Err(BadValue::LetterCase));
        let unknown = Err(BadValue::Syntax { wanted: "a label of the enum" });
        assert_eq!(encoder.encode(Cell::Text(b"glad"), &mut out), unknown);
        assert!(encoder.encode(Cell::Integer(1), &mut out).is_err());
    }

    #[test]
    fn text_is_bytes_only_when_the_spec_says_how() {
        assert!(field("bytea", Reading::Stored, Cell::Text(b"ab")).is_err());
        assert_eq!(payload("bytea", Reading::Utf8, Cell::Text(b"ab")), b"ab");
        assert_eq!(payload("bytea", Reading::Hex, Cell::Text(b"\\x00fF")), b"\x00\xff");
        assert_eq!(payload("bytea", Reading::Base64, Cell::Text(b"AP8=")), b"\x00\xff");
        assert!(field("bytea", Reading::Hex, Cell::Text(b"0g")).is_err());
        assert!(field("bytea", Reading::Hex, Cell::Text(b"000")).is_err());
        assert!(field("bytea", Reading::Base64, Cell::Text(b"AP8")).is_err());
    }

    #[test]
    fn json_is_checked_before_it_is_sent() {
        assert_eq!(payload("jsonb", Reading::Stored, Cell::Text(b"[1]")), b"\x01[1]");
        assert_eq!(payload("json", Reading::Stored, Cell::Real(1e300)), b"1.0e+300");
        assert_eq!(payload("json", Reading::Json, Cell::Blob(b"[1]")), b"[1]");
        assert!(field("json", Reading::Stored, Cell::Blob(b"[1]")).is_err());
        assert!(field("jsonb", Reading::Stored, Cell::Text(b"[1")).is_err());
        assert!(field("jsonb", Reading::Stored, Cell::Real(f64::INFINITY)).is_err());
    }

    #[test]
    fn numbers_are_dates_only_when_the_spec_says_what_they_count() {
        let bad = field("timestamptz", Reading::Stored, Cell::Integer(0)).unwrap_err();
        assert_eq!(bad.to_string(), "an integer cannot be read as a timestamp");
        assert!(bad.hint().is_some());
        let epoch = payload("timestamptz", Reading::UnixS, Cell::Integer(946_684_800));
        assert_eq!(epoch, 0_i64.to_be_bytes());
        assert_eq!(payload("timestamptz", Reading::Iso, Cell::Text(b"2000-01-01")), epoch);
    }
}
