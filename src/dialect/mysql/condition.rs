//! Conditions on rows in MySQL's SQL.

use super::{Mysql, generated, quote, quote_table};
use crate::catalog::selection::enclosed;
use crate::catalog::{ColumnType, RowIdentity, SelectedColumn};
use crate::dialect::condition::{ConditionSql, ParentRows, Reference, StoredText};
use crate::name::split_database;
use crate::value::Cell;

impl ConditionSql for Mysql {
    fn literal(&self, cell: Cell<'_>) -> String {
        match cell {
            Cell::Null => "NULL".to_owned(),
            Cell::Integer(integer) => integer.to_string(),
            Cell::Real(real) => format!("{real:e}"),
            Cell::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => super::literal(text),
                Err(_) => format!("_utf8mb4 x'{}'", hex::encode(bytes)),
            },
            Cell::Blob(bytes) => format!("x'{}'", hex::encode(bytes)),
        }
    }

    fn value(&self, column: &SelectedColumn) -> String {
        match column {
            SelectedColumn::Named(name) => quote(name),
            SelectedColumn::Computed(sql) => enclosed(sql),
        }
    }

    fn has_key_among(&self, identity: &RowIdentity, keys: &[Vec<String>]) -> Option<String> {
        let columns = identity.columns().iter().map(|column| quote(column)).collect::<Vec<_>>();
        let rows = keys.iter().map(|key| format!("({})", key.join(", "))).collect::<Vec<_>>().join(", ");
        let among = match columns.as_slice() {
            [] => return None,
            [only] => format!("{only} IN ({})", keys.concat().join(", ")),
            columns => format!("({}) IN ({rows})", columns.join(", ")),
        };
        // A number with a fraction, or beyond 64 bits, is text here, which MySQL compares with a number as doubles: the
        // number's own text tells it from its neighbours.
        let as_text = columns.iter().enumerate().filter_map(|(at, column)| {
            let literals = keys.iter().filter_map(|key| key.get(at)).collect::<Vec<_>>();
            let listed = || literals.iter().map(|literal| literal.as_str()).collect::<Vec<_>>().join(", ");
            let is_number = literals.iter().any(|literal| is_number_in_quotes(literal));
            is_number.then(|| format!(" AND CAST({column} AS CHAR) IN ({})", listed()))
        });
        Some(among + &as_text.collect::<String>())
    }

    fn has_no_key_among(&self, identity: &RowIdentity, keys: &[i64]) -> Option<String> {
        let column = identity.declared_integer()?;
        let keys = keys.iter().map(i64::to_string).collect::<Vec<_>>();
        Some(format!("{} NOT IN ({})", quote(column), keys.join(", ")))
    }

    fn byte_length(&self, values: &[String]) -> String {
        let one = |value: &String| format!("coalesce(length({value}), 0)");
        values.iter().map(one).collect::<Vec<_>>().join(" + ")
    }

    fn is_beyond(&self, value: &str, largest: u32, text: StoredText) -> String {
        // A collation that ignores case would fold ſ (U+017F) into the range of ASCII.
        let beyond = format!("{value} REGEXP '(?-i)[^\\x{{01}}-\\x{{{largest:x}}}]'");
        if !text.in_json {
            return beyond;
        }
        // The escape of such a character; an escaped backslash begins none.
        let within = if largest < 128 { "00[0-7]" } else { "00" };
        format!(r"({beyond} OR {value} REGEXP '(?<!\\)(\\\\)*\\u(?!{within})')")
    }

    fn differs_from_expression(&self, column: &str, expression: &str, column_type: &ColumnType) -> Option<String> {
        Some(generated::differs(column, expression, column_type))
    }

    fn exists_parent(&self, reference: &Reference<'_>) -> String {
        let Reference { child, parent, in_databases, columns, rows } = reference;
        let own_name = split_database(child).filter(|_| *in_databases).map_or(*child, |(_, name)| name);
        let alias = if own_name.eq_ignore_ascii_case("referenced") { "referenced_row" } else { "referenced" };
        let (child, parent) = (quote_table(child, *in_databases), quote_table(parent, *in_databases));
        let equal = columns.iter().map(|column| {
            let (own, referenced) = (quote(column.child), quote(column.parent));
            let (own, referenced) = (format!("{child}.{own}"), format!("{alias}.{referenced}"));
            same_bytes(&own, &referenced, column.is_compared_by_bytes && !column.has_other_texts)
        });
        let mut conditions = equal.collect::<Vec<_>>();
        let parent = match rows {
            ParentRows::All => parent,
            ParentRows::Passing(filter) => format!("(SELECT * FROM {parent} WHERE {filter}\n)"),
            ParentRows::Among(keys) => {
                conditions.push((*keys).to_owned());
                parent
            }
        };
        format!("EXISTS (SELECT 1 FROM {parent} AS {alias} WHERE {})", conditions.join(" AND "))
    }
}

/// Holds where two values are equal byte by byte, as PostgreSQL compares them. The first comparison finds the row by its
/// index, the second tells texts apart that the collation takes for equal.
pub(crate) fn same_bytes(one: &str, other: &str, is_compared_by_bytes: bool) -> String {
    if is_compared_by_bytes {
        return format!("{other} = {one}");
    }
    format!("{other} = {one} AND CAST({other} AS BINARY) = CAST({one} AS BINARY)")
}

/// Whether a literal of text has nothing but a number in it.
fn is_number_in_quotes(literal: &str) -> bool {
    let inner = literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inner.is_some_and(|text| {
        text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().all(|byte| b"+-.0123456789".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_a_number_in_text_is_told_from_its_neighbours() {
        let key =
            |columns: &[&str]| RowIdentity::Key { columns: columns.iter().map(|name| (*name).to_owned()).collect() };
        let keys = |keys: &[&[&str]]| {
            keys.iter().map(|key| key.iter().map(|part| (*part).to_owned()).collect()).collect::<Vec<_>>()
        };
        let among = |columns: &[&str], list: &[&[&str]]| Mysql.has_key_among(&key(columns), &keys(list)).unwrap();
        assert_eq!(among(&["a"], &[&["1"], &["2"]]), "`a` IN (1, 2)");
        assert_eq!(among(&["a"], &[&["'1.50'"]]), "`a` IN ('1.50') AND CAST(`a` AS CHAR) IN ('1.50')");
        assert_eq!(
            among(&["a", "b"], &[&["x'31'", "'-7'"], &["x'00'", "'8'"]]),
            "(`a`, `b`) IN ((x'31', '-7'), (x'00', '8')) AND CAST(`b` AS CHAR) IN ('-7', '8')"
        );
        assert_eq!(Mysql.has_key_among(&RowIdentity::None, &keys(&[])), None);
    }
}
