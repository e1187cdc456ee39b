//! Conversion of values to the type of a column in a source.

/// The conversion of a value that the source stores in a column of some declared type, or compares with it.
///
/// SQLite calls it affinity (<https://www.sqlite.org/datatype3.html#type_affinity>). It decides whether text and
/// numbers compare in PostgreSQL as in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coercion {
    /// None: the value is kept.
    Nothing,
    /// Text, of numbers too.
    Text,
    /// An integer, if that loses nothing.
    Integer,
    /// An integer of zero or more; arithmetic that goes below zero is an error.
    Natural,
    /// An integer that is shown with zeros before it.
    Padded,
    /// A number, integer or not.
    Number,
    /// A number of floating point.
    Double,
    /// An integer whose text, or whose meaning beside another number, follows from the declared type alone.
    Own,
}

impl Coercion {
    /// Whether numeric text becomes a number.
    pub(crate) fn makes_numbers(self) -> bool {
        self.is_natural() || matches!(self, Coercion::Integer | Coercion::Number | Coercion::Double)
    }

    /// Whether arithmetic that goes below zero is an error.
    pub(crate) fn is_natural(self) -> bool {
        matches!(self, Coercion::Natural | Coercion::Padded)
    }
}
