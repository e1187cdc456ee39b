//! The operator by which PostgreSQL's keys compare values.

use crate::name::quote_identifier;
use std::fmt;

/// Schema of PostgreSQL's own operators.
const CATALOG: &str = "pg_catalog";

/// The operator by which an index compares values of a type: PostgreSQL's own, or that of the extension or the user whose
/// type it is. Its text form is SQL with the schema, so that no search path decides which one is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EqualityOperator {
    schema: String,
    name: String,
}

impl EqualityOperator {
    /// The operator of this name in this schema.
    #[must_use]
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }

    /// Whether it is one of PostgreSQL's own.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.schema == CATALOG
    }
}

impl Default for EqualityOperator {
    /// `=` as most types of PostgreSQL have it.
    fn default() -> Self {
        Self::new(CATALOG, "=")
    }
}

impl fmt::Display for EqualityOperator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OPERATOR({}.{})", quote_identifier(&self.schema), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_written_with_its_schema() {
        assert_eq!(EqualityOperator::default().to_string(), "OPERATOR(pg_catalog.=)");
        let own = EqualityOperator::new("My types", "=");
        assert_eq!((own.to_string(), own.is_built_in()), ("OPERATOR(\"My types\".=)".to_owned(), false));
        // A schema may begin as the catalog's name does.
        assert!(!EqualityOperator::new("pg_catalog.x", "=").is_built_in());
    }
}
