//! The words by which information_schema and SHOW CREATE TABLE describe partitions.
//! Source: MySQL manual, "The INFORMATION_SCHEMA PARTITIONS Table"; MariaDB documentation, "Partitioning Types".

use super::token::tokens;
use crate::dialect::token::{Token, TokenKind};

/// The values by which a table is divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PartitionKey {
    /// Values of columns.
    Columns(Vec<String>),
    /// Values of a function, by its name in lower case, of one column.
    Function(String, String),
}

/// The key in an expression of information_schema; `None` for any other expression. A list of columns has the quotes of the
/// session that made the table, `"…"` under ANSI_QUOTES, where an expression has always backticks.
#[must_use]
pub(crate) fn partition_key(expression: &str) -> Option<PartitionKey> {
    let tokens = tokens(expression);
    if let [function, open, column, close] = tokens.as_slice()
        && (open.kind, close.kind) == (TokenKind::Open, TokenKind::Close)
        && function.kind == TokenKind::Word
    {
        return Some(PartitionKey::Function(function.text.to_ascii_lowercase(), column.name()?));
    }
    let columns = tokens.iter().step_by(2).map(listed_name).collect::<Option<Vec<_>>>()?;
    let is_list = tokens.len() % 2 == 1 && tokens.iter().skip(1).step_by(2).all(|token| token.kind == TokenKind::Comma);
    is_list.then_some(PartitionKey::Columns(columns))
}

/// A name in a list of columns, in which no text can stand.
fn listed_name(token: &Token<'_>) -> Option<String> {
    match token.kind {
        TokenKind::Literal if token.text.starts_with('"') => {
            token.text.strip_prefix('"')?.strip_suffix('"').map(|name| name.replace("\"\"", "\""))
        }
        _ => token.name(),
    }
}

/// The values of a partition's description, as they are written there; a list of values in parentheses is one.
#[must_use]
pub(crate) fn partition_values(description: &str) -> Vec<String> {
    let (mut values, mut depth, mut start) = (Vec::new(), 0, 0);
    for token in tokens(description) {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth -= 1,
            TokenKind::Comma if depth == 0 => {
                values.push(description[start..token.place.start].trim().to_owned());
                start = token.place.end;
            }
            _ => {}
        }
    }
    values.push(description[start..].trim().to_owned());
    values
}

/// The name of MariaDB's partition DEFAULT in a CREATE TABLE. Only the statement tells: information_schema describes the
/// partition as if it held 0.
#[must_use]
pub(crate) fn default_partition(create: &str) -> Option<String> {
    let tokens = tokens(create);
    let named = tokens.windows(3).find(|next| next[0].is("PARTITION") && next[2].is("DEFAULT"))?;
    named[1].name()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_columns_or_one_function() {
        let columns = |names: &[&str]| Some(PartitionKey::Columns(names.iter().map(|&name| name.to_owned()).collect()));
        assert_eq!(partition_key("`id`"), columns(&["id"]));
        assert_eq!(partition_key("`a`,`odd``,(name`"), columns(&["a", "odd`,(name"]));
        assert_eq!(partition_key(r#""d""#), columns(&["d"]));
        assert_eq!(partition_key(r#""a","odd""`,(name""#), columns(&["a", "odd\"`,(name"]));
        let function = PartitionKey::Function("to_days".to_owned(), "d".to_owned());
        assert_eq!(partition_key("to_days(`d`)"), Some(function));
        for other in ["`id` + 1", "(`id` DIV 10)", "extract(year_month from `d`)", "`a`,", "'d'", "to_days(\"d\")", ""]
        {
            assert_eq!(partition_key(other), None, "{other}");
        }
    }

    #[test]
    fn values_are_told_apart() {
        assert_eq!(partition_values("NULL,1,-2"), ["NULL", "1", "-2"]);
        assert_eq!(partition_values(r"'eu','it''s, (\\','日本'"), ["'eu'", r"'it''s, (\\'", "'日本'"]);
        assert_eq!(partition_values("(1,'eu'),(2,NULL)"), ["(1,'eu')", "(2,NULL)"]);
        assert_eq!(partition_values("10,MAXVALUE"), ["10", "MAXVALUE"]);
    }

    #[test]
    fn only_a_partition_called_by_the_keyword_takes_the_rest() {
        let create = "CREATE TABLE `t` (`PARTITION` int DEFAULT 1)\n PARTITION BY LIST (`id`)\n\
                      (PARTITION `pa` VALUES IN (1) ENGINE = InnoDB,\n PARTITION `pd` DEFAULT ENGINE = InnoDB)";
        assert_eq!(default_partition(create).as_deref(), Some("pd"));
        assert_eq!(default_partition(&create.replace("DEFAULT ENGINE", "VALUES IN (2) ENGINE")), None);
    }
}
