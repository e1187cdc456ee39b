//! Reasons for which a stored value has no meaning in the target's column.

use std::fmt;

/// Reason, in words, for which the target's column cannot hold a value as it is. The value itself is never part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit(pub &'static str);

impl fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// Value of a storage class from which the column is not read.
pub(super) const CLASS: Unfit = Unfit("a value of another kind than the column takes");
/// NULL in a column that takes none.
pub(super) const NULL: Unfit = Unfit("NULL in a NOT NULL column");
/// A number beyond the type's limits.
pub(super) const RANGE: Unfit = Unfit("a number outside the range of the column's type");
/// A number that the type would round.
pub(super) const ROUNDING: Unfit = Unfit("a number that the column's type would round");
/// Text that is no number.
pub(super) const NOT_A_NUMBER: Unfit = Unfit("text that is not a number");
/// An infinity, which the type does not have.
pub(super) const INFINITY: Unfit = Unfit("an infinity in a column that has none");
/// More digits than `numeric(p,s)` keeps.
pub(super) const DIGITS: Unfit = Unfit("more digits than the column's precision and scale keep");
/// More digits of fraction than `numeric(p,s)` keeps.
pub(super) const SCALE: Unfit = Unfit("more digits of fraction than the column's scale keeps");
/// Value that is neither true nor false.
pub(super) const NOT_A_BOOLEAN: Unfit = Unfit("a value that is neither true nor false");
/// Text that is no date or time of the column's kind.
pub(super) const NOT_A_MOMENT: Unfit = Unfit("text that is not a date or time of the column's kind");
/// A date whose month or day is zero.
pub(super) const ZERO_DATE: Unfit = Unfit("a date without a month or a day");
/// A date or time outside the type's range.
pub(super) const MOMENT_RANGE: Unfit = Unfit("a date or time outside the range of the column's type");
/// A fraction of a second finer than the column.
pub(super) const FRACTION: Unfit = Unfit("a fraction of a second finer than the column keeps");
/// A time of day in a column of dates.
pub(super) const TIME_OF_DAY: Unfit = Unfit("a time of day in a column of dates");
/// An offset other than the source's, which the column cannot keep.
pub(super) const OFFSET: Unfit = Unfit("an offset from UTC that the column does not keep");
/// A local time that was skipped by a change of the clocks.
pub(super) const SKIPPED: Unfit = Unfit("a local time that the source's time zone skips");
/// An ambiguous local time, which the clocks showed twice.
pub(super) const REPEATED: Unfit = Unfit("a local time that the source's time zone has twice");
/// Zeros in front of a number that is stored as text.
pub(super) const LEADING_ZEROS: Unfit = Unfit("zeros in front of a number, which the column would forget");
/// Spaces at the end of a `char(n)`, whose number would be lost.
pub(super) const TRAILING_SPACES: Unfit = Unfit("spaces at the end, which the column would forget");
/// 16 bytes of a UUID without a byte order in the spec.
pub(super) const BYTE_ORDER: Unfit = Unfit("16 bytes of a uuid whose byte order the spec does not give");
/// Bytes that are not UTF-8.
pub(super) const NOT_UTF8: Unfit = Unfit("text that is not UTF-8");
/// A NUL character, which no text of PostgreSQL holds.
pub(super) const NUL: Unfit = Unfit("text with a NUL character");
/// More characters than `varchar(n)` or `char(n)`.
pub(super) const TOO_LONG: Unfit = Unfit("more characters than the column keeps");
/// More bytes than a field of PostgreSQL.
pub(super) const TOO_LARGE: Unfit = Unfit("more bytes than PostgreSQL keeps in one value");
/// Text that was not encoded twice.
pub(super) const NOT_TWICE_ENCODED: Unfit = Unfit("text that was not encoded in UTF-8 twice");
/// Text that does not encode bytes as the spec says.
pub(super) const NOT_BYTES: Unfit = Unfit("text that does not hold bytes as `from` says");
/// Text that is no UUID, or not 16 bytes.
pub(super) const NOT_A_UUID: Unfit = Unfit("a value that is not a uuid");
/// Text that is no address.
pub(super) const NOT_AN_ADDRESS: Unfit = Unfit("text that is not an address");
/// Bytes that are no SRID with WKB behind it.
pub(super) const NOT_SPATIAL: Unfit = Unfit("bytes that are not a spatial value");
/// An SRID that PostGIS would replace.
pub(super) const SRID: Unfit = Unfit("an SRID that the column's type does not keep");
/// A line of one point, an open ring, a coordinate that is not a number.
pub(super) const SHAPE: Unfit = Unfit("a shape that PostGIS refuses");
/// A longitude or latitude that PostGIS would move.
pub(super) const OUTSIDE_EARTH: Unfit = Unfit("a longitude or latitude outside the earth's range");
/// Bytes that are no vector, or one of other elements than the column takes.
pub(super) const NOT_A_VECTOR: Unfit = Unfit("bytes that are not a vector of the column's type");
/// Text that is no length of time.
pub(super) const NOT_AN_INTERVAL: Unfit = Unfit("text that is not an interval");
/// Text that PostgreSQL does not read as the column's type.
pub(super) const NOT_READ: Unfit = Unfit("text that PostgreSQL does not read as the column's type");
/// Text of which PostgreSQL would keep a part.
pub(super) const ALTERED: Unfit = Unfit("text that PostgreSQL would round or cut");
/// Text that is not a label of the enum.
pub(super) const NOT_A_LABEL: Unfit = Unfit("text that is not a label of the enum");
/// A label whose letters are large where those of the text are small, or the reverse.
pub(super) const LETTER_CASE: Unfit = Unfit("a label of the enum with other small and large letters");
/// Text that is not JSON.
pub(super) const NOT_JSON: Unfit = Unfit("text that is not JSON");
/// Nesting beyond PostgreSQL's parser.
pub(super) const DEPTH: Unfit = Unfit("JSON nested too deeply");
/// Duplicate key in one object; `jsonb` would keep only the last value.
pub(super) const KEY_TWICE: Unfit = Unfit("a JSON object with a key twice, which jsonb cannot hold");
/// A string that `jsonb` cannot hold.
pub(super) const JSON_STRING: Unfit = Unfit("a JSON string that jsonb cannot hold");
/// A number that `jsonb` cannot hold.
pub(super) const JSON_NUMBER: Unfit = Unfit("a JSON number that jsonb cannot hold");
