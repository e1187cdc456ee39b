//! How a source converts values to the type of a column.

/// The conversion of a value that the source stores in a column of some declared type, or compares with it.
///
/// SQLite calls it affinity (<https://www.sqlite.org/datatype3.html#type_affinity>). Whether text and numbers of the source
/// meet in PostgreSQL as they did there depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coercion {
    /// Nothing: the value stays what it is.
    Nothing,
    /// Text, of numbers too.
    Text,
    /// An integer, where that loses nothing.
    Integer,
    /// A number, integer or not.
    Number,
    /// A number of floating point.
    Double,
}

impl Coercion {
    /// Whether text that reads as a number becomes one.
    pub(crate) fn makes_numbers(self) -> bool {
        matches!(self, Coercion::Integer | Coercion::Number | Coercion::Double)
    }
}
