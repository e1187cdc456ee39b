//! Values of generated columns that are not what their expressions give.
//!
//! The server computes a value once, with the `sql_mode` of that moment: without strict mode it cuts a text, and takes the
//! nearest number, where the result does not fit. CHAR drops spaces at the end, BINARY adds zeros (MySQL manual, "CREATE
//! TABLE and Generated Columns" and "Strict SQL Mode").

use super::quote;
use crate::catalog::ColumnType;
use crate::dialect::expression::kind::ValueKind;

/// Holds for rows whose value in a generated column is not what PostgreSQL makes of the expression's in this type.
pub(super) fn differs(column: &str, expression: &str, column_type: &ColumnType) -> String {
    let (stored, computed) = (quote(column), format!("({expression}\n)"));
    let unlike = |one: &str, two: &str| format!("NOT ({one} <=> {two})");
    match column_type {
        // PostgreSQL rounds half away from zero too.
        ColumnType::Numeric(Some((_, scale))) => unlike(&stored, &format!("round({computed}, {scale})")),
        ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => {
            unlike(&stored, &format!("round({computed})"))
        }
        // The nearest number of 24 bits is closer than that; a cast to FLOAT fails beyond its range.
        ColumnType::Real => {
            let far = format!("abs({stored} - {computed}) > 1e-6 * abs({stored})");
            format!("coalesce({far}, {})", unlike(&stored, &computed))
        }
        // A collation would take letters for equal.
        _ if ValueKind::of(column_type) == ValueKind::Text => unlike(&bytes(&stored), &bytes(&computed)),
        _ => unlike(&stored, &computed),
    }
}

fn bytes(text: &str) -> String {
    format!("CAST(CONVERT({text} USING utf8mb4) AS BINARY)")
}
