//! DEFAULT of a column.

use super::untranslated;
use crate::catalog::ColumnType;
use crate::dialect::expression::Translated;
use crate::value::Zone;

/// The DEFAULT in PostgreSQL's SQL.
pub(super) fn default_value(text: &str, column_type: &ColumnType, _: &Zone) -> Translated {
    let upper = text.to_ascii_uppercase();
    if upper.starts_with("CURRENT_TIMESTAMP") || upper == "NOW()" {
        return Ok("CURRENT_TIMESTAMP".to_owned());
    }
    let is_number =
        text.parse::<f64>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    let is_text = text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'') && !text.contains('\\');
    if is_number && column_type.is_number() {
        return Ok(text.to_owned());
    }
    if is_text {
        let inner = &text[1..text.len() - 1];
        if column_type.is_number() && inner.parse::<f64>().is_ok() {
            return Ok(inner.to_owned());
        }
        return Ok(format!("{text}::{column_type}"));
    }
    Err(untranslated(text))
}
