//! SQLite's functions over many rows, as SQLite itself lists them
//! (<https://www.sqlite.org/pragma.html#pragma_function_list>).

use super::parser;
use std::sync::OnceLock;

/// The rows from which a function computes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FunctionKind {
    /// One row: it computes from its arguments alone.
    Scalar,
    /// Many rows: it aggregates, or reads other rows of a window.
    OverRows,
}

/// A function as SQLite lists it.
struct ListedFunction {
    name: String,
    /// The number of arguments; negative if it varies.
    arguments: i64,
    kind: FunctionKind,
}

/// Aggregates that SQLite has in some builds only.
const OF_OTHER_BUILDS: [&str; 5] = ["median", "percentile", "percentile_cont", "percentile_disc", "string_agg"];

/// The kind of a call of `name` with this number of arguments. One name may be of both kinds: `max(a)` aggregates,
/// `max(a, b)` does not.
pub(super) fn function_kind(name: &str, arguments: usize) -> FunctionKind {
    static LIST: OnceLock<Vec<ListedFunction>> = OnceLock::new();
    let listed = LIST.get_or_init(list);
    let named = || listed.iter().filter(|listed| listed.name.eq_ignore_ascii_case(name));
    let exact = |listed: &&ListedFunction| usize::try_from(listed.arguments).is_ok_and(|number| number == arguments);
    let found = named().find(exact).or_else(|| named().find(|listed| listed.arguments < 0)).or_else(|| named().next());
    match found {
        Some(listed) => listed.kind,
        None if OF_OTHER_BUILDS.iter().any(|known| known.eq_ignore_ascii_case(name)) => FunctionKind::OverRows,
        None => FunctionKind::Scalar,
    }
}

fn list() -> Vec<ListedFunction> {
    let read = |connection: rusqlite::Connection| {
        let mut statement = connection.prepare("SELECT name, narg, type FROM pragma_function_list")?;
        let listed = statement.query_map([], |row| {
            let kind = if row.get::<_, String>(2)? == "s" { FunctionKind::Scalar } else { FunctionKind::OverRows };
            Ok(ListedFunction { name: row.get(0)?, arguments: row.get(1)?, kind })
        })?;
        listed.collect::<rusqlite::Result<Vec<_>>>()
    };
    parser::connection().and_then(|connection| read(connection).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_arguments_decides() {
        for (name, arguments) in [
            ("count", 0),
            ("COUNT", 1),
            ("count", 7),
            ("max", 1),
            ("min", 1),
            ("sum", 1),
            ("avg", 1),
            ("total", 1),
            ("group_concat", 2),
            ("string_agg", 2),
            ("json_group_array", 1),
            ("jsonb_group_object", 2),
            ("median", 1),
            ("row_number", 0),
            ("lag", 3),
        ] {
            assert_eq!(function_kind(name, arguments), FunctionKind::OverRows, "{name}");
        }
        for (name, arguments) in [("max", 2), ("min", 3), ("lower", 1), ("coalesce", 2), ("json", 1), ("nosuch", 1)] {
            assert_eq!(function_kind(name, arguments), FunctionKind::Scalar, "{name}");
        }
    }
}
